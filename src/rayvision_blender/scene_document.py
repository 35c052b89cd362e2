"""``scene_info`` of a Blender scene: one entry per scene and view layer, built like Maya's layers. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rayvision_blender.constants import FALLBACK_FORMAT, SUFFIXES
from rayvision_utils.choose import layers_together
from renderbus_model.frames import FrameRange
from renderbus_model.scene import Scene, SceneFacts

Entry = dict[str, Any]


def scene_document(facts: SceneFacts) -> dict[str, Entry]:
    """All entries by ``scene/layer``; those that render are of the active scene, as when Blender renders."""
    entries: dict[str, Entry] = {}
    for scene in facts.scenes:
        enabled = [layer.name for layer in scene.view_layers if layer.enabled]
        together = layers_together(enabled, composites=scene.composites)
        for layer in scene.view_layers:
            rendered = together.get(layer.name, [])
            entries[_free_key(f"{scene.name}/{layer.name}", entries)] = {
                "renderable": "1" if rendered and scene.name == facts.active_scene else "0",
                "is_default_camera": "1",
                "option": "",
                "env": {},
                "common": _common(scene, layer.name, rendered or [layer.name], layer.enabled),
            }
    return entries


def _free_key(key: str, entries: Collection[str]) -> str:
    # Names may hold slashes: "a/b" and "c" must not take the place of "a" and "b/c".
    while key in entries:
        key += "+"
    return key


def picture_format(scene: Scene) -> str:
    """The format to render, in Blender's words: the scene's own where it is a picture's."""
    return scene.format if scene.format in SUFFIXES else FALLBACK_FORMAT


def frame_range(scene: Scene) -> FrameRange:
    """The scene's frames; a range that ends before it starts is its first frame."""
    return FrameRange(scene.start, max(scene.start, scene.end), scene.step)


def _common(scene: Scene, layer: str, rendered: list[str], enabled: bool) -> Entry:
    width, height = scene.rendered_size
    frames = frame_range(scene)
    return {
        "scene_name": [scene.name],
        "layer_name": layer,
        "layer_enabled": str(enabled),
        "view_layers": rendered,
        "composites": str(scene.composites),
        "renderer": scene.engine,
        "image_file_prefix": scene.output,
        "start": str(frames.start),
        "end": str(frames.end),
        "by_frame": str(frames.step),
        "frames": str(frames),
        "all_camera": list(scene.cameras),
        "render_camera": [scene.camera] if scene.camera else [],
        "camera_name": scene.camera,
        "width": str(width),
        "height": str(height),
        "image_format": SUFFIXES[picture_format(scene)],
        "Render_Format": picture_format(scene),
        "Output_path": scene.output,
        "samples": "" if scene.samples is None else str(scene.samples),
        "animation": "True",
        "renumber_frames": "False",
    }
