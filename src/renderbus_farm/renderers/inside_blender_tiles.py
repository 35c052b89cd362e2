"""Tiles in Blender: which parts of a scene may be rendered for themselves, and the border that does it.

The picture keeps its full size, so that what is worked out from a pixel's place in it (Cycles' samples, the
dither of 8-bit files) comes out as in the whole; the tile is cut out of it afterwards.
"""

from __future__ import annotations

from typing import Any

from renderbus_farm.renderers.inside_blender_ages import strips
from renderbus_farm.rules import tiles

_MARGIN_PX = 16
"""Adaptive sampling looks at a pixel's neighbours: so many more are rendered around a tile, and cut away."""

_LOSSLESS = ("PNG", "OPEN_EXR", "OPEN_EXR_MULTILAYER", "TARGA", "TARGA_RAW", "BMP")

_INSIDE = 0.25  # of a pixel: Blender rounds a border down, and 32-bit fractions may lie just below a pixel

Change = Any
"""``Changes.set`` of ``inside_blender``."""


def why_not(scene: Any, engine: str, composites: bool) -> str:
    """Why a tile of this scene would not be what the whole picture shows there; empty where it is."""
    render, layers = scene.render, [layer for layer in scene.view_layers if layer.use]
    instead = "render without tiles, or"
    if engine != "CYCLES":
        return f"{engine} works on whole pictures; {instead} choose Cycles"
    denoises = [layer for layer in layers if getattr(layer.cycles, "use_denoising", True)]
    if getattr(scene.cycles, "use_denoising", False) and denoises:
        return f"denoising looks at the whole picture, so tiles would show seams; {instead} switch it off"
    if composites:
        return f"the compositor works on whole pictures; {instead} switch it off"
    if render.use_sequencer and scene.sequence_editor and strips(scene.sequence_editor):
        return f"the video sequencer works on whole pictures; {instead} switch it off"
    if render.use_border:
        return f"the scene renders a region of its own; {instead} switch that off"
    kept = render.image_settings
    if kept.file_format not in _LOSSLESS and (kept.file_format, kept.color_depth) != ("TIFF", "8"):
        return (
            f"tiles of {kept.file_format} pictures cannot be put together without loss; {instead} choose png"
        )
    return ""


def cut(scene: Any, tile: dict[str, Any], size: tuple[int, int], change: Change) -> tiles.Box | None:
    """Let ``scene`` render only a tile of a picture of this size; its box, None where it has no pixel."""
    width, height = size
    facts = (tile["count"], tile["kind"], width, height)
    if tiles.too_small(*facts):
        return None
    box = tiles.box(tile["index"], *facts)
    margin = _MARGIN_PX if scene.cycles.use_adaptive_sampling else 0
    left, top = max(0, box[0] - margin), max(0, box[1] - margin)
    right, bottom = min(width, box[2] + margin), min(height, box[3] + margin)
    render = scene.render
    change(render, "use_border", True)
    change(render, "use_crop_to_border", False)
    change(render, "border_min_x", (left + _INSIDE) / width)
    change(render, "border_max_x", min(1.0, (right + _INSIDE) / width))
    # Blender counts from the lower edge.
    change(render, "border_min_y", (height - bottom + _INSIDE) / height)
    change(render, "border_max_y", min(1.0, (height - top + _INSIDE) / height))
    return box
