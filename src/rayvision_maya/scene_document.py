"""``scene_info`` of a Maya scene: one entry per render layer, as published. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rayvision_maya.constants import NAMED_BY_KEY, OWN_DEFAULTS, SAME_SUFFIX, SUFFIXES
from renderbus_model.maya_scene import MayaCamera, MayaScene, RenderSettings

Entry = dict[str, Any]

FALLBACK_SUFFIX = "iff"
"""Of a format that is not known: Maya's own."""


def scene_document(scene: MayaScene, referenced: Sequence[MayaCamera] = ()) -> dict[str, Entry]:
    """All entries by the layer's name.

    Args:
        referenced: cameras of scenes that this one refers to, under their full names.
    """
    everywhere = [each.name for each in referenced if each.renderable]
    all_cameras = list(dict.fromkeys(each.name for each in (*scene.cameras, *referenced)))
    return {
        layer.name: {
            "renderable": "1" if layer.renderable else "0",
            "is_default_camera": "1",
            "option": "",
            "env": {},
            "common": _common(
                layer.settings.filled(scene.major_version),
                image_format(layer.settings),
                all_cameras,
                list(dict.fromkeys([*layer.cameras, *everywhere])),
            ),
        }
        for layer in scene.layers
    }


def image_format(settings: RenderSettings) -> str:
    """The suffix of the pictures: the renderer's own word, else Maya's number, else Maya's own format.

    >>> image_format(RenderSettings(renderer="arnold", format_text="jpeg"))
    'jpg'
    >>> image_format(RenderSettings(format_number=51, format_key="exr"))
    'exr'
    """
    if settings.format_text:
        return _suffix(settings.format_text.split(" ")[0].split(".")[-1])
    if settings.renderer in OWN_DEFAULTS:
        return OWN_DEFAULTS[settings.renderer]
    if settings.format_number in NAMED_BY_KEY:
        return _suffix(settings.format_key or FALLBACK_SUFFIX)
    return SUFFIXES.get(settings.filled().format_number or 0, FALLBACK_SUFFIX)


def _suffix(word: str) -> str:
    return SAME_SUFFIX.get(word.lower(), word.lower())


def frames_text(settings: RenderSettings) -> str:
    """``1-10[1]``; a range that ends before it starts is its first frame."""
    start, end, step = settings.start or 0.0, settings.end or 0.0, settings.step or 1.0
    return f"{number_text(start)}-{number_text(max(start, end))}[{number_text(step)}]"


def number_text(number: float) -> str:
    """A number as Maya's analysis writes it: whole ones without a fraction.

    >>> number_text(10.0), number_text(0.5)
    ('10', '0.5')
    """
    return str(int(number)) if number == int(number) else repr(number)


def _common(
    settings: RenderSettings, suffix: str, all_cameras: list[str], render_cameras: list[str]
) -> Entry:
    """``settings`` are filled: nothing of what is used here is None."""
    return {
        "image_format": suffix,
        "end": number_text(settings.end or 0.0),
        "width": str(settings.width),
        "image_file_prefix": settings.own_prefix or settings.prefix or "",
        "all_camera": all_cameras,
        "render_camera": render_cameras,
        "start": number_text(settings.start or 0.0),
        "animation": str(bool(settings.animation)),
        "renderer": settings.renderer,
        "frames": frames_text(settings),
        "height": str(settings.height),
        "renumber_frames": str(bool(settings.renumber)),
        "by_frame": number_text(settings.step or 1.0),
    }
