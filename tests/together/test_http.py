"""A farm over HTTP: who may ask, and that every question gets an answer."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing
from typing import Any

import msgspec
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.together.farms import FarmProcess

from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.common import QUERY_ERROR_DETAIL, ErrorDetailQuery
from renderbus_model.wire.envelope import Envelope
from renderbus_model.wire.label import ADD_LABEL, GET_LABEL_LIST, AddLabel
from renderbus_model.wire.operation import Nothing, Operation
from renderbus_model.wire.task import (
    CREATE_TASK,
    GET_TASK_LIST,
    STOP_TASK,
    CreateTask,
    TaskIds,
    TaskListQuery,
)
from renderbus_model.wire.transfer import COMMIT_FILES
from renderbus_model.wire.user import GET_TRANSFER_BID, QUERY_USER_PROFILE, QUERY_USER_SETTING

PROFILE = QUERY_USER_PROFILE.path
STRANGE = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: str(operation.path))


@pytest.fixture(scope="module")
def ada(farm: FarmProcess) -> FarmProcess:
    """The farm as one account sees it."""
    return farm.as_user("ada of http")


@pytest.fixture(scope="module")
def eve(farm: FarmProcess) -> FarmProcess:
    """The farm as another account sees it."""
    return farm.as_user("eve of http")


def raw(farm: FarmProcess, path: str, content: bytes, headers: dict[str, str]) -> Envelope:
    answer = farm.session.post(farm.url + path, data=content, headers=headers, timeout=60)
    assert answer.status_code == 200
    return msgspec.json.decode(answer.content, type=Envelope)


def test_a_farm_that_is_ready_says_so(farm: FarmProcess) -> None:
    answer = requests.get(farm.url + "/healthz", timeout=10)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["farm"] == (farm.data / "farm.id").read_text()


def test_a_client_logs_in(ada: FarmProcess) -> None:
    profile = ada.ask(QUERY_USER_PROFILE, Nothing())
    assert profile.user_name.startswith("ada of http")
    assert ada.ask(QUERY_USER_SETTING, Nothing()).task_over_time_sec > 0
    assert ada.ask(GET_TRANSFER_BID, Nothing()).input_bid


def test_an_answer_has_every_member_that_clients_read(ada: FarmProcess) -> None:
    answer = ada.session.post(ada.url + PROFILE, json={}, headers=ada.headers(PROFILE, {}), timeout=10).json()
    assert answer.keys() == {"version", "result", "message", "code", "data", "serverTime", "requestId"}
    assert answer["result"] is True
    assert abs(answer["serverTime"] / 1000 - time.time()) < 60
    assert len(answer["requestId"]) == 32


def test_a_wrong_key_is_refused(ada: FarmProcess) -> None:
    answer = ada.post(PROFILE, {}, key="x" * 40)
    assert (answer.code, answer.result, answer.data) == (611, False, None)
    assert "check the access key" in answer.message


def test_a_wrong_clock_is_told_how_far_it_is_off(ada: FarmProcess) -> None:
    answer = ada.post(PROFILE, {}, UTCTimestamp=str(int(time.time()) - 840))
    assert answer.code == 610
    assert "14 min behind" in answer.message


def test_an_unknown_access_id_is_refused(ada: FarmProcess) -> None:
    assert ada.post(PROFILE, {}, accessId="nobody").code == 602


def test_a_request_without_signature_is_refused(ada: FarmProcess) -> None:
    assert raw(ada, PROFILE, b"{}", {}).code == 601


def test_a_request_that_was_heard_is_not_accepted_again(ada: FarmProcess) -> None:
    headers = ada.headers(PROFILE, {})
    assert [raw(ada, PROFILE, b"{}", headers).code for _ in range(3)] == [200, 611, 611]


def test_a_body_cannot_replace_signed_headers(ada: FarmProcess) -> None:
    assert ada.post(PROFILE, {"nonce": "1"}).code == 600


@pytest.mark.parametrize("path", ["/", "/api/render/user/nothing", "/api", "/blobs", "/%2e%2e/etc", "/a?b=c"])
def test_an_unknown_path_is_answered_as_the_api_answers(ada: FarmProcess, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = ada.session.request(method, ada.url + path, timeout=10, allow_redirects=False)
        assert answer.status_code == 200
        assert answer.json()["code"] == 404


@pytest.mark.parametrize("target", ["http://farm.example/api/render", "*", "/" + "a" * 60_000])
def test_an_unusual_target_is_answered_as_the_api_answers_and_logged_in_short(
    ada: FarmProcess, target: str
) -> None:
    before = len(ada.log())
    connection = http.client.HTTPConnection(ada.domain, timeout=10)
    with closing(connection):
        connection.request("POST", target)
        answer = connection.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["code"] == 404
    assert len(ada.log()) - before < 5000


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_operations_are_asked_by_post(ada: FarmProcess, method: str) -> None:
    answer = ada.session.request(method, ada.url + PROFILE, timeout=10)
    assert answer.status_code == 200
    assert answer.json()["code"] == 400


def test_a_body_that_is_too_large_is_refused_before_it_was_sent(ada: FarmProcess) -> None:
    content = b" " * (11 << 20)
    answer = requests.post(ada.url + PROFILE, data=content, headers=ada.headers(PROFILE, {}), timeout=60)
    assert answer.json()["code"] == 600
    assert "larger than 10 MiB" in answer.json()["message"]


def test_a_body_that_grows_too_large_is_refused(ada: FarmProcess) -> None:
    parts = (b" " * (1 << 20) for _ in range(12))
    answer = requests.post(ada.url + PROFILE, data=parts, headers=ada.headers(PROFILE, {}), timeout=60)
    assert "larger than 10 MiB" in answer.json()["message"]


@STRANGE
def test_every_path_of_an_operation_is_answered(ada: FarmProcess, operation: Operation[Any, Any]) -> None:
    for path in operation.paths:
        assert ada.post(path, {}).code != 404, path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@STRANGE
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_makes_a_farm_fail(
    ada: FarmProcess, operation: Operation[Any, Any], data: st.DataObject
) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(operation.ask)]
    # Kept to what JSON can carry both ways, so that the signature is right and the body is really read.
    drawn = data.draw(st.dictionaries(st.sampled_from(names) | st.text() if names else st.text(), JSON))
    body = json.loads(json.dumps(drawn))
    answer = ada.post(operation.path, body)
    assert answer.code in {200, 404, 600, 601, 605}, answer


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary().filter(lambda content: content.strip() != b"{}"))  # that one was signed
def test_no_bytes_make_a_farm_fail(ada: FarmProcess, content: bytes) -> None:
    assert raw(ada, PROFILE, content, ada.headers(PROFILE, {})).code in {600, 611}


def test_a_text_that_is_no_unicode_is_refused(ada: FarmProcess) -> None:
    body = {"newName": "\ud800"}
    assert ada.post(ADD_LABEL.path, body).code == 600


def test_writes_that_arrive_five_times_do_no_more_than_once(ada: FarmProcess) -> None:
    for _ in range(5):
        ada.ask(ADD_LABEL, AddLabel(new_name="shot 010"))
    labels = ada.ask(GET_LABEL_LIST, Nothing()).project_name_list
    assert [label.project_name for label in labels].count("shot 010") == 1


def test_refused_writes_may_arrive_five_times(ada: FarmProcess) -> None:
    assert {ada.post(STOP_TASK.path, {"taskIds": [987654321]}).code for _ in range(5)} == {404}


def test_accounts_do_not_see_each_other(ada: FarmProcess, eve: FarmProcess) -> None:
    ada.ask(ADD_LABEL, AddLabel(new_name="secret project"))
    names = [label.project_name for label in eve.ask(GET_LABEL_LIST, Nothing()).project_name_list]
    assert "secret project" not in names
    assert eve.ask(GET_TASK_LIST, TaskListQuery()).items == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/render/task/stopTask", {"taskIds": ["TASK"]}),
        ("/api/render/task/startTask", {"taskIds": ["TASK"]}),
        ("/api/render/task/abortTask", {"taskIds": ["TASK"]}),
        ("/api/render/task/deleteTask", {"taskIds": ["TASK"]}),
        ("/api/render/task/fullSpeed", {"taskIds": ["TASK"]}),
        ("/api/render/task/submitTask", {"taskId": "TASK"}),
        ("/api/render/task/taskJsonFile", {"taskId": "TASK", "fileName": "task.json", "content": "{}"}),
        ("/api/render/task/queryTaskInfo", {"taskIds": ["TASK"]}),
        ("/api/render/task/queryTaskFrames", {"taskId": "TASK"}),
        ("/api/render/task/restartFailedFrames", {"taskIds": ["TASK"]}),
        ("/api/render/task/restartFrame", {"taskIds": "TASK", "selectAll": 1}),
        ("/api/render/task/explainTask", {"taskId": "TASK"}),
        ("/api/render/transfer/listOutputs", {"taskId": "TASK"}),
    ],
)
def test_another_accounts_task_is_no_task(
    ada: FarmProcess, eve: FarmProcess, path: str, body: dict[str, Any]
) -> None:
    task_id = ada.ask(CREATE_TASK, CreateTask()).task_id_list[0]

    def about(number: int) -> dict[str, Any]:
        return {
            name: number if value == "TASK" else [number] if value == ["TASK"] else value
            for name, value in body.items()
        }

    others, nobodys = eve.post(path, about(task_id)), eve.post(path, about(task_id + 1_000_000))
    assert others.code == nobodys.code == 404
    assert others.message == nobodys.message.replace(str(task_id + 1_000_000), str(task_id))


def test_another_accounts_documents_cannot_be_replaced(ada: FarmProcess, eve: FarmProcess) -> None:
    task_id = ada.ask(CREATE_TASK, CreateTask()).task_id_list[0]
    entry = FileEntry(FarmPath(f"/{task_id}/cfg/task.json"), digest_of(b"{}"), 2)
    body = {"storage": "config", "files": [msgspec.to_builtins(entry)]}
    assert eve.post(COMMIT_FILES.path, body).code in {404, 600}


def test_a_new_task_is_its_makers(ada: FarmProcess) -> None:
    made = ada.ask(CREATE_TASK, CreateTask(count=2, labels=["shot 010"]))
    assert len(set(made.task_id_list)) == 2
    assert made.user_id == ada.ask(QUERY_USER_PROFILE, Nothing()).user_id
    ada.ask(STOP_TASK, TaskIds(task_ids=made.task_id_list))
    lines = [json.loads(line) for line in ada.log().splitlines() if line.startswith("{")]
    for task_id in made.task_id_list:
        assert [line["event"] for line in lines if line.get("task") == task_id] == [
            "task created",
            "task stopped",
        ]


@pytest.mark.parametrize(("language", "word"), [("1", "read"), ("0", "场景"), (1, "read"), (0, "场景")])
def test_a_tip_code_is_explained_in_the_asked_language(
    ada: FarmProcess, language: str | int, word: str
) -> None:
    (info,) = ada.post(QUERY_ERROR_DETAIL.path, {"code": "15002", "language": language}).data
    assert info["type"] == 1
    assert word in info["desDescriptionCn"]


def test_several_tip_codes_are_explained_at_once(ada: FarmProcess) -> None:
    infos = ada.ask(QUERY_ERROR_DETAIL, ErrorDetailQuery(codes=["10012", "4711"]))
    assert [(info.code, info.type) for info in infos] == [("10012", 0), ("4711", 0)]


def test_no_secret_stands_in_the_log(ada: FarmProcess) -> None:
    ada.post(PROFILE, {}, key="x" * 40)
    signature = ada.headers(PROFILE, {})["signature"]
    ada.session.post(ada.url + PROFILE, json={}, headers={"signature": signature}, timeout=10)
    log = ada.log()
    assert "request refused" in log
    assert ada.access_key not in log
    assert signature not in log
    assert "sig=" not in log
