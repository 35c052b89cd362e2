"""The evening round the bus: sky, hills, road; and the props that live in a library file of their own."""

from __future__ import annotations

import math
import random
from pathlib import Path

import bpy

from demo_scene import materials, shapes

SUN = (-0.42, 0.91, 0.088)  # the direction of the low sun, as seen from the camera
ROAD_HALF_M = 1.75


def build_props(textures: Path) -> None:
    """Fill the open file with the library's collections: a pine and a street lamp."""
    for name, build in (("Pine", _pine), ("Street lamp", _street_lamp)):
        made = bpy.data.collections.new(name)
        bpy.context.scene.collection.children.link(made)
        build(made, textures)


def _pine(into: bpy.types.Collection, textures: Path) -> None:
    needles = materials.needled(textures / "needles.png", 2.4)
    bark = materials.solid("Bark", (0.06, 0.03, 0.022), roughness=0.9)
    shapes.place(
        "Trunk", shapes.turned("Trunk", [(0.0, 0), (0.12, 0), (0.09, 0.7), (0, 0.7)], bark, 12), into
    )
    tiers = ((0.35, 0.78, 0.95), (0.95, 0.62, 0.85), (1.5, 0.44, 0.85))
    for number, (low, wide, tall) in enumerate(tiers):
        profile = [(0.0, low + 0.06), (wide * 0.8, low), (wide * 0.97, low + 0.035), (wide, low + 0.09)]
        profile += [
            (wide * (1 - t) ** 1.15 + 0.012, low + 0.09 + (tall - 0.09) * t) for t in (0.25, 0.5, 0.75)
        ]
        profile += [(0.03, low + tall - 0.02), (0.0, low + tall)]
        shapes.place(f"Tier {number}", shapes.turned(f"Tier {number}", profile, needles, 28), into)


def _street_lamp(into: bpy.types.Collection, _textures: Path) -> None:
    iron = materials.solid("Iron", (0.02, 0.024, 0.03), roughness=0.35, metallic=0.6)
    bulb = materials.glowing("Lamp bulb", (1.0, 0.55, 0.20), 7)
    post = [(0.0, 0), (0.13, 0), (0.13, 0.08), (0.07, 0.14), (0.045, 0.4), (0.035, 2.5), (0.0, 2.5)]
    cap = [(0.0, 2.86), (0.17, 2.80), (0.19, 2.78), (0.17, 2.77), (0.0, 2.77)]
    cup = [(0.0, 2.44), (0.06, 2.45), (0.1, 2.5), (0.0, 2.5)]
    globe = [(0.13 * math.sin(math.pi * t / 12), 2.64 - 0.14 * math.cos(math.pi * t / 12)) for t in range(13)]
    for name, profile, paint in (
        ("Post", post, iron),
        ("Cap", cap, iron),
        ("Cup", cup, iron),
        ("Globe", globe, bulb),
    ):
        shapes.place(name, shapes.turned(name, profile, paint, 24), into)
    light = bpy.data.lights.new("Lamp light", "POINT")
    light.energy, light.color, light.shadow_soft_size = 70, (1.0, 0.62, 0.28), 0.14
    shapes.place("Lamp light", light, into).location = (0, 0, 2.4)


def build(into: bpy.types.Collection, textures: Path, props: Path) -> None:
    """Sky, ground and hills, and the library's props linked from ``props`` and set about."""
    _sky()
    _ground(into, textures)
    with bpy.data.libraries.load(str(props), link=True) as (there, here):
        here.collections = list(there.collections)
    for number, (x, y, scale) in enumerate(_pine_places()):
        tree = _instance("Pine", (x, y, _meadow(x, y)), into)
        tree.scale = (scale, scale, scale * (1 + 0.12 * math.sin(number * 2.1)))
        tree.rotation_euler[2] = number * 1.7
    for x in (-11.5, -4.7, 2.2, 9.0):
        _instance("Street lamp", (x, ROAD_HALF_M + 0.32, 0.02), into)


