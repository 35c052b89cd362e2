"""Cells of the tables about tasks and frames: statuses, times and counts as people read them."""

from __future__ import annotations

from datetime import datetime, timezone

from renderbus_cli.show import duration, frame_words, task_words
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.frame import FrameItem
from renderbus_model.wire.task import TaskItem


def frame_status(frame: FrameItem) -> str:
    """Where a frame stands; ``lined up`` where its node renders another one first."""
    lined_up = frame.frame_status == FrameStatus.RENDERING and not frame.start_time
    return "lined up" if lined_up else frame_words(frame.frame_status)


def frame_time(frame: FrameItem) -> str:
    """How long a frame took, or renders so far."""
    is_done = frame.frame_status == FrameStatus.DONE
    return spent(frame.frame_execute_time or frame.current_render_time, something_was_done=is_done)


def task_time(task: TaskItem) -> str:
    """What the frames of a task took together."""
    return spent(task.render_duration, something_was_done=task.done_frames > 0)


def spent(seconds: float, *, something_was_done: bool) -> str:
    """Whole seconds travel: of what was done in less, 0 does.

    >>> spent(4, something_was_done=True), spent(0, something_was_done=True)
    ('4.0 s', '< 1 s')
    """
    if seconds:
        return duration(seconds)
    return "< 1 s" if something_was_done else ""


def part_words(part: TaskItem) -> str:
    """A part of a shell in one line."""
    what = " ".join(name for name in (part.layer_name, part.render_camera) if name)
    counts = f"{part.done_frames} of {part.total_frames} done"
    failed = f", {part.failed_frames} failed" if part.failed_frames else ""
    return f"{part.id} {what}: {task_words(part.task_status)}, {counts}{failed}"


def when(milliseconds: int | None) -> str:
    """A time of the wire in this machine's own time."""
    if not milliseconds:
        return ""
    return (
        datetime.fromtimestamp(milliseconds / 1000, timezone.utc).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    )
