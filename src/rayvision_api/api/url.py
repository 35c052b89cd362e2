"""The published names of the interface paths, taken from the operations."""

from __future__ import annotations

from enum import Enum

from renderbus_model.wire import common, frame, label, task, transfer, user


class ApiUrl(str, Enum):
    """A path of the HTTP API; it prints as the path itself on every version of Python."""

    queryUserProfile = user.QUERY_USER_PROFILE.path
    queryUserSetting = user.QUERY_USER_SETTING.path
    getTransferBid = user.GET_TRANSFER_BID.path
    createTask = task.CREATE_TASK.path
    submitTask = task.SUBMIT_TASK.path
    taskJsonFile = task.TASK_JSON_FILE.path
    stopTask = task.STOP_TASK.path
    startTask = task.START_TASK.path
    abortTask = task.ABORT_TASK.path
    deleteTask = task.DELETE_TASK.path
    fullSpeed = task.FULL_SPEED.path
    getTaskList = task.GET_TASK_LIST.path
    queryTaskInfo = task.QUERY_TASK_INFO.path
    queryTaskFrames = frame.QUERY_TASK_FRAMES.path
    restartFailedFrames = task.RESTART_FAILED_FRAMES.path
    restartFrame = frame.RESTART_FRAME.path
    loadingFrameThumbnail = frame.FRAME_THUMBNAIL.path
    queryErrorDetail = common.QUERY_ERROR_DETAIL.path
    addLabel = label.ADD_LABEL.path
    getLabelList = label.GET_LABEL_LIST.path
    # Ours: no published interface does this.
    frameLog = frame.FRAME_LOG.path
    explainTask = task.EXPLAIN_TASK.path
    missingBlobs = transfer.MISSING_BLOBS.path
    commitFiles = transfer.COMMIT_FILES.path
    listOutputs = transfer.LIST_OUTPUTS.path

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(self.value, format_spec)


URL = ApiUrl
"""The name that the published documentation uses."""


def assemble_api_url(domain: str, operators: str, protocol: str = "https") -> str:
    """The whole address of an interface: the parts, one behind the other."""
    return f"{protocol}://{domain}{operators}"
