"""A Clarisse project in the shape of a report."""

from __future__ import annotations

from rayvision_clarisse.constants import FORMATS
from renderbus_cli.scene_report.shape import (
    Camera,
    Frames,
    Image,
    ImageLayer,
    Number,
    Output,
    SceneLink,
    SceneReport,
)
from renderbus_model.clarisse_scene import ClarisseImage, ClarisseLayer, ClarisseScene


def clarisse_report(scene: ClarisseScene) -> SceneReport:
    """The preferences for animation stand for the file's frames; each image has its own."""
    only = scene.images[0] if len(scene.images) == 1 else None
    return SceneReport(
        format="clarisse",
        application=scene.application,
        version=scene.version or None,
        renderer=scene.renderers[0].type if scene.renderers else None,
        cameras=[Camera(name=each.name) for each in scene.cameras],
        frames=Frames(start=_number(scene.start), end=_number(scene.end)),
        fps=_number(scene.fps),
        resolution=_size(only) if only else None,
        output=Output(path=only.output or None, format=_format(only)) if only else None,
        references=[
            SceneLink(path=each.path, namespace=each.node)
            for each in scene.references
            if each.node in scene.contexts
        ],
        images=[_image(each) for each in scene.images],
        complete=scene.complete,
    )


def _image(image: ClarisseImage) -> Image:
    return Image(
        name=image.name,
        renderable=image.saved,
        frames=_frames(image),
        resolution=_size(image),
        output=image.output or None,
        format=_format(image),
        layers=[_layer(each) for each in image.layers],
    )


def _layer(layer: ClarisseLayer) -> ImageLayer:
    return ImageLayer(
        name=layer.name,
        type=layer.type,
        renderable=layer.saved,
        frames=_frames(layer),
        camera=layer.camera or None,
        renderer=layer.renderer or None,
        output=layer.output or None,
        format=_format(layer),
    )


def _frames(each: ClarisseImage | ClarisseLayer) -> str | None:
    if each.first is None and each.last is None:
        return None
    first = each.first if each.first is not None else each.last
    last = each.last if each.last is not None else first
    return f"{first}-{last}[{each.step or 1}]"


def _size(image: ClarisseImage) -> tuple[int, int] | None:
    return (image.width, image.height) if image.width is not None and image.height is not None else None


def _number(value: float | None) -> Number | None:
    return int(value) if value is not None and value.is_integer() else value


def _format(each: ClarisseImage | ClarisseLayer) -> str | None:
    """The place in Clarisse's menu in words; a place that nobody knows stays a number."""
    index = each.format_index
    if index is None:
        return None
    return FORMATS[index] if 0 <= index < len(FORMATS) else str(index)
