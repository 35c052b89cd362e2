"""Blender as an installed program: ``blender -b`` with ``inside_blender`` in its own Python.

For machines without the ``bpy`` wheel, and for scenes of a Blender that is not the wheel's.
"""

from __future__ import annotations

import re
import shutil
import sys
from functools import cached_property
from pathlib import Path

from renderbus_farm.renderers.blender import blender_environment
from renderbus_farm.renderers.command import said_by
from renderbus_farm.renderers.drawing import drawing
from renderbus_model.software import Application

_VERSION = re.compile(r"Blender (\d+\.\d+(?:\.\d+)*)")


class BlenderProgram:
    """Blender as a program, by name on the search path or by path."""

    cg_id = int(Application.BLENDER)
    engines: tuple[str, ...] = ()
    warms = True

    def __init__(self, named: str) -> None:
        self._named = named

    def lacking(self) -> dict[str, str]:
        """As for the wheel."""
        return drawing().lacking()

    def version(self) -> str | None:
        """What ``blender --version`` says."""
        return self._version

    @cached_property
    def _version(self) -> str | None:
        program = self._program()
        found = program and _VERSION.search(said_by(program, ["--version"]))
        return found[1] if found else None

    def _program(self) -> Path | None:
        found = shutil.which(self._named)
        return Path(found).absolute() if found else None

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        """Through ``start_blender``, which confines the process before Blender begins in it."""
        program = self._program() or Path(self._named)
        module = "renderbus_farm.renderers.start_blender"
        return [sys.executable, "-I", "-m", module, str(parent), str(program), str(scratch), str(readable)]

    def environment(self, home: Path) -> dict[str, str]:
        """As for the wheel."""
        return blender_environment(home)
