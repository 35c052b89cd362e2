"""Materials of the demo scene: paints, glass that glows, ground in the evening haze."""

from __future__ import annotations

import math
from pathlib import Path

import bpy

Colour = tuple[float, float, float]

HAZE: Colour = (0.46, 0.13, 0.20)  # what far things fade into: the sky just above the hills


def _new(name: str) -> tuple[bpy.types.Material, bpy.types.NodeTree, bpy.types.Node]:
    material = bpy.data.materials.new(name)
    return material, material.node_tree, material.node_tree.nodes["Principled BSDF"]


def solid(
    name: str, colour: Colour, *, roughness: float = 0.5, metallic: float = 0.0, coat: float = 0.0
) -> bpy.types.Material:
    """One colour (linear RGB), with a clear coat over it where ``coat`` says so."""
    material, _, surface = _new(name)
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Metallic"].default_value = metallic
    surface.inputs["Coat Weight"].default_value = coat
    surface.inputs["Coat Roughness"].default_value = 0.05
    return material


def glowing(name: str, colour: Colour, strength: float) -> bpy.types.Material:
    """A glossy surface that gives light of its own: lamps, lit windows."""
    material = solid(name, colour, roughness=0.08)
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Emission Color"].default_value = (*colour, 1)
    surface.inputs["Emission Strength"].default_value = strength
    _is_no_lamp(material)
    return material


def lit_window(
    name: str, file: Path, part: tuple[float, float], width_m: float, height_m: float, strength: float
) -> bpy.types.Material:
    """A window onto the ``part`` (from, to) of the interior's picture, upright in the object's XZ plane."""
    material = solid(name, (0.05, 0.03, 0.02), roughness=0.06)
    tree = material.node_tree
    surface, image = tree.nodes["Principled BSDF"], picture(tree, file)
    where, fit = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeMapping")
    turn = tree.nodes.new("ShaderNodeVectorRotate")
    turn.rotation_type = "X_AXIS"
    turn.inputs["Angle"].default_value = -math.pi / 2  # Z becomes Y, the picture's up
    start, end = part
    fit.inputs["Scale"].default_value = ((end - start) / width_m, 1 / height_m, 1)
    fit.inputs["Location"].default_value = ((start + end) / 2, 0.5, 0)
    tree.links.new(where.outputs["Object"], turn.inputs["Vector"])
    tree.links.new(turn.outputs[0], fit.inputs["Vector"])
    tree.links.new(fit.outputs[0], image.inputs["Vector"])
    tree.links.new(image.outputs["Color"], surface.inputs["Emission Color"])
    surface.inputs["Emission Strength"].default_value = strength
    _is_no_lamp(material)
    return material


def _is_no_lamp(material: bpy.types.Material) -> None:
    """Do not sample this glow as a lamp: real lamps stand beside it, and each shadow ray costs."""
    material.cycles.emission_sampling = "NONE"


def picture(tree: bpy.types.NodeTree, file: Path) -> bpy.types.Node:
    """An image node that names ``file``; the path is made relative when the scene is saved."""
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(str(file), check_existing=True)
    return node


def painted_side(file: Path, height_m: tuple[float, float]) -> bpy.types.Material:
    """The livery, laid on by height above the object's origin (from, to), along its length."""
    material, tree, surface = _new("Livery")
    image, where = picture(tree, file), tree.nodes.new("ShaderNodeTexCoord")
    split, joined = tree.nodes.new("ShaderNodeSeparateXYZ"), tree.nodes.new("ShaderNodeCombineXYZ")
    level = tree.nodes.new("ShaderNodeMapRange")
    level.inputs["From Min"].default_value, level.inputs["From Max"].default_value = height_m
    tree.links.new(where.outputs["Object"], split.inputs[0])
    tree.links.new(split.outputs["X"], joined.inputs["X"])
    tree.links.new(split.outputs["Z"], level.inputs["Value"])
    tree.links.new(level.outputs["Result"], joined.inputs["Y"])
    tree.links.new(joined.outputs[0], image.inputs["Vector"])
    image.extension = "EXTEND"
    tree.links.new(image.outputs["Color"], surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = 0.28
    surface.inputs["Coat Weight"].default_value = 0.9
    surface.inputs["Coat Roughness"].default_value = 0.04
    return material


def wet_road(file: Path) -> bpy.types.Material:
    """The road's picture, with puddles (smooth as mirrors) where a procedural noise says so."""
    material, tree, surface = _new("Wet road")
    image = picture(tree, file)
    tree.links.new(image.outputs["Color"], surface.inputs["Base Color"])
    where, noise = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 0.9, 3
    wet = tree.nodes.new("ShaderNodeMapRange")
    for name, value in (("From Min", 0.44), ("From Max", 0.62), ("To Min", 0.05), ("To Max", 0.38)):
        wet.inputs[name].default_value = value
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], wet.inputs["Value"])
    tree.links.new(wet.outputs["Result"], surface.inputs["Roughness"])
    _into_haze(material, surface, near_m=9, far_m=60)
    return material


def ground(
    name: str, low: Colour, high: Colour, *, near_m: float, far_m: float, scale: float
) -> bpy.types.Material:
    """Grass and hills: two colours mixed by noise, fading into the haze from ``near_m`` to ``far_m``."""
    material, tree, surface = _new(name)
    where, noise = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, 4
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    mix.inputs["A"].default_value, mix.inputs["B"].default_value = (*low, 1), (*high, 1)
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], mix.inputs["Factor"])
    tree.links.new(mix.outputs["Result"], surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = 0.9
    surface.inputs["Specular IOR Level"].default_value = 0.15
    _into_haze(material, surface, near_m, far_m)
    return material


def needled(file: Path, height_m: float) -> bpy.types.Material:
    """A pine's coat, its picture laid round the trunk."""
    material, tree, surface = _new("Needles")
    image, where = picture(tree, file), tree.nodes.new("ShaderNodeTexCoord")
    image.projection = "TUBE"
    scale = tree.nodes.new("ShaderNodeMapping")
    scale.inputs["Scale"].default_value = (1, 1, 1 / height_m)
    tree.links.new(where.outputs["Object"], scale.inputs["Vector"])
    tree.links.new(scale.outputs[0], image.inputs["Vector"])
    tree.links.new(image.outputs["Color"], surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = 0.75
    _into_haze(material, surface, near_m=12, far_m=75)
    return material


def _into_haze(material: bpy.types.Material, surface: bpy.types.Node, near_m: float, far_m: float) -> None:
    """Let a surface fade into the haze with its distance; cheaper than a volume, and free of noise."""
    _is_no_lamp(material)
    tree = material.node_tree
    depth, share = tree.nodes.new("ShaderNodeCameraData"), tree.nodes.new("ShaderNodeMapRange")
    for name, value in (("From Min", near_m), ("From Max", far_m), ("To Min", 0.0), ("To Max", 0.93)):
        share.inputs[name].default_value = value
    air, mix = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeMixShader")
    air.inputs["Color"].default_value = (*HAZE, 1)
    tree.links.new(depth.outputs["View Z Depth"], share.inputs["Value"])
    tree.links.new(share.outputs["Result"], mix.inputs["Fac"])
    tree.links.new(surface.outputs[0], mix.inputs[1])
    tree.links.new(air.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
