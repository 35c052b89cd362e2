"""What answers look like, as the published documentation and the published packages' sources have it.

Written without a look at the farm's own types, so that a slip there is seen. A shape is a type, a tuple of
shapes of which one must fit, ``[shape]`` for a list of such, or a dictionary of members that must be there.
"""

from __future__ import annotations

from typing import Any

Shape = Any

DECIMAL = (int, float)
MAYBE_DECIMAL = (int, float, None)
MAYBE_INT = (int, None)
MAYBE_TEXT = (str, None)


def misfits(value: Any, shape: Shape, where: str = "answer") -> list[str]:
    """Every place where ``value`` is not of ``shape``; members that the shape does not name may be there."""
    if isinstance(shape, tuple):
        return [] if any(not misfits(value, one) for one in shape) else [f"{where}: {value!r}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where}: not a list: {value!r}"]
        return [found for n, entry in enumerate(value) for found in misfits(entry, shape[0], f"{where}[{n}]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where}: not an object: {value!r}"]
        lacking = [f"{where}.{name}: missing" for name in shape if name not in value]
        there = [name for name in shape if name in value]
        return lacking + [
            found for name in there for found in misfits(value[name], shape[name], f"{where}.{name}")
        ]
    if shape is None:
        return [] if value is None else [f"{where}: not null: {value!r}"]
    # True is an int to Python, but not to JSON.
    fits = isinstance(value, shape) and isinstance(value, bool) == (shape is bool)
    return [] if fits else [f"{where}: not {shape.__name__}: {value!r}"]


def _members(kind: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), kind)


def page_of(item: Shape) -> Shape:
    """A page of a list."""
    return _members(int, "pageCount pageNum total size") | {"items": [item]}


PROFILE = (
    _members(
        int,
        "userId platform softType softStatus businessType status infoStatus accountType userType"
        " mainUserId level pictureLever zone shareMainCapital subDeleteTask useMainBalance hideBalance"
        " hideJobCharge useLevelDirectory downloadDisable displaySubaccount subaccountLimits"
        " houdiniFlag c4dFlag blenderFlag keyshotFlag",
    )
    | _members(
        str, "userName phone email company name job communicationNumber description country city address"
    )
    | _members(DECIMAL, "rmbbalance usdbalance rmbCumulative usdCumulative credit coupon cpuPrice gpuPrice")
)

SETTING = (
    _members(
        int,
        "shareMainCapital subDeleteTask useMainBalance separateAccountFlag mifileSwitchFlag"
        " assfileSwitchFlag manuallyStartAnalysisFlag downloadDisable taskOverTime taskOverTimeSec",
    )
    | _members(MAYBE_INT, "infoStatus accountType")
    | _members(str, "singleNodeRenderFrames maxIgnoreMapFlag autoCommit")
)

STORAGES = _members(str, "config_bid output_bid input_bid parent_input_bid")

PLATFORMS = [{"platform": int, "name": str}]

TASK_ITEM = (
    _members(
        int,
        "id taskStatus totalFrames abortFrames executingFrames doneFrames failedFrames userId cgId"
        " renderDuration taskLevel taskUserLevel taskLimit taskOverTime layerParentId isOpen"
        " cloneParentId cloneOriginalId shareMainCapital isDelete overTimeStop channel",
    )
    | _members(
        str,
        "sceneName taskAlias statusText framesRange projectName userName producer munuTaskId taskType"
        " renderCamera layerName bid remark labels locationOutput",
    )
    | _members(MAYBE_INT, "preTaskStatus submitDate startTime completedDate taskRam")
    | _members(MAYBE_TEXT, "preStatusText outputFileName taskTypeText")
    | _members(MAYBE_DECIMAL, "renderConsume taskArrears userAccountConsume couponConsume qyCouponConsume")
    | {
        "taskKeyValueVo": _members(MAYBE_TEXT, "tiles allCamera renderableCamera"),
        "respRenderingTaskList": (None, [dict]),
    }
)

FRAME_ITEM = (
    _members(
        int,
        "id taskId frameStatus frameType startTime endTime frameExecuteTime recommitFlag isCopy taskOverTime",
    )
    | _members(str, "frameIndex frameBlock frameStatusText munuJobId munuTaskId gopName")
    | _members(MAYBE_INT, "userId feeType platform frameRam")
    | _members(DECIMAL, "feeAmount couponFee arrearsFee")
    | {"framePrice": MAYBE_DECIMAL}
)

