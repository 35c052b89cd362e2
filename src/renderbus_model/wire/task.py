"""Operations on tasks and their frames."""

from __future__ import annotations

from renderbus_model.wire.operation import Operation, Wire
from renderbus_model.wire.page import Page

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
    """``asset_isolation_model``: ``TASK_ID_MODEL``, ``OUT_USER_MODEL`` (needs ``out_user_id``) or none.

    ``producer`` is the artist's name as lists show it.
    """

    task_id: int
    asset_isolation_model: str | None = None
    out_user_id: str | None = None
    producer: str | None = None


class TaskDocument(Wire, frozen=True, kw_only=True):
    """One of the four documents as text; the same as an upload to ``/{task id}/cfg/{file name}``."""

    task_id: int
    file_name: str
    content: str


class TaskIds(Wire, frozen=True, kw_only=True):
    """The tasks to act on."""

    task_ids: list[int]


class TaskListQuery(Wire, frozen=True, kw_only=True):
    """Pages count from 1. Times as ``yyyy-MM-dd HH:mm:ss`` UTC; the keyword is in a scene name or an id.

    ``recycle_flag`` 1 lists deleted tasks.
    """

    page_num: int = 1
    page_size: int = 100
    status_list: list[int] | None = None
    search_keyword: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    recycle_flag: int = 0


class TaskLevel(Wire, frozen=True, kw_only=True):
    """``task_user_level``: 0 to 100, higher first; the published levels are 50 and 60."""

    task_id: int
    task_user_level: int


class TaskTimeLimit(Wire, frozen=True, kw_only=True):
    """``over_time``: seconds that the whole task may render; 0 is without a limit."""

    task_ids: list[int]
    over_time: int


class TaskNodeLimit(Wire, frozen=True, kw_only=True):
    """``task_limit``: most nodes that render the task at once; 0 is without a limit."""

    task_id: int
    task_limit: int


class TaskHardware(Wire, frozen=True, kw_only=True):
    """The hardware that tasks shall render on; names as the hardware list shows them."""

    task_ids: list[int]
    hardware_config_ids: list[int] | None = None
    model: str | None = None
    gpu_num: str | None = None
    ram: str | None = None


class RestartTasks(Wire, frozen=True, kw_only=True):
    """Frames of these tasks wait again: those of ``status``, or the failed ones when it is not given."""

    task_ids: list[int]
    status: list[int] | None = None


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
    second="/api/render/submit/createTask",
    repeatable=False,
)
SUBMIT_TASK = Operation(
    "/api/render/task/submitTask",
    ask=SubmitTask,
    reply=type(None),
    second="/api/render/submit/task",
)
TASK_JSON_FILE = Operation(
    "/api/render/task/taskJsonFile",
    ask=TaskDocument,
    reply=type(None),
    second="/api/render/submit/taskJsonFile",
)
STOP_TASK = Operation(
    "/api/render/task/stopTask",
    ask=TaskIds,
    reply=type(None),
    second="/api/rendering/task/renderingTask/stopTask",
    also=("/api/render/handle/stopTask",),
)
START_TASK = Operation(
    "/api/render/task/startTask",
    ask=TaskIds,
    reply=type(None),
    second="/api/rendering/task/renderingTask/startTask",
    also=("/api/render/handle/startTask",),
)
ABORT_TASK = Operation(
    "/api/render/task/abortTask",
    ask=TaskIds,
    reply=type(None),
    second="/api/render/handle/abandonTask",
)
DELETE_TASK = Operation(
    "/api/render/task/deleteTask",
    ask=TaskIds,
    reply=type(None),
    second="/api/render/handle/deleteTask",
)
FULL_SPEED = Operation(
    "/api/render/task/fullSpeed",
    ask=TaskIds,
    reply=str,
    second="/api/render/handle/fullSpeedRendering",
)
GET_TASK_LIST = Operation(
    "/api/render/task/getTaskList",
    ask=TaskListQuery,
    reply=Page[TaskItem],
    second="/api/render/handle/getTaskList",
    also=("/api/render/handle/getTaskList/v2",),
)
QUERY_TASK_INFO = Operation(
    "/api/render/task/queryTaskInfo",
    ask=TaskIds,
    reply=Page[TaskItem],
    second="/api/render/handle/queryTaskInfo",
    also=("/api/render/handle/queryTaskInfo/v2",),
)
RESTART_FAILED_FRAMES = Operation(
    "/api/render/task/restartFailedFrames",
    ask=RestartTasks,
    reply=type(None),
    second="/api/render/handle/recommitTasks",
)
EXPLAIN_TASK = Operation("/api/render/task/explainTask", ask=TaskId, reply=Explanation)
UPDATE_TASK_USER_LEVEL = Operation(
    "/api/rendering/task/renderingTask/updateTaskUserLevel", ask=TaskLevel, reply=type(None)
)
SET_OVER_TIME_STOP = Operation(
    "/api/render/task/setOverTimeStop",
    ask=TaskTimeLimit,
    reply=str,
    second="/api/render/handle/setTaskOverTimeStop",
)
UPDATE_TASK_LIMIT = Operation("/api/render/handle/updateTaskLimit", ask=TaskNodeLimit, reply=type(None))
EDIT_TASK_HARDWARE_CONFIG = Operation(
    "/api/render/handle/editTaskHardwareConfig", ask=TaskHardware, reply=type(None)
)
