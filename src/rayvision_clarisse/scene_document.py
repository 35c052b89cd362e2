"""``scene_info`` of a Clarisse project: ``image_node`` with layers, in the published shape. Pure."""

from __future__ import annotations

from typing import Any

from rayvision_clarisse.constants import (
    DEFAULT_FIRST,
    DEFAULT_FORMAT,
    DEFAULT_LAST,
    DEFAULT_STEP,
    DEFAULT_VIEW,
    FORMATS,
)
from renderbus_model.clarisse_scene import ClarisseImage, ClarisseLayer, ClarisseScene

Entry = dict[str, Any]


def scene_document(scene: ClarisseScene, folder: str) -> dict[str, list[Entry]]:
    """Every image with its layers; images themselves do not render until somebody chooses so, as published.

    Args:
        folder: of the project, which ``$PDIR`` stands for.
    """
    return {"image_node": [_image(image, folder) for image in scene.images]}


def _image(image: ClarisseImage, folder: str) -> Entry:
    return {
        "frames": frames_of(image),
        "renderable": "0",
        "output": _output(image.output, folder),
        "format": format_of(image),
        "LUT": image.color_view or DEFAULT_VIEW,
        "save_to_disk": _switch(image.saved),
        "name": image.name,
        "layers": [_layer(layer, folder) for layer in image.layers],
    }


def _layer(layer: ClarisseLayer, folder: str) -> Entry:
    return {
        "frames": frames_of(layer),
        "renderable": "1",
        "output": _output(layer.output, folder),
        "format": format_of(layer),
        "enable_deep_output": _switch(layer.deep),
        "save_to_disk": _switch(layer.saved),
        "enable_deep_output_path": _output(layer.deep_output, folder),
        "name": layer.name,
    }


def frames_of(each: ClarisseImage | ClarisseLayer) -> str:
    """The frames as task.json writes them.

    >>> frames_of(ClarisseLayer("project://scene/image.sky", "Layer3d", first=0, last=10))
    '0-10[1]'
    """
    first = DEFAULT_FIRST if each.first is None else each.first
    last = DEFAULT_LAST if each.last is None else each.last
    return f"{first}-{max(first, last)}[{max(1, each.step or DEFAULT_STEP)}]"


def format_of(each: ClarisseImage | ClarisseLayer) -> str:
    """The picture format in Clarisse's words; that of an index nobody knows is the default."""
    index = each.format_index or 0
    return FORMATS[index] if 0 <= index < len(FORMATS) else DEFAULT_FORMAT


def _output(path: str, folder: str) -> str:
    return path.replace("$PDIR", folder).replace("${PDIR}", folder)


def _switch(on: bool | None) -> str:
    return "1" if on else "0"