FRAME_TOTALS = _members(
    int,
    "executingFramesTotal doneFramesTotal failedFramesTotal waitingFramesTotal abandonFramesTotal"
    " totalFrames",
)

CODE_INFO = _members(int, "id type languageFlag isRepair isOpen updateTime isDelete") | _members(
    str, "code desDescriptionCn desSolutionCn solutionPath lastModifyAdmin"
)

CREATED = {"taskIdList": [int], "aliasTaskIdList": [str], "userId": int}

LABELS = {"projectNameList": [{"projectId": int, "projectName": str}]}

SOFTWARE = {
    "isAutoCommit": int,
    "defaultCgId": int,
    "renderInfoList": [
        _members(int, "cgId isNeedProjectPath isNeedAnalyse isSupportLinux")
        | _members(str, "cgName cgType iconPath")
    ],
}

_PLUGIN_VERSION = {"pluginId": int, "pluginName": str, "pluginVersion": str}

PLUGINS = {
    "cgPlugin": [{"cvId": int, "pluginName": str, "pluginVersions": [_PLUGIN_VERSION]}],
    "cgVersion": [{"id": int, "cgId": int, "cgName": str, "cgVersion": str}],
}

ENVIRONMENTS = [
    _members(int, "cgId osName renderLayerType isDefault isMainUserId")
    | _members(str, "editName cgName cgVersion projectPath")
    | {"respUserPluginInfoVos": [_PLUGIN_VERSION]}
]

TRANSFER_SERVER = {
    "clientVersion": str,
    "protocolVersion": str,
    "raysyncTransfer": _members(str, "serverIp proxyIp") | _members(int, "serverPort proxyPort sslPort port"),
}

TRANSFER_KEY = _members(str, "raySyncUserKey userName userKey phone email signature version") | _members(
    int,
    "platform channel id zone loginTime infoStatus accountType shareMainCapital subDeleteTask"
    " subDeleteCapital useMainBalance downloadDisable",
)

_LINE = _members(str, "name server") | _members(int, "port isDefault lineId type")

TRANSFER_CONFIG = {
    **_members(str, "inputBid outputBid configBid"),
    "parentInputBid": MAYBE_TEXT,
    "resqEngines": [
        {
            "engineName": str,
            "respTaskEngineLines": [_LINE],
            "resqEngineAccounts": (None, [_members(str, "bid name password")]),
            **_members(int, "isDefault automaticCheck"),
            **_members((int, str, None), "checkServer checkPort checkEnable checkExcludType"),
        }
    ],
    "subUserOutputBids": [{"userId": int, "outputBid": str}],
}

_TILE = _members(
    str,
    "startTime endTime frameStatus isMaxPrice feeAmount couponFee frameIndex framePercent"
    " frameUsed frameEst renderInfo grabUrl",
) | {"frameBlock": MAYBE_TEXT}

PROGRESS = (
    _members(int, "width height block")
    | _members(str, "currentTaskType sceneName startTime endTime completedTime")
    | {"isRenderPhoton": bool, "grabInfo": [[_TILE]]}
)

HARDWARE = [
    _members(int, "id type platform status")
    | _members(str, "model ram")
    | {"gpuNum": MAYBE_TEXT, "current": bool}
    | {
        "notSupportCgId": [(int, str)],
        "notSupportCode": [str],
        "notSupportCgVersions": [{"cgId": int, "cgVersionName": str}],
        "notSupportPluginList": [str],
    }
]

OUTPUT_FILES = [
    _members(str, "fileName iconPath lastModify fileType filePath")
    | {"fileSize": MAYBE_INT, "directory": bool, "isArrears": int}
]

TASK_RECORDS = page_of({**_members(str, "userName taskType buttonName taskIds details"), "createTime": int})
LOGIN_RECORDS = page_of(
    {**_members(str, "userName userUa traceId loginStaDesc"), **_members(int, "id userId loginTime")}
)
PACK_NODES = [{"packNodeId": int, "packName": str}]
