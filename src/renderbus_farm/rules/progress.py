"""How far a task's pictures are, as the progress picture shows it: rows of tiles, everything as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from renderbus_farm.rules.items import FrameRecord, TaskRecord
from renderbus_model.statuses import TASK_ENDED, FrameStatus, TaskStatus
from renderbus_model.wire.frame import ProgressPicture, ProgressTile

MOST_PICTURES = 12
"""Pictures that are shown at once; more than fit on a screen help nobody."""

PHOTONS, PICTURES = 2, 5


def progress_picture(
    task: TaskRecord,
    frames: Sequence[FrameRecord],
    size: tuple[int, int],
    urls: Mapping[int, str],
    now: float,
) -> ProgressPicture:
    """The frames that render and those done last, one row each: a picture is one tile.

    Args:
        size: width and height in pixels, 0 where the scene decides.
        urls: where the small picture of a frame is, by its id.
    """
    ended_at = task.ended_at if TaskStatus(task.status) in TASK_ENDED else None
    camera = task.cameras.partition(",")[0]
    return ProgressPicture(
        width=size[0],
        height=size[1],
        block=1,
        scene_name=f"{task.scene_file}-{camera}" if camera else task.scene_file,
        start_time=time_text(task.started_at),
        end_time=time_text(ended_at),
        completed_time=time_text(ended_at),
        grab_info=[[_tile(frame, urls.get(frame.id, ""), now)] for frame in frames],
    )


def _tile(frame: FrameRecord, url: str, now: float) -> ProgressTile:
    renders = frame.status == FrameStatus.RENDERING
    used_s = max(0.0, now - (frame.started_at or now)) if renders else frame.seconds
    return ProgressTile(
        frame_index=frame.index,
        frame_block=str(frame.tile) if frame.tile else None,
        frame_status=str(frame.status),
        frame_percent=f"{frame.percent:.0f}",
        start_time=time_text(frame.started_at),
        end_time=time_text(frame.ended_at),
        frame_used=f"{used_s:.0f}",
        frame_est=f"{left_s(used_s, frame.percent):.0f}",
        render_info=f"{frame.percent:.0f} % on {frame.node}" if renders else frame.error,
        grab_url=url,
    )


def left_s(used_s: float, percent: float) -> float:
    """Seconds that a picture still takes if it goes on as it went; 0 while nothing can be said.

    >>> left_s(30.0, 25.0), left_s(30.0, 0.0), left_s(30.0, 100.0)
    (90.0, 0.0, 0.0)
    """
    return used_s * (100.0 - percent) / percent if percent > 0 else 0.0


def time_text(seconds: float | None) -> str:
    """A moment as ``yyyy-MM-dd HH:mm:ss`` UTC; empty for none.

    >>> time_text(86400.0), time_text(None)
    ('1970-01-02 00:00:00', '')
    """
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
