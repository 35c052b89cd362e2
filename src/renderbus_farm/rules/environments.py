"""Render environments: what may be put together, and how it is listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from renderbus_farm.rules.checks import LONGEST_NAME
from renderbus_farm.rules.offers import PluginRecord, VersionRecord, plugin_version, title
from renderbus_farm.rules.refusals import BadValue, MissingValue, named
from renderbus_model.paths import LONGEST_PATH_BYTES
from renderbus_model.wire.plugin import RenderEnv, RenderEnvItem, RenderEnvQuery

MOST_PLUGINS = 200

MOST_APPLICATIONS = 1000
"""A question about more is a mistake: there are fewer applications."""

_CHOSEN = ("cg_id", "cg_version", "render_layer_type", "render_system", "project_path", "plugin_ids")
"""What two environments of one name may differ in."""

_LINUX, _WINDOWS = 0, 1  # renderSystem
_LAYER_TYPES = (0, 1)  # Maya's render layer and render setup


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """A render environment as it is kept, with the ids of its plug-ins in ascending order."""

    id: int
    edit_name: str
    cg_id: int
    cg_name: str
    cg_version: str
    render_layer_type: int
    render_system: int
    is_default: bool
    project_path: str
    plugin_ids: tuple[int, ...]

    def same_as(self, wanted: RenderEnv) -> bool:
        """It is what is wanted already."""
        return all(getattr(self, name) == getattr(wanted, name) for name in _CHOSEN)


def checked_environment(ask: RenderEnv, versions: Iterable[VersionRecord]) -> RenderEnv:
    """What is asked for, with the space around its texts gone and each plug-in once.

    Args:
        versions: those of the application that the farm lists.

    Raises:
        MissingValue: it has no name.
        BadValue: a value makes no sense, or the farm lists no such version.
    """
    name, version = ask.edit_name.strip(), ask.cg_version.strip()
    if not name:
        raise MissingValue("member editName: missing; give the render environment a name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadValue(f"editName {name[:40]!r}: expected at most {LONGEST_NAME} printable characters")
    path = ask.project_path.strip()
    if len(path.encode()) > LONGEST_PATH_BYTES or not path.isprintable():
        raise BadValue(f"projectPath {path[:40]!r}: expected at most {LONGEST_PATH_BYTES} printable bytes")
    if ask.render_system not in (_LINUX, _WINDOWS):
        raise BadValue(f"renderSystem {ask.render_system}: expected 0 for Linux or 1 for Windows")
    if ask.render_layer_type not in _LAYER_TYPES:
        raise BadValue(f"renderLayerType {ask.render_layer_type}: expected 0 for render layer, 1 for setup")
    known = [each.version for each in versions]
    if not known:
        raise BadValue(f"cgId {ask.cg_id}: no such application; querySupportedSoftware lists them")
    if version not in known:
        raise BadValue(
            f"cgVersion {version[:40]!r}: no such version of {title(ask.cg_id)}; known are {', '.join(known)}"
        )
    plugin_ids = tuple(sorted(set(ask.plugin_ids)))
    if len(plugin_ids) > MOST_PLUGINS:
        raise BadValue(f"pluginIds: {len(plugin_ids)} plug-ins; expected at most {MOST_PLUGINS}")
    return msgspec.structs.replace(
        ask,
        edit_name=name,
        cg_version=version,
        cg_name=title(ask.cg_id),
        project_path=path,
        plugin_ids=plugin_ids,
    )


def checked_plugins(wanted: RenderEnv, plugins: Iterable[PluginRecord]) -> None:
    """All of its plug-ins are for its version of the application.

    Raises:
        BadValue: some are not; it names them, and those that are.
    """
    for_version = list(plugins)
    unknown = sorted(set(wanted.plugin_ids) - {each.id for each in for_version})
    if unknown:
        listed = ", ".join(f"{each.id} ({each.name} {each.version})" for each in for_version) or "none"
        raise BadValue(
            f"pluginIds {named(unknown)}: no such plug-in for {wanted.cg_name} {wanted.cg_version}; "
            f"known are {listed}"
        )


def asked_applications(ask: RenderEnvQuery) -> list[int] | None:
    """The applications whose environments are asked for; None for all of them.

    An empty list is not covered by the signature, so it means nothing.

    Raises:
        BadValue: there are not so many applications.
    """
    if ask.cg_id is not None:
        return [ask.cg_id]
    if ask.cg_ids and len(ask.cg_ids) > MOST_APPLICATIONS:
        raise BadValue(f"cgIds: {len(ask.cg_ids)} applications; expected at most {MOST_APPLICATIONS}")
    return ask.cg_ids or None


def environment_item(kept: EnvironmentRecord, plugins: Sequence[PluginRecord]) -> RenderEnvItem:
    """A render environment as it is listed."""
    return RenderEnvItem(
        cg_id=kept.cg_id,
        edit_name=kept.edit_name,
        cg_name=kept.cg_name,
        cg_version=kept.cg_version,
        os_name=kept.render_system,
        render_layer_type=kept.render_layer_type,
        is_default=int(kept.is_default),
        project_path=kept.project_path,
        resp_user_plugin_info_vos=[plugin_version(each) for each in plugins],
    )
