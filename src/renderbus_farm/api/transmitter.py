"""Handlers of what published clients ask before they start their transmitter."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules import transmitters
from renderbus_farm.rules.people import User
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.transmitter import (
    GET_RAYSYNC_USER_KEY,
    GET_TRANSFER_CONFIG,
    GET_TRANSFER_SERVER_MSG,
    TransferConfig,
    TransferServer,
    TransferServerQuery,
    TransferUserKey,
)


@handles(GET_TRANSFER_SERVER_MSG)
def get_transfer_server_msg(farm: Farm, caller: User, ask: TransferServerQuery) -> TransferServer:  # noqa: ARG001 - the same for every zone
    """The farm's own address."""
    return transmitters.server(*transmitters.address(farm.public_names, caller.visit.host))


@handles(GET_RAYSYNC_USER_KEY)
def get_raysync_user_key(farm: Farm, caller: User, ask: Nothing) -> TransferUserKey:  # noqa: ARG001 - asks nothing
    """A key of the account that opens nothing else."""
    return farm.accounts.transfer_key(by=caller)


@handles(GET_TRANSFER_CONFIG)
def get_transfer_config(farm: Farm, caller: User, ask: Nothing) -> TransferConfig:  # noqa: ARG001 - asks nothing
    """Storages, and the farm itself as the one engine."""
    return transmitters.config(*transmitters.address(farm.public_names, caller.visit.host))
