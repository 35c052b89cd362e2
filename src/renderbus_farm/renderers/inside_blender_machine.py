"""What this machine's Blender renders with: engines that can run, and graphics cards for Cycles."""

from __future__ import annotations

import ctypes
from typing import Any

NEEDS_EGL = ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH")

_KINDS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""Ways to a graphics card, the fastest for the same card first."""

_DRAWS_WITHOUT_A_SCREEN = (4, 0)
"""From this version on Blender opens a drawing context of its own where there is no display."""


def has_egl() -> bool:
    """Without libEGL Blender ends the whole process when such an engine is asked for."""
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return False
    return True


def engines(bpy: Any) -> list[str]:
    """Those that can render here."""
    draws = has_egl() and bpy.app.version >= _DRAWS_WITHOUT_A_SCREEN
    return ["CYCLES", *(NEEDS_EGL if draws else ())]


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
