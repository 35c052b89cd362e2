"""The published names of the interface paths, taken from the operations.

Both path sets have names of their own; ``connect.url`` is the one that a ``Connect`` speaks.
"""

from __future__ import annotations

from enum import Enum

from renderbus_model.wire import (
    common,
    event,
    frame,
    hardware,
    label,
    plugin,
    record,
    transfer,
    transmitter,
    user,
)
from renderbus_model.wire import task as tasks


class _Path(str, Enum):
    """A path of the HTTP API; it prints as the path itself on every version of Python."""

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(self.value, format_spec)


class ApiUrl(_Path):
    """The first path set, which the published documentation describes.

    What only later packages name has its one path here too.

    >>> print(ApiUrl.stopTask)
    /api/render/task/stopTask
    """

    queryUserProfile = user.QUERY_USER_PROFILE.path
    queryUserSetting = user.QUERY_USER_SETTING.path
    getTransferBid = user.GET_TRANSFER_BID.path
    updateUserSetting = user.UPDATE_USER_SETTING.path
    createTask = tasks.CREATE_TASK.path
    submitTask = tasks.SUBMIT_TASK.path
    taskJsonFile = tasks.TASK_JSON_FILE.path
    stopTask = tasks.STOP_TASK.path
    startTask = tasks.START_TASK.path
    abortTask = tasks.ABORT_TASK.path
    deleteTask = tasks.DELETE_TASK.path
    fullSpeed = tasks.FULL_SPEED.path
    getTaskList = tasks.GET_TASK_LIST.path
    queryTaskInfo = tasks.QUERY_TASK_INFO.path
    restartFailedFrames = tasks.RESTART_FAILED_FRAMES.path
    updateTaskUserLevel = tasks.UPDATE_TASK_USER_LEVEL.path
    setOverTimeStop = tasks.SET_OVER_TIME_STOP.path
    updateTaskLimit = tasks.UPDATE_TASK_LIMIT.path
    editTaskHardwareConfig = tasks.EDIT_TASK_HARDWARE_CONFIG.path
    queryTaskFrames = frame.QUERY_TASK_FRAMES.path
    restartFrame = frame.RESTART_FRAME.path
    loadingFrameThumbnail = frame.FRAME_THUMBNAIL.path
    stopTaskFrames = frame.STOP_TASK_FRAMES.path
    queryAllFrameStats = frame.QUERY_ALL_FRAME_STATS.path
    loadTaskProcessImg = frame.LOAD_TASK_PROCESS_IMG.path
    showLog = frame.SHOW_LOG.path
    addLabel = label.ADD_LABEL.path
    getLabelList = label.GET_LABEL_LIST.path
    deleteLabel = label.DELETE_LABEL.path
    list = label.LIST_PROJECTS.path
    addTaskLabel = label.ADD_TASK_LABEL.path
    deleteTaskLabel = label.DELETE_TASK_LABEL.path
    operateUserLabel = label.OPERATE_USER_LABEL.path
    queryErrorDetail = common.QUERY_ERROR_DETAIL.path
    queryPlatforms = common.QUERY_PLATFORMS.path
    querySupportedSoftware = plugin.QUERY_SUPPORTED_SOFTWARE.path
    querySupportedPlugin = plugin.QUERY_SUPPORTED_PLUGIN.path
    addRenderEnv = plugin.ADD_RENDER_ENV.path
    updateRenderEnv = plugin.UPDATE_RENDER_ENV.path
    deleteRenderEnv = plugin.DELETE_RENDER_ENV.path
    setDefaultRenderEnv = plugin.SET_DEFAULT_RENDER_ENV.path
    getRenderEnv = plugin.GET_RENDER_ENV.path
    hardwareConfig = hardware.LIST_HARDWARE_CONFIG.path
    getPackNode = hardware.GET_PACK_NODE_INFO.path
    taskRecord = record.TASK_RECORD.path
    loginRecord = record.LOGIN_RECORD.path
    getTransferServerMsg = transmitter.GET_TRANSFER_SERVER_MSG.path
    getRaySyncUserKey = transmitter.GET_RAYSYNC_USER_KEY.path
    getTransferConfig = transmitter.GET_TRANSFER_CONFIG.path
    getOutputUserDirFile = transmitter.GET_OUTPUT_FILES.path
    # Ours: no published interface does this.
    explainTask = tasks.EXPLAIN_TASK.path
    explainFrames = frame.EXPLAIN_FRAMES.path
    openEvents = event.OPEN_EVENTS.path
    frameLog = frame.FRAME_LOG.path
    missingBlobs = transfer.MISSING_BLOBS.path
    missingPieces = transfer.MISSING_PIECES.path
    committed = transfer.COMMITTED.path
    commitFiles = transfer.COMMIT_FILES.path
    listOutputs = transfer.LIST_OUTPUTS.path


