"""Operations on tasks and their frames."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from renderbus_model.wire.operation import Operation, Wire

Item = TypeVar("Item")

DOCUMENT_NAMES = ("task.json", "upload.json", "asset.json", "tips.json")
"""The four files that describe a task; each is kept as ``/{task id}/cfg/{name}``."""


class CreateTask(Wire, frozen=True, kw_only=True):
    """``task_user_level`` is 50 or 60; ``labels`` are names."""

    count: int = 1
    task_user_level: int = 50
    out_user_id: int | None = None
    labels: list[str] | None = None
    clone_original_id: int | None = None
    artist: str | None = None


class CreatedTasks(Wire, frozen=True, kw_only=True):
    """Ids for tasks that are not submitted yet; an alias is platform, letter and id."""

    task_id_list: list[int]
    alias_task_id_list: list[str]
    user_id: int


class SubmitTask(Wire, frozen=True, kw_only=True):
    """``asset_isolation_model``: ``TASK_ID_MODEL``, ``OUT_USER_MODEL`` (needs ``out_user_id``) or none."""

    task_id: int
    asset_isolation_model: str | None = None
    out_user_id: str | None = None


class TaskDocument(Wire, frozen=True, kw_only=True):
    """One of the four documents as text; the same as an upload to ``/{task id}/cfg/{file name}``."""

    task_id: int
    file_name: str
    content: str


class TaskIds(Wire, frozen=True, kw_only=True):
    """The tasks to act on."""

    task_ids: list[int]


class TaskListQuery(Wire, frozen=True, kw_only=True):
    """Pages count from 1. Times as ``yyyy-MM-dd HH:mm:ss`` UTC; the keyword is in a scene name or an id."""

    page_num: int = 1
    page_size: int = 100
    status_list: list[int] | None = None
    search_keyword: str | None = None
    start_time: str | None = None
    end_time: str | None = None


class FrameQuery(Wire, frozen=True, kw_only=True):
    """Pages count from 1; a page past the last is empty. The keyword is part of a frame index."""

    task_id: int
    page_num: int = 1
    page_size: int = 100
    search_keyword: str | None = None


class RestartFrames(Wire, frozen=True, kw_only=True):
    """``select_all`` 1 takes every frame, 0 those of ``ids``; ``status`` narrows to frame statuses."""

    task_id: int
    select_all: int = 0
    ids: list[int] | None = None
    status: list[int] | None = None


class RestartTasks(Wire, frozen=True, kw_only=True):
    """Frames of these tasks wait again: those of ``status``, or the failed ones when it is not given."""

    task_ids: list[int]
    status: list[int] | None = None


class ThumbnailQuery(Wire, frozen=True, kw_only=True):
    """``id`` of a frame."""

    id: int
    frame_status: int = 4


class TaskCameras(Wire, frozen=True, kw_only=True):
    """``taskKeyValueVo``: tiles and cameras as texts."""

    tiles: str | None = None
    all_camera: str | None = None
    renderable_camera: str | None = None


class TaskItem(Wire, frozen=True, kw_only=True):
    """A task as lists show it.

    Times are milliseconds since 1970, ``render_duration`` seconds summed over frames, money decimal.
    ``is_delete`` is 0 for a deleted task and 1 for any other.
    """

    id: int
    scene_name: str
    task_alias: str
    task_status: int
    status_text: str
    total_frames: int
    abort_frames: int
    executing_frames: int
    done_frames: int
    failed_frames: int
    frames_range: str
    user_name: str
    user_id: int
    cg_id: int
    submit_date: int | None = None
    start_time: int | None = None
    completed_date: int | None = None
    render_duration: int = 0
    output_file_name: str | None = None
    project_name: str = ""
    pre_task_status: int | None = None
    pre_status_text: str | None = None
    render_consume: float | None = 0.0
    task_arrears: float = 0.0
    producer: str = ""
    task_level: int = 50
    task_user_level: int = 50
    task_limit: int = 0
    task_over_time: int = 43200
    munu_task_id: str = ""
    munu_task_ids: str = ""
    layer_parent_id: int = 0
    task_key_value_vo: TaskCameras = TaskCameras()
    user_account_consume: float | None = 0.0
    coupon_consume: float | None = 0.0
    qy_coupon_consume: float | None = 0.0
    is_open: int = 0
    task_type: str = "Render"
    render_camera: str = ""
    clone_parent_id: int = 0
    clone_original_id: int = 0
    share_main_capital: int = 0
    task_ram: int | None = None
    resp_rendering_task_list: list[TaskItem] | None = None
    layer_name: str = ""
    task_type_text: str | None = "render_major_picture_task"
    is_delete: int = 1
    over_time_stop: int = 0
    location_output: str = ""
    channel: int = 4
    remark: str = ""
    labels: str = "{}"
    is_over_time: int = 0
    waiting_count: int = 0
    stop_type: int = 0
    bid: str = ""


class FrameItem(Wire, frozen=True, kw_only=True):
    """A frame as lists show it.

    ``start_time`` and ``end_time`` are milliseconds since 1970, 0 for none; ``frame_execute_time`` and
    ``current_render_time`` seconds. ``frame_percent``, ``attempt``, ``node_name``, ``layer_name``,
    ``camera_name`` and ``error`` are ours.
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


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """One page of a list; ``size`` is the asked page size, ``total`` counts all items."""

    page_count: int
    page_num: int
    total: int
    size: int
    items: list[Item]


