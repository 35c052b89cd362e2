"""Images, layers, cameras and renderers of a Clarisse project from the attributes of their blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from renderbus_model.clarisse_scene import ClarisseImage, ClarisseLayer

Attributes = Mapping[str, Sequence[str]]

_SWITCH: Final = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}
_LARGEST = 999_999_999


def is_layer(class_name: str) -> bool:
    """Whether objects of a class are layers of an image; plug-ins bring their own (``KubixLayer``)."""
    return class_name.startswith("Layer") or class_name.endswith("Layer")


def is_renderer(class_name: str) -> bool:
    """Whether objects of a class render: Clarisse's begin with the word, plug-ins' may end with it."""
    return class_name.startswith("Renderer") or class_name.endswith("Renderer")


def image(name: str, values: Attributes, layers: tuple[ClarisseLayer, ...]) -> ClarisseImage:
    """The image of that full name."""
    size = [_whole(value) for value in values.get("resolution", ())]
    return ClarisseImage(
        name,
        _number(values, "first_frame"),
        _number(values, "last_frame"),
        _number(values, "frame_step"),
        size[0] if len(size) == 2 else None,
        size[1] if len(size) == 2 else None,
        _text(values, "save_as"),
        _number(values, "format"),
        _switch(values, "render_to_disk"),
        _text(values, "view_transform") or _text(values, "color_space") or _text(values, "LUT"),
        layers,
    )


def layer(name: str, class_name: str, values: Attributes) -> ClarisseLayer:
    """The layer of that full name. Names of the deep output's attributes rest on Clarisse's documentation."""
    return ClarisseLayer(
        name,
        class_name,
        _text(values, "active_camera"),
        _text(values, "renderer"),
        _number(values, "first_frame"),
        _number(values, "last_frame"),
        _number(values, "frame_step"),
        _text(values, "save_as"),
        _number(values, "format"),
        _switch(values, "render_to_disk"),
        _switch(values, "enable_deep_output"),
        _text(values, "deep_output_path") or _text(values, "save_deep_data_as"),
    )


def real(values: Attributes, name: str) -> float | None:
    """An attribute as a number."""
    return _real(_text(values, name))


def _text(values: Attributes, name: str) -> str:
    found = values.get(name)
    return found[0] if found else ""


def _number(values: Attributes, name: str) -> int | None:
    return _whole(_text(values, name))


def _whole(text: str) -> int | None:
    number = _real(text)
    return None if number is None else int(number)


def _real(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) <= _LARGEST else None


def _switch(values: Attributes, name: str) -> bool | None:
    return _SWITCH.get(_text(values, name))
