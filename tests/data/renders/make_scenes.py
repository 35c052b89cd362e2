"""Makes the scenes of the render tests with Blender: ``python make_scenes.py FOLDER``.

Every scene is a row of flat, self-lit squares seen straight on, so that each pixel's colour is known: what
the scene's texture files say, and nothing depends on noise. Pictures measure 32 by 8 pixels, 8 by 8 a square.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

WIDTH, HEIGHT = 32, 8
RED, GREEN, BLUE, YELLOW = (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1), (1, 1, 0, 1)


def main(folder: Path) -> None:
    """Make them all."""
    (folder / "tex").mkdir(parents=True)
    (folder / "lib").mkdir()
    for name, colour in {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}.items():
        picture(folder / "tex" / f"{name}.png", colour)
    plain(folder)
    two_scenes(folder)
    three_layers(folder)
    textured(folder)
    tiled(folder)
    sequence(folder)
    linked(folder)
    driven(folder)
    composited(folder)
    heavy(folder)
    marked(folder)
    blind(folder)
    movie(folder)
    noisy(folder)
    smoothed(folder)
    adaptive(folder)
    deep(folder)
    stereo(folder)
    denoised(folder)
    for_cards(folder)


def picture(path: Path, colour: tuple[int, ...]) -> None:
    image = bpy.data.images.new("made", 4, 4)
    image.generated_color = colour
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


def fresh(name: str = "Scene") -> bpy.types.Scene:
    """An empty file with one scene that looks at four squares' room."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = name
    return prepared(scene)


def prepared(scene: bpy.types.Scene) -> bpy.types.Scene:
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type = "BOX"
    scene.cycles.filter_width = 0.01
    scene.render.filter_size = 0.01
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.view_settings.view_transform = "Standard"
    scene.render.dither_intensity = 0
    scene.camera = camera(scene, "Front", 0.0)
    return scene


def camera(scene: bpy.types.Scene, name: str, x: float) -> bpy.types.Object:
    made = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    made.data.type, made.data.ortho_scale = "ORTHO", 4.0
    made.location = (x, 0, 5)
    scene.collection.objects.link(made)
    return made


def square(x: float, material: bpy.types.Material, collection: bpy.types.Collection) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("square")
    mesh.from_pydata([(-0.5, -0.5, 0), (0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 0)], [], [(0, 1, 2, 3)])
    layer = mesh.uv_layers.new()
    for loop, uv in zip(layer.data, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)), strict=True):
        loop.uv = uv
    mesh.materials.append(material)
    made = bpy.data.objects.new(f"square {x}", mesh)
    made.location.x = x
    collection.objects.link(made)
    return made


