"""Render settings of a Maya scene, out of the nodes that hold them; layers override single values.

Source: the attributes of ``defaultRenderGlobals`` and ``defaultResolution``; renderers with settings of their
own keep them in nodes that win while that renderer is the current one.
"""

from __future__ import annotations

from collections.abc import Mapping

from renderbus_model.maya_scene import RenderSettings
from renderbus_scenes.maya_values import (
    Node,
    RawScene,
    Value,
    as_flag,
    as_number,
    as_text,
    as_whole,
)

Values = Mapping[tuple[str, str], Value]
"""Values by node and attribute, the attribute by its short name."""

GLOBALS, RESOLUTION = "defaultRenderGlobals", "defaultResolution"
ARNOLD_DRIVER, VRAY, REDSHIFT = "defaultArnoldDriver", "vraySettings", "redshiftOptions"
RENDERMAN = "rmanGlobals"

_OWN_TYPES = {
    "aiAOVDriver": ARNOLD_DRIVER,
    "VRaySettingsNode": VRAY,
    "RedshiftOptions": REDSHIFT,
    "rmanGlobals": RENDERMAN,
}
"""Types of the nodes with a renderer's own settings, and the name of the one that counts."""

SHORT_NAMES = {
    "currentRenderer": "ren",
    "startFrame": "fs",
    "endFrame": "ef",
    "byFrameStep": "bfs",
    "byFrame": "bfs",
    "animation": "an",
    "modifyExtension": "me",
    "startExtension": "se",
    "byExtension": "be",
    "imageFormat": "outf",
    "imfPluginKey": "imfkey",
    "imageFilePrefix": "ifp",
    "extensionPadding": "ep",
    "pixelAspect": "pa",
    "renderable": "rnd",
    "aiTranslator": "ai_translator",
    "imageFormatStr": "imgfs",
    "fileNamePrefix": "fnprx",
}
"""Short name by long name, for the attributes that layers may override."""

_SIZES = {"width": "w", "height": "h", "wi": "w", "he": "h"}

_REDSHIFT_FORMATS = {0: "iff", 1: "exr", 2: "png", 3: "tga", 4: "jpg", 5: "tif"}


def short_name(node: str, attribute: str) -> str:
    """The short name of an attribute, the same for both spellings.

    >>> short_name("defaultRenderGlobals", "endFrame"), short_name("redshiftOptions", "imageFormat")
    ('ef', 'imageFormat')
    """
    if node in (RESOLUTION, VRAY) and attribute in _SIZES:
        return _SIZES[attribute]
    return attribute if node == REDSHIFT else SHORT_NAMES.get(attribute, attribute)


def written_values(raw: RawScene) -> dict[tuple[str, str], Value]:
    """What the nodes with render settings say."""
    holders: list[Node] = [raw.defaults[name] for name in (GLOBALS, RESOLUTION) if name in raw.defaults]
    holders += [node for node in raw.nodes if _OWN_TYPES.get(node.type) == node.name]
    return {
        (node.name, short_name(node.name, attribute)): value
        for node in holders
        for attribute, value in node.values.items()
    }


def render_settings(values: Values) -> RenderSettings:
    """The settings that these values make."""

    def of(node: str, attribute: str) -> Value | None:
        return values.get((node, attribute))

    renderer = as_text(of(GLOBALS, "ren"))
    size = VRAY if renderer == "vray" else RESOLUTION
    return RenderSettings(
        renderer=renderer,
        start=as_number(of(GLOBALS, "fs")),
        end=as_number(of(GLOBALS, "ef")),
        step=as_number(of(GLOBALS, "bfs")),
        animation=as_flag(of(GLOBALS, "an")),
        renumber=as_flag(of(GLOBALS, "me")),
        renumber_start=as_number(of(GLOBALS, "se")),
        renumber_step=as_number(of(GLOBALS, "be")),
        format_number=as_whole(of(GLOBALS, "outf")),
        format_key=as_text(of(GLOBALS, "imfkey")),
        format_text=_own_format(renderer, values),
        prefix=as_text(of(GLOBALS, "ifp")),
        own_prefix=_own_prefix(renderer, values),
        padding=as_whole(of(GLOBALS, "ep")),
        width=as_whole(of(size, "w")),
        height=as_whole(of(size, "h")),
        pixel_aspect=as_number(of(RESOLUTION, "pa")),
    )


def _own_format(renderer: str | None, values: Values) -> str | None:
    if renderer == "arnold":
        return as_text(values.get((ARNOLD_DRIVER, "ai_translator")))
    if renderer == "vray":
        return as_text(values.get((VRAY, "imgfs")))
    if renderer == "redshift":
        number = as_whole(values.get((REDSHIFT, "imageFormat")))
        return None if number is None else _REDSHIFT_FORMATS.get(number)
    return None


def _own_prefix(renderer: str | None, values: Values) -> str | None:
    own = {
        "vray": (VRAY, "fnprx"),
        "redshift": (REDSHIFT, "imageFilePrefix"),
        "renderman": (RENDERMAN, "imageFileFormat"),
        "renderManRIS": (RENDERMAN, "imageFileFormat"),
    }
    return as_text(values.get(own[renderer])) if renderer in own else None
