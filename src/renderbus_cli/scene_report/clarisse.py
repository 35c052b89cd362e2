"""A Clarisse project in the shape of a report."""

from __future__ import annotations

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
from renderbus_model.clarisse_scene import ClarisseImage, ClarisseScene


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
        output=Output(path=only.output or None, format=_text(only.format_index)) if only else None,
        references=[SceneLink(path=each) for each in scene.contexts],
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
        format=_text(image.format_index),
        layers=[ImageLayer(name=each.name, renderable=each.saved) for each in image.layers],
    )


def _frames(image: ClarisseImage) -> str | None:
    if image.first is None and image.last is None:
        return None
    first = image.first if image.first is not None else image.last
    last = image.last if image.last is not None else first
    return f"{first}-{last}[{image.step or 1}]"


def _size(image: ClarisseImage) -> tuple[int, int] | None:
    return (image.width, image.height) if image.width is not None and image.height is not None else None


def _number(value: float | None) -> Number | None:
    return int(value) if value is not None and value.is_integer() else value


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
