"""Frames of tasks are rendered again: which units that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from renderbus_cli.asking import all_frames, one_task
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.units import frames_of
from renderbus_model.frames import parse_frames
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.frame import RESTART_FRAME, ChosenFrames
from renderbus_model.wire.task import RESTART_FAILED_FRAMES, RestartTasks

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI

MOST_AT_ONCE = 5000
"""Frames that one question restarts."""


def restart_failed(api: RayvisionAPI, task_ids: Sequence[int]) -> list[int]:
    """What failed waits again: the tasks in which something had."""
    tasks = [one_task(api, task_id) for task_id in task_ids]
    api.connect.call(RESTART_FAILED_FRAMES, RestartTasks(task_ids=list(task_ids)))
    # A task whose analysis failed has no frames yet.
    return [task.id for task in tasks if task.failed_frames or task.task_status == TaskStatus.FAILED]


def restart_every(api: RayvisionAPI, task_ids: Sequence[int]) -> None:
    """Every frame waits again, whatever became of it."""
    for task_id in task_ids:
        api.connect.call(RESTART_FRAME, ChosenFrames(task_id=task_id, select_all=1))


def restart_some(api: RayvisionAPI, task_ids: Sequence[int], frames: str) -> None:
    """The units that hold these frames wait again.

    Raises:
        Problem: a task has none of them; then nothing of it, nor of those behind it, is restarted.
    """
    wanted = frozenset(parse_frames(frames))
    for task_id in task_ids:
        ids = [item.id for item in all_frames(api, task_id) if wanted & frames_of(item.frame_index)]
        if not ids:
            raise Problem(f"task {task_id} has none of the frames {frames}", Exit.NOT_FOUND)
        for begin in range(0, len(ids), MOST_AT_ONCE):
            some = ids[begin : begin + MOST_AT_ONCE]
            api.connect.call(RESTART_FRAME, ChosenFrames(task_id=task_id, select_all=0, ids=some))