class LaterApiUrl(_Path):
    """The second path set, by the names of the packages that speak it.

    >>> print(LaterApiUrl.abandonTask)
    /api/render/handle/abandonTask
    """

    queryUserProfile = user.QUERY_USER_PROFILE.second
    queryUserSetting = user.QUERY_USER_SETTING.second
    getBid = user.GET_TRANSFER_BID.second
    updateUserSetting = user.UPDATE_USER_SETTING.second
    createTask = tasks.CREATE_TASK.second
    task = tasks.SUBMIT_TASK.second
    taskJsonFile = tasks.TASK_JSON_FILE.second
    stopTask = tasks.STOP_TASK.second
    startTask = tasks.START_TASK.second
    abandonTask = tasks.ABORT_TASK.second
    deleteTask = tasks.DELETE_TASK.second
    fullSpeedRendering = tasks.FULL_SPEED.second
    getTaskList = tasks.GET_TASK_LIST.second
    queryTaskInfo = tasks.QUERY_TASK_INFO.second
    recommitTasks = tasks.RESTART_FAILED_FRAMES.second
    updateTaskUserLevel = tasks.UPDATE_TASK_USER_LEVEL.path
    setTaskOverTimeStop = tasks.SET_OVER_TIME_STOP.second
    updateTaskLimit = tasks.UPDATE_TASK_LIMIT.path
    editTaskHardwareConfig = tasks.EDIT_TASK_HARDWARE_CONFIG.path
    queryTaskFrames = frame.QUERY_TASK_FRAMES.second
    recommitTaskFrames = frame.RESTART_FRAME.second
    loadingFrameThumbnail = frame.FRAME_THUMBNAIL.second
    stopTaskFrames = frame.STOP_TASK_FRAMES.path
    queryAllFrameStats = frame.QUERY_ALL_FRAME_STATS.second
    loadTaskProcessImg = frame.LOAD_TASK_PROCESS_IMG.second
    showLog = frame.SHOW_LOG.path
    add = label.ADD_LABEL.second
    getList = label.GET_LABEL_LIST.second
    delete = label.DELETE_LABEL.second
    list = label.LIST_PROJECTS.path
    addTaskLabel = label.ADD_TASK_LABEL.second
    deleteTaskLabel = label.DELETE_TASK_LABEL.second
    operateUserLabel = label.OPERATE_USER_LABEL.path
    queryAnalyseErrorDetail = common.QUERY_ERROR_DETAIL.second
    queryPlatforms = common.QUERY_PLATFORMS.path
    querySoftwareList = plugin.QUERY_SUPPORTED_SOFTWARE.second
    querySoftwareDetail = plugin.QUERY_SUPPORTED_PLUGIN.second
    addUserPluginConfig = plugin.ADD_RENDER_ENV.second
    editUserPluginConfig = plugin.UPDATE_RENDER_ENV.second
    deleteUserPluginConfig = plugin.DELETE_RENDER_ENV.second
    setDefaultUserPluginConfig = plugin.SET_DEFAULT_RENDER_ENV.second
    getUserPluginConfig = plugin.GET_RENDER_ENV.second
    hardwareConfig = hardware.LIST_HARDWARE_CONFIG.path
    getPackNode = hardware.GET_PACK_NODE_INFO.path
    taskRecord = record.TASK_RECORD.path
    loginRecord = record.LOGIN_RECORD.path
    getServerInfo = transmitter.GET_TRANSFER_SERVER_MSG.second
    getRaySyncUserKey = transmitter.GET_RAYSYNC_USER_KEY.second
    getConfig = transmitter.GET_TRANSFER_CONFIG.second
    getOutputUserDirFile = transmitter.GET_OUTPUT_FILES.path
    # Ours: no published interface does this.
    explainTask = tasks.EXPLAIN_TASK.path
    explainFrames = frame.EXPLAIN_FRAMES.path
    openEvents = event.OPEN_EVENTS.path
    frameLog = frame.FRAME_LOG.path
    missingBlobs = transfer.MISSING_BLOBS.path
    missingPieces = transfer.MISSING_PIECES.path
    committed = transfer.COMMITTED.path
    commitFiles = transfer.COMMIT_FILES.path
    listOutputs = transfer.LIST_OUTPUTS.path


URL = ApiUrl
"""The name that the published documentation uses."""


def assemble_api_url(domain: str, operators: str, protocol: str = "https") -> str:
    """The whole address of an interface: the parts, one behind the other.

    >>> assemble_api_url("farm.example:8080", ApiUrl.stopTask, protocol="http")
    'http://farm.example:8080/api/render/task/stopTask'
    """
    return f"{protocol}://{domain}{operators}"
