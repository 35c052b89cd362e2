"""Operations on the hardware that a farm offers."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire


class HardwareQuery(Wire, frozen=True, kw_only=True):
    """``clone_task`` is the text ``true`` or ``false``; ``task_ids`` marks what these tasks chose."""

    clone_task: str = "false"
    task_ids: list[int] | None = None


class NotSupportedVersion(Wire, frozen=True, kw_only=True):
    """A version that this hardware does not render."""

    cg_id: int
    cg_version_name: str


class HardwareConfig(Wire, frozen=True, kw_only=True):
    """A kind of node. ``type``: 1 CPU, 2 GPU; ``ram`` as ``64GB``; ``status``: 1 can be chosen.

    ``gpu_num`` is text or none; ``current`` marks what the asked tasks chose. Clients read every
    ``not_support_…`` member.
    """

    id: int
    type: int
    model: str
    ram: str
    platform: int
    gpu_num: str | None = None
    current: bool = False
    status: int = 1
    not_support_cg_id: tuple[int, ...] = ()
    not_support_code: tuple[str, ...] = ()
    not_support_cg_versions: tuple[NotSupportedVersion, ...] = ()
    not_support_plugin_list: tuple[str, ...] = ()


class PackNode(Wire, frozen=True, kw_only=True):
    """Nodes rented as a package."""

    pack_node_id: int
    pack_name: str


LIST_HARDWARE_CONFIG = Operation(
    "/api/render/hardwareConfig/list", ask=HardwareQuery, reply=list[HardwareConfig]
)
GET_PACK_NODE_INFO = Operation("/api/render/submit/getUserPackNodeInfo", ask=Nothing, reply=list[PackNode])
