"""Handlers of the operations on the hardware that the farm offers."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.hardware import (
    GET_PACK_NODE_INFO,
    LIST_HARDWARE_CONFIG,
    HardwareConfig,
    HardwareQuery,
    PackNode,
)
from renderbus_model.wire.operation import Nothing


@handles(LIST_HARDWARE_CONFIG)
def list_hardware_config(farm: Farm, caller: User, ask: HardwareQuery) -> list[HardwareConfig]:
    """The kinds of nodes that the farm has or had, with what the asked tasks chose."""
    return farm.offers.hardware(ask, by=caller)


@handles(GET_PACK_NODE_INFO)
def get_pack_node_info(farm: Farm, caller: User, ask: Nothing) -> list[PackNode]:  # noqa: ARG001 - asks nothing
    """Nodes that the caller has rented: a farm of ours rents none out."""
    return []
