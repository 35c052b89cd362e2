"""What a farm must do, or published clients crash, hang or lose work: section by section of their needs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.together.farms import FarmProcess
from tests.together.published import submissions
from tests.together.published.clients import ANSWERS_WITHIN_S, VERSIONS, PublishedClient, Raised
from tests.together.published.shapes import HARDWARE, misfits

from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameQuery
from renderbus_model.wire.task import DELETE_TASK, QUERY_TASK_INFO, STOP_TASK, TaskIds

KNOWN_TO_SYNC = {0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45}
"""Task statuses that the published sync clients can name; any other ends their downloads."""

PROFILE = "/api/render/user/queryUserProfile"
TASK_INFO = "/api/render/task/queryTaskInfo"
FRAMES = "/api/render/handle/queryTaskFrames"

PAGES_ONLY = (
    "/api/render/handle/stopTask",
    "/api/render/handle/startTask",
    "/api/render/handle/getTaskList",
    "/api/render/handle/getTaskList/v2",
    "/api/render/handle/queryTaskInfo",
    "/api/render/handle/queryTaskInfo/v2",
    "/api/render/task/deleteTaskLabel",
    "/api/render/user/getRaySyncUserKey",
)
"""Spellings that only some clients, or only the documentation, know."""


@pytest.fixture
def artist(farm: FarmProcess, request: pytest.FixtureRequest) -> FarmProcess:
    """The farm as an account of the test's own sees it."""
    return farm.as_user(request.node.name[:60])


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/api/render/no/such/interface", b"{}", {}),
        ("/", b"", {}),
        (PROFILE, b"{}", {"accessId": ""}),
        (PROFILE, b"{}", {"accessId": "nobody"}),
        (PROFILE, b"{}", {"UTCTimestamp": "yesterday"}),
        (PROFILE, b"{}", {"UTCTimestamp": "1"}),
        (PROFILE, b"{}", {"signature": "wrong"}),
        (PROFILE, b"not JSON", {}),
        (PROFILE, b"[]", {}),
        (TASK_INFO, b"{}", {}),
        (TASK_INFO, b'{"taskIds": "x"}', {}),
    ],
)
def test_every_answer_is_json_with_a_whole_number_as_code_and_a_text(
    artist: FarmProcess, path: str, body: bytes, headers: dict[str, str]
) -> None:
    members = json.loads(body) if body.startswith(b"{") else {}
    signed = {**artist.headers(path, members), **headers}
    for method in ("POST", "GET"):
        answer = artist.session.request(method, artist.url + path, data=body, headers=signed, timeout=10)
        envelope = answer.json()
        assert type(envelope["code"]) is int
        assert envelope["code"] != 200
        assert envelope["message"]


def test_the_three_questions_of_a_log_in_are_answered_with_objects(artist: FarmProcess) -> None:
    wanted = {
        ("user/queryUserProfile", "setUp/queryUserProfile"): {"userId", "userName", "shareMainCapital"},
        ("user/queryUserSetting", "setUp/queryUserSetting"): {"taskOverTimeSec"},
        ("task/getTransferBid", "transfer/getBid"): {"config_bid", "input_bid", "output_bid"},
    }
    for paths, members in wanted.items():
        for path in paths:
            data = artist.post(f"/api/render/{path}", {}).data
            assert members <= data.keys()
            assert all(data[name] is not None for name in members)


def test_new_task_ids_are_numbers_and_as_many_as_asked(client: PublishedClient) -> None:
    ids = client.do("api.task.create_task(count=3)")["taskIdList"]
    assert len(set(ids)) == 3
    assert all(type(number) is int for number in ids)


@pytest.mark.parametrize("name", ["", None], ids=["empty", "null"])
def test_an_empty_name_for_a_label_is_no_error(artist: FarmProcess, name: str | None) -> None:
    for path in ("common/addLabel", "project/add"):
        assert artist.post(f"/api/render/{path}", {"newName": name, "status": 0}).code == 200
    assert artist.post("/api/render/common/getLabelList", {}).data["projectNameList"] is not None


