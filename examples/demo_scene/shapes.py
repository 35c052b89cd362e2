"""Solids of the demo scene: boxes with round edges, turned profiles, sheets; plus small helpers on objects.

All lengths are metres in Blender's axes: X to the right (the bus drives this way), Y away, Z up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import bmesh
import bpy

Point = tuple[float, float, float]


def place(
    name: str, data: bpy.types.ID | None, into: bpy.types.Collection, parent: bpy.types.Object | None = None
) -> bpy.types.Object:
    """A new object around ``data`` (None makes an empty), linked into a collection."""
    made = bpy.data.objects.new(name, data)
    into.objects.link(made)
    made.parent = parent
    return made


def _mesh(name: str, build: Callable[[bmesh.types.BMesh], None], smooth: bool) -> bpy.types.Mesh:
    mesh, shape = bpy.data.meshes.new(name), bmesh.new()
    build(shape)
    bmesh.ops.recalc_face_normals(shape, faces=shape.faces)
    for face in shape.faces:
        face.smooth = smooth
    shape.to_mesh(mesh)
    shape.free()
    return mesh


def box(name: str, size: Point, radius: float, material: bpy.types.Material) -> bpy.types.Mesh:
    """A box around the origin whose edges are rounded by ``radius``."""

    def build(shape: bmesh.types.BMesh) -> None:
        bmesh.ops.create_cube(shape, size=1)
        bmesh.ops.scale(shape, vec=size, verts=shape.verts)
        bmesh.ops.bevel(
            shape,
            geom=shape.edges,
            offset=radius,
            segments=6,
            profile=0.5,
            affect="EDGES",
            clamp_overlap=True,
        )

    mesh = _mesh(name, build, smooth=True)
    mesh.materials.append(material)
    return mesh


def turned(
    name: str, profile: Sequence[tuple[float, float]], material: bpy.types.Material, steps: int = 40
) -> bpy.types.Mesh:
    """The solid that a profile of (radius, height) points sweeps round the Z axis."""

    def build(shape: bmesh.types.BMesh) -> None:
        rings = []
        for radius, height in profile:
            angles = [2 * math.pi * step / steps for step in range(steps)]
            rings.append(
                [shape.verts.new((radius * math.cos(a), radius * math.sin(a), height)) for a in angles]
            )
        for low, high in itertools.pairwise(rings):
            for here in range(steps):
                after = (here + 1) % steps
                shape.faces.new((low[here], low[after], high[after], high[here]))
        shape.faces.new(rings[0])
        shape.faces.new(rings[-1])
        bmesh.ops.remove_doubles(shape, verts=shape.verts, dist=1e-5)

    mesh = _mesh(name, build, smooth=True)
    mesh.materials.append(material)
    return mesh


def sheet(
    name: str,
    x: tuple[float, float, int],
    y: tuple[float, float, int],
    height: Callable[[float, float], float],
    material: bpy.types.Material,
    texture_m: float = 1.0,
) -> bpy.types.Mesh:
    """The ground ``z = height(x, y)``; x, y: (from, to, cells); a texture repeats every ``texture_m``."""
    (x0, x1, columns), (y0, y1, rows) = x, y
    at = [
        (x0 + (x1 - x0) * column / columns, y0 + (y1 - y0) * row / rows)
        for row in range(rows + 1)
        for column in range(columns + 1)
    ]
    corners = [
        (row * (columns + 1) + column, row * (columns + 1) + column + 1,
         (row + 1) * (columns + 1) + column + 1, (row + 1) * (columns + 1) + column)
        for row in range(rows)
        for column in range(columns)
    ]  # fmt: skip
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(px, py, height(px, py)) for px, py in at], [], corners)
    layer = mesh.uv_layers.new(name="UVMap")
    for loop in mesh.loops:
        px, py = at[loop.vertex_index]
        layer.data[loop.index].uv = (px / texture_m, (py - y0) / texture_m)
    mesh.shade_smooth()
    mesh.materials.append(material)
    return mesh


def lettering(
    name: str, text: str, size: float, depth: float, material: bpy.types.Material
) -> bpy.types.Mesh:
    """Raised letters as a mesh, centred, in the XY plane; a mesh needs no font file on the farm."""
    curve = bpy.data.curves.new(name, "FONT")
    curve.body, curve.size, curve.extrude, curve.bevel_depth = text, size, depth, depth * 0.4
    curve.align_x = curve.align_y = "CENTER"
    curve.space_character = 1.12
    source = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(source)
    evaluated = source.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(evaluated)
    mesh.name = name
    mesh.materials.clear()
    mesh.materials.append(material)
    bpy.data.objects.remove(source)
    bpy.data.curves.remove(curve)
    return mesh


def keyframes(target: bpy.types.Object, attribute: str, axis: int, values: dict[int, float]) -> None:
    """Animate one axis (0 to 2) of ``target.attribute`` in straight lines from frame to value."""
    for frame, value in values.items():
        getattr(target, attribute)[axis] = value
        target.keyframe_insert(attribute, index=axis, frame=frame)
    data = target.animation_data
    for curve in data.action.layers[0].strips[0].channelbag(data.action_slot).fcurves:
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"
