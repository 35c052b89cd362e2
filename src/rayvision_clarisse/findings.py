"""Findings about a Clarisse project as tips: code and text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rayvision_utils.exception import tips_code
from renderbus_model.clarisse_scene import ClarisseScene

_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_OF_CLARISSE = ("Renderer", "Layer")

Finding = tuple[str, str]


def scene_findings(
    scene: ClarisseScene, chosen: str, plugins: Mapping[str, str], circles: list[str]
) -> Iterator[Finding]:
    """What is to be told about a project."""
    wanted, saved = _VERSION.search(chosen), _VERSION.search(scene.version)
    if wanted and saved and _pair(wanted) != _pair(saved):
        yield (
            tips_code.VERSION_DIFFERS,
            f"the scene was saved by Clarisse {scene.version}, chosen is {chosen}",
        )
    if not scene.images:
        yield tips_code.NOTHING_RENDERS, "the project has no image that could be rendered"
    layers = [layer for image in scene.images for layer in image.layers]
    if scene.images and not layers:
        yield tips_code.NOTHING_RENDERS, "no image of the project has a layer that could be rendered"
    for layer in layers:
        if layer.type == "Layer3d" and not layer.camera:
            yield tips_code.NO_CAMERA, f"layer {layer.name} has no camera"
    yield from _plugin_findings(scene, plugins)
    for each in scene.unresolved:
        where = f"{each.node}: {each.attribute}"
        yield tips_code.VALUE_UNRESOLVED, f"{where} is worked out by Clarisse ({each.expression!r})"
    for circle in circles:
        yield tips_code.REFERENCES_IN_A_CIRCLE, circle


def _pair(version: re.Match[str]) -> tuple[int, int]:
    return int(version[1]), int(version[2] or 0)


def _plugin_findings(scene: ClarisseScene, plugins: Mapping[str, str]) -> Iterator[Finding]:
    """Classes that plug-ins bring along: Clarisse's own begin with what they are (``RendererPathTracer``)."""
    used = [each.type for each in scene.renderers]
    used += [layer.type for image in scene.images for layer in image.layers]
    chosen = [name.lower() for name in plugins]
    for type_ in dict.fromkeys(used):
        own = type_.startswith(_OF_CLARISSE)
        if not own and not any(name in type_.lower() or type_.lower() in name for name in chosen):
            yield tips_code.PLUGIN_NOT_CHOSEN, f"{type_} comes with a plug-in that is not in plugin_config"