def test_a_label_just_added_is_in_the_next_list(client: PublishedClient) -> None:
    client.do("api.tag.add_label('Just added', 0)")
    assert "Just added" in [one["projectName"] for one in client.do("api.tag.get_project_list()")]


@pytest.mark.parametrize("code", ["15000", "10012", "no such code", "-1", "0"])
def test_every_code_is_explained_by_at_least_one_entry_with_a_type(
    client: PublishedClient, code: str
) -> None:
    for language in ("0", "1"):
        details = client.do("api.query.error_detail(code, language=language)", code=code, language=language)
        assert details
        assert all(detail["type"] in (0, 1) for detail in details)


def test_an_unknown_code_is_no_error_of_the_scene(artist: FarmProcess) -> None:
    ask = {"code": "no such code", "language": "1"}
    details = artist.post("/api/render/common/queryErrorDetail", ask).data
    assert [detail["type"] for detail in details] == [0]


def test_task_info_has_an_item_for_every_id_with_a_status_that_sync_clients_know(artist: FarmProcess) -> None:
    ids = [submissions.submitted_task(artist) for _ in range(3)] + [submissions.new_task(artist)]
    artist.ask(STOP_TASK, TaskIds(task_ids=ids[:1]))
    for path in (TASK_INFO, "/api/render/handle/queryTaskInfo/v2"):
        items = artist.post(path, {"taskIds": ids}).data["items"]
        assert [item["id"] for item in items] == ids
        for item in items:
            assert type(item["isOpen"]) is int
            assert item["isOpen"] == 0 or isinstance(item["respRenderingTaskList"], list)
            assert item["taskStatus"] in KNOWN_TO_SYNC


def test_task_info_of_unknown_and_deleted_tasks_is_an_error_and_never_an_empty_list(
    artist: FarmProcess,
) -> None:
    known, deleted = (submissions.submitted_task(artist) for _ in range(2))
    artist.ask(DELETE_TASK, TaskIds(task_ids=[deleted]))
    for wanted in ([deleted], [2**40], [known, deleted], [-1], [0]):
        assert artist.post(TASK_INFO, {"taskIds": wanted}).code == 404
    assert len(artist.ask(QUERY_TASK_INFO, TaskIds(task_ids=[known])).items) == 1


def test_the_default_transfer_engine_is_aspera_with_the_farms_own_address(artist: FarmProcess) -> None:
    for path in ("task/getTransferConfig", "transfer/getConfig"):
        engines = artist.post(f"/api/render/{path}", {}).data["resqEngines"]
        (aspera,) = [engine for engine in engines if engine["engineName"].lower() == "aspera"]
        line = next(line for line in aspera["respTaskEngineLines"] if line["isDefault"])
        assert f"{line['server']}:{line['port']}" == artist.domain
    for path in ("user/getRaySyncUserKey", "transfer/getRaySyncUserKey"):
        assert artist.post(f"/api/render/{path}", {}).data["raySyncUserKey"]


def test_hardware_tells_all_that_it_does_not_support(artist: FarmProcess) -> None:
    listed = artist.post("/api/render/hardwareConfig/list", {"cloneTask": "false"}).data
    assert misfits(listed, HARDWARE) == []
    assert [one for one in listed if one["status"] == 1]
    assert all(re.fullmatch(r"\d+GB", one["ram"]) for one in listed)


@pytest.mark.parametrize(
    ("application", "version"),
    [("blender", "5.0"), ("maya", "2018"), ("houdini", "17.5.293"), ("clarisse", "clarisse_ifx_4.0_sp3")],
)
def test_versions_are_listed_as_users_write_them(artist: FarmProcess, application: str, version: str) -> None:
    number = {"blender": 2007, "maya": 2000, "houdini": 2004, "clarisse": 2013}[application]
    answer = artist.post("/api/render/plugin/querySoftwareDetail", {"cgId": number, "osName": "linux"}).data
    assert version in [one["cgVersion"] for one in answer["cgVersion"]]


