"""Make the scenes of this folder that are our own, with Blender 5.0 as a Python module.

``python tests/data/blender/make.py`` writes them beside itself, and beside each what Blender says of it
(``*.json``), against which the reader is tested. Needs the ``blender`` extra; the tests do not.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import bpy

HERE = Path(__file__).parent
WORK = Path(tempfile.gettempdir(), "scenes")
"""Scenes are made here: Blender writes into a file where it was saved."""


def empty() -> Any:
    """A file with one scene and nothing in it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return bpy.context.scene


def save(name: str, *, compress: bool = True) -> None:
    """Write the file; relative paths stay as they were given."""
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(WORK / name), compress=compress, relative_remap=False)


def camera(scene: Any, name: str) -> Any:
    """A camera object in the scene."""
    found = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    scene.collection.objects.link(found)
    return found


def image(name: str, path: str, source: str = "FILE") -> Any:
    """An image data-block that is kept although nothing uses it."""
    found = bpy.data.images.new(name, 4, 4)
    found.source = source
    found.filepath = path
    found.use_fake_user = True
    return found


def cube(scene: Any, name: str) -> Any:
    """A mesh object in the scene."""
    found = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    scene.collection.objects.link(found)
    return found


def link(library: str, kind: str, name: str) -> Any:
    """Link a data-block of a library beside this one, by a relative path."""
    with bpy.data.libraries.load(str(WORK / library), link=True, relative=True) as (_, wanted):
        setattr(wanted, kind, [name])
    bpy.data.libraries[library].filepath = f"//{library}"
    return getattr(bpy.data, kind)[name, f"//{library}"]


def material(name: str) -> Any:
    """A material that shows a picture of the same name."""
    found = bpy.data.materials.new(name)
    node = found.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image(name, f"//textures/{name}.png")
    found.use_fake_user = True
    return found


def make_nails(*, with_wood: bool) -> None:
    """``nails.blend``: object ``nail`` of material ``rust``, and of the shed's ``wood``."""
    nail = cube(empty(), "nail")
    nail.data.materials.append(material("rust"))
    if with_wood:
        nail.data.materials.append(link("shed.blend", "materials", "wood"))
    save("nails.blend")


def make_libraries() -> None:
    """``shed.blend`` and ``nails.blend`` link each other, as in real projects; nothing needs ``paint``."""
    make_nails(with_wood=False)
    plank = cube(empty(), "plank")
    plank.data.materials.append(material("wood"))
    plank.parent = link("nails.blend", "objects", "nail")
    bpy.context.scene.collection.objects.link(plank.parent)
    driver = plank.driver_add("location", 2).driver
    driver.type, driver.expression = "SCRIPTED", "noise.random()"
    material("paint")
    save("shed.blend")
    make_nails(with_wood=True)


def make_packed_links() -> None:
    """``packed_links.blend``: a copy of linked data-blocks (5.0), whose paths stay their library's."""
    scene = empty()
    options = {"link": True, "pack": True, "relative": True}
    with bpy.data.libraries.load(str(WORK / "shed.blend"), **options) as (_, wanted):
        wanted.materials = ["wood"]
    cube(scene, "uses wood").data.materials.append(bpy.data.materials["wood"])
    for found in bpy.data.libraries:
        found.filepath = "//lib/shed.blend"
    save("packed_links.blend")


def add_images() -> None:
    """Pictures in every form: one file, packed, tiles, sequence, absolute, on a drive, on a server."""
    image("oak", "//textures/oak.png")
    image("tiles", "//textures/tiles.<UDIM>.png", "TILED")
    bpy.data.images["tiles"].tiles.new(1002)
    image("plate", "//plates/plate.0100.png", "SEQUENCE")
    image("absolute", "/mnt/show/textures/brick.png")
    image("drive", "D:\\show\\textures\\brick.png")
    image("server", "\\\\files\\show\\textures\\brick.png")
    image("grown", "//textures/grown.png", "GENERATED")
    inside = bpy.data.images.new("inside", 4, 4)
    inside.pixels[0] = 1.0  # what was never painted is not packed
    inside.pack()
    inside.filepath_raw = "//textures/inside.png"
    inside.use_fake_user = True


def add_files(scene: Any) -> None:
    """Sound, font, clip, volume, Alembic, USD."""
    silence = WORK / "files" / "silence.wav"
    header = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\0\0\0\0"
    silence.write_bytes(header)
    sound = bpy.data.sounds.load(str(silence))
    sound.filepath = "//files/silence.wav"
    sound.use_fake_user = True
    volume = bpy.data.volumes.new("smoke")
    volume.filepath = "//caches/smoke_0001.vdb"
    volume.is_sequence = True
    scene.collection.objects.link(bpy.data.objects.new("smoke", volume))
    scene.sequence_editor_create()
    strips = scene.sequence_editor.strips
    strip = strips.new_image("pictures", str(WORK / "files" / "a.png"), 1, 1)
    strip.elements.append("b.png")
    strip.directory = "//files/"


