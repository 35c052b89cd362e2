"""The published demo script, with Blender's class and a farm of ours, from the first line to its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.cli.demos import EXAMPLES, filled_in, only_task
from tests.together.cli.runner import CommandLine
from tests.together.farms import FarmProcess, wait_for

from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.task import FULL_SPEED, TaskIds

pytestmark = pytest.mark.render

DEMO = EXAMPLES / "blender_demo.py"


def test_the_demo_script_ends_by_itself_with_every_frame(
    cli: CommandLine, rendering_farm: FarmProcess, scene: Callable[[str], Path], tmp_path: Path
) -> None:
    cg_file = scene("muti_layer_test")
    (tmp_path / "workspace").mkdir()
    values = {
        r'r"D:\files\CG FILE\muti_layer_test.blend"': repr(str(cg_file)),
        '"c:/workspace"': repr(str(tmp_path / "workspace")),
        '"http://127.0.0.1:8800"': repr(rendering_farm.url),
        '"access_id": "xxxx"': f'"access_id": {rendering_farm.access_id!r}',
        '"access_key": "xxxx"': f'"access_key": {rendering_farm.access_key!r}',
    }
    script = tmp_path / "blender_demo.py"
    script.write_text(filled_in(DEMO.read_text("utf-8"), values), "utf-8")
    user = CommandLine(cli.home, program=(str(script),))

    with user.start() as process:
        try:
            wait_for(lambda: only_task(rendering_farm), "nothing is submitted", 60)
            cg_file.parent.rename(cg_file.parent.with_name("gone"))
            wait_for(lambda: status_of(rendering_farm) == TaskStatus.FINISHED_TEST, "no test frame", 90)
            task = only_task(rendering_farm)
            assert task is not None
            assert task.project_name == "Project1"
            rendering_farm.ask(FULL_SPEED, TaskIds(task_ids=[task.id]))
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert rendering_farm.access_key not in out + err

    folder = cli.home / "renderfarm_sdk" / f"{task.id}_muti_layer_test"
    pictures = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    names = {re.sub(r"^.*/", "", picture) for picture in pictures}
    assert names == {f"shot_000{number}.png" for number in range(1, 5)}
    assert len(pictures) == 8
    assert {picture for picture in pictures if "l_ayer2" in picture} != set()


def status_of(farm: FarmProcess) -> int:
    """The status of the user's one task."""
    task = only_task(farm)
    assert task is not None
    return task.task_status
