"""The little bus: two-tone body, lit windows, luggage on the roof, wheels that turn as far as it drives."""

from __future__ import annotations

import math
from pathlib import Path

import bpy

from demo_scene import materials, shapes

LENGTH, WIDTH = 2.9, 1.26
WHEEL_RADIUS = 0.31
FRONT_AXLE, REAR_AXLE = 0.88, -0.88


def build(into: bpy.types.Collection, textures: Path) -> bpy.types.Object:
    """Build the bus on the ground at the origin, facing +X; its parent empty is what drives."""
    bus = shapes.place("Bus", None, into)
    _body(bus, into, textures)
    _windows(bus, into, textures)
    _lamps(bus, into)
    _wheels(bus, into)
    _luggage(bus, into)
    return bus


def drive(bus: bpy.types.Object, start: tuple[int, float], end: tuple[int, float]) -> None:
    """Drive from (frame, x) to (frame, x) at an even speed; the wheels roll without slipping."""
    (first, x0), (last, x1) = start, end
    shapes.keyframes(bus, "location", 0, {first: x0, last: x1})
    for wheel in (child for child in bus.children if child.name.startswith("Wheel")):
        shapes.keyframes(wheel, "rotation_euler", 1, {first: x0 / WHEEL_RADIUS, last: x1 / WHEEL_RADIUS})


def _put(
    bus: bpy.types.Object, into: bpy.types.Collection, mesh: bpy.types.Mesh, at: shapes.Point,
    turn: shapes.Point = (0, 0, 0),
) -> bpy.types.Object:  # fmt: skip
    part = shapes.place(mesh.name, mesh, into, bus)
    part.location, part.rotation_euler = at, turn
    return part


def _body(bus: bpy.types.Object, into: bpy.types.Collection, textures: Path) -> None:
    livery = materials.painted_side(textures / "livery.png", (-0.36, 0.36))
    cream = materials.solid("Cream paint", (0.90, 0.66, 0.36), roughness=0.25, coat=0.9)
    chrome = materials.solid("Chrome", (0.86, 0.84, 0.82), roughness=0.12, metallic=1)
    dark = materials.solid("Underbody", (0.012, 0.012, 0.016), roughness=0.6)
    _put(bus, into, shapes.box("Lower body", (LENGTH, WIDTH, 0.72), 0.15, livery), (0, 0, 0.64))
    _put(bus, into, shapes.box("Cabin", (LENGTH - 0.1, WIDTH - 0.06, 1.06), 0.24, cream), (-0.02, 0, 1.2))
    _put(bus, into, shapes.box("Belt", (LENGTH + 0.03, WIDTH + 0.03, 0.05), 0.02, chrome), (0, 0, 0.94))
    _put(bus, into, shapes.box("Underbody", (LENGTH - 0.3, WIDTH - 0.16, 0.3), 0.05, dark), (0, 0, 0.34))
    for name, x in (("Front bumper", LENGTH / 2), ("Rear bumper", -LENGTH / 2)):
        _put(bus, into, shapes.box(name, (0.13, WIDTH + 0.05, 0.13), 0.05, chrome), (x, 0, 0.36))
    letters = shapes.lettering("Name", "RENDERBUS", 0.215, 0.006, cream)
    _put(bus, into, letters, (0.0, -WIDTH / 2 - 0.004, 0.70), (math.pi / 2, 0, 0))


def _windows(bus: bpy.types.Object, into: bpy.types.Collection, textures: Path) -> None:
    inside = textures / "passengers.png"
    screen = materials.glowing("Windscreen", (0.95, 0.38, 0.12), 0.32)
    rubber = materials.solid("Window rubber", (0.02, 0.018, 0.02), roughness=0.4)
    for number in range(4):
        x = -0.96 + number * 0.615
        lit = materials.lit_window(
            f"Window {number}", inside, (number / 4, (number + 1) / 4), 0.47, 0.38, 1.5
        )
        for side in (-1, 1):
            y = side * (WIDTH / 2 - 0.035)
            _put(bus, into, shapes.box("Frame", (0.53, 0.035, 0.44), 0.016, rubber), (x, y, 1.25))
            _put(bus, into, shapes.box("Window", (0.47, 0.05, 0.38), 0.02, lit), (x, y, 1.25))
    x = LENGTH / 2 - 0.075
    for side in (-1, 1):
        _put(bus, into, shapes.box("Frame", (0.035, 0.48, 0.46), 0.016, rubber), (x, side * 0.245, 1.24))
        _put(bus, into, shapes.box("Windscreen", (0.05, 0.43, 0.41), 0.02, screen), (x, side * 0.245, 1.24))


