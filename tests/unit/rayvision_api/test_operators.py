"""Each published method: the path and the body that arrive at the farm, and the data that comes back."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionError, UploadFileNotSupportError
from rayvision_api.operators import Task
from renderbus_model.paths import checked_farm_path
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire import transfer, user
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.operation import FIRST, HEADER_VERSIONS, SECOND, ApiVersion

from .calls import Call
from .conftest import ACCESS_ID, KEY, Farm, Pauses
from .more_calls import CALLS

DIGEST = digest_of(b"wood")
PAGE = {"pageCount": 1, "pageNum": 1, "total": 0, "size": 2, "items": []}


@pytest.fixture
def later_api(farm: Farm, pauses: Pauses) -> Iterator[RayvisionAPI]:
    for operation in (user.QUERY_USER_PROFILE, user.QUERY_USER_SETTING, user.GET_TRANSFER_BID):
        farm.answers[operation.second] = farm.answers[operation.path]
    with RayvisionAPI(ACCESS_ID, KEY, f"http://{farm.domain}", "2", api_version="2", wait=pauses) as api:
        farm.asked.clear()
        yield api


def check_call(farm: Farm, api: RayvisionAPI, call: Call, version: ApiVersion) -> None:
    path, body = call.arrives(version)
    farm.answers[path] = {"told": "as the farm said"}
    assert call.make(api) == {"told": "as the farm said"}
    assert [(asked.path, asked.body) for asked in farm.asked] == [(path, body)]
    assert farm.asked[0].headers["version"] == HEADER_VERSIONS[version]


@pytest.mark.parametrize("call", CALLS, ids=[call.path for call in CALLS])
def test_a_method_sends_what_is_published(farm: Farm, api: RayvisionAPI, call: Call) -> None:
    check_call(farm, api, call, FIRST)


@pytest.mark.parametrize("call", CALLS, ids=[call.later or call.path for call in CALLS])
def test_a_method_sends_what_later_packages_send(farm: Farm, later_api: RayvisionAPI, call: Call) -> None:
    check_call(farm, later_api, call, SECOND)


@pytest.mark.parametrize("version", HEADER_VERSIONS)
def test_every_operation_has_a_method(version: ApiVersion) -> None:
    ours = {
        "/api/render/task/frameLog",
        "/api/render/task/explainTask",
        "/api/render/task/explainFrames",
        "/api/render/transfer/missingBlobs",
        "/api/render/transfer/missingPieces",
        "/api/render/event/openEvents",
        "/api/render/transfer/committed",
        "/api/render/transfer/commitFiles",
        "/api/render/transfer/listOutputs",
    }
    assert {operation.path_in(version) for operation in OPERATIONS} == {
        *(call.arrives(version)[0] for call in CALLS),
        *ours,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        lambda api: api.task.stop_task(["five"]),
        lambda api: api.env.add_render_env({"cgName": "Maya"}),
        lambda api: api.env.update_render_env(None),
        lambda api: api.query.error_detail(None),
        lambda api: api.query.get_render_log(),
        lambda api: api.task.create_task(count="many"),
    ],
)
def test_what_a_farm_would_not_understand_is_refused_before_it_is_sent(
    farm: Farm, api: RayvisionAPI, wrong: Callable[[RayvisionAPI], Any]
) -> None:
    with pytest.raises(RayvisionError) as caught:
        wrong(api)
    assert caught.value.error_code == 1000003
    assert farm.asked == []


def test_a_document_that_a_task_does_not_have_is_refused(farm: Farm, api: RayvisionAPI) -> None:
    with pytest.raises(UploadFileNotSupportError, match=r"'notes\.txt' is no document"):
        api.transmit.upload_json_content(5, "notes.txt", "{}")
    assert farm.asked == []


def test_the_first_packages_order_of_arguments_holds_for_their_class(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/createTask"] = {"taskIdList": [11]}
    Task(api.connect).create_task(2, 12345, 60, ["film"])
    assert farm.asked[0].body == {"count": 2, "taskUserLevel": 60, "outUserId": 12345, "labels": ["film"]}


class Frames:
    """A task of five frames, two of them of the same index; in pages of the asked size."""

    def __init__(self, farm: Farm) -> None:
        self.indices = ["1", "2", "3", "2-4[1]", "2"]
        farm.answers["/api/render/task/queryTaskFrames"] = self.page
        farm.answers["/api/render/task/restartFrame"] = None
        farm.answers["/api/render/handle/stopTaskFrames"] = None

    def page(self, body: dict[str, Any]) -> dict[str, Any]:
        frames = [{"id": 100 + place, "frameIndex": index} for place, index in enumerate(self.indices)]
        start = (body["pageNum"] - 1) * body["pageSize"]
        return {"items": frames[start : start + body["pageSize"]]}


def test_all_frames_are_collected_page_by_page_until_an_empty_one(farm: Farm, api: RayvisionAPI) -> None:
    Frames(farm)
    found = api.query.get_all_frames("7", page_size=2)
    assert {index: frame["id"] for index, frame in found.items()} == {
        "1": 100,
        "2": 104,
        "3": 102,
        "2-4[1]": 103,
    }
    assert [asked.body["pageNum"] for asked in farm.asked] == [1, 2, 3, 4]


def test_chosen_pages_of_frames_are_enough(farm: Farm, api: RayvisionAPI) -> None:
    Frames(farm)
    assert list(api.query.get_all_frames(7, start_page=2, end_page=2, page_size=2)) == ["3", "2-4[1]"]


def test_frames_may_be_restarted_and_stopped_by_index_in_every_layer(farm: Farm, api: RayvisionAPI) -> None:
    Frames(farm)
    api.query.get_custome_frames(7, ["2", "3"])
    assert farm.asked[-1].body == {"taskIds": 7, "selectAll": 0, "ids": [101, 102, 104]}
    api.query.frame_number_to_stop(7, ["2-4[1]"])
    assert farm.asked[-1].body == {"taskId": 7, "selectAll": 0, "ids": [103]}
    with pytest.raises(RayvisionError, match="task 7 has none of the frames 9"):
        api.query.get_custome_frames(7, ["9"])


@pytest.mark.parametrize(
    ("items", "parts"),
    [
        ([{"id": 7, "respRenderingTaskList": [{"id": 8}, {"id": 9}]}], [8, 9]),
        ([{"id": 7, "respRenderingTaskList": None}], [7]),
        ([], [7]),
    ],
)
def test_the_parts_of_a_split_task_are_told(
    farm: Farm, api: RayvisionAPI, items: list[dict[str, Any]], parts: list[int]
) -> None:
    farm.answers["/api/render/task/queryTaskInfo"] = {**PAGE, "items": items}
    assert api.query.get_small_task_id(7) == parts


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


def test_a_forked_process_prepares_a_task_of_its_own(farm: Farm, api: RayvisionAPI) -> None:
    numbers = iter(range(11, 20))
    farm.answers["/api/render/task/createTask"] = lambda _: {"taskIdList": [next(numbers)]}
    assert api.task.task_id == 11
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.write(write, str(api.task.task_id).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        assert told.read() == "12"
    os.waitpid(child, 0)
    assert api.task.task_id == 11


def test_a_process_forked_while_a_task_is_created_may_submit_another(farm: Farm, api: RayvisionAPI) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def create(_: Any) -> dict[str, Any]:
        begun.set()
        go_on.wait(20)
        return {"taskIdList": [11]}

    farm.answers["/api/render/task/createTask"] = create
    farm.answers["/api/render/task/submitTask"] = None
    creating = threading.Thread(target=lambda: api.task.task_id)
    creating.start()
    assert begun.wait(20)
    if (child := os.fork()) == 0:
        signal.alarm(10)  # ends a process that waits for a lock which nobody gives back
        submitted = 0
        try:
            submitted = api.task.submit_task(5, only_id=True)
        finally:
            os._exit(0 if submitted == 5 else 1)
    assert os.waitpid(child, 0)[1] == 0
    go_on.set()
    creating.join()
    assert api.task.task_id == 11


def test_the_first_packages_new_task_number_is_a_text(farm: Farm, api: RayvisionAPI) -> None:
    numbers = iter(range(11, 20))
    farm.answers["/api/render/task/createTask"] = lambda _: {"taskIdList": [next(numbers)]}
    assert (api.get_task_id(), api.get_task_id(), api.task.task_id) == ("11", "12", 13)


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
