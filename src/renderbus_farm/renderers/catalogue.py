"""Which renderer renders an application's scenes."""

from __future__ import annotations

from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.renderer import Renderer


def renderers() -> dict[int, Renderer]:
    """Every renderer we know, by application; whether it is on this machine is asked of each."""
    return {renderer.cg_id: renderer for renderer in (BlenderModule(),)}
