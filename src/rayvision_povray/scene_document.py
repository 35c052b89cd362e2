"""``scene_info`` of a POV-Ray scene: one entry, built like Maya's layers. Pure."""

from __future__ import annotations

from typing import Any

from rayvision_povray.constants import HEIGHT, LAYER, WIDTH
from renderbus_model.frames import FrameRange
from renderbus_model.povray_scene import PovraySettings


def scene_document(name: str, settings: PovraySettings) -> dict[str, dict[str, Any]]:
    """One entry; without an .ini it renders frame 1, and the clock runs over the frames that are chosen.

    Args:
        name: the scene's file name without its suffix.
    """
    first = 1 if settings.first_frame is None else settings.first_frame
    last = first if settings.last_frame is None else max(first, settings.last_frame)
    frames = FrameRange(first, last)
    common = {
        "scene_name": [name],
        "layer_name": LAYER,
        "layer_enabled": "True",
        "view_layers": [LAYER],
        "composites": "False",
        "renderer": "",
        "image_file_prefix": f"{name}_####",
        "start": str(first),
        "end": str(last),
        "by_frame": "1",
        "frames": str(frames),
        "all_camera": [],
        "render_camera": [],
        "width": str(settings.width or WIDTH),
        "height": str(settings.height or HEIGHT),
        "image_format": "png",
        "Render_Format": "PNG",
        "samples": "",
        "animation": "True",
        **_clock(settings, first, last),
    }
    return {LAYER: {"renderable": "1", "is_default_camera": "1", "option": "", "env": {}, "common": common}}


def _clock(settings: PovraySettings, first: int, last: int) -> dict[str, str]:
    """Over which frames the clock runs, where the .ini says so: then fewer frames do not move it."""
    if settings.last_frame is None:
        return {}
    begin = 0.0 if settings.first_clock is None else settings.first_clock
    end = 1.0 if settings.last_clock is None else settings.last_clock
    return {
        "initial_frame": str(first),
        "final_frame": str(last),
        "initial_clock": str(begin),
        "final_clock": str(end),
    }
