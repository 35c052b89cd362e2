"""Each published method: the path and the body that arrive at the farm, and the data that comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionError
from renderbus_model.paths import checked_farm_path
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire import transfer
from renderbus_model.wire.catalogue import OPERATIONS

from .conftest import Farm

DIGEST = digest_of(b"wood")
PAGE = {"pageCount": 1, "pageNum": 1, "total": 0, "size": 2, "items": []}

CALLS: list[tuple[Callable[[RayvisionAPI], Any], str, dict[str, Any]]] = [
    (lambda api: api.user.query_user_profile(), "user/queryUserProfile", {}),
    (lambda api: api.user.query_user_setting(), "user/queryUserSetting", {}),
    (lambda api: api.user.get_transfer_bid(), "task/getTransferBid", {}),
    (lambda api: api.task.create_task(), "task/createTask", {"count": 1, "taskUserLevel": 50}),
    (
        lambda api: api.task.create_task(2, 60, 12345, ("shot 010", "片段"), 9, "ann"),
        "task/createTask",
        {
            "count": 2,
            "taskUserLevel": 60,
            "outUserId": 12345,
            "labels": ["shot 010", "片段"],
            "cloneOriginalId": 9,
            "artist": "ann",
        },
    ),
    (lambda api: api.task.submit_task(5), "task/submitTask", {"taskId": 5}),
    (
        lambda api: api.task.submit_task(5, "OUT_USER_MODEL", "u1"),
        "task/submitTask",
        {"taskId": 5, "assetIsolationModel": "OUT_USER_MODEL", "outUserId": "u1"},
    ),
    (
        lambda api: api.task.submit_task(5, "TASK_ID_MODEL"),
        "task/submitTask",
        {"taskId": 5, "assetIsolationModel": "TASK_ID_MODEL"},
    ),
    (lambda api: api.task.stop_task([1, 2]), "task/stopTask", {"taskIds": [1, 2]}),
    (lambda api: api.task.start_task((1,)), "task/startTask", {"taskIds": [1]}),
    (lambda api: api.task.abort_task([1]), "task/abortTask", {"taskIds": [1]}),
    (lambda api: api.task.delete_task([1]), "task/deleteTask", {"taskIds": [1]}),
    (lambda api: api.task.full_speed([1]), "task/fullSpeed", {"taskIds": [1]}),
    (lambda api: api.query.get_task_list(), "task/getTaskList", {"pageNum": 1, "pageSize": 2}),
    (
        lambda api: api.query.get_task_list(
            3, 50, [0, 5], "shot", "2020-07-01 00:00:00", "2020-07-02 00:00:00"
        ),
        "task/getTaskList",
        {
            "pageNum": 3,
            "pageSize": 50,
            "statusList": [0, 5],
            "searchKeyword": "shot",
            "startTime": "2020-07-01 00:00:00",
            "endTime": "2020-07-02 00:00:00",
        },
    ),
    (lambda api: api.query.task_info([1]), "task/queryTaskInfo", {"taskIds": [1]}),
    (
        lambda api: api.query.task_frames(1, 2, 10),
        "task/queryTaskFrames",
        {"taskId": 1, "pageNum": 2, "pageSize": 10},
    ),
    (
        lambda api: api.query.task_frames(1, 2, 10, search_keyword="0-1"),
        "task/queryTaskFrames",
        {"taskId": 1, "pageNum": 2, "pageSize": 10, "searchKeyword": "0-1"},
    ),
    (lambda api: api.query.restart_failed_frames([1]), "task/restartFailedFrames", {"taskIds": [1]}),
    (
        lambda api: api.query.restart_failed_frames([1], status=[5, 11]),
        "task/restartFailedFrames",
        {"taskIds": [1], "status": [5, 11]},
    ),
    (
        lambda api: api.query.restart_frame(14362099, 1),
        "task/restartFrame",
        {"taskIds": 14362099, "selectAll": 1, "ids": []},
    ),
    (
        lambda api: api.query.restart_frame(14362099, 0, [3, 4]),
        "task/restartFrame",
        {"taskIds": 14362099, "selectAll": 0, "ids": [3, 4]},
    ),
    (
        lambda api: api.query.error_detail(15000),
        "common/queryErrorDetail",
        {"code": "15000", "language": "0"},
    ),
    (
        lambda api: api.query.error_detail("10010", language="1"),
        "common/queryErrorDetail",
        {"code": "10010", "language": "1"},
    ),
    (
        lambda api: api.query.get_frame_thumbnall(230772),
        "task/loadingFrameThumbnail",
        {"id": 230772, "frameStatus": 4},
    ),
    (lambda api: api.tag.add_label("片段"), "common/addLabel", {"newName": "片段", "status": 1}),
    (lambda api: api.tag.add_label("x", 0), "common/addLabel", {"newName": "x", "status": 0}),
    (lambda api: api.tag.get_label_list(), "common/getLabelList", {}),
    (
        lambda api: api.transmit.upload_json_content(5, "task.json", "{}"),
        "task/taskJsonFile",
        {"taskId": 5, "fileName": "task.json", "content": "{}"},
    ),
]


@pytest.mark.parametrize(("call", "path", "body"), CALLS, ids=[path for _, path, _ in CALLS])
def test_a_published_method_sends_what_is_published(
    farm: Farm, api: RayvisionAPI, call: Callable[[RayvisionAPI], Any], path: str, body: dict[str, Any]
) -> None:
    whole = f"/api/render/{path}"
    farm.answers[whole] = {"told": "as the farm said"}
    assert call(api) == {"told": "as the farm said"}
    assert [(asked.path, asked.body) for asked in farm.asked] == [(whole, body)]


def test_every_operation_has_a_method(farm: Farm, api: RayvisionAPI) -> None:
    ours = {
        "/api/render/task/frameLog",
        "/api/render/task/explainTask",
        "/api/render/transfer/missingBlobs",
        "/api/render/transfer/commitFiles",
        "/api/render/transfer/listOutputs",
    }
    assert {operation.path for operation in OPERATIONS} == {
        *(f"/api/render/{path}" for _, path, _ in CALLS),
        *ours,
    }


def test_files_apart_by_user_need_the_user(farm: Farm, api: RayvisionAPI) -> None:
    with pytest.raises(RayvisionError, match="out_user_id"):
        api.task.submit_task(5, "OUT_USER_MODEL")
    assert farm.asked == []


def test_a_task_number_is_kept_until_a_task_is_submitted(farm: Farm, api: RayvisionAPI) -> None:
    numbers = iter(range(11, 20))
    farm.answers["/api/render/task/createTask"] = lambda _: {"taskIdList": [next(numbers)]}
    farm.answers["/api/render/task/submitTask"] = None
    assert (api.task.task_id, api.task.task_id) == (11, 11)
    assert api.task.submit_task(only_id=True) == 11
    assert api.task.task_id == 12


def test_a_farm_that_creates_no_number_is_named(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/createTask"] = {"taskIdList": []}
    with pytest.raises(RayvisionError, match="no task number"):
        _ = api.task.task_id


def test_projects_are_the_labels_alone(farm: Farm, api: RayvisionAPI) -> None:
    labels = [{"projectId": 3671, "projectName": "myLabel"}]
    farm.answers["/api/render/common/getLabelList"] = {"projectNameList": labels}
    assert api.tag.get_project_list() == labels


def test_the_user_number_is_asked_anew(farm: Farm, api: RayvisionAPI) -> None:
    assert (api.user.user_id, api.get_user_id()) == (7, 7)
    assert len(farm.asked) == 2
    farm.answers["/api/render/user/queryUserProfile"] = {}
    with pytest.raises(RayvisionError, match="no user number"):
        api.get_user_id()


def test_a_frames_log_is_read(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/frameLog"] = lambda body: {
        **body,
        "attempt": 2,
        "attempts": 2,
        "text": "Fra:1",
    }
    assert api.query.frame_log(9).text == "Fra:1"
    assert farm.asked[0].body == {"frameId": 9, "attempt": 0}


def test_a_task_that_waits_is_explained(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/explainTask"] = {"possible": False, "reasons": ["no node has Blender 9"]}
    assert api.query.explain_task(5).reasons == ["no node has Blender 9"]


def test_many_digests_are_asked_about_in_parts(farm: Farm, api: RayvisionAPI) -> None:
    sizes = []

    def lacking(body: dict[str, Any]) -> dict[str, Any]:
        sizes.append(len(body["blobs"]))
        return {"missing": [{"digest": DIGEST, "url": f"/blobs/{len(sizes)}", "expiresAt": 1}]}

    farm.answers["/api/render/transfer/missingBlobs"] = lacking
    blobs = [transfer.BlobToSend(digest=DIGEST, size_bytes=4)] * (transfer.MOST_DIGESTS_A_QUESTION + 1)
    assert [grant.url for grant in api.transmit.missing_blobs(blobs)] == ["/blobs/1", "/blobs/2"]
    assert sizes == [transfer.MOST_DIGESTS_A_QUESTION, 1]
    assert api.transmit.missing_blobs([]) == []


def test_files_are_committed_all_at_once(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/transfer/commitFiles"] = None
    api.transmit.commit_files("input", [FileEntry(checked_farm_path("/D/a b"), DIGEST, 4)])
    files = [{"path": "/D/a b", "digest": DIGEST, "sizeBytes": 4}]
    assert farm.asked[0].body == {"storage": "input", "files": files}


def test_results_are_listed_page_by_page(farm: Farm, api: RayvisionAPI) -> None:
    def page(body: dict[str, Any]) -> dict[str, Any]:
        number = int(body["after"] or 0) + 1
        file = {"path": str(number), "digest": DIGEST, "sizeBytes": 4, "url": "/blobs/x"}
        return {"files": [file] if number < 4 else [], "more": number < 3}

    farm.answers["/api/render/transfer/listOutputs"] = page
    assert [file.path for file in api.transmit.list_outputs(5)] == ["1", "2", "3"]
    assert [asked.body["after"] for asked in farm.asked] == ["", "1", "2"]
