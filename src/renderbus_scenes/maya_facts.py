"""From the statements of a Maya scene to what it holds; the same for both formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from renderbus_model.maya_scene import (
    STARTUP_CAMERAS,
    ColourManagement,
    MayaCamera,
    MayaScene,
    Plugin,
    ReferenceEdit,
    SceneScript,
    Units,
    Unresolved,
)
from renderbus_model.scene import Reference
from renderbus_scenes.maya_files import FILES
from renderbus_scenes.maya_layers import bare, read_layers, split_plug
from renderbus_scenes.maya_places import read_places
from renderbus_scenes.maya_settings import GLOBALS, RESOLUTION, render_settings, written_values
from renderbus_scenes.maya_values import Node, RawScene, as_flag, as_text, as_whole
from renderbus_scenes.maya_wanted import CAMERAS

FPS = {
    "game": 15.0,
    "film": 24.0,
    "pal": 25.0,
    "ntsc": 30.0,
    "show": 48.0,
    "palf": 50.0,
    "ntscf": 60.0,
    "sec": 1.0,
    "min": 1 / 60,
    "hour": 1 / 3600,
    "millisec": 1000.0,
}
"""Frames in a second, by the word for the unit of time."""

_FPS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:fps|df)?")
_PLAYBACK = re.compile(r"-(min|max|ast|aet)\s+(-?[0-9.]{1,20}(?:e-?[0-9]{1,3})?)")
_EVENTS = {
    1: "opening and closing the scene",
    4: "software rendering",
    5: "software rendering of a frame",
    7: "change of time",
}
"""When a script node runs, by its ``scriptType``. 0 is on demand, 2 and 3 are the user interface's, 6 is
Maya's own record of the time slider."""
_RENDER_SCRIPTS = {
    ("pram", "preMel"): "before rendering",
    ("poam", "postMel"): "after rendering",
    ("prlm", "preRenderLayerMel"): "before a layer",
    ("polm", "postRenderLayerMel"): "after a layer",
    ("prm", "preRenderMel"): "before a frame",
    ("pom", "postRenderMel"): "after a frame",
}
_TYPES_OF_PLUGINS = {
    "mtoa": re.compile(r"ai[A-Z].*"),
    "vrayformaya": re.compile(r"VRay.*"),
    "redshift4maya": re.compile(r"Redshift.*"),
    "Mayatomr": re.compile(r"mentalray.*|mia?_.*|mib_.*|mip_.*|misss_.*"),
    "RenderMan_for_Maya": re.compile(r"Pxr.*|rman.*"),
    "AbcImport": re.compile(r"AlembicNode"),
    "gpuCache": re.compile(r"gpuCache"),
    "xgenToolkit": re.compile(r"xgm.*"),
    "pgYetiMaya": re.compile(r"pgYeti.*"),
    "mayaUsdPlugin": re.compile(r"mayaUsd.*|pxrUsd.*"),
    "pxrUsd": re.compile(r"pxrUsd.*"),
}
"""Node types of plug-ins whose lines in older scenes list none."""


def maya_scene(raw: RawScene) -> MayaScene:
    """What these statements mean."""
    values = written_values(raw)
    cameras = tuple(_cameras(raw))
    layers = read_layers(raw, values, cameras)
    places = read_places(raw)
    return MayaScene(
        version=raw.version,
        container=raw.container,
        product=raw.file_info.get("product"),
        build=raw.file_info.get("cutIdentifier"),
        codeset=raw.codeset,
        units=_units(raw.units),
        settings=render_settings(values),
        render_setup=any(node.type == "renderSetup" for node in raw.nodes),
        playback=_playback(raw),
        cameras=cameras,
        layers=layers.alive,
        stale_layers=layers.stale,
        scenes=tuple(raw.scenes),
        edits=tuple(ReferenceEdit(*each) for each in raw.edits),
        references=places.references,
        empty_proxies=places.empty,
        plugins=tuple(_plugins(raw)),
        colour=_colour(raw),
        scripts=tuple(_scripts(raw)),
        unresolved=tuple(_unresolved(raw, places.references)),
        node_count=raw.node_count,
    )


