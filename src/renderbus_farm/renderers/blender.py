"""Blender: this Python with ``inside_blender``, because ``bpy`` wants a process of its own.

A crash of Cycles then ends one frame, and not the farm.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from renderbus_farm.renderers.drawing import drawing
from renderbus_model.software import Application


class BlenderModule:
    """Blender as the ``bpy`` wheel in the Python that runs the worker."""

    cg_id = int(Application.BLENDER)
    engines: tuple[str, ...] = ()
    warms = True

    def lacking(self) -> dict[str, str]:
        """Those that draw, where the machine does not."""
        return drawing().lacking()

    def version(self) -> str | None:
        """The wheel's version."""
        try:
            return metadata.version("bpy")
        except metadata.PackageNotFoundError:
            return None

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        """Isolated mode: neither the working folder nor the user's settings decide what is imported."""
        module = "renderbus_farm.renderers.inside_blender"
        return [sys.executable, "-I", "-m", module, str(parent), str(scratch), str(readable)]

    def environment(self, home: Path) -> dict[str, str]:
        """See ``blender_environment``."""
        return blender_environment(home)


def blender_environment(home: Path) -> dict[str, str]:
    """The user's own Blender settings, caches and temporary files are nobody's business here."""
    here = str(home)
    return {
        "HOME": here,
        "TMPDIR": here,
        "XDG_CACHE_HOME": here,
        "XDG_CONFIG_HOME": here,
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "PYTHONUNBUFFERED": "1",
    }
