"""Which renderers there are, and which of them renders an application's scenes on this machine.

A new renderer is a module of its own and a line here (docs/add-a-renderer.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.blender_program import BlenderProgram
from renderbus_farm.renderers.command import ByCommand, Command
from renderbus_farm.renderers.described import Described
from renderbus_farm.renderers.povray import PovRay
from renderbus_farm.renderers.renderer import Renderer

_COMMANDS: dict[str, type[PovRay]] = {"povray": PovRay}


class Choice(msgspec.Struct, frozen=True):
    """What the operator of a farm chose.

    Attributes:
        described: files that describe renderers of their own; they win over ours.
        blender: the executable to render Blender's scenes with, before the ``bpy`` wheel. Empty for the
            wheel, or where that is not installed for what is called ``blender`` on the search path.
        applications: numbers of those whose scenes are rendered; all that are found where none is named.
    """

    described: tuple[str, ...] = ()
    blender: str = ""
    applications: tuple[int, ...] = ()


def renderers(choice: Choice = Choice()) -> list[Renderer]:  # noqa: B008  (frozen)
    """Every renderer, the best for an application first; whether one is on this machine is asked of it."""
    described = [ByCommand(Described.read(Path(file)), file) for file in choice.described]
    ours = [ByCommand(command(), name) for name, command in _COMMANDS.items()]
    named = [BlenderProgram(choice.blender)] if choice.blender else []
    every: list[Renderer] = [*described, *named, BlenderModule(), BlenderProgram("blender"), *ours]
    wanted = choice.applications
    return [renderer for renderer in every if not wanted or renderer.cg_id in wanted]


def installed(found: Iterable[Renderer]) -> dict[int, Renderer]:
    """The one that renders each application's scenes here; programs are started to ask for their version."""
    chosen: dict[int, Renderer] = {}
    for renderer in found:
        if renderer.cg_id not in chosen and renderer.version() is not None:
            chosen[renderer.cg_id] = renderer
    return chosen


def command_named(name: str) -> Command:
    """A command renderer by the name that ``ByCommand`` was given; for its render process.

    Raises:
        BadSetting: it is a file that describes none.
    """
    return _COMMANDS[name]() if name in _COMMANDS else Described.read(Path(name))
