"""What a POV-Ray scene holds, as far as its text alone tells: the files it names, and whether it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from renderbus_model.houdini_scene import Unresolved
from renderbus_model.scene import Reference, Role


@dataclass(frozen=True, slots=True)
class PovrayScene:
    """All that a reader found in one file of the scene language, in file order.

    Attributes:
        version: from ``#version``, "" where the file does not say.
        animated: it looks at ``clock`` or ``frame_number``.
        has_camera: it has a ``camera``; an included file may have it instead.
        unresolved: file names that are put together while the scene is parsed.
        complete: False when the file is damaged and only this much could be read.
    """

    version: str = ""
    animated: bool = False
    has_camera: bool = False
    references: tuple[Reference, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    complete: bool = True

    @property
    def application(self) -> str:
        """``POV-Ray``."""
        return "POV-Ray"

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """The references that are read when the scene renders."""
        return tuple(reference for reference in self.references if reference.role is Role.INPUT)

    def as_partial(self) -> PovrayScene:
        """The same, marked as read from a damaged file."""
        return replace(self, complete=False)


@dataclass(frozen=True, slots=True)
class PovraySettings:
    """What an .ini file says about frames and size; None where it says nothing.

    Attributes:
        first_frame, last_frame: of the whole animation, over which the clock runs.
        first_clock, last_clock: its values at these frames.
    """

    width: int | None = None
    height: int | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    first_clock: float | None = None
    last_clock: float | None = None