def _instance(name: str, at: shapes.Point, into: bpy.types.Collection) -> bpy.types.Object:
    made = shapes.place(name, None, into)
    made.instance_type, made.instance_collection = "COLLECTION", bpy.data.collections[name]
    made.location = at
    return made


def _pine_places() -> list[shapes.Point]:
    """Where pines stand as (x, y, scale): a loose wood behind the road, two near the camera."""
    chance = random.Random(29)  # noqa: S311 - a garden, not a secret
    wood = [
        (x + chance.uniform(-0.8, 0.8), chance.uniform(4.0, 11.5), chance.uniform(0.75, 1.5))
        for x in (-13, -11.2, -9.8, -8.6, -7.3, -5.6, -0.4, 1.2, 2.6, 3.6, 5.0, 6.2, 7.6, 9.0, 10.5, 12.2)
    ]
    return [*wood, (-4.1, -2.75, 0.55), (5.6, -2.9, 0.6)]


def _meadow(x: float, y: float) -> float:
    """The height of the ground near the road: flat beside it, rolling behind."""
    away = max(0.0, abs(y) - ROAD_HALF_M - 0.3)
    roll = 0.5 + 0.5 * math.sin(x * 0.42 + 0.8) * math.cos(y * 0.3 + 0.4)
    return min(1.0, away / 5) * (0.25 + 1.0 * roll) if y > 0 else -0.03 * away


def _ground(into: bpy.types.Collection, textures: Path) -> None:
    road = materials.wet_road(textures / "road.png")
    grass = materials.ground(
        "Grass", (0.012, 0.045, 0.05), (0.05, 0.13, 0.085), near_m=12, far_m=80, scale=1.6
    )
    width = 2 * ROAD_HALF_M
    shapes.place(
        "Road",
        shapes.sheet("Road", (-30, 30, 1), (-ROAD_HALF_M, ROAD_HALF_M, 1), lambda *_: 0.0, road, width),
        into,
    )
    shapes.place(
        "Meadow", shapes.sheet("Meadow", (-34, 34, 110), (ROAD_HALF_M, 15, 24), _meadow, grass), into
    )
    shapes.place("Verge", shapes.sheet("Verge", (-30, 30, 60), (-9, -ROAD_HALF_M, 8), _meadow, grass), into)
    _flowers(into)
    kerb = materials.solid("Kerb stone", (0.22, 0.19, 0.2), roughness=0.6)
    for side in (-1, 1):
        stone = shapes.place("Kerb", shapes.box("Kerb", (60, 0.16, 0.14), 0.03, kerb), into)
        stone.location = (0, side * (ROAD_HALF_M + 0.06), 0)
    ridges = (
        (22.0, 2.6, 0.21, 0.4, (0.020, 0.050, 0.085), (0.035, 0.085, 0.11)),
        (34.0, 5.2, 0.13, 2.0, (0.040, 0.050, 0.115), (0.055, 0.075, 0.14)),
        (52.0, 8.6, 0.085, 4.1, (0.08, 0.06, 0.15), (0.10, 0.075, 0.17)),
    )
    for number, (y, tall, wave, phase, low, high) in enumerate(ridges):
        paint = materials.ground(f"Hills {number}", low, high, near_m=14, far_m=95, scale=0.5)
        shapes.place(f"Hills {number}", _ridge(number, y, tall, wave, phase, paint), into)


