"""What the farm tells of tasks."""

from __future__ import annotations

from typing import TypedDict

from rayvision_api.answers.page import PageNumbers


class CreatedTasks(TypedDict):
    """Ids for tasks that are not submitted yet; an alias is platform, letter and id."""

    taskIdList: list[int]
    aliasTaskIdList: list[str]
    userId: int


class TaskCameras(TypedDict):
    """``taskKeyValueVo``: tiles and cameras as texts."""

    tiles: str | None
    allCamera: str | None
    renderableCamera: str | None


class TaskItem(TypedDict):
    """A task as lists show it.

    Times are milliseconds since 1970, ``renderDuration`` seconds summed over frames, money decimal.
    ``isDelete`` is 0 for a deleted task and 1 for any other.

    ``taskStatus``: 0 waiting, 5 rendering, 8 preprocessing, 10 stopped, 20 stopped for arrears, 23 stopped
    by its time limit, 25 done, 30 done with failed frames, 35 given up, 40 test frames done, 45 failed.
    With ``isOpen`` 1 the item is a shell, and its parts are in ``respRenderingTaskList``.
    """

    id: int
    sceneName: str
    taskAlias: str
    taskStatus: int
    statusText: str
    totalFrames: int
    abortFrames: int
    executingFrames: int
    doneFrames: int
    failedFrames: int
    framesRange: str
    userName: str
    userId: int
    cgId: int
    submitDate: int | None
    startTime: int | None
    completedDate: int | None
    renderDuration: int
    outputFileName: str | None
    projectName: str
    preTaskStatus: int | None
    preStatusText: str | None
    renderConsume: float | None
    taskArrears: float
    producer: str
    taskLevel: int
    taskUserLevel: int
    taskLimit: int
    taskOverTime: int
    munuTaskId: str
    munuTaskIds: str
    layerParentId: int
    taskKeyValueVo: TaskCameras
    userAccountConsume: float | None
    couponConsume: float | None
    qyCouponConsume: float | None
    isOpen: int
    taskType: str
    renderCamera: str
    cloneParentId: int
    cloneOriginalId: int
    shareMainCapital: int
    taskRam: int | None
    respRenderingTaskList: list[TaskItem] | None
    layerName: str
    taskTypeText: str | None
    isDelete: int
    overTimeStop: int
    locationOutput: str
    channel: int
    remark: str
    labels: str
    isOverTime: int
    waitingCount: int
    stopType: int
    bid: str


class TaskPage(PageNumbers):
    """One page of tasks."""

    items: list[TaskItem]
