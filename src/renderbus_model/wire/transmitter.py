"""Operations that published clients ask before they start their transmitter, and the list of result files."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire


class TransferServerQuery(Wire, frozen=True, kw_only=True):
    """``zone`` differs by the client's age; the answer does not depend on it."""

    zone: int = 2


class TransferAddress(Wire, frozen=True, kw_only=True):
    """Where the transmitter connects to."""

    server_ip: str
    server_port: int
    proxy_ip: str
    proxy_port: int
    ssl_port: int
    port: int


class TransferServer(Wire, frozen=True, kw_only=True):
    """The address, and the versions of client and protocol that the farm expects."""

    client_version: str
    protocol_version: str
    raysync_transfer: TransferAddress


class TransferUserKey(Wire, frozen=True, kw_only=True):
    """What the transmitter logs in with. ``ray_sync_user_key`` opens nothing but transfers of this account.

    ``login_time`` is milliseconds since 1970.
    """

    id: int
    user_name: str
    ray_sync_user_key: str
    user_key: str
    login_time: int
    platform: int = 2
    channel: int = 4
    zone: int = 2
    phone: str = ""
    email: str = ""
    info_status: int = 1
    account_type: int = 2
    share_main_capital: int = 0
    sub_delete_task: int = 0
    sub_delete_capital: int = 0
    use_main_balance: int = 0
    download_disable: int = 0
    signature: str = ""
    version: str = "1.0.0"


class EngineLine(Wire, frozen=True, kw_only=True):
    """One way to a transfer engine."""

    name: str
    server: str
    port: int
    is_default: int = 1
    line_id: int = 1
    type: int = 1


class EngineAccount(Wire, frozen=True, kw_only=True):
    """An account at a transfer engine."""

    bid: str
    name: str
    password: str


class TransferEngine(Wire, frozen=True, kw_only=True):
    """A way to move files; clients take ``aspera`` and its default line where nothing else is named."""

    engine_name: str
    check_server: str
    check_port: int
    resp_task_engine_lines: list[EngineLine]
    is_default: int = 1
    automatic_check: int = 0
    check_enable: int = 0
    check_exclud_type: str = ""
    resq_engine_accounts: list[EngineAccount] | None = None


class SubUserOutput(Wire, frozen=True, kw_only=True):
    """The output storage of a sub account."""

    user_id: int
    output_bid: str


class TransferConfig(Wire, frozen=True, kw_only=True):
    """Storages and engines."""

    input_bid: str
    output_bid: str
    config_bid: str
    resq_engines: list[TransferEngine]
    parent_input_bid: str | None = None
    sub_user_output_bids: tuple[SubUserOutput, ...] = ()


class OutputFolderQuery(Wire, frozen=True, kw_only=True):
    """A folder of the output storage; with ``task_id`` that task's folder, and ``tree_path`` is ``/``."""

    tree_path: str = "/"
    task_id: int | None = None


class OutputEntry(Wire, frozen=True, kw_only=True):
    """A file or folder of results; ``last_modify`` is ``yyyy-MM-dd HH:mm:ss`` UTC."""

    file_name: str
    file_path: str
    directory: bool
    last_modify: str
    file_size: int | None = None
    file_type: str = ""
    icon_path: str = ""
    is_arrears: int = 0


GET_TRANSFER_SERVER_MSG = Operation(
    "/api/render/task/getTransferServerMsg",
    ask=TransferServerQuery,
    reply=TransferServer,
    second="/api/render/transfer/getServerInfo",
)
GET_RAYSYNC_USER_KEY = Operation(
    "/api/render/user/getRaySyncUserKey",
    ask=Nothing,
    reply=TransferUserKey,
    second="/api/render/transfer/getRaySyncUserKey",
)
GET_TRANSFER_CONFIG = Operation(
    "/api/render/task/getTransferConfig",
    ask=Nothing,
    reply=TransferConfig,
    second="/api/render/transfer/getConfig",
)
GET_OUTPUT_FILES = Operation(
    "/api/render/file/operate/getOutputUserDirFile", ask=OutputFolderQuery, reply=list[OutputEntry]
)