def add_modifiers(scene: Any) -> None:
    """Caches that modifiers name."""
    thing = cube(scene, "cached")
    thing.modifiers.new("points", "MESH_CACHE").filepath = "//caches/points.pc2"
    cloth = thing.modifiers.new("cloth", "CLOTH")
    cloth.point_cache.use_external = True
    cloth.point_cache.filepath = "//caches/cloth"
    nodes = thing.modifiers.new("nodes", "NODES")
    nodes.node_group = bpy.data.node_groups.new("geometry", "GeometryNodeTree")
    nodes.bake_directory = "//caches/bake"
    reader = nodes.node_group.nodes.new("GeometryNodeImportSTL")
    reader.inputs["Path"].default_value = "//models/bolt.stl"


def add_shaders() -> None:
    """Light shapes and scripts in files of their own."""
    lamp = bpy.data.lights.new("lamp", "POINT")
    lamp.use_fake_user = True
    lamp.use_nodes = True
    ies = lamp.node_tree.nodes.new("ShaderNodeTexIES")
    ies.mode, ies.filepath = "EXTERNAL", "//lights/lamp.ies"
    inside = lamp.node_tree.nodes.new("ShaderNodeTexIES")
    inside.mode, inside.filepath = "INTERNAL", "//lights/unused.ies"
    surface = bpy.data.materials.new("scripted")
    surface.use_fake_user = True
    script = surface.node_tree.nodes.new("ShaderNodeScript")
    script.mode, script.filepath = "EXTERNAL", "//shaders/rust.osl"


def add_drivers(scene: Any) -> None:
    """One driver that Blender works out by itself, and two that need Python."""
    driven = cube(scene, "driven")
    for index, expression in enumerate(["frame / 24", "noise.random()", "frame ** 2"]):
        driver = driven.driver_add("location", index).driver
        driver.type, driver.expression = "SCRIPTED", expression


def set_rendering(scene: Any) -> None:
    """Render settings that are nobody's default."""
    scene.name = "Shot"
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 7
    scene.frame_start, scene.frame_end, scene.frame_step = 2, 12, 5
    scene.render.fps, scene.render.fps_base = 30, 1.001
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 333, 211, 50
    scene.render.filepath = "//render/shot_####"
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.camera = camera(scene, "front")
    side = camera(scene, "side")
    marker = scene.timeline_markers.new("cut", frame=4)
    marker.camera = side
    scene.view_layers[0].name = "beauty"
    scene.view_layers.new("matte")
    scene.view_layers.new("off").use = False
    tree = bpy.data.node_groups.new("finish", "CompositorNodeTree")
    scene.compositing_node_group = tree
    written = tree.nodes.new("CompositorNodeOutputFile")
    written.directory = "//render/passes/"


def plane(name: str) -> Any:
    """A face that operators work on."""
    found = cube(bpy.context.scene, name)
    found.data.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
    bpy.context.view_layer.objects.active = found
    found.select_set(True)
    return found


def add_rare_files(made: Path) -> None:
    """Fonts, clips, Alembic and USD: made for a moment, because Blender looks for them."""
    font = Path(bpy.utils.system_resource("DATAFILES"), "fonts", "DejaVuSansMono.woff2")
    bpy.data.fonts.load(str(shutil.copy(font, made / "mono.woff2"))).use_fake_user = True
    picture = bpy.data.images.new("picture", 4, 4)
    picture.filepath_raw, picture.file_format = str(made / "clip_001.png"), "PNG"
    picture.save()
    bpy.data.images.remove(picture)
    bpy.data.movieclips.load(str(made / "clip_001.png")).use_fake_user = True
    bpy.ops.wm.alembic_export(filepath=str(made / "crowd.abc"))
    bpy.ops.cachefile.open(filepath=str(made / "crowd.abc"))
    bpy.data.cache_files[0].layers.new(filepath="//made/cloth.abc")
    bpy.ops.wm.usd_export(filepath=str(made / "town.usdc"))
    bpy.ops.cachefile.open(filepath=str(made / "town.usdc"))
    bpy.data.cache_files["town.usdc"].is_sequence = True
    for found in bpy.data.cache_files:
        found.use_fake_user = True


