"""The applications by id and by name: 2000 Maya, 2004 Houdini, 2007 Blender, 2013 Clarisse.

Source: the published ``DCC_ID_MAPPINGS`` and ``CG_SETTING`` tables. (A memo in the task tables that
says "2001/maya, 2000/max" is the wrong way round.) Published ids begin at 2000 and have four digits; ours for
applications beyond them begin at 8000, and those from 9000 on belong to whoever runs a farm.
"""

from __future__ import annotations

from enum import IntEnum

OPERATORS_OWN = range(9000, 10000)
"""Ids that an operator gives to applications of their own; nobody else will use them."""


class Application(IntEnum):
    """``cg_id`` of task.json, for the applications whose scenes we read."""

    MAYA = 2000
    HOUDINI = 2004
    BLENDER = 2007
    CLARISSE = 2013
    POVRAY = 8000

    @property
    def title(self) -> str:
        """The name as ``cg_name`` writes it: ``Blender``."""
        return "POV-Ray" if self is Application.POVRAY else self.name.capitalize()


def is_known(cg_id: int) -> bool:
    """Whether a farm takes tasks of this application: one that we know, or one of its operator's own."""
    return cg_id in set(Application) or cg_id in OPERATORS_OWN


def title_of(cg_id: int) -> str:
    """What people call an application.

    >>> title_of(2007), title_of(9001)
    ('Blender', 'application 9001')
    """
    return Application(cg_id).title if cg_id in set(Application) else f"application {cg_id}"