class FrameLogQuery(Wire, frozen=True, kw_only=True):
    """Ours: the renderer's words about a frame, of one attempt or (0) of the last one."""

    frame_id: int
    attempt: int = 0


class FrameLog(Wire, frozen=True, kw_only=True):
    """``text`` is what renderer and worker wrote; empty while the attempt still renders."""

    frame_id: int
    attempt: int
    attempts: int
    text: str


class TaskId(Wire, frozen=True, kw_only=True):
    """One task."""

    task_id: int


class Explanation(Wire, frozen=True, kw_only=True):
    """Ours: why a task does not render now, one sentence a reason.

    ``possible`` is false when no node of the farm, busy or free, could ever render it.
    """

    possible: bool
    reasons: list[str]


CREATE_TASK = Operation(
    "/api/render/task/createTask",
    ask=CreateTask,
    reply=CreatedTasks,
    also=("/api/render/submit/createTask",),
    repeatable=False,
)
SUBMIT_TASK = Operation(
    "/api/render/task/submitTask",
    ask=SubmitTask,
    reply=type(None),
    also=("/api/render/submit/task",),
)
TASK_JSON_FILE = Operation(
    "/api/render/task/taskJsonFile",
    ask=TaskDocument,
    reply=type(None),
    also=("/api/render/submit/taskJsonFile",),
)
STOP_TASK = Operation(
    "/api/render/task/stopTask",
    ask=TaskIds,
    reply=type(None),
    also=("/api/rendering/task/renderingTask/stopTask", "/api/render/handle/stopTask"),
)
START_TASK = Operation(
    "/api/render/task/startTask",
    ask=TaskIds,
    reply=type(None),
    also=("/api/rendering/task/renderingTask/startTask", "/api/render/handle/startTask"),
)
ABORT_TASK = Operation(
    "/api/render/task/abortTask",
    ask=TaskIds,
    reply=type(None),
    also=("/api/render/handle/abandonTask",),
)
DELETE_TASK = Operation(
    "/api/render/task/deleteTask",
    ask=TaskIds,
    reply=type(None),
    also=("/api/render/handle/deleteTask",),
)
FULL_SPEED = Operation(
    "/api/render/task/fullSpeed",
    ask=TaskIds,
    reply=str,
    also=("/api/render/handle/fullSpeedRendering",),
)
GET_TASK_LIST = Operation(
    "/api/render/task/getTaskList",
    ask=TaskListQuery,
    reply=Page[TaskItem],
    also=("/api/render/handle/getTaskList", "/api/render/handle/getTaskList/v2"),
)
QUERY_TASK_INFO = Operation(
    "/api/render/task/queryTaskInfo",
    ask=TaskIds,
    reply=Page[TaskItem],
    also=("/api/render/handle/queryTaskInfo", "/api/render/handle/queryTaskInfo/v2"),
)
QUERY_TASK_FRAMES = Operation(
    "/api/render/task/queryTaskFrames",
    ask=FrameQuery,
    reply=Page[FrameItem],
    also=("/api/render/handle/queryTaskFrames",),
)
RESTART_FAILED_FRAMES = Operation(
    "/api/render/task/restartFailedFrames",
    ask=RestartTasks,
    reply=type(None),
    also=("/api/render/handle/recommitTasks",),
)
RESTART_FRAME = Operation(
    "/api/render/task/restartFrame",
    ask=RestartFrames,
    reply=type(None),
    also=("/api/render/handle/recommitTaskFrames",),
    # The first path set calls the one task ``taskIds``.
    renamed={"taskId": "taskIds"},
)
FRAME_THUMBNAIL = Operation(
    "/api/render/task/loadingFrameThumbnail",
    ask=ThumbnailQuery,
    reply=list[str],
    also=("/api/render/handle/loadingFrameThumbnail",),
)
FRAME_LOG = Operation("/api/render/task/frameLog", ask=FrameLogQuery, reply=FrameLog)
EXPLAIN_TASK = Operation("/api/render/task/explainTask", ask=TaskId, reply=Explanation)
