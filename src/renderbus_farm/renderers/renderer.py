"""What the worker asks of every renderer: no process and no disk in it, only which program to start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Renderer(Protocol):
    """An application whose render process stays open and speaks the words of ``session``."""

    @property
    def cg_id(self) -> int:
        """The application's number."""
        ...

    @property
    def engines(self) -> tuple[str, ...]:
        """Render engines that are known before its process says hello."""
        ...

    @property
    def warms(self) -> bool:
        """Its process takes so long to start that one stands ready, and only that one knows its engines."""
        ...

    def lacking(self) -> Mapping[str, str]:
        """Engines that cannot run on this machine, whatever its process says, with the reason.

        A program may be started once for it.
        """
        ...

    def version(self) -> str | None:
        """The version on this machine, None when it is not here. A program may be started once for it."""
        ...

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        """The arguments that start it.

        Args:
            parent: id of the process that starts it, with which it ends.
            scratch: the one folder that it may write to.
            readable: the folder with the scenes' files.
        """
        ...

    def environment(self, home: Path) -> dict[str, str]:
        """What it finds in its environment beside the system's own; ``home`` is a folder in ``scratch``."""
        ...