def _flowers(into: bpy.types.Collection) -> None:
    """Tufts of grass with a few flowers along the near side of the road, soft before the lens."""
    chance = random.Random(4)  # noqa: S311 - a garden, not a secret
    blade = materials.solid("Blade", (0.035, 0.13, 0.075), roughness=0.6)
    stalk = [(0.022, 0.0), (0.018, 0.12), (0.009, 0.24), (0.0, 0.32)]
    leaf = shapes.turned("Blade", stalk, blade, 6)
    petals = [
        shapes.turned(
            "Flower", [(0.0, -0.02), (0.035, -0.01), (0.045, 0.012), (0.02, 0.03), (0.0, 0.03)], paint, 12
        )
        for paint in (
            materials.solid("Poppy", (0.75, 0.07, 0.04), roughness=0.5),
            materials.solid("Daisy", (0.9, 0.72, 0.5), roughness=0.5),
            materials.solid("Cornflower", (0.16, 0.14, 0.62), roughness=0.5),
        )
    ]
    for number in range(70):
        x, y = chance.uniform(-4.5, 4.6), -ROAD_HALF_M - 0.3 - 1.1 * chance.random() ** 1.5
        for _ in range(5):
            at = (x + chance.gauss(0, 0.06), y + chance.gauss(0, 0.06), _meadow(x, y))
            grown = shapes.place("Blade", leaf, into)
            grown.location, grown.scale = at, (1, 1, chance.uniform(0.6, 1.15))
            grown.rotation_euler = (chance.gauss(0, 0.28), chance.gauss(0, 0.28), 0)
        if number % 2:
            flower = shapes.place("Flower", petals[number // 2 % 3], into)
            flower.location = (x, y, _meadow(x, y) + chance.uniform(0.2, 0.32))
            flower.rotation_euler = (chance.gauss(0.3, 0.2), chance.gauss(0, 0.2), 0)


def _ridge(
    number: int, y: float, tall: float, wave: float, phase: float, paint: bpy.types.Material
) -> bpy.types.Mesh:
    def height(px: float, py: float) -> float:
        crest = 0.62 + 0.26 * math.sin(px * wave + phase) + 0.12 * math.sin(px * wave * 2.3 + phase * 1.7)
        return tall * crest * math.sin(math.pi / 2 * (py - y + 7) / 7) - 0.6

    return shapes.sheet(f"Hills {number}", (-70, 70, 160), (y - 7, y, 10), height, paint)


def _sky() -> None:
    """A sky by direction: colours by height, a low sun and its glow; no picture, so no noise and no file."""
    world = bpy.data.worlds.new("Evening")
    bpy.context.scene.world = world
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 256
    tree = world.node_tree
    where, split = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    _stops(ramp, [
        (0.0, (0.62, 0.17, 0.075)), (0.05, (0.46, 0.105, 0.10)), (0.12, (0.20, 0.055, 0.135)),
        (0.22, (0.055, 0.036, 0.135)), (0.42, (0.018, 0.025, 0.095)), (1.0, (0.010, 0.018, 0.06)),
    ])  # fmt: skip
    towards, disc = tree.nodes.new("ShaderNodeVectorMath"), tree.nodes.new("ShaderNodeValToRGB")
    towards.operation = "DOT_PRODUCT"
    length = math.sqrt(sum(part * part for part in SUN))
    towards.inputs[1].default_value = tuple(part / length for part in SUN)
    _stops(disc, [
        (0.0, (0, 0, 0)), (0.82, (0, 0, 0)), (0.95, (0.09, 0.022, 0.012)), (0.99, (0.32, 0.075, 0.02)),
        (0.9984, (0.62, 0.17, 0.04)), (0.9987, (2.5, 0.80, 0.19)), (1.0, (2.9, 1.25, 0.38)),
    ])  # fmt: skip
    total, background = tree.nodes.new("ShaderNodeVectorMath"), tree.nodes["Background"]
    tree.links.new(where.outputs["Generated"], split.inputs[0])
    tree.links.new(split.outputs["Z"], ramp.inputs["Fac"])
    tree.links.new(where.outputs["Generated"], towards.inputs[0])
    tree.links.new(towards.outputs["Value"], disc.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], total.inputs[0])
    tree.links.new(disc.outputs["Color"], total.inputs[1])
    tree.links.new(total.outputs[0], background.inputs["Color"])


def _stops(ramp: bpy.types.Node, stops: list[tuple[float, materials.Colour]]) -> None:
    elements = ramp.color_ramp.elements
    while len(elements) < len(stops):
        elements.new(1.0)
    for element, (position, colour) in zip(elements, stops, strict=True):
        element.position, element.color = position, (*colour, 1)
