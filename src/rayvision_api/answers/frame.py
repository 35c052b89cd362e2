"""What the farm tells of frames: lists, counts, pictures and logs."""

from __future__ import annotations

from typing import TypedDict

from rayvision_api.answers.page import PageNumbers


class FrameItem(TypedDict):
    """A frame as lists show it.

    ``startTime`` and ``endTime`` are milliseconds since 1970, 0 for none; ``frameExecuteTime`` and
    ``currentRenderTime`` seconds. ``framePercent``, ``attempt``, ``nodeName``, ``layerName``,
    ``cameraName``, ``error`` and ``flags`` are ours; the last one says what is odd about the pictures of a
    frame that is done: ``black``, ``not a number``.

    ``frameStatus``: 1 waiting, 2 rendering, 3 stopped, 4 done, 5 failed, 6 to 10 waiting for other frames,
    11 timed out.
    """

    id: int
    taskId: int
    frameIndex: str
    frameStatus: int
    frameStatusText: str
    frameType: int
    startTime: int
    endTime: int
    frameExecuteTime: int
    currentRenderTime: int
    recommitFlag: int
    userId: int | None
    framePrice: float | None
    feeType: int | None
    platform: int | None
    frameBlock: str
    feeAmount: float
    couponFee: float
    arrearsFee: float
    munuJobId: str
    munuTaskId: str
    isCopy: int
    taskOverTime: int
    gopName: str
    frameRam: int | None
    averageCpu: float
    averageMemory: float
    isOverTime: int
    overOneMonth: int
    renderRam: int | None
    nodeId: str
    openRenderRam: int
    framePercent: float
    attempt: int
    nodeName: str
    layerName: str
    cameraName: str
    error: str
    flags: str


class FramePage(PageNumbers):
    """One page of frames; past the last page it is empty."""

    items: list[FrameItem]


class FrameTotals(TypedDict):
    """How many frames of all the caller's tasks stand where."""

    executingFramesTotal: int
    doneFramesTotal: int
    failedFramesTotal: int
    waitingFramesTotal: int
    abandonFramesTotal: int
    totalFrames: int


class ProgressTile(TypedDict):
    """One tile of a picture that renders; all text, as published.

    ``frameUsed`` and ``frameEst`` are seconds, ``framePercent`` 0 to 100, times
    ``yyyy-MM-dd HH:mm:ss`` UTC or empty; ``grabUrl`` is where its picture is, empty while there is none.
    """

    frameIndex: str
    frameStatus: str
    framePercent: str
    startTime: str
    endTime: str
    frameBlock: str | None
    frameUsed: str
    frameEst: str
    renderInfo: str
    grabUrl: str
    isMaxPrice: str
    feeAmount: str
    couponFee: str


class ProgressPicture(TypedDict):
    """How far a picture is: ``grabInfo`` holds rows of tiles, ``block`` is how many it has.

    ``endTime`` and ``completedTime`` say the same; the published pages name both.
    """

    width: int
    height: int
    block: int
    sceneName: str
    startTime: str
    endTime: str
    completedTime: str
    grabInfo: list[list[ProgressTile]]
    isRenderPhoton: bool
    currentTaskType: str


class RenderLog(TypedDict):
    """What renderer and worker wrote in one attempt; times in milliseconds since 1970, 0 for none."""

    frameId: int
    attempt: int
    nodeName: str
    startTime: int
    endTime: int
    log: str


class RenderLogPage(PageNumbers):
    """One attempt a page item, the last attempt first."""

    items: list[RenderLog]
