"""What a user chose instead of what the scene says, written into ``scene_info_render`` of task.json. Pure.

The command line and a script of your own choose the same way: load task.json, ``apply_choices``, save it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from renderbus_model.frames import format_frames, parse_frames

FORMATS = {"png": "PNG", "exr": "OPEN_EXR"}
"""Blender's word by suffix, for the formats that can be chosen."""


class ChoiceNotInScene(ValueError):
    """What was chosen is not there: ``kind`` of thing, its ``name``, and those that are ``available``."""

    def __init__(self, kind: str, name: str, available: Sequence[str]) -> None:
        there = ", ".join(map(repr, available)) if available else "none"
        whole = "file" if kind == "scene" else "scene"
        super().__init__(f"the {whole} has no {kind} {name!r}; it has {there}")
        self.kind = kind
        self.name = name
        self.available = tuple(available)


def layers_together(layers: Iterable[str], *, composites: bool) -> dict[str, list[str]]:
    """Which layers each entry renders, by the entry's own layer; entries that render nothing are absent.

    A compositor needs all layers at once, so the first layer's entry renders them together.

    >>> layers_together(["sky", "ground"], composites=True)
    {'sky': ['sky', 'ground']}
    >>> layers_together(["sky", "ground"], composites=False)
    {'sky': ['sky'], 'ground': ['ground']}
    """
    wanted = list(layers)
    if composites and wanted:
        return {wanted[0]: wanted}
    return {layer: [layer] for layer in wanted}


class Choices(TypedDict):
    """What a user chose, by the names of the arguments of ``apply_choices``."""

    scene_name: str | None
    layers: Sequence[str]
    camera: str | None
    resolution: tuple[int, int] | None
    image_format: str | None
    samples: int | None
    frames: str | None


def apply_choices(
    task_document: dict[str, Any],
    *,
    scene_name: str | None = None,
    layers: Sequence[str] = (),
    camera: str | None = None,
    resolution: tuple[int, int] | None = None,
    image_format: str | None = None,
    samples: int | None = None,
    frames: str | None = None,
) -> None:
    """Change ``scene_info_render`` in place; what is not chosen stays as it is. Nothing changes on an error.

    Args:
        scene_name: the scene to render instead of the one that renders now.
        layers: its view layers to render, on or off in the file.
        camera: the camera for all that renders.
        resolution: width and height of the finished picture, in pixels.
        image_format: ``png`` or ``exr``.
        samples: Cycles samples per pixel.
        frames: e.g. ``1-10[1]``.

    Raises:
        ChoiceNotInScene: no such scene, layer or camera; the error names those that are there.
        BadFrameRange: ``frames`` makes no sense.
        ValueError: a size or number of samples below 1, or another format.
    """
    entries = copy.deepcopy(task_document.get("scene_info_render") or task_document.get("scene_info") or {})
    if scene_name is not None or layers:
        _choose_layers(entries, scene_name, layers)
    changes = _settings(resolution, image_format, samples, frames)
    for entry in _rendering(entries):
        if camera is not None:
            _choose_camera(entry["common"], camera)
        entry["common"].update(copy.deepcopy(changes))
    task_document["scene_info_render"] = entries


def _rendering(entries: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in entries.values() if entry["renderable"] == "1"]


def _scene_of(entry: dict[str, Any]) -> str:
    return str(entry["common"]["scene_name"][0])


def _choose_layers(entries: dict[str, Any], scene_name: str | None, layers: Sequence[str]) -> None:
    scenes = list(dict.fromkeys(_scene_of(entry) for entry in entries.values()))
    if scene_name is None:
        now = [_scene_of(entry) for entry in _rendering(entries)] or scenes
        scene_name = now[0] if now else ""
    if scene_name not in scenes:
        raise ChoiceNotInScene("scene", scene_name, scenes)
    of_scene = {
        entry["common"]["layer_name"]: entry for entry in entries.values() if _scene_of(entry) == scene_name
    }
    for layer in layers:
        if layer not in of_scene:
            raise ChoiceNotInScene("view layer", layer, list(of_scene))
    enabled = [name for name, entry in of_scene.items() if entry["common"]["layer_enabled"] == "True"]
    wanted = [name for name in of_scene if name in layers] if layers else enabled
    composites = any(entry["common"]["composites"] == "True" for entry in of_scene.values())
    together = layers_together(wanted, composites=composites)
    for entry in entries.values():
        layer = entry["common"]["layer_name"]
        rendered = together.get(layer, []) if _scene_of(entry) == scene_name else []
        entry["renderable"] = "1" if rendered else "0"
        entry["common"]["view_layers"] = rendered or [layer]


def _choose_camera(common: dict[str, Any], camera: str) -> None:
    if camera not in common["all_camera"]:
        raise ChoiceNotInScene("camera", camera, common["all_camera"])
    common["render_camera"] = [camera]
    common["camera_name"] = camera


def _settings(
    resolution: tuple[int, int] | None, image_format: str | None, samples: int | None, frames: str | None
) -> dict[str, Any]:
    """The members of ``common`` that change alike for all that renders."""
    changes: dict[str, Any] = {}
    if resolution is not None:
        if min(resolution) < 1:
            raise ValueError(f"resolution {resolution[0]}x{resolution[1]}: both must be 1 or more")
        changes.update(width=str(resolution[0]), height=str(resolution[1]))
    if image_format is not None:
        if image_format not in FORMATS:
            raise ValueError(f"format {image_format!r}: expected one of {', '.join(FORMATS)}")
        changes.update(image_format=image_format, Render_Format=FORMATS[image_format])
    if samples is not None:
        if samples < 1:
            raise ValueError(f"samples {samples}: must be 1 or more")
        changes["samples"] = str(samples)
    if frames is not None:
        numbers = sorted(parse_frames(frames))
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
        changes.update(
            frames=format_frames(numbers),
            start=str(numbers[0]),
            end=str(numbers[-1]),
            by_frame=str(step),
        )
    return changes
