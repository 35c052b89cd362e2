"""Handlers of the operations on frames."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles, is_quick_page
from renderbus_farm.api.task import tell
from renderbus_farm.rules.people import User
from renderbus_model.wire.frame import (
    EXPLAIN_FRAMES,
    FRAME_LOG,
    FRAME_THUMBNAIL,
    LOAD_TASK_PROCESS_IMG,
    QUERY_ALL_FRAME_STATS,
    QUERY_TASK_FRAMES,
    RESTART_FRAME,
    SHOW_LOG,
    STOP_TASK_FRAMES,
    ChosenFrames,
    FrameItem,
    FrameLog,
    FrameLogQuery,
    FrameQuery,
    FrameTotals,
    ProgressPicture,
    ProgressPictureQuery,
    RenderLog,
    RenderLogQuery,
    ThumbnailQuery,
    WaitingFrames,
    WhyQuery,
)
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.page import Page


@handles(QUERY_TASK_FRAMES, quick=is_quick_page)
def query_task_frames(farm: Farm, caller: User, ask: FrameQuery) -> Page[FrameItem]:
    """A task's frames; a page past the last is empty."""
    return farm.frames.page(ask, by=caller)


@handles(EXPLAIN_FRAMES)
def explain_frames(farm: Farm, caller: User, ask: WhyQuery) -> Page[WaitingFrames]:
    """Why frames of a task wait; a page past the last is empty."""
    return farm.frames.whys(ask, by=caller)


@handles(RESTART_FRAME)
def restart_frame(farm: Farm, caller: User, ask: ChosenFrames) -> None:
    """Chosen frames of one task wait again."""
    farm.frames.restart(ask, by=caller)
    tell("task restarted", caller, [ask.task_id])


@handles(STOP_TASK_FRAMES)
def stop_task_frames(farm: Farm, caller: User, ask: ChosenFrames) -> None:
    """Chosen frames of one task are stopped."""
    farm.frames.stop(ask, by=caller)
    tell("frames stopped", caller, [ask.task_id])


@handles(QUERY_ALL_FRAME_STATS)
def query_all_frame_stats(farm: Farm, caller: User, ask: Nothing) -> FrameTotals:  # noqa: ARG001 - asks nothing
    """Where the frames of all the caller's tasks stand."""
    return farm.lists.totals(by=caller)


@handles(LOAD_TASK_PROCESS_IMG)
def load_task_process_img(farm: Farm, caller: User, ask: ProgressPictureQuery) -> ProgressPicture:
    """How far a task's pictures are."""
    return farm.results.progress(ask, by=caller)


@handles(SHOW_LOG)
def show_log(farm: Farm, caller: User, ask: RenderLogQuery) -> Page[RenderLog]:
    """The logs of a frame's attempts."""
    return farm.results.logs(ask, by=caller)


@handles(FRAME_THUMBNAIL)
def loading_frame_thumbnail(farm: Farm, caller: User, ask: ThumbnailQuery) -> list[str]:
    """Signed URLs of the small pictures of a frame."""
    return farm.results.thumbnails(ask, by=caller)


@handles(FRAME_LOG)
def frame_log(farm: Farm, caller: User, ask: FrameLogQuery) -> FrameLog:
    """What the renderer wrote about a frame."""
    return farm.results.frame_log(ask, by=caller)
