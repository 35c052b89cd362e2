"""Findings about a Maya scene as tips: code and text. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from rayvision_maya.constants import OF_MAYA, PLUGINS_OF_RENDERERS
from rayvision_maya.found import MayaFiles
from rayvision_utils.exception import tips_code
from renderbus_model.maya_scene import MayaCamera, MayaScene

_VERSION = re.compile(r"[0-9]+")

Finding = tuple[str, str]


def scene_findings(scene: MayaScene, chosen: str, plugins: Collection[str]) -> Iterator[Finding]:
    """About the version, what is cut off, layers, frames, and plug-ins.

    Args:
        chosen: version of Maya to render with.
        plugins: names of the plug-ins that were chosen.
    """
    wanted = _VERSION.search(chosen)
    if wanted and scene.major_version is not None and int(wanted[0]) != scene.major_version:
        yield tips_code.VERSION_DIFFERS, f"the scene was saved by Maya {scene.version}, chosen is {chosen}"
    if not scene.complete:
        why = "it lacks the comment `// End of` that Maya writes last; save it again if Maya wrote it"
        yield tips_code.SCENE_NOT_CLOSED, f"the scene may be cut off: {why}"
    if not any(layer.renderable for layer in scene.layers):
        names = ", ".join(layer.name for layer in scene.layers)
        yield tips_code.NO_LAYER_ON, f"no render layer is renderable ({names}); switch one on"
    for layer in scene.layers:
        settings = layer.settings.filled()
        if layer.renderable and (settings.end or 0) < (settings.start or 0):
            why = f"ends at frame {settings.end:g}, before it starts at {settings.start:g}"
            yield tips_code.NO_FRAMES, f"layer {layer.name} {why}: only the first frame is rendered"
    yield from _plugin_findings(scene, plugins)
    for node in scene.empty_proxies:
        yield tips_code.VRMESH_EXT_NULL, f"{node} is a stand-in for a file, but names none"


def camera_findings(
    cameras: Sequence[MayaCamera], rendered: bool, unread: Sequence[str]
) -> Iterator[Finding]:
    """About cameras.

    Args:
        cameras: of the scene and those it refers to.
        rendered: some layer renders some camera.
        unread: references that could not be read: they may hold the camera.
    """
    if not rendered and not unread:
        yield tips_code.NO_CAMERA, "no camera is renderable; switch one on in the render settings"
    for name, count in Counter(each.name for each in cameras).items():
        if count > 1:
            yield tips_code.CAMERA_TWICE, f"{count} cameras are called {name}"


def content_findings(scene: MayaScene) -> Iterator[Finding]:
    """About scripts, and values that only Maya can work out."""
    for script in scene.scripts:
        what = f"{script.node} runs {script.language} at {script.event}"
        yield tips_code.SCRIPT_WOULD_RUN, f"{what}: {script.text[:_SHOWN]!r}"
    for each in dict.fromkeys(scene.unresolved):
        yield tips_code.VALUE_UNRESOLVED, f"{each.node}: {each.attribute} is driven by {each.by}"


_SHOWN = 80  # characters of a script


def reference_findings(found: MayaFiles) -> Iterator[Finding]:
    """About scenes that are referred to."""
    for each in dict.fromkeys(found.circles):
        yield tips_code.REFERENCES_IN_A_CIRCLE, f"{each} lies in itself; it is not read again"
    for each in dict.fromkeys(found.unloaded):
        yield tips_code.REFERENCE_UNLOADED, f"{each} is not loaded, and does not render"


def _plugin_findings(scene: MayaScene, chosen: Collection[str]) -> Iterator[Finding]:
    """Plug-ins that the scene uses, or that bring its renderer, and that were not chosen."""
    renderer = scene.settings.renderer
    bring = PLUGINS_OF_RENDERERS.get(renderer or "", ())
    known = {_plain(name) for name in (*chosen, *OF_MAYA)}
    told: set[str] = set()
    for plugin in scene.plugins:
        needed = plugin.used or _plain(plugin.name) in map(_plain, bring)
        if needed and _plain(plugin.name) not in known | told:
            told.add(_plain(plugin.name))
            text = f"the scene uses {plugin.name} {plugin.version}, which is not in plugin_config"
            yield tips_code.PLUGIN_NOT_CHOSEN, text
    if bring and known.isdisjoint(map(_plain, bring)) and told.isdisjoint(map(_plain, bring)):
        text = f"the renderer is {renderer}, and {bring[0]} is not in plugin_config"
        yield tips_code.PLUGIN_NOT_CHOSEN, text


def _plain(name: str) -> str:
    return name.removesuffix(".py").removesuffix(".mll").lower()
