"""The applications by id and by name: 2000 Maya, 2004 Houdini, 2007 Blender, 2013 Clarisse.

Source: the published ``DCC_ID_MAPPINGS`` and ``CG_SETTING`` tables. (A memo in the task tables that
says "2001/maya, 2000/max" is the wrong way round.)
"""

from __future__ import annotations

from enum import IntEnum


class Application(IntEnum):
    """``cg_id`` of task.json, for the applications whose scenes we read."""

    MAYA = 2000
    HOUDINI = 2004
    BLENDER = 2007
    CLARISSE = 2013

    @property
    def title(self) -> str:
        """The name as ``cg_name`` writes it: ``Blender``."""
        return self.name.capitalize()
