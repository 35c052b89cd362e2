"""Renderers that are a program started once for each frame: which arguments, and what its output means.

``Command`` is all that such a renderer has to say; ``ByCommand`` makes a renderer of it, whose render process
is ``inside_command``: that one stays, confines itself to the scene, and starts the program frame by frame.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from subprocess import STDOUT
from typing import Protocol

from renderbus_farm.processes import NotStarted, Process
from renderbus_farm.renderers.job import Job

_TELLS_WITHIN_S = 20.0  # a large program on a cold disk
_TELLS_BYTES = 1 << 20


class Command(Protocol):
    """A program that renders one frame and ends: 0 when all went well.

    Attributes:
        cg_id: the application's number.
        engines: render engines that it has, as scenes name them.
        suffix: of the pictures that it writes, with the dot; empty for whatever it writes.
        tiles: it can render a part of a picture.
        simulates: it can run simulations.
        crops: the picture of a part measures what the part does; else it measures what the whole does.
    """

    @property
    def cg_id(self) -> int:
        """See above, as of all these."""
        ...

    @property
    def engines(self) -> tuple[str, ...]: ...

    @property
    def suffix(self) -> str: ...

    @property
    def tiles(self) -> bool: ...

    @property
    def simulates(self) -> bool: ...

    @property
    def crops(self) -> bool: ...

    def program(self) -> Path | None:
        """Where it lies on this machine; None where it is not installed."""
        ...

    def version(self) -> str | None:
        """Its version; None where it is not installed or does not say."""
        ...

    def arguments(self, job: Job) -> list[str]:
        """What it is started with.

        Raises:
            CannotRender: it cannot do what is asked.
        """
        ...

    def working_folder(self, job: Job) -> Path:
        """Where it is started; the folder for what it writes, or that of the scene."""
        ...

    def environment(self, job: Job) -> dict[str, str]:
        """What it finds in its environment beside what the render process does."""
        ...

    def progress(self, line: str) -> float | None:
        """The per cent that a line of its log tells, None where it tells something else."""
        ...

    def complaint(self, lines: Sequence[str]) -> str:
        """The reason for a failure in the last lines of its log; empty where none of them tells one."""
        ...


class ByCommand:
    """A renderer that starts a program for each frame.

    Args:
        named: what ``catalogue.command_named`` knows the command by, in the render process.
    """

    def __init__(self, command: Command, named: str) -> None:
        self._command = command
        self._named = named

    @property
    def cg_id(self) -> int:
        """The application's number."""
        return self._command.cg_id

    @property
    def engines(self) -> tuple[str, ...]:
        """What the command says."""
        return self._command.engines

    warms = False

    def lacking(self) -> dict[str, str]:
        """Its program knows best."""
        return {}

    def version(self) -> str | None:
        """What the program says; it is started for that."""
        return self._command.version()

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        """Isolated mode: neither the working folder nor the user's settings decide what is imported."""
        module = "renderbus_farm.renderers.inside_command"
        facts = [str(parent), self._named, str(scratch), str(readable)]
        return [sys.executable, "-I", "-m", module, *facts]

    def environment(self, home: Path) -> dict[str, str]:
        """The user's own settings are nobody's business here."""
        return {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home)}


def said_by(program: Path, arguments: Sequence[str], within_s: float = _TELLS_WITHIN_S) -> str:
    """What a program prints when it is asked for its version; empty where it does not answer.

    As a ``Process``, so that nothing of it stays, and nobody takes it for what another one has left.
    """
    home = {name: os.environ[name] for name in ("HOME",) if name in os.environ}
    try:
        process = Process([str(program), *arguments], Path("/"), {}, STDOUT, home)
    except NotStarted:
        return ""
    is_late = threading.Event()

    def end_late() -> None:
        is_late.set()
        process.end()

    late = threading.Timer(within_s, end_late)
    late.start()
    process.input.close()
    told = process.output.read(_TELLS_BYTES)
    late.cancel()
    late.join()
    process.end()
    process.close()
    return "" if is_late.is_set() else told.decode("utf-8", "replace")
