"""Operations on the frames of a task: lists, restarts, pictures and logs."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire
from renderbus_model.wire.page import Page


class FrameQuery(Wire, frozen=True, kw_only=True):
    """Pages count from 1; a page past the last is empty. The keyword is part of a frame index."""

    task_id: int
    page_num: int = 1
    page_size: int = 100
    search_keyword: str | None = None


class WhyQuery(Wire, frozen=True, kw_only=True):
    """Ours: pages of what waits in a task; with ``frame`` the units with that frame, whatever they do."""

    task_id: int
    page_num: int = 1
    page_size: int = 100
    frame: int | None = None


class WaitingFrames(Wire, frozen=True, kw_only=True):
    """Ours: units of a task that wait for the same.

    ``frames`` are their frames as ranges, cut off with … where they are very many; ``units`` counts them all.
    """

    task_id: int
    layer: str | None = None
    camera: str | None = None
    frame_type: int
    frame_status: int
    units: int
    frames: str
    reason: str


class ChosenFrames(Wire, frozen=True, kw_only=True):
    """``select_all`` 1 takes every frame, 0 those of ``ids``; ``status`` narrows to frame statuses."""

    task_id: int
    select_all: int = 0
    ids: list[int] | None = None
    status: list[int] | None = None


class FrameTotals(Wire, frozen=True, kw_only=True):
    """How many frames of all the caller's tasks stand where."""

    executing_frames_total: int
    done_frames_total: int
    failed_frames_total: int
    waiting_frames_total: int
    abandon_frames_total: int
    total_frames: int


class ProgressPictureQuery(Wire, frozen=True, kw_only=True):
    """``frame_type``: 2 photon frames, 5 pictures; both without it."""

    task_id: int
    frame_type: int | None = None


class ProgressTile(Wire, frozen=True, kw_only=True):
    """One tile of a picture that renders; all text, as published.

    ``frame_used`` and ``frame_est`` are seconds, ``frame_percent`` 0 to 100, times
    ``yyyy-MM-dd HH:mm:ss`` UTC or empty; ``grab_url`` is where its picture is, empty while there is none.
    """

    frame_index: str
    frame_status: str
    frame_percent: str = "0"
    start_time: str = ""
    end_time: str = ""
    frame_block: str | None = None
    frame_used: str = "0"
    frame_est: str = "0"
    render_info: str = ""
    grab_url: str = ""
    is_max_price: str = "0"
    fee_amount: str = "0"
    coupon_fee: str = "0"


class ProgressPicture(Wire, frozen=True, kw_only=True):
    """How far a picture is: ``grab_info`` holds rows of tiles, ``block`` is how many it has.

    ``end_time`` and ``completed_time`` say the same; the published pages name both.
    """

    width: int
    height: int
    block: int
    scene_name: str
    start_time: str
    end_time: str
    completed_time: str
    grab_info: list[list[ProgressTile]]
    is_render_photon: bool = False
    current_task_type: str = "Render"


class RenderLogQuery(Wire, frozen=True, kw_only=True):
    """Logs of a frame (``id``), one attempt a page item, the last attempt first."""

    id: int
    rendering_type: str = "render"
    page_num: int = 1
    page_size: int = 1


class RenderLog(Wire, frozen=True, kw_only=True):
    """What renderer and worker wrote in one attempt; times in milliseconds since 1970, 0 for none."""

    frame_id: int
    attempt: int
    node_name: str
    start_time: int
    end_time: int
    log: str


class ThumbnailQuery(Wire, frozen=True, kw_only=True):
    """``id`` of a frame."""

    id: int
    frame_status: int = 4


class FrameItem(Wire, frozen=True, kw_only=True):
    """A frame as lists show it.

    ``start_time`` and ``end_time`` are milliseconds since 1970, 0 for none; ``frame_execute_time`` and
    ``current_render_time`` seconds. ``frame_percent``, ``attempt``, ``node_name``, ``layer_name``,
    ``camera_name``, ``error`` and ``flags`` are ours; the last one says what is odd about the pictures of a
    frame that is done: ``black``, ``not a number``.
    """

    id: int
    task_id: int
    frame_index: str
    frame_status: int
    frame_status_text: str
    frame_type: int
    start_time: int = 0
    end_time: int = 0
    frame_execute_time: int = 0
    current_render_time: int = 0
    recommit_flag: int = 0
    user_id: int | None = None
    frame_price: float | None = None
    fee_type: int | None = None
    platform: int | None = None
    frame_block: str = ""
    fee_amount: float = 0.0
    coupon_fee: float = 0.0
    arrears_fee: float = 0.0
    munu_job_id: str = ""
    munu_task_id: str = ""
    is_copy: int = 0
    task_over_time: int = 0
    gop_name: str = ""
    frame_ram: int | None = None
    average_cpu: float = 0.0
    average_memory: float = 0.0
    is_over_time: int = 0
    over_one_month: int = 0
    render_ram: int | None = None
    node_id: str = ""
    open_render_ram: int = 0
    frame_percent: float = 0.0
    attempt: int = 0
    node_name: str = ""
    layer_name: str = ""
    camera_name: str = ""
    error: str = ""
    flags: str = ""


class FrameLogQuery(Wire, frozen=True, kw_only=True):
    """Ours: the renderer's words about a frame, of one attempt or (0) of the last one."""

    frame_id: int
    attempt: int = 0


class FrameLog(Wire, frozen=True, kw_only=True):
    """``text`` is what renderer and worker wrote; of an attempt that still renders, the end of it so far."""

    frame_id: int
    attempt: int
    attempts: int
    text: str


QUERY_TASK_FRAMES = Operation(
    "/api/render/task/queryTaskFrames",
    ask=FrameQuery,
    reply=Page[FrameItem],
    second="/api/render/handle/queryTaskFrames",
)
RESTART_FRAME = Operation(
    "/api/render/task/restartFrame",
    ask=ChosenFrames,
    reply=type(None),
    second="/api/render/handle/recommitTaskFrames",
    # The first path set calls the one task ``taskIds``.
    first_names={"taskId": "taskIds"},
)
FRAME_THUMBNAIL = Operation(
    "/api/render/task/loadingFrameThumbnail",
    ask=ThumbnailQuery,
    reply=list[str],
    second="/api/render/handle/loadingFrameThumbnail",
)
FRAME_LOG = Operation("/api/render/task/frameLog", ask=FrameLogQuery, reply=FrameLog)
STOP_TASK_FRAMES = Operation("/api/render/handle/stopTaskFrames", ask=ChosenFrames, reply=type(None))
QUERY_ALL_FRAME_STATS = Operation(
    "/api/render/task/queryAllFrameStats",
    ask=Nothing,
    reply=FrameTotals,
    second="/api/render/handle/queryAllFrameStats",
)
LOAD_TASK_PROCESS_IMG = Operation(
    "/api/render/task/loadTaskProcessImg",
    ask=ProgressPictureQuery,
    reply=ProgressPicture,
    second="/api/render/handle/loadTaskProcessImg",
)
EXPLAIN_FRAMES = Operation("/api/render/task/explainFrames", ask=WhyQuery, reply=Page[WaitingFrames])
SHOW_LOG = Operation("/api/render/handle/showLog", ask=RenderLogQuery, reply=Page[RenderLog])
