"""Handlers of the operations on accounts: what a client asks when it logs in."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.user import (
    GET_TRANSFER_BID,
    QUERY_USER_PROFILE,
    QUERY_USER_SETTING,
    UPDATE_USER_SETTING,
    TransferBid,
    UpdateUserSetting,
    UserProfile,
    UserSetting,
)


@handles(QUERY_USER_PROFILE)
def query_user_profile(farm: Farm, caller: User, ask: Nothing) -> UserProfile:  # noqa: ARG001 - asks nothing
    """Who the caller is. Every client asks this first, so it counts as its log-in."""
    farm.records.note_login(by=caller)
    return farm.accounts.profile(by=caller)


@handles(QUERY_USER_SETTING)
def query_user_setting(farm: Farm, caller: User, ask: Nothing) -> UserSetting:  # noqa: ARG001 - asks nothing
    """What holds for all tasks of the caller."""
    return farm.accounts.setting(by=caller)


@handles(GET_TRANSFER_BID)
def get_transfer_bid(farm: Farm, caller: User, ask: Nothing) -> TransferBid:  # noqa: ARG001 - asks nothing
    """Ids of the caller's storages."""
    return farm.accounts.transfer_bid(by=caller)


@handles(UPDATE_USER_SETTING)
def update_user_setting(farm: Farm, caller: User, ask: UpdateUserSetting) -> None:
    """What is given holds from now on; what is left out stays."""
    farm.accounts.change_setting(ask, by=caller)