def add_rare_modifiers(made: Path) -> None:
    """Caches of modifiers that need more than a path."""
    rock = plane("rock")
    rock.modifiers.new("detail", "MULTIRES")
    bpy.ops.object.multires_subdivide(modifier="detail")
    bpy.ops.object.multires_external_save(filepath=str(made / "rock.btx"))
    plane("sea").modifiers.new("ocean", "OCEAN").filepath = str(made / "ocean")
    canvas = plane("canvas").modifiers.new("paint", "DYNAMIC_PAINT")
    canvas.show_viewport = False
    bpy.ops.dpaint.type_toggle(type="CANVAS")
    canvas.canvas_settings.canvas_surfaces[0].image_output_path = "//made/paint"
    baked = plane("baked").modifiers.new("nodes", "NODES")
    tree = baked.node_group = bpy.data.node_groups.new("bakes", "GeometryNodeTree")
    tree.interface.new_socket("out", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    tree.links.new(tree.nodes.new("GeometryNodeBake").outputs[0], tree.nodes.new("NodeGroupOutput").inputs[0])
    bpy.context.view_layer.update()
    baked.bake_target = "DISK"
    baked.bakes[0].use_custom_path = True
    baked.bakes[0].directory = "//made/custom"
    tank = plane("tank").modifiers.new("fluid", "FLUID")
    tank.show_viewport = False
    tank.fluid_type = "DOMAIN"
    tank.domain_settings.cache_directory = str(made / "fluid")


def make_rare() -> None:
    """``rare.blend``: kinds of files that few scenes name."""
    empty()
    made = WORK / "made"
    made.mkdir()
    add_rare_files(made)
    add_rare_modifiers(made)
    lens = bpy.data.cameras.new("lens")
    lens.use_fake_user = True
    lens.type, lens.custom_mode, lens.custom_filepath = "CUSTOM", "EXTERNAL", str(made / "lens.osl")
    stereo = image("stereo", "//made/stereo.png")
    stereo.use_multiview = True
    save("rare.blend")
    bpy.ops.file.make_paths_relative()
    save("rare.blend")
    shutil.rmtree(made)


def said_by_blender() -> dict[str, Any]:
    """The facts of the open file, as Blender tells them."""
    return {
        "active_scene": bpy.context.scene.name,
        "scenes": [
            {
                "name": scene.name,
                "engine": scene.render.engine,
                "camera": scene.camera.name if scene.camera else "",
                "cameras": sorted(found.name for found in scene.objects if found.type == "CAMERA"),
                "view_layers": [[layer.name, layer.use] for layer in scene.view_layers],
                "frames": [scene.frame_start, scene.frame_end, scene.frame_step],
                "fps": scene.render.fps / scene.render.fps_base,
                "size": [
                    scene.render.resolution_x,
                    scene.render.resolution_y,
                    scene.render.resolution_percentage,
                ],
                "output": scene.render.filepath,
                "format": scene.render.image_settings.file_format,
                "samples": scene.cycles.samples,
                "switches": [[m.frame, m.camera.name] for m in scene.timeline_markers if m.camera],
                "composites": scene.compositing_node_group is not None,
            }
            for scene in bpy.data.scenes
        ],
        "python_drivers": [
            [found.name, curve.driver.expression]
            for found in bpy.data.objects
            for curve in (found.animation_data.drivers if found.animation_data else [])
            if not found.library and not curve.driver.is_simple_expression
        ],
    }


def make_everything() -> None:
    """``everything.blend``: each kind of file that a scene can name, and unusual settings."""
    scene = empty()
    set_rendering(scene)
    add_images()
    add_files(scene)
    add_modifiers(scene)
    add_shaders()
    add_drivers(scene)
    scene.collection.objects.link(link("shed.blend", "objects", "plank"))
    second = bpy.data.scenes.new("Other")
    second.render.engine = "BLENDER_WORKBENCH"
    bpy.context.window.scene = scene
    save("everything.blend")
    told = said_by_blender()
    (WORK / "everything.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def ask_about_expressions(expressions: list[str]) -> list[bool]:
    """Whether Blender needs Python for each expression, with a variable called ``var``."""
    driven = cube(empty(), "driven")
    answers = []
    for expression in expressions:
        driver = driven.driver_add("location", 0).driver
        driver.type = "SCRIPTED"
        driver.variables.new().name = "var"
        driver.expression = expression
        answers.append(not driver.is_simple_expression)
        driven.driver_remove("location", 0)
    return answers


if __name__ == "__main__":
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "files").mkdir(parents=True)
    make_libraries()
    make_packed_links()
    make_rare()
    make_everything()
    expressions = json.loads((HERE / "expressions.json").read_text(encoding="utf-8"))
    asked = dict(zip(expressions, ask_about_expressions(list(expressions)), strict=True))
    (WORK / "expressions.json").write_text(json.dumps(asked, indent=2) + "\n", encoding="utf-8")
    shutil.copytree(WORK, HERE, dirs_exist_ok=True)
    shutil.rmtree(WORK)
    sys.exit(0)
