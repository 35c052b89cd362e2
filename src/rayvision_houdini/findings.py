"""Findings about a Houdini scene as tips: code and text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rayvision_houdini.constants import MOST_SLICES, PLUGINS, SLICE_TYPES
from rayvision_houdini.scene_document import missing_cameras
from rayvision_utils.exception import tips_code
from rayvision_utils.scene_files import SceneFiles
from renderbus_model.houdini_scene import HoudiniScene, License, Purpose

FILES_MISSING = "50001"
CAMERAS_MISSING = "50002"
SLICE_TYPE_UNSUPPORTED = "50007"
TOO_MANY_SLICES = "50008"
"""Published codes of the Houdini package."""

SHOWN = 80  # characters of a script

Finding = tuple[str, str]


def scene_findings(scene: HoudiniScene, chosen: str) -> Iterator[Finding]:
    """About version and licence, and whether anything renders."""
    if chosen and scene.version and chosen != scene.version:
        text = f"the scene was saved by Houdini {scene.version}, chosen is {chosen}"
        yield tips_code.VERSION_DIFFERS, text
    if scene.license is not License.COMMERCIAL:
        why = "it renders only where Houdini has a licence of that class"
        yield tips_code.LIMITED_LICENSE, f"the scene was saved with a {scene.license.value} licence: {why}"
    useful = (driver.purpose.writes_pictures or driver.purpose.writes_caches for driver in scene.drivers)
    if not any(useful):
        yield tips_code.NOTHING_RENDERS, "the scene has no ROP and no simulation that could be rendered"


def camera_findings(scene: HoudiniScene) -> Iterator[Finding]:
    """About cameras that ROPs name."""
    for camera, nodes in missing_cameras(scene).items():
        who = ", ".join(nodes)
        if camera:
            yield CAMERAS_MISSING, f"{who}: there is no camera {camera}"
        else:
            yield CAMERAS_MISSING, f"{who}: names no camera"


def plugin_findings(scene: HoudiniScene, chosen: Iterable[str]) -> Iterator[Finding]:
    """About renderers that come with a plug-in which was not chosen."""
    named = [name.lower() for name in chosen]
    used = [driver.type for driver in scene.drivers if not driver.bypassed]
    for type_ in dict.fromkeys(used):
        plugins = PLUGINS.get(type_.partition("::")[0], ())
        if plugins and not any(plugin in name for plugin in plugins for name in named):
            yield (
                tips_code.PLUGIN_NOT_CHOSEN,
                f"{type_} comes with {plugins[0]}, which is not in plugin_config",
            )


def driver_findings(scene: HoudiniScene) -> Iterator[Finding]:
    """About types of drivers, and how simulations are cut."""
    unknown: dict[str, list[str]] = {}
    for driver in scene.drivers:
        if driver.purpose is Purpose.UNKNOWN:
            unknown.setdefault(driver.type, []).append(driver.node)
        if driver.slices and driver.slices.kind not in SLICE_TYPES:
            text = f"{driver.node}: slices of type {driver.slices.kind!r} are not known"
            yield SLICE_TYPE_UNSUPPORTED, text
        if driver.slices and driver.slices.count > MOST_SLICES:
            text = f"{driver.node}: {driver.slices.count} slices, where {MOST_SLICES} are the most"
            yield TOO_MANY_SLICES, text
    for type_, nodes in unknown.items():
        yield tips_code.DRIVER_UNKNOWN, f"{', '.join(nodes)}: the type {type_} is not known; left out"


def value_findings(scene: HoudiniScene, files: SceneFiles) -> Iterator[Finding]:
    """About scripts, values that only Houdini knows, and how many files are missing."""
    for script in scene.scripts:
        where = f"{script.node}: {script.attribute}" if script.node else script.attribute
        yield tips_code.SCRIPT_WOULD_RUN, f"{where} runs {script.text[:SHOWN]!r}"
    for each in dict.fromkeys(scene.unresolved):
        where = f"{each.node}: {each.attribute}"
        yield tips_code.VALUE_UNRESOLVED, f"{where} is worked out by Houdini ({each.expression!r})"
    if files.missing:
        count = len(files.missing)
        yield FILES_MISSING, f"{count} file{'s' if count > 1 else ''} of the scene missing"
