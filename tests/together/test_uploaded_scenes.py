"""Clients that upload first: the farm analyses the scene, says so, and renders it."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, farm_process, wait_for

from renderbus_farm.processes import FOLDER, marked
from renderbus_model.statuses import TaskStatus
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
from renderbus_model.wire.transfer import (
    LIST_OUTPUTS,
    OutputQuery,
)
from renderbus_model.wire.user import UPDATE_USER_SETTING, UpdateUserSetting

SCENES = Path(__file__).with_name("cli")
MADE = """
import sys
sys.path.insert(0, sys.argv[1])
import bpy, scenes
from pathlib import Path
folder = Path(sys.argv[2])
scenes.new_scene(side_px=16)
bpy.context.scene.frame_end = 1
scenes.add_texture(folder / "textures" / "wood.png")
scenes.save(folder / "textured.blend")
"""
MAYA = """//Maya ASCII 2022 scene
requires maya "2022";
createNode camera -n "eye";
setAttr ".rnd" yes;
// End
"""


def submitted(farm: FarmProcess, files: Mapping[str, bytes], scene: str, cg_id: str) -> int:
    """A task of uploaded files whose task.json says nothing of the scene; there is no upload.json."""
    farm.put_inputs(files)
    document = {
        "task_info": {"input_cg_file": scene, "cg_id": cg_id, "project_name": "Film"},
        "software_config": {"cg_name": "Blender", "cg_version": "5.0", "plugins": {}},
    }
    task_id = farm.ask(CREATE_TASK, CreateTask()).task_id_list[0]
    farm.ask(
        TASK_JSON_FILE, TaskDocument(task_id=task_id, file_name="task.json", content=json.dumps(document))
    )
    farm.ask(SUBMIT_TASK, SubmitTask(task_id=task_id))
    return task_id


def maya_task(farm: FarmProcess) -> int:
    return submitted(farm, {"/D/shots/shot.ma": MAYA.encode()}, r"D:\shots\shot.ma", "2000")


def listed(farm: FarmProcess, task_id: int) -> int:
    items = farm.ask(GET_TASK_LIST, TaskListQuery()).items
    return next(item.task_status for item in items if item.id == task_id)


def info(farm: FarmProcess, task_id: int) -> TaskItem:
    return farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=[task_id])).items[0]


def why(farm: FarmProcess, task_id: int) -> str:
    return " ".join(farm.ask(EXPLAIN_TASK, TaskId(task_id=task_id)).reasons)


@pytest.mark.render
def test_a_blender_scene_that_was_only_uploaded_is_analysed_and_rendered(
    rendering_farm: FarmProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "local"
    command = [sys.executable, "-c", MADE, str(SCENES), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    files = {
        f"/D/shots/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    farm = rendering_farm
    task_id = submitted(farm, files, r"D:\shots\textured.blend", "2007")
    seen = {listed(farm, task_id)}
    told = {info(farm, task_id).task_status}

    def ended() -> bool:
        seen.add(listed(farm, task_id))
        told.add(info(farm, task_id).task_status)
        return TaskStatus.FINISHED in told

    wait_for(ended, f"it is not rendered: {why(farm, task_id)}", 120.0)
    assert TaskStatus.ANALYSE in seen
    assert TaskStatus.ANALYSE not in told  # clients that ask for one task know no 50
    assert info(farm, task_id).total_frames == 1
    (picture,) = farm.ask(LIST_OUTPUTS, OutputQuery(task_id=task_id)).files
    assert picture.path == f"{task_id}_textured/shot_0001.png"


def test_a_farm_without_nodes_analyses_and_its_frames_wait_for_one(farm: FarmProcess) -> None:
    ada = farm.as_user("ada who uploads first")
    task_id = maya_task(ada)
    wait_for(lambda: info(ada, task_id).total_frames, "it is not analysed")
    task = info(ada, task_id)
    assert listed(ada, task_id) == task.task_status == TaskStatus.WAITING
    assert (task.layer_name, task.render_camera) == ("defaultRenderLayer", "eye")
    assert "the farm has no node that is ready" in why(ada, task_id)


def test_an_account_may_have_analyses_wait_for_a_start(farm: FarmProcess) -> None:
    ada = farm.as_user("ada who analyses by hand")
    ada.ask(UPDATE_USER_SETTING, UpdateUserSetting(manually_start_analysis_flag=1))
    task_id = maya_task(ada)
    assert listed(ada, task_id) == info(ada, task_id).task_status == TaskStatus.STOP
    assert "manuallyStartAnalysisFlag" in why(ada, task_id)
    ada.ask(START_TASK, TaskIds(task_ids=[task_id]))
    wait_for(lambda: info(ada, task_id).total_frames, "it is not analysed")


def bomb() -> bytes:
    """A packed scene of 1 MB that unpacks to more than a gigabyte."""
    parts = []
    for content in (b"BLENDER-v405" + bytes(1 << 10), bytes(1 << 20)):
        packing = zlib.compressobj(9, zlib.DEFLATED, 31)
        parts.append(packing.compress(content) + packing.flush())
    return parts[0] + parts[1] * 1200


def test_a_farm_that_was_killed_while_it_read_a_hostile_scene_reads_it_again_and_says_why_not(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    marks = {FOLDER: str(data / "analyses")}
    with farm_process(data) as first:
        task_id = submitted(first, {"/shot.blend": bomb()}, "/shot.blend", "2007")
        wait_for(lambda: list(marked(marks)), "no process reads it", 10.0)
        first.kill()
        wait_for(lambda: not list(marked(marks)), "what read it outlives its farm", 10.0)
    with farm_process(data) as second:
        assert listed(second, task_id) == TaskStatus.ANALYSE
        wait_for(lambda: listed(second, task_id) == TaskStatus.FAILED, "it does not end")
        assert info(second, task_id).task_status == TaskStatus.FAILED
        assert "shot.blend: unpacks to more than" in why(second, task_id)
        assert "scene not analysed" in second.log()
        assert list((data / "analyses").iterdir()) == []
