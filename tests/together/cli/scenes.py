"""Makes tiny scenes with Blender, in a process of its own: ``python scenes.py FOLDER``.

``cube.blend`` renders in a fraction of a second, ``slow.blend`` for minutes. ``textured.blend`` needs
``textures/wood.png``, ``照明 é.blend`` has names that a terminal must not see as they are, ``blind.blend`` a
camera that is not the scene's, ``crash.blend`` a script that ends the renderer,
``hang.blend`` one that never ends, and ``muti_layer_test.blend`` two view layers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy


def new_scene(side_px: int = 32, samples: int = 1) -> None:
    """A turning cube, a light and a camera; frames 1 to 4."""
    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    cube.keyframe_insert("rotation_euler", frame=1)
    cube.rotation_euler[2] = 1.0
    cube.keyframe_insert("rotation_euler", frame=10)
    bpy.ops.object.light_add(location=(3, 3, 5))
    bpy.ops.object.camera_add(location=(6, -6, 4), rotation=(1.1, 0, 0.78))
    scene.camera = bpy.context.object
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = False  # tiles would show its seams
    scene.render.resolution_x = scene.render.resolution_y = side_px
    scene.render.resolution_percentage = 100
    scene.frame_start, scene.frame_end = 1, 4
    scene.render.filepath = "//render/shot_####"


def save(path: Path) -> None:
    """Write the scene."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def add_texture(path: Path) -> None:
    """Cover the cube with an image that is a file of its own, named by a relative path."""
    image = bpy.data.images.new("wood", 8, 8)
    image.filepath_raw = str(path)
    image.file_format = "PNG"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save()
    image.source = "FILE"
    image.filepath = f"//{path.parent.name}/{path.name}"
    material = bpy.data.materials.new("wood")
    material.use_nodes = True
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    bpy.data.objects["Cube"].data.materials.append(material)


def when_loaded(script: str) -> None:
    """Add a script that runs when the scene opens, where scripts may run."""
    text = bpy.data.texts.new("script.py")
    text.write(script)
    text.use_module = True


def main(folder: Path) -> None:
    """Make all of them."""
    new_scene()
    save(folder / "cube" / "cube.blend")
    new_scene(side_px=800, samples=4000)
    save(folder / "slow" / "slow.blend")
    new_scene()
    add_texture(folder / "textured" / "textures" / "wood.png")
    save(folder / "textured" / "textured.blend")
    new_scene()
    bpy.context.scene.name = "照明 \x1b[31mrot\x07"
    bpy.context.scene.view_layers[0].name = "Ansicht/\x1b[2J..é"
    save(folder / "Szenen mit Ümlaut" / "照明 é.blend")
    new_scene()
    bpy.context.scene.camera = None
    save(folder / "blind" / "blind.blend")
    new_scene()
    bpy.context.scene.view_layers.new("l_ayer2")
    save(folder / "CG FILE" / "muti_layer_test.blend")
    new_scene()
    when_loaded("import os\nos.abort()\n")
    save(folder / "crash" / "crash.blend")
    new_scene()
    when_loaded("while True:\n    pass\n")
    save(folder / "hang" / "hang.blend")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
