"""The documents of a task, as ``JsonHandle`` and ``RayvisionAnalyse`` keep and fill them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rayvision_utils.analyse_handle import RayvisionAnalyse
from rayvision_utils.exception.exception import AnalyseFailError, RayvisionError, VersionNotMatchError
from rayvision_utils.json_handle import JsonHandle
from renderbus_model.documents import new_task_document


@dataclass
class Task:
    """A task as ``rayvision_api.task.handle.RayvisionTask`` leaves it before its scene is analysed."""

    work_dir: str
    cg_file: str
    task_info: dict[str, Any] = field(default_factory=new_task_document)
    asset_info: dict[str, Any] = field(default_factory=dict)
    tips_info: dict[str, Any] = field(default_factory=dict)
    upload_info: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.task_json_path = f"{self.work_dir}/task.json"
        self.asset_json_path = f"{self.work_dir}/asset.json"
        self.tips_json_path = f"{self.work_dir}/tips.json"
        self.upload_json_path = f"{self.work_dir}/upload.json"
        self.task_info["task_info"] |= {
            "task_id": "1234567",
            "user_id": "100093088",
            "cg_id": "2007",
            "input_cg_file": self.cg_file,
        }
        self.task_info["software_config"] = {"cg_name": "Blender", "cg_version": "5.0", "plugins": {}}


@pytest.fixture
def task(scenes: Path, tmp_path: Path) -> Task:
    return Task(str(tmp_path), str(scenes / "everything.blend"))


@pytest.fixture
def handle(task: Task) -> JsonHandle:
    return JsonHandle(task.cg_file, task, "2007", "")


def written(task: Task, name: str) -> Any:
    return json.loads(Path(task.work_dir, f"{name}.json").read_bytes())


def test_a_task_s_scene_is_analysed_into_its_documents(task: Task) -> None:
    assert JsonHandle(task.cg_file, task, "2007", "").json_exist()[0] is False
    RayvisionAnalyse.execute(task)
    info = written(task, "task")
    assert info["task_info"]["task_id"] == "1234567"
    assert info["scene_info"] == info["scene_info_render"] == task.task_info["scene_info_render"] != {}
    assert written(task, "upload")["asset"][-1]["local"] == task.cg_file
    assert (written(task, "tips"), written(task, "asset")) == (task.tips_info, task.asset_info)
    assert JsonHandle(task.cg_file, task, "2007", "").json_exist() == (True, None)


@pytest.mark.parametrize(
    ("scene", "cg_id", "frames"),
    [("maya/project/scenes/shot.ma", "2000", "1-12[1]"), ("houdini/sphere.hip", "2004", "1-10[1]")],
)
def test_scenes_of_other_applications_are_analysed_alike(
    scene: str, cg_id: str, frames: str, scenes: Path, tmp_path: Path
) -> None:
    task = Task(str(tmp_path), str(scenes.parent / scene))
    task.task_info["task_info"]["cg_id"] = cg_id
    RayvisionAnalyse.execute(task)
    assert frames in json.dumps(task.task_info["scene_info_render"])
    assert JsonHandle(task.cg_file, task, cg_id, "").json_exist() == (True, None)


def test_a_handle_tells_which_program_saved_the_scene(handle: JsonHandle, task: Task) -> None:
    handle.analyse_cg_file()
    assert handle.name == "Blender"
    assert handle.version_str == f"Blender {handle.version}"
    task.task_info["software_config"]["cg_version"] = handle.version
    handle.valid()


@pytest.mark.parametrize(("name", "version"), [("", "5.0"), ("Blender", "2505"), ("Maya", "5.0")])
def test_another_application_or_version_than_was_configured_is_refused(
    handle: JsonHandle, task: Task, name: str, version: str
) -> None:
    handle.name, handle.version, handle.version_str = name, version, f"{name} {version}"
    with pytest.raises(VersionNotMatchError):
        handle.valid()
    assert written(task, "tips") == {"15013": [f"{name} {version}"]}


def test_the_folder_of_a_user_is_named_by_the_account_above(handle: JsonHandle) -> None:
    assert handle.user_input == "100093000/100093088"
    assert "user_input=100093000/100093088" in repr(handle)


def test_a_document_is_read_in_the_encoding_that_fits(handle: JsonHandle, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes('{"a": "场景"}'.encode("gbk"))
    assert handle.json_load(str(tmp_path / "a.json"), ["utf-8", "gbk"]) == {"a": "场景"}


def test_a_document_that_cannot_be_read_is_empty_and_the_log_says_why(
    handle: JsonHandle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert handle.json_load(str(tmp_path / "none.json")) == {}
    assert "none.json" in caplog.text


def test_a_program_is_looked_for_in_its_folder(handle: JsonHandle, tmp_path: Path) -> None:
    (tmp_path / "hython").touch()
    assert handle.exe_path_from_location(str(tmp_path), "hython") == str(tmp_path / "hython")
    assert handle.exe_path_from_location(str(tmp_path), "maya") is None
    assert handle.exe_path_from_location(None, "maya") is None


@pytest.mark.parametrize(
    ("exe_path", "why"), [("bin/blender", "full path"), ("/no/such/blender", "does not exist")]
)
def test_an_application_that_was_named_must_be_there(task: Task, exe_path: str, why: str) -> None:
    with pytest.raises(RayvisionError, match=why):
        RayvisionAnalyse(task, exe_path)


def test_a_scene_that_is_not_there_is_refused(task: Task) -> None:
    task.task_info["task_info"]["input_cg_file"] = "/no/such/shot.blend"
    with pytest.raises(RayvisionError, match=r"/no/such/shot\.blend") as caught:
        RayvisionAnalyse(task)
    assert caught.value.error_code == 1000000


@pytest.mark.parametrize("cg_id", ["2000", "2013", "1", ""])
def test_the_number_of_another_application_is_refused(task: Task, cg_id: str) -> None:
    task.task_info["task_info"]["cg_id"] = cg_id
    with pytest.raises(RayvisionError, match="Blender"):
        RayvisionAnalyse(task)


def test_a_kind_of_scene_that_nobody_reads_is_refused(task: Task, tmp_path: Path) -> None:
    (tmp_path / "shot.max").touch()
    task.task_info["task_info"]["input_cg_file"] = str(tmp_path / "shot.max")
    with pytest.raises(AnalyseFailError, match="no analyser"):
        RayvisionAnalyse(task)


def test_the_steps_may_be_taken_one_by_one(task: Task) -> None:
    steps = RayvisionAnalyse(task)
    steps.analyse_cg_file()
    assert steps.cg_instance.name == "Blender"
    steps.analyse()
    assert task.task_info["scene_info"]


def test_only_maya_s_frames_are_made_of_start_end_and_step() -> None:
    other = {"layer": {"common": {"start": "1", "end": "9", "by_frame": "3"}}}
    assert "frames" not in RayvisionAnalyse.cg_is_maya("2007", other)["layer"]["common"]
