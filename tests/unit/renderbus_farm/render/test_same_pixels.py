"""A farm's picture is the picture that Blender alone makes."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.renderbus_farm.render.bench import Bench, Store

from renderbus_farm.rules.work import Finished

pytestmark = pytest.mark.render

BARE = """
import sys
import bpy
scene, out, *frames = sys.argv[1:]
bpy.ops.wm.open_mainfile(filepath=scene, load_ui=False, use_scripts=False)
for frame in map(int, frames):
    bpy.context.scene.frame_set(frame)
    bpy.context.scene.render.filepath = f"{out}/{frame}"
    bpy.ops.render.render(write_still=True)
"""


def pixels(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    """A picture decoded: what it is, what it measures, and every byte."""
    with Image.open(io.BytesIO(content)) as picture:
        return picture.mode, (picture.width, picture.height), picture.tobytes()


@pytest.mark.parametrize("scene", ["plain.blend", "noisy.blend", "marked.blend", "composited.blend"])
def test_the_pixels_are_those_of_blender_alone(
    bench: Bench, store: Store, scene: str, tmp_path: Path
) -> None:
    frames = (1, 2, 4, 2)
    command = [sys.executable, "-c", BARE, str(store.originals / scene), str(tmp_path)]
    subprocess.run([*command, *map(str, frames)], check=True, capture_output=True, timeout=120)
    inputs = store.manifest(scene)
    # Settings of another frame lie between those that are compared.
    assert isinstance(bench.render(scene, inputs, 3, width=16, height=16, samples=3), Finished)
    for frame in frames:
        ended = bench.render(scene, inputs, frame)
        assert isinstance(ended, Finished), ended
        alone = (tmp_path / f"{frame}.png").read_bytes()
        assert pixels(store.read(ended.outputs[0].digest)) == pixels(alone)
