"""A task from the beginning, as the first packages made it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rayvision_api import constants
from rayvision_api.exception import RayvisionAPIError, RayvisionError
from rayvision_api.task.handle import RayvisionTask

from .conftest import ACCESS_ID, KEY, Farm, refusal

CREATE = "/api/render/task/createTask"
PROFILE = "/api/render/user/queryUserProfile"
LABELS = "/api/render/common/getLabelList"


@pytest.fixture
def begin(farm: Farm, tmp_path: Path) -> Callable[..., RayvisionTask]:
    """Begins a task on the farm; what is given differs."""
    farm.answers[CREATE] = {"taskIdList": [1234567]}
    farm.answers[LABELS] = {"projectNameList": [{"projectId": 147258, "projectName": "Project1"}]}

    def made(**given: Any) -> RayvisionTask:
        usual = {
            "domain": f"http://{farm.domain}",
            "platform": "2",
            "access_id": ACCESS_ID,
            "access_key": KEY,
            "local_os": "windows",
            "software_version": "2018",
            "render_software": "Maya",
            "workspace": str(tmp_path),
            "cg_file": r"D:\shots\muti_layer_test.ma",
            "plugin_config": {"mtoa": "3.1.2.1"},
            "project_name": "Project1",
        }
        task = RayvisionTask(**{**usual, **given})
        task.close()
        return task

    return made


def test_a_task_has_number_user_project_folder_and_document(
    farm: Farm, begin: Callable[..., RayvisionTask], tmp_path: Path
) -> None:
    task = begin()
    assert (task.task_id, task.user_id) == ("1234567", "7")
    assert farm.paths == [CREATE, PROFILE, LABELS]
    assert task.work_dir == str(tmp_path / "work" / "1234567")
    assert Path(task.work_dir).is_dir()
    assert (tmp_path / "log" / "analyse").is_dir()
    assert task.task_json_path == str(tmp_path / "work" / "1234567" / "task.json")
    assert Path(task.upload_json_path).name == "upload.json"
    info = task.task_info["task_info"]
    assert {
        key: info[key]
        for key in ("task_id", "user_id", "project_id", "project_name", "cg_id", "platform", "os_name")
    } == {
        "task_id": "1234567",
        "user_id": "7",
        "project_id": "147258",
        "project_name": "Project1",
        "cg_id": "2000",
        "platform": "2",
        "os_name": "1",
    }
    assert info["input_cg_file"] == "D:/shots/muti_layer_test.ma"
    assert task.task_info["software_config"] == {
        "cg_name": "Maya",
        "cg_version": "2018",
        "plugins": {"mtoa": "3.1.2.1"},
    }
    assert (task.asset_info, task.tips_info, task.upload_info) == ({}, {}, {})


def test_two_tasks_share_no_document(begin: Callable[..., RayvisionTask]) -> None:
    one, two = begin(), begin(render_software="Houdini", local_os="linux")
    assert one.task_info["task_info"]["cg_id"] == "2000"
    assert (two.task_info["task_info"]["cg_id"], two.task_info["task_info"]["os_name"]) == ("2004", "0")
    assert constants.TASK_INFO["task_info"]["cg_id"] == ""


def test_without_a_project_no_label_is_asked_for(farm: Farm, begin: Callable[..., RayvisionTask]) -> None:
    task = begin(project_name=None, plugin_config=None)
    assert (task.task_info["task_info"]["project_id"], task.plugin_config) == ("", {})
    assert LABELS not in farm.paths


def test_a_project_folder_may_be_told(begin: Callable[..., RayvisionTask]) -> None:
    task = begin()
    task.preparatory_analyse("/shots/a.hip", "/shots")
    info = task.task_info["task_info"]
    assert (info["input_cg_file"], info["input_project_path"]) == ("/shots/a.hip", "/shots")


def test_an_unknown_application_uses_up_no_task_number(
    farm: Farm, begin: Callable[..., RayvisionTask]
) -> None:
    with pytest.raises(RayvisionError, match="no application is called 'Paint'"):
        begin(render_software="Paint")
    assert farm.asked == []


@pytest.mark.parametrize("wrong", [{"plugin_config": "mtoa"}, {"software_version": None}])
def test_what_is_no_version_uses_up_no_task_number(
    farm: Farm, begin: Callable[..., RayvisionTask], wrong: dict[str, object]
) -> None:
    with pytest.raises(RayvisionError, match=f"{next(iter(wrong))} .*: expected") as caught:
        begin(**wrong)
    assert (caught.value.error_code, farm.asked) == (1000003, [])


def test_a_refusal_passes_through(farm: Farm, begin: Callable[..., RayvisionTask]) -> None:
    farm.instead.append(refusal(605, "the account may create no tasks"))
    with pytest.raises(RayvisionAPIError, match="may create no tasks"):
        begin()
