"""What the farm tells of an account: who it is, its settings, labels and records."""

from __future__ import annotations

from typing import TypedDict

from rayvision_api.answers.page import PageNumbers


class UserProfile(TypedDict):
    """Who the caller is. Balances and prices are decimal numbers in the account's currency.

    Members of the published profile that a farm of ours has no use for keep their neutral values, since
    clients read some of them.
    """

    userId: int
    userName: str
    platform: int
    phone: str
    email: str
    company: str
    name: str
    job: str
    communicationNumber: str
    softType: int
    softStatus: int
    businessType: int
    status: int
    infoStatus: int
    accountType: int
    userType: int
    mainUserId: int
    level: int
    pictureLever: int
    zone: int
    rmbbalance: float
    usdbalance: float
    rmbCumulative: float
    usdCumulative: float
    credit: float
    coupon: float
    description: str
    country: str
    city: str
    address: str
    cpuPrice: float
    gpuPrice: float
    shareMainCapital: int
    subDeleteTask: int
    useMainBalance: int
    hideBalance: int
    hideJobCharge: int
    useLevelDirectory: int
    downloadDisable: int
    displaySubaccount: int
    subaccountLimits: int
    houdiniFlag: int
    c4dFlag: int
    blenderFlag: int
    keyshotFlag: int
    studentEndTime: int | None


class UserSetting(TypedDict):
    """What holds for all tasks of the caller.

    ``taskOverTime`` is in hours, ``taskOverTimeSec`` in seconds. ``autoCommit``: 1 submitted tasks wait for a
    start, 2 they render at once.
    """

    infoStatus: int | None
    accountType: int | None
    shareMainCapital: int
    subDeleteTask: int
    useMainBalance: int
    singleNodeRenderFrames: str
    maxIgnoreMapFlag: str
    autoCommit: str
    separateAccountFlag: int
    mifileSwitchFlag: int
    assfileSwitchFlag: int
    manuallyStartAnalysisFlag: int
    downloadDisable: int
    taskOverTime: int
    taskOverTimeSec: int


class TransferBid(TypedDict):
    """Ids of the caller's three storages; these members are published in snake case."""

    config_bid: str
    output_bid: str
    input_bid: str
    parent_input_bid: str


class Label(TypedDict):
    """A label; its id is the ``project_id`` of task.json."""

    projectId: int
    projectName: str


class Labels(TypedDict):
    """All labels of the caller."""

    projectNameList: list[Label]


class TaskRecord(TypedDict):
    """A command on tasks. ``taskIds`` is a JSON list as text; ``createTime`` milliseconds since 1970."""

    id: int
    userId: int
    userName: str
    buttonName: str
    taskIds: str
    createTime: int
    channel: int
    taskType: str
    details: str
    operateSource: str


class TaskRecordPage(PageNumbers):
    """Commands on tasks, newest first."""

    items: list[TaskRecord]


class LoginRecord(TypedDict):
    """A log-in, which is a question for the caller's profile. ``loginTime`` milliseconds since 1970.

    ``loginStatus`` is 1; a request whose signature is refused is nobody's log-in. ``userUa`` is the client.
    """

    id: int
    userId: int
    userName: str
    userUa: str
    loginTime: int
    traceId: str
    loginType: int
    loginStatus: int
    loginStaDesc: str


class LoginRecordPage(PageNumbers):
    """Log-ins, newest first."""

    items: list[LoginRecord]
