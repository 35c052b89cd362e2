"""Make the demo scene: a little bus on a wet road in the evening, 24 frames, rendered with Cycles.

    python examples/make_demo_scene.py            # writes examples/demo
    python examples/make_demo_scene.py --stills   # and renders the README's pictures into docs/images

Needs Blender as a Python module (``pip install "renderbus[blender]"``). Everything is made here: shapes,
materials, textures and camera; the same script gives the same pictures.
"""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
from pathlib import Path

import bpy
import numpy as np

from demo_scene import bus, landscape, shapes, textures

HERE = Path(__file__).resolve().parent
FRAMES = 24
SAMPLES = 14  # with the denoiser as clean as eight times as many without
STILL_FRAME, STILL_SAMPLES = 16, 96
STRIP_FRAMES = (1, 9, 16, 24)


def main() -> None:
    """Write the scene; with ``--stills`` its pictures too."""
    words = argparse.ArgumentParser(description="Make the demo scene")
    words.add_argument("--folder", type=Path, default=HERE / "demo", help="where the scene goes")
    words.add_argument("--stills", type=Path, nargs="?", const=HERE.parent / "docs" / "images", metavar="DIR",
                       help="render the README's pictures too")  # fmt: skip
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as aside:  # Blender writes the folder's name into the file
        made = Path(aside, "demo")
        make(made)
        shutil.copytree(made, chosen.folder, dirs_exist_ok=True)
        if chosen.stills:
            render_stills(chosen.stills.resolve())


def make(folder: Path) -> None:
    """Write textures, the props library and the scene into ``folder``."""
    textures.write_all(folder / "textures")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    landscape.build_props(folder / "textures")
    _save(folder / "props.blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = "Evening drive"
    landscape.build(_collection("Landscape"), folder / "textures", folder / "props.blend")
    vehicle = bus.build(_collection("Bus"), folder / "textures")
    bus.drive(vehicle, (1, -1.9), (FRAMES, 1.9))
    vehicle.location.y = -0.35
    _light(_collection("Lights"))
    _camera(_collection("Camera"), vehicle)
    _settings(scene)
    _save(folder / "demo.blend")


def render_stills(folder: Path) -> None:
    """Render the scene just made: one large still, and a strip of four frames side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    bpy.context.scene.cycles.samples = STILL_SAMPLES
    strip = [_picture(frame, 480, 270) for frame in STRIP_FRAMES]
    (folder / "demo-frames.png").write_bytes(textures.png(np.concatenate(strip, axis=1)))
    (folder / "demo.png").write_bytes(textures.png(_picture(STILL_FRAME, 960, 540)))


def _picture(frame: int, width: int, height: int) -> textures.Picture:
    """Render ``frame`` and give its pixels, the top row first."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.frame_set(frame)
    with tempfile.TemporaryDirectory() as beside:
        scene.render.filepath = str(Path(beside) / "picture.png")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        pixels = np.array(image.pixels[:]).reshape(height, width, image.channels)[::-1, :, :3]
    bpy.data.images.remove(image)
    return pixels


def _collection(name: str) -> bpy.types.Collection:
    made = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(made)
    return made


def _save(file: Path) -> None:
    bpy.context.preferences.filepaths.save_version = 0  # no demo.blend1 beside it
    bpy.ops.wm.save_as_mainfile(filepath=str(file), compress=True, relative_remap=True)
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile(compress=True)


def _light(into: bpy.types.Collection) -> None:
    """Three soft boxes: a warm key from the left, the sun's rim from behind, a cool fill from above right."""
    boxes = (
        ("Key", (-2.0, -6.5, 5.5), 640, (1.0, 0.80, 0.66), 4.0),
        ("Rim", (-3.0, 5.5, 4.2), 900, (1.0, 0.38, 0.20), 3.0),
        ("Fill", (6.0, -3.5, 4.5), 200, (0.45, 0.55, 1.0), 4.0),
    )
    for name, at, watts, colour, size_m in boxes:
        light = bpy.data.lights.new(name, "AREA")
        light.energy, light.color, light.size = watts, colour, size_m
        made = shapes.place(name, light, into)
        made.location = at
        _look_at(made, (0, -0.3, 0.9))
        made.visible_camera = False


def _look_at(what: bpy.types.Object, target: shapes.Point) -> None:
    away = [there - here for there, here in zip(target, what.location, strict=True)]
    flat = math.hypot(away[0], away[1])
    what.rotation_euler = (math.atan2(flat, -away[2]), 0, math.atan2(-away[0], away[1]))


def _camera(into: bpy.types.Collection, vehicle: bpy.types.Object) -> None:
    """A long lens low over the road that drifts along, slower than the bus, and keeps it sharp."""
    lens = bpy.data.cameras.new("Camera")
    lens.lens, lens.sensor_width, lens.clip_end = 52, 36, 300
    lens.dof.use_dof, lens.dof.aperture_fstop = True, 1.4
    sharp = shapes.place("Focus", None, into, vehicle)
    sharp.location = (1.0, -0.63, 0.8)
    lens.dof.focus_object = sharp
    camera = shapes.place("Camera", lens, into)
    camera.location = (5.3, -7.2, 1.3)
    _look_at(camera, (0.35, 0, 1.2))
    shapes.keyframes(camera, "location", 0, {1: 4.5, FRAMES: 6.0})
    bpy.context.scene.camera = camera


def _settings(scene: bpy.types.Scene) -> None:
    """A frame of a few seconds on two cores: few samples, cleaned by the denoiser, always the same noise."""
    scene.frame_start, scene.frame_end, scene.frame_step = 1, FRAMES, 1
    scene.frame_set(1)
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = 640, 360, 100
    render.fps = 24
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGB"
    render.filepath = "//frames/demo_####"
    cycles.device, cycles.samples, cycles.seed = "CPU", SAMPLES, 7
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 2, 3
    cycles.sample_clamp_indirect = 4
    cycles.denoising_quality, cycles.denoising_prefilter = "HIGH", "ACCURATE"
    cycles.use_auto_tile = False
    scene.view_settings.view_transform, scene.view_settings.look = "AgX", "AgX - Medium High Contrast"
    scene.view_settings.exposure = 0.25


if __name__ == "__main__":
    main()