def frames_per_second(unit: str) -> float | None:
    """Frames in a second of a unit of time, None for one that is not known.

    >>> frames_per_second("ntsc"), frames_per_second("23.976fps"), frames_per_second("fortnight")
    (30.0, 23.976, None)
    """
    if unit in FPS:
        return FPS[unit]
    found = _FPS.fullmatch(unit)
    return float(found[1]) if found and float(found[1]) else None


def _units(words: dict[str, str]) -> Units:
    time = words.get("t", "")
    return Units(words.get("l", ""), words.get("a", ""), time, frames_per_second(time))


def _cameras(raw: RawScene) -> Iterator[MayaCamera]:
    for node in raw.nodes:
        if node.type in CAMERAS:
            yield MayaCamera(
                node.name,
                as_flag(node.get("rnd", "renderable")) is not False,
                bool(as_flag(node.get("o", "orthographic"))),
                node.name in STARTUP_CAMERAS,
            )


def _playback(raw: RawScene) -> tuple[float, ...] | None:
    for node in raw.nodes:
        if node.type == "script" and node.name == "sceneConfigurationScriptNode":
            said = dict(_PLAYBACK.findall(as_text(node.get("b", "before")) or ""))
            if len(said) == len(_SLIDER):
                try:
                    return tuple(float(said[key]) for key in _SLIDER)
                except ValueError:
                    return None
    return None


_SLIDER = ("min", "max", "ast", "aet")


def _plugins(raw: RawScene) -> Iterator[Plugin]:
    for name, version, types in raw.plugins:
        if name == "maya":
            continue
        known = _TYPES_OF_PLUGINS.get(name.removesuffix(".py").removesuffix(".mll"))
        used: bool | None = None
        if types or known:
            used = not raw.types.isdisjoint(types) or bool(known and any(map(known.fullmatch, raw.types)))
        yield Plugin(name, version, types, used)


def _colour(raw: RawScene) -> ColourManagement:
    node = raw.defaults.get("defaultColorMgtGlobals")
    if node is None:
        return ColourManagement()
    return ColourManagement(
        as_flag(node.get("cme", "cmEnabled")),
        as_text(node.get("cfp", "configFilePath")),
        as_flag(node.get("cfe", "configFileEnabled")),
        as_text(node.get("wsn", "workingSpaceName")),
    )


def _scripts(raw: RawScene) -> Iterator[SceneScript]:
    for node in raw.nodes:
        if node.type != "script":
            continue
        event = _EVENTS.get(as_whole(node.get("st", "scriptType")) or 0)
        text = _script_text(node)
        if event and text:
            python = as_whole(node.get("stp", "sourceType")) == 1
            yield SceneScript(node.name, event, "python" if python else "mel", text)
    settings = raw.defaults.get(GLOBALS)
    for names, event in _RENDER_SCRIPTS.items():
        command = as_text(settings.get(*names)) if settings else None
        if command:
            yield SceneScript(GLOBALS, event, "mel", command)


def _script_text(node: Node) -> str:
    return as_text(node.get("b", "before")) or as_text(node.get("a", "after")) or ""


def _unresolved(raw: RawScene, references: tuple[Reference, ...]) -> Iterator[Unresolved]:
    """Connections into attributes that name files or choose a frame of them, and into render settings."""
    types = {each.node: each.node_type for each in references}
    for source, target in raw.connections:
        node, attribute = split_plug(target)
        if attribute in _driven(node, types.get(node, "")):
            yield Unresolved(node, attribute, bare(source))


_SETTINGS = frozenset({"ren", "fs", "startFrame", "ef", "endFrame", "bfs", "ifp", "imageFilePrefix"})
_FRAME = frozenset({"fe", "frameExtension"})


@lru_cache(maxsize=4096)
def _driven(node: str, kind: str) -> frozenset[str]:
    """Attributes of a node which somebody wants to know."""
    if node in (GLOBALS, RESOLUTION):
        return _SETTINGS
    names = frozenset(name for each in FILES.get(kind, ()) for name in each.names)
    return names | _FRAME if names else names
