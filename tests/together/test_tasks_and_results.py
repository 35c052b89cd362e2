"""Tasks, frames and results over HTTP: what owners change acts, and what was rendered can be looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.together.demo import submit_demo
from tests.together.farms import FarmProcess, farm_process, wait_for

from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import (
    FRAME_THUMBNAIL,
    LOAD_TASK_PROCESS_IMG,
    QUERY_ALL_FRAME_STATS,
    QUERY_TASK_FRAMES,
    SHOW_LOG,
    STOP_TASK_FRAMES,
    ChosenFrames,
    FrameItem,
    FrameQuery,
    ProgressPictureQuery,
    RenderLogQuery,
    ThumbnailQuery,
)
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.task import (
    CREATE_TASK,
    EXPLAIN_TASK,
    GET_TASK_LIST,
    QUERY_TASK_INFO,
    START_TASK,
    SUBMIT_TASK,
    TASK_JSON_FILE,
    CreateTask,
    SubmitTask,
    TaskDocument,
    TaskId,
    TaskIds,
    TaskItem,
    TaskListQuery,
)
from renderbus_model.wire.transmitter import GET_OUTPUT_FILES, OutputEntry, OutputFolderQuery
from renderbus_model.wire.user import UPDATE_USER_SETTING, UpdateUserSetting

SCENE = "/home/artist/shot.blend"
CONTENT = b"BLENDER"
INSUFFICIENT_PERMISSIONS = 605


def submitted(farm: FarmProcess, frames: str = "1-4[1]", **info: str) -> int:
    """A task of a scene that nothing ever opens."""
    farm.put_inputs({SCENE: CONTENT})
    common = {"scene_name": ["Scene"], "view_layers": ["beauty"], "renderer": "CYCLES", "frames": frames}
    layers = {"Scene/beauty": {"renderable": "1", "common": common}}
    documents = {
        "task.json": {
            "task_info": {"input_cg_file": SCENE, "cg_id": "2007", **info},
            "scene_info": layers,
            "scene_info_render": layers,
        },
        "upload.json": {"asset": [{"local": SCENE, "server": SCENE}]},
    }
    task_id = farm.ask(CREATE_TASK, CreateTask()).task_id_list[0]
    for name, content in documents.items():
        document = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
        farm.ask(TASK_JSON_FILE, document)
    farm.ask(SUBMIT_TASK, SubmitTask(task_id=task_id))
    return task_id


def task_of(farm: FarmProcess, task_id: int) -> TaskItem:
    return farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=[task_id])).items[0]


def frames_of(farm: FarmProcess, task_id: int) -> list[FrameItem]:
    return farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=task_id)).items


def listing(farm: FarmProcess, tree_path: str, task_id: int | None = None) -> list[OutputEntry]:
    return farm.ask(GET_OUTPUT_FILES, OutputFolderQuery(tree_path=tree_path, task_id=task_id))


def test_what_clients_of_either_age_change_shows(farm: FarmProcess) -> None:
    ada = farm.as_user("ada of changes")
    task_id = submitted(ada)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/api/rendering/task/renderingTask/updateTaskUserLevel", {"taskId": task_id, "taskUserLevel": "60"}),
        ("/api/render/task/setOverTimeStop", {"taskIds": [task_id], "overTime": 600}),
        ("/api/render/handle/setTaskOverTimeStop", {"taskIds": task_id, "overTime": "1200"}),
        ("/api/render/handle/updateTaskLimit", {"taskId": task_id, "taskLimit": 2}),
        (
            "/api/render/handle/editTaskHardwareConfig",
            {"taskIds": [task_id], "hardwareConfigIds": [], "model": "Xeon", "gpuNum": None, "ram": "128GB"},
        ),
    ]
    answers = [ada.post(path, body) for path, body in asked]
    assert [answer.code for answer in answers] == [200] * len(asked)
    assert [answer.data for answer in answers] == [None, "SUCCESS", "SUCCESS", None, None]
    task = task_of(ada, task_id)
    assert (task.task_user_level, task.over_time_stop, task.task_limit, task.task_ram) == (60, 1200, 2, 128)
    assert task.layer_name == "beauty"


def test_chosen_frames_stop_and_the_totals_say_so(farm: FarmProcess) -> None:
    ada = farm.as_user("ada of frames")
    task_id = submitted(ada)
    first = frames_of(ada, task_id)[0]
    ada.ask(STOP_TASK_FRAMES, ChosenFrames(task_id=task_id, ids=[first.id]))
    totals = ada.ask(QUERY_ALL_FRAME_STATS, Nothing())
    assert (totals.abandon_frames_total, totals.waiting_frames_total, totals.total_frames) == (1, 3, 4)
    assert frames_of(ada, task_id)[0].frame_status == FrameStatus.STOPPED


def test_a_task_of_an_account_that_starts_by_hand_waits_and_says_why(farm: FarmProcess) -> None:
    ada = farm.as_user("ada who starts by hand")
    ada.ask(UPDATE_USER_SETTING, UpdateUserSetting(auto_commit="1"))
    task_id = submitted(ada)
    assert task_of(ada, task_id).task_status == TaskStatus.STOP
    assert "waits for you to start it" in ada.ask(EXPLAIN_TASK, TaskId(task_id=task_id)).reasons[0]
    ada.ask(START_TASK, TaskIds(task_ids=[task_id]))
    assert task_of(ada, task_id).task_status == TaskStatus.WAITING


def test_a_task_that_no_node_can_render_ends_and_can_be_found_by_its_status(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "farm.toml").write_text("gives_up_after_s = 1.0\n")
    with farm_process(data) as farm:
        task_id = submitted(farm)
        wait_for(lambda: task_of(farm, task_id).task_status == TaskStatus.FAILED, "the task does not end")
        failed = TaskListQuery(status_list=[int(TaskStatus.FAILED)], search_keyword="shot")
        assert [task.id for task in farm.ask(GET_TASK_LIST, failed).items] == [task_id]
        assert "the farm has no node that is ready" in frames_of(farm, task_id)[0].error
        assert "The first error: given up" in farm.ask(EXPLAIN_TASK, TaskId(task_id=task_id)).reasons[-1]


@pytest.mark.render
def test_what_was_rendered_can_be_looked_at_and_listed(
    rendering_farm: FarmProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm = rendering_farm
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAYVISION_LOG_ROOT", str(tmp_path / "logs"))
    task_id = submit_demo(farm, tmp_path, "1-2[1]")
    wait_for(lambda: task_of(farm, task_id).task_status == TaskStatus.FINISHED, "not finished", 120.0)
    frame = frames_of(farm, task_id)[0]

    (thumbnail,) = farm.ask(FRAME_THUMBNAIL, ThumbnailQuery(id=frame.id))
    picture = farm.ask(LOAD_TASK_PROCESS_IMG, ProgressPictureQuery(task_id=task_id))
    tiles = [row[0] for row in picture.grab_info]
    assert (picture.width, picture.height, len(tiles)) == (160, 90, 2)
    for path in (thumbnail, tiles[0].grab_url):
        small = farm.session.get(farm.url + path, timeout=30)
        assert small.status_code == 200
        assert small.content[8:12] == b"WEBP"
        assert farm.session.get(farm.url + path.replace("sig=", "sig=x"), timeout=30).status_code == 403

    (log,) = farm.ask(SHOW_LOG, RenderLogQuery(id=frame.id)).items
    assert "frame 1 rendered" in log.log

    (folder,) = [entry for entry in listing(farm, "/") if entry.file_name.startswith(f"{task_id}_")]
    pictures = listing(farm, folder.file_path)
    assert pictures == listing(farm, "/", task_id)
    assert [entry.file_type for entry in pictures] == ["png", "png"]
    assert all(entry.file_size for entry in pictures)

    farm.ask(UPDATE_USER_SETTING, UpdateUserSetting(download_disable=1))
    refused = farm.post(GET_OUTPUT_FILES.path, {"treePath": "/", "taskId": task_id})
    assert (refused.code, "downloads are disabled" in refused.message) == (INSUFFICIENT_PERMISSIONS, True)
