"""Where Blender's own interface for Python differs from version to version, 3.3 to 5.x.

Source: the release notes of Blender's Python API; 5.0 made the compositor a node group, and gave picture
settings a kind of media.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_MOVIES = ("FFMPEG", "AVI_JPEG", "AVI_RAW")


def has_media_types(settings: Any) -> bool:
    """Whether picture settings tell apart pictures, layered pictures and movies (5.0 on)."""
    return hasattr(settings, "media_type")


def is_movie(settings: Any) -> bool:
    """Whether a scene writes a movie."""
    if has_media_types(settings):
        return bool(settings.media_type == "VIDEO")
    return settings.file_format in _MOVIES


def strips(editor: Any) -> Any:
    """All strips of a video sequencer (``sequences_all`` before 4.4)."""
    return editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def composites(scene: Any) -> bool:
    """Whether the compositor works on what the layers rendered."""
    if not scene.render.use_compositing:
        return False
    if hasattr(scene, "compositing_node_group"):
        return scene.compositing_node_group is not None
    return bool(scene.use_nodes and scene.node_tree)


def output_nodes(bpy: Any) -> Iterator[Any]:
    """The File Output nodes of all compositors, groups in them included."""
    old = [scene.node_tree for scene in bpy.data.scenes if not hasattr(scene, "compositing_node_group")]
    for tree in (*bpy.data.node_groups, *filter(None, old)):
        if tree.bl_idname == "CompositorNodeTree":
            yield from (node for node in tree.nodes if node.bl_idname == "CompositorNodeOutputFile")


def write_below(node: Any, folder: str, change: Any) -> None:
    """Let a File Output node write below ``folder``, under names that do not lead out of it."""
    if hasattr(node, "directory"):
        change(node, "directory", folder)
        change(node, "file_name", plain(node.file_name))
        for item in node.file_output_items:
            if plain(item.name) != item.name:
                change(item, "name", plain(item.name))
        return
    layered = node.format.file_format == "OPEN_EXR_MULTILAYER"  # one file, named by the path itself
    change(node, "base_path", folder + plain(node.name) if layered else folder)
    for slot in () if layered else node.file_slots:
        # The scene may write into folders; a name of one part is as good here.
        if plain(slot.path) != slot.path:
            change(slot, "path", plain(slot.path))


def plain(name: str) -> str:
    """A name that stays in its folder, and that Blender does not take for a template."""
    return re.sub(r"[/\\{}:\x00-\x1f]|\.\.+", "_", name).strip(". ") or "_"
