"""What a farm's life means for the work it holds: real frames, rendered by Cycles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.demo import submit_demo
from tests.together.farms import END_WITHIN_S, FarmProcess, farm_process, wait_for

from renderbus_farm.data_folder import DataFolder
from renderbus_farm.processes import MARKER, marked
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameItem, FrameQuery
from renderbus_model.wire.task import QUERY_TASK_INFO, TaskIds

pytestmark = pytest.mark.render

RENDERED_WITHIN_S = 120.0

Submit = Callable[[FarmProcess, str], int]


@pytest.fixture
def submit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Submit:
    """Sends the demo scene with small pictures, and takes the original away: the id of its task."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAYVISION_LOG_ROOT", str(tmp_path / "logs"))
    return lambda farm, frames: submit_demo(farm, tmp_path, frames)


def frames_of(farm: FarmProcess, task_id: int) -> list[FrameItem]:
    return farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=task_id)).items


def done(farm: FarmProcess, task_id: int) -> list[FrameItem]:
    return [frame for frame in frames_of(farm, task_id) if frame.frame_status == FrameStatus.DONE]


def status_of(farm: FarmProcess, task_id: int) -> int:
    return farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=[task_id])).items[0].task_status


def test_an_embedded_farm_renders_to_the_end_although_nobody_asks(tmp_path: Path, submit: Submit) -> None:
    data = tmp_path / "data"
    with farm_process(data, "--embedded", "--idle-end-s", "2", workers=1) as farm:
        task_id = submit(farm, "1-4[1]")
        assert farm.process.wait(RENDERED_WITHIN_S) == 0
    with farm_process(data) as farm:
        assert status_of(farm, task_id) == TaskStatus.FINISHED
        assert len(done(farm, task_id)) == 4


def test_what_a_killed_farm_had_not_rendered_the_next_one_renders(tmp_path: Path, submit: Submit) -> None:
    data = tmp_path / "data"
    with farm_process(data, workers=1) as first:
        task_id = submit(first, "1-6[1]")
        wait_for(lambda: done(first, task_id), "no frame is done", RENDERED_WITHIN_S)
        before = {frame.id: frame.end_time for frame in done(first, task_id)}
        first.kill()
        wait_for(
            lambda: not list(marked({MARKER: DataFolder(data).farm_id()})),
            "a process outlives its farm",
            END_WITHIN_S,
        )
    with farm_process(data, workers=1) as second:
        wait_for(lambda: status_of(second, task_id) == TaskStatus.FINISHED, "not finished", RENDERED_WITHIN_S)
        after = {frame.id: frame for frame in frames_of(second, task_id)}
        assert len(after) == 6
        for frame_id, end_time in before.items():
            assert after[frame_id].end_time == end_time, "what was done is not done again"
            assert after[frame_id].attempt == 1
        log = second.log()
    assert "tick failed" not in log
    assert "request failed" not in log
