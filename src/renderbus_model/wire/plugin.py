"""Operations on software, plug-ins, and the render environments that users put together of them."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire


class Software(Wire, frozen=True, kw_only=True):
    """An application that a farm knows. ``cg_type`` lists suffixes: ``ma;mb``; flags are 0 or 1."""

    cg_id: int
    cg_name: str
    cg_type: str
    icon_path: str = ""
    is_need_project_path: int = 0
    is_need_analyse: int = 1
    is_support_linux: int = 1


class SoftwareList(Wire, frozen=True, kw_only=True):
    """``is_auto_commit`` repeats the caller's setting: 1 tasks wait for a start, 2 they render at once."""

    is_auto_commit: int
    default_cg_id: int
    render_info_list: list[Software]


class PluginQuery(Wire, frozen=True, kw_only=True):
    """``os_name``: ``windows``, ``linux`` or ``default``; older clients do not say."""

    cg_id: int
    os_name: str | None = None


class PluginVersion(Wire, frozen=True, kw_only=True):
    """``plugin_version`` is name and version: ``zblur 2.02.019``."""

    plugin_id: int
    plugin_name: str
    plugin_version: str


class Plugin(Wire, frozen=True, kw_only=True):
    """A plug-in for the version of the application whose id is ``cv_id``."""

    cv_id: int
    plugin_name: str
    plugin_versions: list[PluginVersion]


class SoftwareVersion(Wire, frozen=True, kw_only=True):
    """A version of an application, written as users write it: ``2018``, ``17.5.293``."""

    id: int
    cg_id: int
    cg_name: str
    cg_version: str


class SoftwareDetail(Wire, frozen=True, kw_only=True):
    """What there is of one application."""

    cg_plugin: list[Plugin]
    cg_version: list[SoftwareVersion]


class RenderEnv(Wire, frozen=True, kw_only=True):
    """An application with plug-ins under the name ``edit_name``; ``render_system``: 0 Linux, 1 Windows.

    ``render_layer_type`` is Maya's: 0 render layer, 1 render setup. ``plugin_ids`` as the detail lists them.
    ``project_path`` is the artist's own and only kept; the newest client may send it.
    """

    cg_id: int
    cg_name: str
    cg_version: str
    edit_name: str
    render_layer_type: int = 0
    render_system: int = 0
    plugin_ids: tuple[int, ...] = ()
    project_path: str = ""


class RenderEnvName(Wire, frozen=True, kw_only=True):
    """The name of a render environment of the caller."""

    edit_name: str


class RenderEnvQuery(Wire, frozen=True, kw_only=True):
    """Environments of one application or of several, of all without; ``os_name`` 0 Linux, 1 Windows."""

    cg_id: int | None = None
    cg_ids: list[int] | None = None
    os_name: int | None = None


class RenderEnvItem(Wire, frozen=True, kw_only=True):
    """A render environment as it is kept."""

    cg_id: int
    edit_name: str
    cg_name: str
    cg_version: str
    os_name: int
    render_layer_type: int
    is_default: int
    resp_user_plugin_info_vos: list[PluginVersion]
    project_path: str = ""
    is_main_user_id: int = 1


QUERY_SUPPORTED_SOFTWARE = Operation(
    "/api/render/common/querySupportedSoftware",
    ask=Nothing,
    reply=SoftwareList,
    second="/api/render/plugin/querySoftwareList",
)
QUERY_SUPPORTED_PLUGIN = Operation(
    "/api/render/common/querySupportedPlugin",
    ask=PluginQuery,
    reply=SoftwareDetail,
    second="/api/render/plugin/querySoftwareDetail",
)
ADD_RENDER_ENV = Operation(
    "/api/render/common/addRenderEnv",
    ask=RenderEnv,
    reply=RenderEnvName,
    second="/api/render/plugin/addUserPluginConfig",
)
UPDATE_RENDER_ENV = Operation(
    "/api/render/common/updateRenderEnv",
    ask=RenderEnv,
    reply=type(None),
    second="/api/render/plugin/editUserPluginConfig",
)
DELETE_RENDER_ENV = Operation(
    "/api/render/common/deleteRenderEnv",
    ask=RenderEnvName,
    reply=type(None),
    second="/api/render/plugin/deleteUserPluginConfig",
)
SET_DEFAULT_RENDER_ENV = Operation(
    "/api/render/common/setDefaultRenderEnv",
    ask=RenderEnvName,
    reply=type(None),
    second="/api/render/plugin/setDefaultUserPluginConfig",
)
GET_RENDER_ENV = Operation(
    "/api/render/common/getRenderEnv",
    ask=RenderEnvQuery,
    reply=list[RenderEnvItem],
    second="/api/render/plugin/getUserPluginConfig",
)
