"""Handlers of the operations on frames."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.api.task import tell
from renderbus_farm.rules.people import User
from renderbus_model.wire.frame import (
    FRAME_LOG,
    FRAME_THUMBNAIL,
    QUERY_TASK_FRAMES,
    RESTART_FRAME,
    ChosenFrames,
    FrameItem,
    FrameLog,
    FrameLogQuery,
    FrameQuery,
    ThumbnailQuery,
)
from renderbus_model.wire.page import Page


@handles(QUERY_TASK_FRAMES)
def query_task_frames(farm: Farm, caller: User, ask: FrameQuery) -> Page[FrameItem]:
    """A task's frames; a page past the last is empty."""
    return farm.frames.page(ask, by=caller)


@handles(RESTART_FRAME)
def restart_frame(farm: Farm, caller: User, ask: ChosenFrames) -> None:
    """Chosen frames of one task wait again."""
    farm.frames.restart(ask, by=caller)
    tell("task restarted", caller, [ask.task_id])


@handles(FRAME_THUMBNAIL)
def loading_frame_thumbnail(farm: Farm, caller: User, ask: ThumbnailQuery) -> list[str]:
    """Signed URLs of the small pictures of a frame."""
    return farm.results.thumbnails(ask, by=caller)


@handles(FRAME_LOG)
def frame_log(farm: Farm, caller: User, ask: FrameLogQuery) -> FrameLog:
    """What the renderer wrote about a frame."""
    return farm.results.frame_log(ask, by=caller)
