"""Run one program to its end, read what it prints as it comes, and leave nothing of it behind."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from renderbus_farm.processes import die_with_parent, how_ended

_LONGEST_LINE_BYTES = 64 * 1024  # what is longer counts as several lines
_LAST_LINES = 40
_ENDS_A_LINE = re.compile(rb"[\r\n]+")  # many programs write their progress over itself
_LOG = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its status (0 is well), that in words, and what it printed last."""

    status: int
    how: str
    last_lines: tuple[str, ...]


def run(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    see: Callable[[str], None],
    confined: Callable[[], object] = lambda: None,
) -> Ended:
    """Run a program in ``folder``; what it prints goes to our standard error, line by line to ``see``.

    It ends with us. What it started and left behind is killed, also where that left its process group; for
    that this process must be a subreaper (``processes.adopt_orphans``).

    Args:
        confined: called in its process before the program begins there.

    Raises:
        OSError: it cannot be started.
    """
    ourselves = os.getpid()

    def begin() -> None:
        die_with_parent(ourselves)
        confined()

    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=begin,  # this process has one thread
    )
    assert process.stdout is not None
    lines = _Lines(see)
    with process.stdout as printed:
        _listen(printed.fileno(), process.pid, lines)
    lines.end()
    process.wait()
    _end_all_left()
    return Ended(process.returncode, how_ended(process.returncode), tuple(lines.last))


def _listen(pipe: int, pid: int, lines: _Lines) -> None:
    """Read until the program has ended: a child that it left may hold the pipe open for ever."""
    over = os.pidfd_open(pid)
    try:
        watched = [pipe, over]
        while over in watched:
            ready, _, _ = select.select(watched, [], [])
            if pipe in ready:
                if content := os.read(pipe, _LONGEST_LINE_BYTES):
                    lines.add(content)
                    continue
                watched.remove(pipe)  # it closed its output and goes on
            if over in ready:
                watched.remove(over)
        while pipe in watched and select.select([pipe], [], [], 0)[0]:
            content = os.read(pipe, _LONGEST_LINE_BYTES)
            if not content:
                return
            lines.add(content)
    finally:
        os.close(over)


def _end_all_left() -> None:
    """Kill our children until there are none: they are what the program left behind."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while pids := children.read_text("ascii").split():
        for pid in map(int, pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


class _Lines:
    """Bytes as lines: into the log at once, and to whom it concerns."""

    def __init__(self, see: Callable[[str], None]) -> None:
        self._see = see
        self._begun = b""
        self.last: deque[str] = deque(maxlen=_LAST_LINES)

    def add(self, content: bytes) -> None:
        """More of what it prints."""
        *whole, self._begun = _ENDS_A_LINE.split(self._begun + content)
        for line in whole:
            self._tell(line)
        if len(self._begun) >= _LONGEST_LINE_BYTES:
            self.end()

    def end(self) -> None:
        """What has no end of line is a line too."""
        if self._begun:
            self._tell(self._begun)
            self._begun = b""

    def _tell(self, line: bytes) -> None:
        if not line.strip():
            return
        os.write(_LOG, line + b"\n")
        text = line.decode("utf-8", "replace")
        self.last.append(text.rstrip())
        self._see(text)