def test_a_refused_write_may_come_five_times(clients: dict[str, PublishedClient], farm: FarmProcess) -> None:
    def refused() -> int:
        return len(re.findall(r"request refused.*stopTask", farm.log()))

    before = refused()
    asked = {version: clients[version].begin("api.task.stop_task([2 ** 40])") for version in VERSIONS}
    for version, future in asked.items():
        error = future.exception(ANSWERS_WITHIN_S)
        assert isinstance(error, Raised), version
        assert (error.type_name, error.code) == ("RayvisionAPIError", 404)
    assert refused() - before == 5 * len(VERSIONS)


@pytest.mark.parametrize("path", PAGES_ONLY)
def test_spellings_of_the_documentation_and_of_other_versions_are_answered(
    artist: FarmProcess, path: str
) -> None:
    task = submissions.submitted_task(artist)
    artist.post("/api/render/task/addTaskLabel", {"taskIds": [task], "label": "Film"})
    answer = artist.post(path, {"taskIds": [task], "labelNames": ["Film"]})
    assert answer.code == 200, answer.message


@pytest.mark.parametrize(
    "body",
    [
        {"taskId": "{}", "pageNum": "1", "pageSize": "2"},
        {"taskId": "{}", "pageNum": 1, "pageSize": 2, "platform": 2},
        {"taskId": "{}", "pageNum": 1, "pageSize": 2, "platform": "2", "searchKeyword": ""},
    ],
)
def test_numbers_may_be_text_and_the_platform_may_be_in_the_body(
    artist: FarmProcess, body: dict[str, Any]
) -> None:
    task = submissions.submitted_task(artist)
    body = {name: value.format(task) if value == "{}" else value for name, value in body.items()}
    answer = artist.post(FRAMES, body)
    assert [item["frameIndex"] for item in answer.data["items"]] == ["1", "2"]


@pytest.mark.parametrize("platform", ["2", "4", "20", "99"])
def test_any_platform_may_be_named(artist: FarmProcess, platform: str) -> None:
    assert artist.post(PROFILE, {}, platform=platform).code == 200


@pytest.mark.parametrize("ids", ["{}", "[{}]", '["{}"]', '"{}"'])
def test_one_id_and_a_list_of_one_stand_for_each_other(artist: FarmProcess, ids: str) -> None:
    task = submissions.submitted_task(artist)
    body = {"taskIds": json.loads(ids.format(task)), "selectAll": "1", "ids": []}
    for path in ("task/restartFrame", "task/restartFailedFrames", "task/queryTaskInfo"):
        assert artist.post(f"/api/render/{path}", body).code == 200


@pytest.mark.parametrize(
    ("signed", "host"),
    [
        ("farm.example", "farm.example"),
        ("farm.example:443", "farm.example"),
        ("farm.example:80", "farm.example"),
        ("farm.example:8080", "farm.example:8080"),
    ],
)
def test_a_signature_holds_for_every_spelling_of_the_domain_that_the_host_can_stand_for(
    artist: FarmProcess, signed: str, host: str
) -> None:
    headers = {**artist.headers(PROFILE, {}, domain=signed), "Host": host}
    answer = artist.session.post(artist.url + PROFILE, data="{}", headers=headers, timeout=10)
    assert answer.json()["code"] == 200


def test_a_client_may_reach_the_farm_by_another_name_of_its_machine(client: PublishedClient) -> None:
    # In a process of its own the client would log in; here the shared one signs one request by hand.
    domain = client.farm.domain.replace("127.0.0.1", "localhost")
    headers = {**client.farm.headers(PROFILE, {}, domain=domain), "Host": domain}
    answer = client.farm.session.post(client.farm.url + PROFILE, data="{}", headers=headers, timeout=10)
    assert answer.json()["code"] == 200


def test_frames_past_the_last_page_are_an_empty_list(artist: FarmProcess) -> None:
    task = submissions.submitted_task(artist)
    page = artist.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=task, page_num=2, page_size=100))
    assert (page.items, page.total) == ([], 3)