def _lamps(bus: bpy.types.Object, into: bpy.types.Collection) -> None:
    chrome, beam = bpy.data.materials["Chrome"], materials.glowing("Headlight", (1.0, 0.74, 0.40), 8)
    red = materials.glowing("Tail light", (1.0, 0.03, 0.02), 5)
    ring = [(0.0, 0.0), (0.145, 0.0), (0.155, 0.03), (0.135, 0.06), (0.11, 0.06), (0.11, 0.03), (0.0, 0.03)]
    glass = [(0.0, 0.03), (0.11, 0.03), (0.105, 0.06), (0.075, 0.08), (0.035, 0.088), (0.0, 0.09)]
    for side in (-1, 1):
        front = (LENGTH / 2 - 0.01, side * 0.41, 0.68)
        _put(bus, into, shapes.turned("Lamp ring", ring, chrome), front, (0, math.pi / 2, 0))
        _put(bus, into, shapes.turned("Lamp glass", glass, beam), front, (0, math.pi / 2, 0))
        _put(
            bus, into, shapes.box("Tail light", (0.05, 0.12, 0.2), 0.02, red), (-LENGTH / 2, side * 0.45, 0.7)
        )
        light = bpy.data.lights.new("Beam", "SPOT")
        light.energy, light.color, light.spot_size, light.spot_blend = 2600, (1, 0.70, 0.36), 1.15, 0.9
        light.shadow_soft_size = 0.08
        beam_at = _put_light(bus, into, light, (LENGTH / 2 + 0.1, side * 0.41, 0.68))
        beam_at.rotation_euler = (0, math.radians(-74), 0)


def _put_light(
    bus: bpy.types.Object, into: bpy.types.Collection, light: bpy.types.Light, at: shapes.Point
) -> bpy.types.Object:
    made = shapes.place(light.name, light, into, bus)
    made.location = at
    return made


def _wheels(bus: bpy.types.Object, into: bpy.types.Collection) -> None:
    tyre = materials.solid("Tyre", (0.014, 0.014, 0.017), roughness=0.55)
    hub = materials.solid("Hub paint", (0.86, 0.68, 0.46), roughness=0.22, coat=0.8)
    arch = bpy.data.materials["Underbody"]
    r = WHEEL_RADIUS
    rubber = [
        (0, -0.11),
        (r - 0.07, -0.11),
        (r - 0.02, -0.1),
        (r, -0.06),
        (r, 0.06),
        (r - 0.02, 0.1),
        (r - 0.07, 0.11),
        (r - 0.09, 0.08),
        (0, 0.08),
    ]
    cap = [
        (0, 0.07),
        (r - 0.1, 0.07),
        (r - 0.11, 0.10),
        (0.13, 0.105),
        (0.11, 0.13),
        (0.05, 0.145),
        (0, 0.147),
    ]
    well = [(0, -0.1), (r + 0.06, -0.1), (r + 0.06, 0.095), (0, 0.095)]
    for x in (FRONT_AXLE, REAR_AXLE):
        for side in (-1, 1):
            turn = (side * -math.pi / 2, 0, 0)
            wheel = shapes.place("Wheel", None, into, bus)
            wheel.location = (x, side * (WIDTH / 2 - 0.06), r)
            wheel.rotation_mode = "YXZ"
            for mesh in (shapes.turned("Tyre", rubber, tyre), shapes.turned("Hub", cap, hub, steps=40)):
                _put(wheel, into, mesh, (0, 0, 0), turn)
            for nut in range(6):
                angle = nut * math.pi / 3
                at = (0.165 * math.cos(angle), side * 0.105, 0.165 * math.sin(angle))
                _put(wheel, into, shapes.box("Hub hole", (0.05, 0.02, 0.05), 0.008, arch), at, (0, -angle, 0))
            _put(
                bus,
                into,
                shapes.turned("Arch", well, arch),
                (x, side * (WIDTH / 2 - 0.085), r + 0.03),
                turn,
            )


def _luggage(bus: bpy.types.Object, into: bpy.types.Collection) -> None:
    chrome = bpy.data.materials["Chrome"]
    for side in (-1, 1):
        _put(bus, into, shapes.box("Rail", (1.9, 0.03, 0.03), 0.012, chrome), (-0.25, side * 0.4, 1.83))
        for x in (-1.1, -0.25, 0.6):
            _put(bus, into, shapes.box("Post", (0.03, 0.03, 0.14), 0.01, chrome), (x, side * 0.4, 1.76))
    teal = materials.solid("Teal case", (0.02, 0.24, 0.27), roughness=0.35, coat=0.3)
    leather = materials.solid("Leather case", (0.28, 0.095, 0.03), roughness=0.45)
    sun = materials.solid("Yellow case", (0.86, 0.42, 0.04), roughness=0.4)
    strap = materials.solid("Strap", (0.05, 0.025, 0.015), roughness=0.6)
    cases = (
        ("Teal case", (0.66, 0.6, 0.26), (-0.78, 0.0, 1.91), teal, 0.04),
        ("Leather case", (0.58, 0.5, 0.22), (-0.06, 0.04, 1.89), leather, -0.08),
        ("Yellow case", (0.46, 0.42, 0.18), (-0.74, 0.0, 2.13), sun, -0.15),
    )
    for name, size, at, paint, turn in cases:
        case = _put(bus, into, shapes.box(name, size, 0.05, paint), at, (0, 0, turn))
        for x in (-size[0] * 0.28, size[0] * 0.28):
            band = shapes.box("Strap", (0.045, size[1] + 0.012, size[2] + 0.012), 0.045, strap)
            _put(case, into, band, (x, 0, 0))
    roll = [(0.0, -0.3), (0.08, -0.3), (0.1, -0.27), (0.1, 0.27), (0.08, 0.3), (0.0, 0.3)]
    blanket = materials.solid("Blanket", (0.62, 0.05, 0.12), roughness=0.85)
    _put(bus, into, shapes.turned("Blanket", roll, blanket), (0.4, 0, 1.9), (math.pi / 2, 0, 0))
