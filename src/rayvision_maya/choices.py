"""What a user chose instead of what a Maya scene says, written into ``scene_info_render``. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rayvision_utils.choose import ChoiceNotInScene
from renderbus_model.frames import format_frames, parse_frames

Entries = dict[str, dict[str, Any]]


def apply_choices(
    entries: Entries,
    *,
    layers: Sequence[str] = (),
    camera: str | None = None,
    resolution: tuple[int, int] | None = None,
    image_format: str | None = None,
    frames: str | None = None,
) -> None:
    """Change the entries of render layers in place; what is not chosen stays.

    Args:
        layers: those to render, by the name of the node or as render setup calls them.
        camera: shape of the camera for all that renders.
        image_format: suffix of the pictures, as the renderer calls it.
        frames: e.g. ``1-10[1]``.

    Raises:
        ChoiceNotInScene: no such layer or camera; the error names those that are there.
        BadFrameRange: ``frames`` makes no sense.
        ValueError: a size below 1.
    """
    changes = _settings(resolution, image_format, frames)
    wanted = {_layer(entries, name) for name in layers}
    for entry in entries.values():
        cameras = entry["common"]["all_camera"]
        if camera is not None and camera not in cameras:
            raise ChoiceNotInScene("camera", camera, cameras)
    for name, entry in entries.items():
        if wanted:
            entry["renderable"] = "1" if name in wanted else "0"
        if entry["renderable"] == "1":
            entry["common"].update(changes)
            if camera is not None:
                entry["common"]["render_camera"] = [camera]


def _layer(entries: Entries, name: str) -> str:
    found = next((each for each in (name, f"rs_{name}") if each in entries), None)
    if found is None:
        raise ChoiceNotInScene("render layer", name, list(entries))
    return found


def _settings(
    resolution: tuple[int, int] | None, image_format: str | None, frames: str | None
) -> dict[str, str]:
    changes: dict[str, str] = {}
    if resolution is not None:
        if min(resolution) < 1:
            raise ValueError(f"resolution {resolution[0]}x{resolution[1]}: both must be 1 or more")
        changes |= {"width": str(resolution[0]), "height": str(resolution[1])}
    if image_format is not None:
        changes["image_format"] = image_format
    if frames is not None:
        numbers = sorted(parse_frames(frames))
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
        changes |= {
            "frames": format_frames(numbers),
            "start": str(numbers[0]),
            "end": str(numbers[-1]),
            "by_frame": str(step),
        }
    return changes
