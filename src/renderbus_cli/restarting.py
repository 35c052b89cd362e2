"""Frames of tasks are rendered again: which units that means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from renderbus_cli.asking import all_frames
from renderbus_cli.problems import Exit, Problem
from renderbus_model.frames import BadFrameRange, parse_frames
from renderbus_model.wire.frame import RESTART_FRAME, ChosenFrames, FrameItem
from renderbus_model.wire.task import RESTART_FAILED_FRAMES, RestartTasks

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI

MOST_AT_ONCE = 5000
"""Frames that one question restarts."""

_TILE = re.compile(r"(?P<frame>-?[0-9]+)-[0-9]+")


def restart_failed(api: RayvisionAPI, task_ids: Sequence[int]) -> None:
    """What failed waits again."""
    api.connect.call(RESTART_FAILED_FRAMES, RestartTasks(task_ids=list(task_ids)))


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
        ids = [item.id for item in all_frames(api, task_id) if wanted & frames_of(item)]
        if not ids:
            raise Problem(f"task {task_id} has none of the frames {frames}", Exit.NOT_FOUND)
        for begin in range(0, len(ids), MOST_AT_ONCE):
            some = ids[begin : begin + MOST_AT_ONCE]
            api.connect.call(RESTART_FRAME, ChosenFrames(task_id=task_id, select_all=0, ids=some))


def frames_of(item: FrameItem) -> frozenset[int]:
    """The frames of a unit: of ``7``, of the chunk ``2-4[1]``, or of the second tile of frame 7, ``7-2``."""
    if tile := _TILE.fullmatch(item.frame_index):
        return frozenset({int(tile["frame"])})
    try:
        return frozenset(parse_frames(item.frame_index))
    except BadFrameRange:
        return frozenset()  # of a kind that this program does not know