def light(name: str, colour: tuple[float, ...] = (0, 0, 0, 1)) -> tuple[bpy.types.Material, bpy.types.Node]:
    """A material that shines in a colour, and the node that does."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    emission, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value = colour
    material.node_tree.links.new(emission.outputs[0], output.inputs[0])
    return material, emission


def shows(name: str, filepath: str) -> bpy.types.Material:
    """A material that shines as a texture file says; the path is kept as it is written here."""
    material, emission = light(name)
    image = bpy.data.images.new(name, 4, 4)
    image.source, image.filepath = "FILE", filepath
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image, node.interpolation = image, "Closest"
    material.node_tree.links.new(node.outputs["Color"], emission.inputs["Color"])
    return material


def save(path: Path, compress: bool = False) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=compress, relative_remap=False)


def animated(scene: bpy.types.Scene) -> None:
    """A square that is red at frame 1 and blue from frame 5 on."""
    material, emission = light("changing", RED)
    colour = emission.inputs["Color"]
    colour.keyframe_insert("default_value", frame=1)
    colour.default_value = BLUE
    colour.keyframe_insert("default_value", frame=5)
    square(-1.5, material, scene.collection)


def plain(folder: Path) -> None:
    scene = fresh("Main")
    animated(scene)
    square(1.5, light("green", GREEN)[0], scene.collection)
    camera(scene, "Aside", 3.0)
    save(folder / "plain.blend", compress=True)


def two_scenes(folder: Path) -> None:
    first = fresh("Main")
    square(-1.5, light("red", RED)[0], first.collection)
    second = prepared(bpy.data.scenes.new("Other"))
    animated(second)
    save(folder / "two_scenes.blend")


def three_layers(folder: Path) -> None:
    scene = fresh("Main")
    colours = {"Left": RED, "Middle": GREEN, "Right": BLUE}
    for number, (name, colour) in enumerate(colours.items()):
        collection = bpy.data.collections.new(name)
        scene.collection.children.link(collection)
        square(number - 1.5, light(name, colour)[0], collection)
        layer = scene.view_layers[0] if not number else scene.view_layers.new(name)
        layer.name = name
    for layer in scene.view_layers:
        for child in layer.layer_collection.children:
            child.exclude = child.name != layer.name
    save(folder / "three_layers.blend")


def textured(folder: Path) -> None:
    """Absolute, drive-letter, network and backslashed relative paths, left to right."""
    paths = (
        str(folder / "tex" / "red.png"),
        "D:\\tex\\green.png",
        "\\\\server\\share\\blue.png",
        "//shots\\..\\tex\\yellow.png",
    )
    scene = fresh("Main")
    for number, path in enumerate(paths):
        square(number - 1.5, shows(f"texture {number}", path), scene.collection)
    save(folder / "textured.blend")


def tiled(folder: Path) -> None:
    picture(folder / "tex" / "tile.1001.png", RED)
    picture(folder / "tex" / "tile.1002.png", GREEN)
    scene = fresh("Main")
    material = shows("tiles", str(folder / "tex" / "tile.1001.png"))
    image = bpy.data.images["tiles"]
    image.source, image.filepath = "TILED", str(folder / "tex" / "tile.<UDIM>.png")
    if len(image.tiles) < 2:
        image.tiles.new(1002)
    square(-1.5, material, scene.collection)
    second = square(-0.5, material, scene.collection)
    for loop in second.data.uv_layers[0].data:
        loop.uv.x += 1.0
    save(folder / "tiled.blend")


def sequence(folder: Path) -> None:
    """Pictures of frames 1 and 3; that of frame 2 was never made."""
    picture(folder / "tex" / "seq.0001.png", RED)
    picture(folder / "tex" / "seq.0003.png", BLUE)
    scene = fresh("Main")
    material = shows("counting", str(folder / "tex" / "seq.0001.png"))
    image = bpy.data.images["counting"]
    image.source = "SEQUENCE"
    user = next(node for node in material.node_tree.nodes if node.type == "TEX_IMAGE").image_user
    user.frame_duration, user.frame_start, user.use_auto_refresh = 3, 1, True
    square(-1.5, material, scene.collection)
    save(folder / "sequence.blend")


def linked(folder: Path) -> None:
    """``outer`` links from ``middle``, which links from ``deep``, each by absolute path."""
    fresh("Deep")
    bpy.data.collections.new("deep")
    square(0.5, shows("deep", "//../tex/green.png"), bpy.data.collections["deep"])
    unused = shows("unused", "//never_made.png")
    unused.use_fake_user = True
    bpy.context.scene.collection.children.link(bpy.data.collections["deep"])
    save(folder / "lib" / "deep.blend")

    fresh("Middle")
    collection = bpy.data.collections.new("middle")
    bpy.context.scene.collection.children.link(collection)
    collection.children.link(link(folder / "lib" / "deep.blend", "deep"))
    square(-0.5, shows("middle", str(folder / "tex" / "blue.png")), collection)
    save(folder / "lib" / "middle.blend")

    scene = fresh("Main")
    scene.collection.children.link(link(folder / "lib" / "middle.blend", "middle"))
    square(-1.5, light("own", RED)[0], scene.collection)
    save(folder / "outer.blend", compress=True)


def link(library: Path, name: str) -> bpy.types.Collection:
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = [name]
    return wanted.collections[0]


def driven(folder: Path) -> None:
    """A driver, a text and a handler's worth of Python that would leave a file behind."""
    scene = fresh("Main")
    made = square(-1.5, light("red", RED)[0], scene.collection)
    driver = made.driver_add("location", 1).driver
    driver.expression = f"(__import__('pathlib').Path({str(folder / 'driver_ran')!r}).touch() or 0.0)"
    text = bpy.data.texts.new("startup.py")
    text.write(f"open({str(folder / 'text_ran')!r}, 'w').close()")
    text.use_module = True
    save(folder / "driven.blend")


