"""Blender itself opens scenes whose paths were replaced, and sees the new ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from renderbus_model.scene import Reference, Role
from renderbus_scenes.blender import read_blend as read
from renderbus_scenes.blender import repath

pytestmark = pytest.mark.render

DATA = Path(__file__).parents[1] / "data" / "blender"

ASK_BLENDER = """
import json, sys
import bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[-1], load_ui=False)
data, shot = bpy.data, bpy.data.scenes["Shot"]
thing = data.objects["cached"].modifiers
told = {
    "Image": [each.filepath for each in data.images if each.source in ("FILE", "TILED", "SEQUENCE") and not each.packed_file],
    "Library": [each.filepath for each in data.libraries],
    "Sound": [each.filepath for each in data.sounds],
    "Volume": [each.filepath for each in data.volumes],
    "Light": [each.filepath for each in data.lights["lamp"].node_tree.nodes if each.type == "TEX_IES" and each.mode == "EXTERNAL"],
    "Material": [each.filepath for each in data.materials["scripted"].node_tree.nodes if each.type == "SCRIPT"],
    "Node group": [each.inputs["Path"].default_value for each in data.node_groups["geometry"].nodes],
    "Object": [thing["points"].filepath, thing["cloth"].point_cache.filepath, thing["nodes"].bake_directory],
    "Strip": [each.directory + each.elements[0].filename for each in shot.sequence_editor.strips],
}
outputs = [shot.render.filepath, *(each.directory for each in shot.compositing_node_group.nodes)]
print("TOLD " + json.dumps([{key: sorted(told[key]) for key in told}, outputs]))
"""  # noqa: E501  (a program for Blender, one line per kind)


def test_blender_sees_every_path_where_it_was_put(tmp_path: Path) -> None:
    content = (DATA / "everything.blend").read_bytes()
    layout = f"{tmp_path}/layout{'x' * 60}"

    def inside(reference: Reference) -> bytes:
        return f"{layout}/{reference.path.rstrip('/').rpartition('/')[2]}".encode()

    changed = tmp_path / "changed.blend"
    changed.write_bytes(repath(content, inside))
    ran = subprocess.run(
        [sys.executable, "-c", ASK_BLENDER, str(changed)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told, outputs = json.loads(next(line for line in ran.stdout.splitlines() if line.startswith("TOLD "))[5:])
    expected: dict[str, list[str]] = {}
    for reference in read(content).references:
        if reference.role is Role.INPUT:
            expected.setdefault(reference.node_type, []).append(inside(reference).decode())
    assert told == {kind: sorted(paths) for kind, paths in expected.items()}
    assert outputs == [f"{layout}/shot_####", f"{layout}/passes"]
