"""The published client against a real farm: log in, check, submit, ask, steer; and what refusals say."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.together.farms import FarmProcess

from rayvision_api import RayvisionAPI
from rayvision_api.answers import FrameItem
from rayvision_api.connect import Connect
from rayvision_api.exception import FarmNotReachable, RayvisionAPIError
from rayvision_api.task.check import RayvisionCheck
from rayvision_sync import engine
from renderbus_model.documents import new_task_document

PROFILE = "/api/render/user/queryUserProfile"


@pytest.fixture
def api(farm: FarmProcess, request: pytest.FixtureRequest) -> Iterator[RayvisionAPI]:
    user = farm.as_user(request.node.name[:60])
    with RayvisionAPI(user.access_id, user.access_key, user.url, "2") as api:
        yield api


@pytest.fixture
def prepared(api: RayvisionAPI, tmp_path: Path) -> Path:
    """The folder of a task whose documents are written and whose scene is uploaded."""
    scene = tmp_path / "shot.blend"
    scene.write_bytes(b"BLENDER-v405 never opened here")
    task = new_task_document()
    task["task_info"] |= {"input_cg_file": str(scene), "cg_id": "2007", "project_name": "Film"}
    task["software_config"] = {"cg_name": "Blender", "cg_version": "5.0", "plugins": {}}
    common = {"scene_name": ["Scene"], "view_layers": ["ViewLayer"], "frames": "1-3[1]", "renderer": "CYCLES"}
    task["scene_info"] = {"Scene/ViewLayer": {"renderable": "1", "common": common}}
    documents = {"task": task, "upload": {"asset": [{"local": str(scene), "server": str(scene)}]}}
    for name, content in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    engine.upload(api, [(scene, str(scene))], "input")
    return tmp_path


@pytest.fixture
def task_id(api: RayvisionAPI, prepared: Path) -> int:
    """A submitted task of three frames, which this farm has no worker to render."""
    task, upload = prepared / "task.json", prepared / "upload.json"
    number = RayvisionCheck(api, workspace=str(prepared)).execute(str(task), str(upload))
    for path in (task, upload):
        api.transmit.upload_json_content(number, path.name, path.read_text())
    assert api.submit(number) is True
    return int(number)


def frames(api: RayvisionAPI, task_id: int) -> list[FrameItem]:
    return api.query.task_frames(task_id, 1, 100)["items"]


def test_the_log_in_tells_what_the_transfer_needs(api: RayvisionAPI, farm: FarmProcess) -> None:
    info = api.user_info
    assert (info["domain"], info["platform"]) == (farm.domain, "2")
    assert info["user_name"].startswith("test_the_log_in")
    assert len({info["input_bid"], info["output_bid"], info["config_bid"]}) == 3
    assert api.get_user_id() == info["user_id"]


def test_whatever_nests_in_a_body_the_signature_holds(api: RayvisionAPI) -> None:
    body = {"片": [{"a": [None, True, 1e16, -0.0, 10**30]}, []], "": {"x": 1}, 5: ("t",), "n": {None: 1e-07}}
    with pytest.raises(RayvisionAPIError) as caught:
        api.connect.post("/api/render/no/such/thing", body)
    assert caught.value.error_code == 404
    assert api.connect.post(PROFILE, body, validator=False)["userId"] == api.user_info["user_id"]


def test_headers_of_the_caller_reach_the_farm_unsigned(farm: FarmProcess) -> None:
    user = farm.as_user("a studio with headers")
    with requests.Session() as session:
        session.headers["X-Session"] = "b"
        connect = Connect(
            user.access_id, user.access_key, "http", user.domain, "2", {"X-Studio": "a"}, session
        )
        connect.headers["X-Later"] = "c"
        assert connect.post(PROFILE)["userName"].startswith("a studio")


def test_a_body_that_multiplies_is_refused_before_it_fills_the_farm(farm: FarmProcess) -> None:
    body = {"n" * 100_000: [0] * 1000}
    headers = farm.headers(PROFILE, {})
    answer = farm.session.post(farm.url + PROFILE, json=body, headers=headers, timeout=30).json()
    assert (answer["code"], "names of the body" in answer["message"]) == (600, True)


def test_the_check_writes_the_ids_of_task_user_and_project(api: RayvisionAPI, prepared: Path) -> None:
    number = RayvisionCheck(api, workspace=str(prepared)).execute(str(prepared / "task.json"))
    info = json.loads((prepared / "task.json").read_text())["task_info"]
    labels = {label["projectName"]: str(label["projectId"]) for label in api.tag.get_project_list()}
    assert info["task_id"] == str(number)
    assert info["user_id"] == str(api.user_info["user_id"])
    assert info["project_id"] == labels["Film"]
    assert api.check_and_add_project_name("Film") == labels["Film"]


def test_every_tip_code_has_an_answer_with_text_and_remedy(api: RayvisionAPI) -> None:
    for code in ("10012", "15004", "60001", "no such code"):
        for language in ("0", "1"):
            details = api.query.error_detail(code, language)
            assert details
            assert all(detail["type"] in (0, 1) and detail["desDescriptionCn"] for detail in details)


def test_a_submitted_task_is_listed_with_its_frames(api: RayvisionAPI, task_id: int) -> None:
    (listed,) = api.query.get_task_list(page_size=10)["items"]
    (asked,) = api.query.task_info([task_id])["items"]
    assert listed["id"] == asked["id"] == task_id
    assert (asked["sceneName"], asked["totalFrames"], asked["isOpen"]) == ("shot.blend", 3, 0)
    assert asked["outputFileName"] == f"{task_id}_shot"
    assert [frame["frameIndex"] for frame in frames(api, task_id)] == ["1", "2", "3"]
    assert api.query.task_frames(task_id, 9, 100)["items"] == []
    assert list(api.transmit.list_outputs(task_id)) == []


def test_a_farm_without_workers_says_why_a_task_waits(api: RayvisionAPI, task_id: int) -> None:
    assert "no node" in " ".join(api.query.explain_task(task_id).reasons)


def test_a_task_may_be_stopped_started_given_up_and_deleted(api: RayvisionAPI, task_id: int) -> None:
    def status() -> int:
        return int(api.query.task_info([task_id])["items"][0]["taskStatus"])

    assert status() == 0
    api.task.stop_task([task_id])
    api.task.stop_task([task_id])
    assert status() == 10
    api.task.start_task([task_id])
    assert status() == 0
    assert isinstance(api.task.full_speed([task_id]), str)
    api.query.restart_failed_frames([task_id])
    api.query.restart_frame(task_id, 1)
    api.query.restart_frame(task_id, 0, [frames(api, task_id)[0]["id"]])
    api.task.abort_task([task_id])
    assert status() == 35
    api.task.delete_task([task_id])
    assert api.query.get_task_list()["items"] == []


def test_another_accounts_task_is_out_of_reach(farm: FarmProcess, task_id: int) -> None:
    eve = farm.as_user("eve of the sdk")
    with RayvisionAPI(eve.access_id, eve.access_key, eve.url, "2") as other:
        for refused in (
            lambda: other.query.task_info([task_id]),
            lambda: other.query.task_frames(task_id, 1, 10),
            lambda: other.task.stop_task([task_id]),
            lambda: other.query.explain_task(task_id),
            lambda: other.transmit.upload_json_content(task_id, "task.json", "{}"),
            lambda: other.submit(task_id),
        ):
            with pytest.raises(RayvisionAPIError) as caught:
                refused()
            assert caught.value.error_code in (403, 404)


def test_a_wrong_key_is_refused_in_words(farm: FarmProcess) -> None:
    with pytest.raises(RayvisionAPIError, match="access key") as caught:
        RayvisionAPI(farm.access_id, "not-the-key", farm.url, "2")
    assert caught.value.error_code == 611
    assert "not-the-key" not in str(caught.value)


def test_a_wrong_clock_is_told_once_and_how_far_it_is_off(farm: FarmProcess) -> None:
    connect = Connect(
        farm.access_id, farm.access_key, "http", farm.domain, "2", clock=lambda: time.time() - 14 * 60
    )
    with pytest.raises(RayvisionAPIError) as caught:
        connect.post(PROFILE)
    connect.close()
    assert caught.value.error_code == 610
    assert caught.value.error.count("clock is 14 min behind") == 1


def test_a_farm_that_was_killed_is_named(own_farm: FarmProcess) -> None:
    with RayvisionAPI(
        own_farm.access_id, own_farm.access_key, own_farm.url, "2", wait=lambda _: False
    ) as api:
        own_farm.kill()
        with pytest.raises(FarmNotReachable, match="Connection refused") as caught:
            api.query.get_task_list()
    assert caught.value.url == own_farm.url