def composited(folder: Path) -> None:
    """File Output nodes that would write outside."""
    scene = fresh("Main")
    square(-1.5, light("red", RED)[0], scene.collection)
    tree = bpy.data.node_groups.new("compositing", "CompositorNodeTree")
    scene.compositing_node_group = tree
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    layers, output = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("NodeGroupOutput")
    tree.links.new(layers.outputs["Image"], output.inputs[0])
    written = tree.nodes.new("CompositorNodeOutputFile")
    written.name, written.directory, written.file_name = "Extra", str(folder / "escaped") + "/", "../../out"
    written.format.media_type, written.format.file_format = "IMAGE", "PNG"
    written.file_output_items.new("RGBA", "../beauty")
    tree.links.new(layers.outputs["Image"], written.inputs[0])
    save(folder / "composited.blend")


def heavy(folder: Path) -> None:
    """Takes hours: for time limits, cancels and kills."""
    scene = fresh("Main")
    square(0, light("red", RED)[0], scene.collection)
    scene.cycles.samples = 2**24 - 1
    scene.render.resolution_x, scene.render.resolution_y = 512, 512
    save(folder / "heavy.blend")


def marked(folder: Path) -> None:
    """Two cameras, one from frame 1 on, one from frame 3 on."""
    scene = fresh("Main")
    square(-1.5, light("red", RED)[0], scene.collection)
    square(1.5, light("green", GREEN)[0], scene.collection)
    cameras = {1: scene.camera, 3: camera(scene, "Aside", 3.0)}
    for frame, bound in cameras.items():
        scene.timeline_markers.new(bound.name, frame=frame).camera = bound
    save(folder / "marked.blend")


def blind(folder: Path) -> None:
    scene = fresh("Main")
    scene.camera = None
    save(folder / "blind.blend")


def movie(folder: Path) -> None:
    scene = fresh("Main")
    square(-1.5, light("red", RED)[0], scene.collection)
    scene.render.image_settings.media_type = "VIDEO"
    save(folder / "movie.blend")


def lit() -> bpy.types.Scene:
    """A grey floor under a lamp of some size: soft shadows take samples."""
    scene = fresh("Main")
    material = bpy.data.materials.new("grey")
    square(0, material, scene.collection).scale = (4, 4, 1)
    square(0.3, material, scene.collection).location.z = 0.4
    lamp = bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "AREA"))
    lamp.data.size, lamp.data.energy, lamp.location = 3, 60, (-1, 0, 2)
    scene.collection.objects.link(lamp)
    return scene


def noisy(folder: Path) -> None:
    """The lit floor as it is."""
    lit()
    save(folder / "noisy.blend")


def adaptive(folder: Path) -> None:
    """The lit floor with what Blender's own new scenes have: samples as they are needed, and dither."""
    scene = lit()
    scene.cycles.use_adaptive_sampling, scene.cycles.adaptive_threshold = True, 0.05
    scene.cycles.samples, scene.cycles.adaptive_min_samples = 64, 4
    scene.render.dither_intensity = 1
    save(folder / "adaptive.blend")


def deep(folder: Path) -> None:
    """The lit floor in 16 bits a colour."""
    scene = lit()
    scene.cycles.samples = 3
    scene.render.image_settings.color_depth = "16"
    save(folder / "deep.blend")


def stereo(folder: Path) -> None:
    """The lit floor for two eyes, a file for each."""
    scene = lit()
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "INDIVIDUAL"
    save(folder / "stereo.blend")


def for_cards(folder: Path) -> None:
    """A red square that asks for a graphics card."""
    scene = fresh("Main")
    scene.cycles.device = "GPU"
    square(-1.5, light("red", RED)[0], scene.collection)
    save(folder / "for_cards.blend")


def denoised(folder: Path) -> None:
    """The lit floor, denoised."""
    scene = lit()
    scene.cycles.use_denoising = True
    save(folder / "denoised.blend")


def smoothed(folder: Path) -> None:
    """Auto smooth, for which Blender 5.0 packs a node group of a library of its own, and keeps the path."""
    scene = fresh("Main")
    made = square(-1.5, light("red", RED)[0], scene.collection)
    bpy.context.view_layer.objects.active = made
    made.select_set(True)
    bpy.ops.object.shade_auto_smooth()
    save(folder / "smoothed.blend")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
