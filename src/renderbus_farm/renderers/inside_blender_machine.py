"""What this machine's Blender renders with: engines that can run, and graphics cards for Cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DRAW = ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH")
"""Engines that need an OpenGL context; Blender ends the whole process where it gets none."""

_KINDS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""Ways to a graphics card, the fastest for the same card first."""

_DRAWS_WITHOUT_A_SCREEN = (4, 0)
"""From this version on Blender opens a drawing context of its own where there is no display."""


def engines(bpy: Any) -> list[str]:
    """Those that this Blender renders with where the machine draws; whether it does, the worker finds out."""
    return ["CYCLES", *(DRAW if bpy.app.version >= _DRAWS_WITHOUT_A_SCREEN else ())]


def why_not(engine: str, engines: Sequence[str], lacking: Mapping[str, str]) -> str:
    """Why a scene cannot be rendered with an engine on this machine; empty where it can."""
    if engine in engines and engine not in lacking:
        return ""
    others = [name for name in engines if name not in lacking]
    reason = f" ({lacking[engine]})" if engine in lacking else ""
    return (
        f"the render engine {engine}, which this node cannot run{reason}; it can run {', '.join(others)}: "
        "choose one of them in the scene"
    )


def graphics_cards(bpy: Any) -> list[str]:
    """Names of the cards that Cycles will render with where a scene asks for it; switches them on.

    Scenes that ask for them where there are none are rendered by the processor.
    """
    cycles = bpy.context.preferences.addons.get("cycles")
    if cycles is None:
        return []
    kept = cycles.preferences
    for kind in _KINDS:
        try:
            found = [device for device in kept.get_devices_for_type(kind) or () if device.type == kind]
        except (TypeError, ValueError):  # this build of Blender does not know that kind
            continue
        if found:
            kept.compute_device_type = kind
            for device in kept.devices:
                device.use = device.type == kind
            return [device.name for device in found]
    return []
