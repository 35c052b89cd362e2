"""Operations and envelopes: what both sides make of the same JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from renderbus_model.wire import common, envelope, frame, label, task, transfer, user
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.codes import Code
from renderbus_model.wire.operation import BadAsk, Nothing, Operation

NAMES = [operation.path for operation in OPERATIONS]


def test_no_path_leads_to_two_operations() -> None:
    paths = [path for operation in OPERATIONS for path in operation.paths]
    assert len(paths) == len(set(paths))
    assert len(OPERATIONS) >= 25


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_every_path_is_one_of_the_api(operation: Operation[Any, Any]) -> None:
    for path in operation.paths:
        assert path.startswith("/api/")
        assert not path.endswith("/")


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_a_table_may_be_keyed_by_an_operation(operation: Operation[Any, Any]) -> None:
    assert {operation: 1}[operation] == 1


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_other_names_of_members_belong_to_members(operation: Operation[Any, Any]) -> None:
    members = {field.encode_name for field in msgspec.structs.fields(operation.ask)}
    assert set(operation.first_names or {}) <= members


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_the_names_in_json_are_the_published_kind(operation: Operation[Any, Any]) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(operation.ask)]
    assert not [name for name in names if "_" in name]


def test_each_path_set_has_its_own_place_and_names_for_one_question() -> None:
    ask = frame.ChosenFrames(task_id=5, select_all=1)
    restart = frame.RESTART_FRAME
    assert restart.path_in("1") == "/api/render/task/restartFrame"
    assert restart.path_in("2") == "/api/render/handle/recommitTaskFrames"
    assert restart.body(ask, "1") == {"taskIds": 5, "selectAll": 1}
    assert restart.body(ask, "2") == {"taskId": 5, "selectAll": 1}
    assert task.UPDATE_TASK_USER_LEVEL.path_in("1") == task.UPDATE_TASK_USER_LEVEL.path_in("2")


def test_only_what_makes_something_new_is_not_repeatable() -> None:
    assert [one.path for one in OPERATIONS if not one.repeatable] == ["/api/render/task/createTask"]


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        (task.STOP_TASK, {"taskIds": [1, 2]}, task.TaskIds(task_ids=[1, 2])),
        (task.STOP_TASK, {"taskIds": ["1"]}, task.TaskIds(task_ids=[1])),
        (task.STOP_TASK, {"taskIds": 1}, task.TaskIds(task_ids=[1])),
        (task.STOP_TASK, {"taskIds": "1", "more": None}, task.TaskIds(task_ids=[1])),
        (task.SUBMIT_TASK, {"taskId": "5", "outUserId": 7}, task.SubmitTask(task_id=5, out_user_id="7")),
        (frame.RESTART_FRAME, {"taskIds": 5, "selectAll": "1"}, frame.ChosenFrames(task_id=5, select_all=1)),
        (frame.RESTART_FRAME, {"taskIds": [5]}, frame.ChosenFrames(task_id=5)),
        (frame.RESTART_FRAME, {"taskId": 5, "ids": 3}, frame.ChosenFrames(task_id=5, ids=[3])),
        (frame.RESTART_FRAME, {"taskId": 5, "taskIds": 6}, frame.ChosenFrames(task_id=5)),
        (task.CREATE_TASK, {}, task.CreateTask()),
        (task.CREATE_TASK, {"labels": [1, "a"]}, task.CreateTask(labels=["1", "a"])),
        (task.CREATE_TASK, {"labels": 1, "count": "2"}, task.CreateTask(labels=["1"], count=2)),
        (label.ADD_LABEL, {"newName": None, "status": "0"}, label.AddLabel(new_name=None, status=0)),
        (label.ADD_LABEL, {"newName": 7}, label.AddLabel(new_name="7")),
        (
            common.QUERY_ERROR_DETAIL,
            {"code": 1, "language": 0},
            common.ErrorDetailQuery(code="1", language="0"),
        ),
        (user.QUERY_USER_PROFILE, {"anything": 1}, Nothing()),
    ],
)
def test_a_body_of_any_age_of_client_is_read(
    operation: Operation[Any, Any], body: dict[str, Any], expected: msgspec.Struct
) -> None:
    before = dict(body)
    assert operation.read_ask(body) == expected
    assert body == before


@pytest.mark.parametrize(
    ("operation", "body", "absent", "words"),
    [
        (task.STOP_TASK, {}, True, "taskIds"),
        (task.STOP_TASK, {"taskIds": None}, False, "taskIds"),
        (task.STOP_TASK, {"taskIds": ["five"]}, False, "taskIds"),
        (task.STOP_TASK, {"taskIds": {"a": 1}}, False, "taskIds"),
        (task.STOP_TASK, {"taskIds": True}, False, "taskIds"),
        (task.STOP_TASK, {"taskIds": [1.5]}, False, "taskIds"),
        (frame.RESTART_FRAME, {"taskIds": [1, 2]}, False, "taskId"),
        (task.TASK_JSON_FILE, {"taskId": 1, "fileName": "task.json", "content": {}}, False, "content"),
        (transfer.COMMIT_FILES, {"storage": "input", "files": [{"path": "/.."}]}, True, "digest"),
        (transfer.COMMIT_FILES, {"storage": "input", "files": "x"}, False, "files"),
    ],
)
def test_a_body_that_makes_no_sense_names_the_member(
    operation: Operation[Any, Any], body: dict[str, Any], absent: bool, words: str
) -> None:
    with pytest.raises(BadAsk, match=words) as caught:
        operation.read_ask(body)
    assert caught.value.absent is absent
    assert str(caught.value).startswith(operation.path)


def test_a_hostile_path_in_a_commit_is_refused_as_it_is_read() -> None:
    file = {"path": "/../etc/passwd", "digest": "0" * 64, "sizeBytes": 1}
    with pytest.raises(BadAsk, match=r"holds '\.\.'"):
        transfer.COMMIT_FILES.read_ask({"storage": "input", "files": [file]})


def test_members_without_a_value_are_not_sent() -> None:
    assert task.CREATE_TASK.body(task.CreateTask(labels=["a"])) == {
        "count": 1,
        "taskUserLevel": 50,
        "labels": ["a"],
    }


def test_an_answer_is_read_as_a_value() -> None:
    item = {
        "id": 1,
        "taskId": 2,
        "frameIndex": "1",
        "frameStatus": 4,
        "frameStatusText": "x",
        "frameType": 5,
    }
    page = frame.QUERY_TASK_FRAMES.read_reply(
        {"pageCount": 1, "pageNum": 1, "total": 1, "size": 2, "items": [item]}
    )
    assert page.items[0].frame_status == 4
    with pytest.raises(msgspec.ValidationError, match="pageCount"):
        frame.QUERY_TASK_FRAMES.read_reply({})


def test_the_storages_keep_their_snake_case_names() -> None:
    bids = user.TransferBid(config_bid="1", output_bid="2", input_bid="3")
    assert set(msgspec.to_builtins(bids)) == {"config_bid", "output_bid", "input_bid", "parent_input_bid"}


def test_a_profile_has_the_published_members() -> None:
    profile = msgspec.to_builtins(user.UserProfile(user_id=1, user_name="a"))
    published = (
        "userId userName platform phone email company name job communicationNumber softType softStatus "
        "businessType status infoStatus accountType userType mainUserId level pictureLever zone rmbbalance "
        "usdbalance rmbCumulative usdCumulative credit coupon description country city address cpuPrice "
        "gpuPrice shareMainCapital subDeleteTask useMainBalance hideBalance hideJobCharge useLevelDirectory "
        "downloadDisable displaySubaccount subaccountLimits houdiniFlag c4dFlag blenderFlag keyshotFlag "
        "studentEndTime"
    )
    assert set(profile) == set(published.split())


def test_a_task_has_the_published_members() -> None:
    item = task.TaskItem(
        id=1,
        scene_name="a",
        task_alias="P1",
        task_status=0,
        status_text="render_task_status_0",
        total_frames=0,
        abort_frames=0,
        executing_frames=0,
        done_frames=0,
        failed_frames=0,
        frames_range="1",
        user_name="a",
        user_id=1,
        cg_id=2007,
    )
    published = (
        "sceneName id taskAlias taskStatus statusText preTaskStatus preStatusText totalFrames abortFrames "
        "executingFrames doneFrames failedFrames framesRange projectName renderConsume taskArrears "
        "submitDate startTime completedDate renderDuration userName producer taskLevel taskUserLevel "
        "taskLimit taskOverTime outputFileName munuTaskId layerParentId cgId taskKeyValueVo "
        "userAccountConsume "
        "couponConsume isOpen taskType renderCamera cloneParentId cloneOriginalId shareMainCapital taskRam "
        "respRenderingTaskList layerName taskTypeText isDelete userId bid"
    )
    assert set(published.split()) <= set(msgspec.to_builtins(item))


def test_an_answer_comes_out_of_its_envelope() -> None:
    body = envelope.wrap({"a": [1, None]}, server_time_ms=1535949047370, request_id="r-1")
    assert msgspec.json.decode(body) == {
        "version": "1.0.0",
        "result": True,
        "message": "success",
        "code": 200,
        "data": {"a": [1, None]},
        "serverTime": 1535949047370,
        "requestId": "r-1",
    }
    assert envelope.unwrap(body) == {"a": [1, None]}


def test_a_refusal_comes_out_with_code_words_and_clock() -> None:
    body = envelope.wrap_error(Code.SIGNATURE_EXPIRED, "too late", server_time_ms=5, request_id="r")
    with pytest.raises(envelope.Refused) as caught:
        envelope.unwrap(body)
    assert (caught.value.code, caught.value.message, caught.value.server_time_ms) == (610, "too late", 5)
    assert msgspec.json.decode(body)["result"] is False


def test_an_answer_of_the_published_documentation_is_read() -> None:
    body = """{"version": "1.0.0", "result": true, "message": "success", "code": 200, "data": "成功",
               "serverTime": 1578311448826, "requestId": "X81MN5-VGFzay1TZXJ2aWNlMDQ-1578311448620"}"""
    assert envelope.unwrap(body.encode()) == "成功"


def test_an_answer_needs_no_more_than_a_code_and_its_data() -> None:
    bare = b'{"code": 200, "data": 5, "message": null, "serverTime": null, "version": null, "result": 1}'
    assert envelope.unwrap(bare) == 5
    assert envelope.unwrap(b'{"code": 200, "data": [], "serverTime": "2020-01-03"}') == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code": 500, "message": 5, "serverTime": "now"}', "5"),
        (b'{"code": 500, "message": null}', "refused without a reason"),
        (b'{"code": 500}', "refused without a reason"),
    ],
)
def test_a_refusal_needs_no_more_than_a_code(body: bytes, words: str) -> None:
    with pytest.raises(envelope.Refused) as caught:
        envelope.unwrap(body)
    assert (caught.value.code, caught.value.message, caught.value.server_time_ms) == (500, words, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"code": "200", "message": ""}', b'{"message": "m"}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_envelope_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(envelope.NotAnEnvelope, match="expected an answer of a farm"):
        envelope.unwrap(body)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, str(2**63), "1" * 400])
def test_no_number_is_larger_than_64_bits(number: int | str) -> None:
    for operation, body in (
        (task.QUERY_TASK_INFO, {"taskIds": [1, number]}),
        (task.EXPLAIN_TASK, {"taskId": number}),
        (transfer.MISSING_BLOBS, {"blobs": [{"digest": "0" * 64, "sizeBytes": number}]}),
    ):
        with pytest.raises(BadAsk):
            operation.read_ask(body)


def test_the_largest_number_of_64_bits_is_one() -> None:
    assert task.EXPLAIN_TASK.read_ask({"taskId": 2**63 - 1}).task_id == 2**63 - 1
