"""Operations on accounts and their settings: what a client reads when it logs in."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire


class UserProfile(Wire, frozen=True, kw_only=True):
    """Who the caller is. Balances and prices are decimal numbers in the account's currency.

    Members of the published profile that a farm of ours has no use for keep their neutral values, since
    clients read some of them.
    """

    user_id: int
    user_name: str
    platform: int = 2
    phone: str = ""
    email: str = ""
    company: str = ""
    name: str = ""
    job: str = ""
    communication_number: str = ""
    soft_type: int = 2007
    soft_status: int = 1
    business_type: int = 1
    status: int = 1
    info_status: int = 1
    account_type: int = 2
    user_type: int = 1
    main_user_id: int = 0
    level: int = 1
    picture_lever: int = 0
    zone: int = 2
    rmbbalance: float = 0.0
    usdbalance: float = 0.0
    rmb_cumulative: float = 0.0
    usd_cumulative: float = 0.0
    credit: float = 0.0
    coupon: float = 0.0
    description: str = ""
    country: str = ""
    city: str = ""
    address: str = ""
    cpu_price: float = 0.0
    gpu_price: float = 0.0
    share_main_capital: int = 0
    sub_delete_task: int = 0
    use_main_balance: int = 0
    hide_balance: int = 0
    hide_job_charge: int = 0
    use_level_directory: int = 0
    download_disable: int = 0
    display_subaccount: int = 1
    subaccount_limits: int = 5
    houdini_flag: int = 0
    c4d_flag: int = 0
    blender_flag: int = 1
    keyshot_flag: int = 0
    student_end_time: int | None = None


class UserSetting(Wire, frozen=True, kw_only=True):
    """What holds for all tasks of the caller; ``task_over_time`` is in hours, ``…_sec`` in seconds."""

    info_status: int | None = None
    account_type: int | None = None
    share_main_capital: int = 0
    sub_delete_task: int = 0
    use_main_balance: int = 0
    single_node_render_frames: str = "1"
    max_ignore_map_flag: str = "1"
    auto_commit: str = "2"
    separate_account_flag: int = 0
    mifile_switch_flag: int = 0
    assfile_switch_flag: int = 0
    manually_start_analysis_flag: int = 0
    download_disable: int = 0
    task_over_time: int = 12
    task_over_time_sec: int = 43200


class UpdateUserSetting(Wire, frozen=True, kw_only=True):
    """What is given is changed. Only ``task_over_time_sec`` is published; the others are ours.

    ``auto_commit``: 1 submitted tasks wait for a start, 2 they render at once. ``single_node_render_frames``:
    frames that one node renders in one go. The others are 0 or 1, as ``UserSetting`` and ``UserProfile``
    show them.
    """

    task_over_time_sec: int | None = None
    auto_commit: str | None = None
    single_node_render_frames: str | None = None
    max_ignore_map_flag: str | None = None
    manually_start_analysis_flag: int | None = None
    download_disable: int | None = None
    use_level_directory: int | None = None
    sub_delete_task: int | None = None


class TransferBid(Wire, frozen=True, kw_only=True, rename=None):
    """Ids of the caller's three storages; these members are published in snake case."""

    config_bid: str
    output_bid: str
    input_bid: str
    parent_input_bid: str = ""


QUERY_USER_PROFILE = Operation(
    "/api/render/user/queryUserProfile",
    ask=Nothing,
    reply=UserProfile,
    second="/api/render/setUp/queryUserProfile",
)
QUERY_USER_SETTING = Operation(
    "/api/render/user/queryUserSetting",
    ask=Nothing,
    reply=UserSetting,
    second="/api/render/setUp/queryUserSetting",
)
GET_TRANSFER_BID = Operation(
    "/api/render/task/getTransferBid",
    ask=Nothing,
    reply=TransferBid,
    second="/api/render/transfer/getBid",
)
UPDATE_USER_SETTING = Operation(
    "/api/render/user/updateUserSetting",
    ask=UpdateUserSetting,
    reply=type(None),
    second="/api/render/setUp/updateUserSetting",
)
