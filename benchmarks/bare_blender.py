"""What the benchmark does with Blender alone: make its scene, and render it in a plain loop.

    python benchmarks/bare_blender.py make FOLDER FRAMES       # writes FOLDER/rings.blend and a texture
    python benchmarks/bare_blender.py make-slow FOLDER FRAMES  # the same with a stock that takes long to open
    python benchmarks/bare_blender.py render SCENE FOLDER      # renders every frame of it into FOLDER
    python benchmarks/bare_blender.py render SCENE FOLDER N    # renders frame N alone

A process of its own, because ``bpy`` wants one. The loop is the yardstick: nothing renders these frames
faster with this Blender on this machine.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import bpy

WIDTH, HEIGHT, SAMPLES = 480, 270, 10
"""One to two seconds a frame on two cores; no denoiser, no adaptive sampling: always the same work."""

TEXTURE_SIDE = 256

STOCK = 8000
"""Objects that take Blender several seconds to read."""


def main() -> None:
    """Do what the arguments say."""
    match sys.argv[1:]:
        case ["make", folder, frames]:
            make(Path(folder), int(frames))
        case ["make-slow", folder, frames]:
            make(Path(folder), int(frames), STOCK)
        case ["render", scene, folder, *only]:
            render(scene, Path(folder), [int(frame) for frame in only])
        case _:
            sys.exit(__doc__)


def render(scene_file: str, folder: Path, only: list[int]) -> None:
    """Open a scene and render its frames one after another, as ``0001.png`` and so on; or ``only`` some."""
    bpy.ops.wm.open_mainfile(filepath=scene_file)
    scene = bpy.context.scene
    for frame in only or range(scene.frame_start, scene.frame_end + 1, scene.frame_step):
        scene.frame_set(frame)
        scene.render.filepath = str(folder / f"{frame:04d}.png")
        bpy.ops.render.render(write_still=True)


def make(folder: Path, frames: int, stock: int = 0) -> None:
    """Write the scene: rings of glossy and rough solids that turn, above a textured floor.

    Args:
        stock: objects in a collection that is switched off, each with a mesh and a material of its own: they
            are read when the scene is opened, and cost nothing when it renders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    _solids(scene)
    _floor(folder)
    _lamp_and_camera(scene)
    _turn(scene, frames)
    _settings(scene, frames)
    _stock(scene, stock)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "rings.blend"), compress=True)
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()


def _solids(scene: Any) -> None:
    hub = bpy.data.objects.new("Hub", None)
    scene.collection.objects.link(hub)
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24, radius=0.42)
    pattern = bpy.context.object
    pattern.data.shade_smooth()
    for number in range(24):
        solid = bpy.data.objects.new(f"Solid {number}", pattern.data.copy())
        solid.data.materials.append(_material(number))
        scene.collection.objects.link(solid)
        ring, angle = divmod(number, 8)[0] + 1, number * math.tau / 8 + number // 8 * 0.4
        solid.location = (1.25 * ring * math.cos(angle), 1.25 * ring * math.sin(angle), 0.42)
        solid.parent = hub
    bpy.data.objects.remove(pattern)


def _material(number: int) -> Any:
    material = bpy.data.materials.new(f"Paint {number}")
    surface = material.node_tree.nodes["Principled BSDF"]
    shade = [0.5 + 0.4 * math.cos(number * 0.8 + turn) for turn in (0.0, 2.1, 4.2)]
    surface.inputs["Base Color"].default_value = (*shade, 1.0)
    surface.inputs["Roughness"].default_value = (0.05, 0.3, 0.6)[number % 3]
    surface.inputs["Metallic"].default_value = float(number % 2)
    return material


def _floor(folder: Path) -> None:
    image = bpy.data.images.new("checks", TEXTURE_SIDE, TEXTURE_SIDE)
    pixels: list[float] = []
    for row in range(TEXTURE_SIDE):
        for column in range(TEXTURE_SIDE):
            light = 0.7 if (row // 32 + column // 32) % 2 else 0.35
            pixels += [light, light * 0.95, light * 0.85, 1.0]
    image.pixels = pixels
    image.filepath_raw, image.file_format = str(folder / "checks.png"), "PNG"
    image.save()
    bpy.ops.mesh.primitive_plane_add(size=24)
    material = bpy.data.materials.new("Floor")
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    tree.links.new(texture.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.context.object.data.materials.append(material)


def _lamp_and_camera(scene: Any) -> None:
    lamp = bpy.data.lights.new("Softbox", "AREA")
    lamp.energy, lamp.size = 900, 4
    box = bpy.data.objects.new("Softbox", lamp)
    box.location = (0, 0, 6)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0, -9.5, 5.0), (math.radians(63), 0, 0)
    for made in (box, camera):
        scene.collection.objects.link(made)
    scene.camera = camera


def _turn(scene: Any, frames: int) -> None:
    hub = scene.objects["Hub"]
    for frame, angle in ((1, 0.0), (frames, math.pi / 2)):
        hub.rotation_euler[2] = angle
        hub.keyframe_insert("rotation_euler", index=2, frame=frame)


def _stock(scene: Any, count: int) -> None:
    if not count:
        return
    stock = bpy.data.collections.new("Stock")
    scene.collection.children.link(stock)
    for number in range(count):
        mesh = bpy.data.meshes.new(f"Part {number}")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        mesh.materials.append(_material(number))
        stock.objects.link(bpy.data.objects.new(f"Part {number}", mesh))
    bpy.context.view_layer.layer_collection.children["Stock"].exclude = True


def _settings(scene: Any, frames: int) -> None:
    scene.frame_start, scene.frame_end = 1, frames
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGB"
    cycles.device, cycles.samples, cycles.seed = "CPU", SAMPLES, 1
    cycles.use_adaptive_sampling = cycles.use_denoising = False


if __name__ == "__main__":
    main()
