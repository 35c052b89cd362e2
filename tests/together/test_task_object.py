"""The first packages' way to a rendering task: ``RayvisionTask`` makes it, ``RayvisionAnalyse`` fills it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess

from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_api.task.handle import RayvisionTask
from rayvision_sync.upload import RayvisionUpload
from rayvision_utils.analyse_handle import RayvisionAnalyse

SCENE = Path(__file__).parents[1] / "data" / "blender" / "everything.blend"


@pytest.fixture
def user(farm: FarmProcess) -> FarmProcess:
    return farm.as_user("task object")


@pytest.fixture
def task(user: FarmProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RayvisionTask]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # where the upload's record is kept
    task = RayvisionTask(
        domain=user.url,
        platform="2",
        access_id=user.access_id,
        access_key=user.access_key,
        local_os="linux",
        software_version="5.0",
        render_software="Blender",
        workspace=tmp_path,
        cg_file=SCENE,
        project_name="Film",
    )
    with closing(task):
        yield task


def test_a_task_that_was_made_and_analysed_can_be_submitted(task: RayvisionTask, user: FarmProcess) -> None:
    RayvisionAnalyse.execute(task)
    written = json.loads(Path(task.task_json_path).read_bytes())
    assert written["task_info"]["task_id"] == task.task_id
    assert written["scene_info_render"]
    with RayvisionAPI(user.access_id, user.access_key, user.url, "2") as api:
        checked = RayvisionCheck(api, workspace=task.workspace).execute(
            task.task_json_path, task.upload_json_path
        )
        assert str(checked) == task.task_id
        assert RayvisionUpload(api).upload(
            task.task_id,
            tips_json_path=task.tips_json_path,
            task_json_path=task.task_json_path,
            asset_json_path=task.asset_json_path,
            upload_json_path=task.upload_json_path,
        )
        api.submit(int(task.task_id))
        (listed,) = api.query.get_task_list()["items"]
    assert (str(listed["id"]), listed["sceneName"], listed["projectName"]) == (
        task.task_id,
        "everything.blend",
        "Film",
    )
