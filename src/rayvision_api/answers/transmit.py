"""What the farm tells of moving files."""

from __future__ import annotations

from typing import TypedDict


class TransferAddress(TypedDict):
    """Where the transmitter connects to."""

    serverIp: str
    serverPort: int
    proxyIp: str
    proxyPort: int
    sslPort: int
    port: int


class TransferServer(TypedDict):
    """The address, and the versions of client and protocol that the farm expects."""

    clientVersion: str
    protocolVersion: str
    raysyncTransfer: TransferAddress


class TransferUserKey(TypedDict):
    """What the transmitter logs in with. ``raySyncUserKey`` opens nothing but transfers of this account.

    ``loginTime`` is milliseconds since 1970.
    """

    id: int
    userName: str
    raySyncUserKey: str
    userKey: str
    loginTime: int
    platform: int
    channel: int
    zone: int
    phone: str
    email: str
    infoStatus: int
    accountType: int
    shareMainCapital: int
    subDeleteTask: int
    subDeleteCapital: int
    useMainBalance: int
    downloadDisable: int
    signature: str
    version: str


class EngineLine(TypedDict):
    """One way to a transfer engine."""

    name: str
    server: str
    port: int
    isDefault: int
    lineId: int
    type: int


class EngineAccount(TypedDict):
    """An account at a transfer engine."""

    bid: str
    name: str
    password: str


class TransferEngine(TypedDict):
    """A way to move files; clients take ``aspera`` and its default line where nothing else is named."""

    engineName: str
    checkServer: str
    checkPort: int
    respTaskEngineLines: list[EngineLine]
    isDefault: int
    automaticCheck: int
    checkEnable: int
    checkExcludType: str
    resqEngineAccounts: list[EngineAccount] | None


class SubUserOutput(TypedDict):
    """The output storage of a sub account."""

    userId: int
    outputBid: str


class TransferConfig(TypedDict):
    """Storages and engines."""

    inputBid: str
    outputBid: str
    configBid: str
    resqEngines: list[TransferEngine]
    parentInputBid: str | None
    subUserOutputBids: list[SubUserOutput]


class OutputEntry(TypedDict):
    """A file or folder of results; ``lastModify`` is ``yyyy-MM-dd HH:mm:ss`` UTC."""

    fileName: str
    filePath: str
    directory: bool
    lastModify: str
    fileSize: int | None
    fileType: str
    iconPath: str
    isArrears: int
