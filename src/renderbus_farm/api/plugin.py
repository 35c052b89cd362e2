"""Handlers of the operations on software, plug-ins and render environments."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.plugin import (
    ADD_RENDER_ENV,
    DELETE_RENDER_ENV,
    GET_RENDER_ENV,
    QUERY_SUPPORTED_PLUGIN,
    QUERY_SUPPORTED_SOFTWARE,
    SET_DEFAULT_RENDER_ENV,
    UPDATE_RENDER_ENV,
    PluginQuery,
    RenderEnv,
    RenderEnvItem,
    RenderEnvName,
    RenderEnvQuery,
    SoftwareDetail,
    SoftwareList,
)


@handles(QUERY_SUPPORTED_SOFTWARE)
def query_supported_software(farm: Farm, caller: User, ask: Nothing) -> SoftwareList:  # noqa: ARG001 - asks nothing
    """Every application that the farm knows."""
    return farm.offers.software(by=caller)


@handles(QUERY_SUPPORTED_PLUGIN)
def query_supported_plugin(farm: Farm, caller: User, ask: PluginQuery) -> SoftwareDetail:  # noqa: ARG001 - the same for everybody
    """Versions and plug-ins of one application; they are the same on each operating system."""
    return farm.offers.detail(ask.cg_id)


@handles(ADD_RENDER_ENV)
def add_render_env(farm: Farm, caller: User, ask: RenderEnv) -> RenderEnvName:
    """Adding the same environment twice is harmless."""
    return farm.environments.add(ask, by=caller)


@handles(UPDATE_RENDER_ENV)
def update_render_env(farm: Farm, caller: User, ask: RenderEnv) -> None:
    """The environment of that name is like this from now on."""
    farm.environments.update(ask, by=caller)


@handles(DELETE_RENDER_ENV)
def delete_render_env(farm: Farm, caller: User, ask: RenderEnvName) -> None:
    """An environment that is gone already is no error."""
    farm.environments.remove(ask.edit_name, by=caller)


@handles(SET_DEFAULT_RENDER_ENV)
def set_default_render_env(farm: Farm, caller: User, ask: RenderEnvName) -> None:
    """The environment is the default of its application."""
    farm.environments.set_default(ask.edit_name, by=caller)


@handles(GET_RENDER_ENV)
def get_render_env(farm: Farm, caller: User, ask: RenderEnvQuery) -> list[RenderEnvItem]:
    """The caller's environments of the asked applications."""
    return farm.environments.every(ask, by=caller)
