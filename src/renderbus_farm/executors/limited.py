"""``python -m renderbus_farm.executors.limited``: become another program, under limits that cannot be lifted.

Told in one argument, as JSON. What holds from then on, the kernel's limits, its confinement and the death
with the farm, outlives the change into the other program. So that program need not know any of it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

import msgspec

from renderbus_farm.processes import die_with_parent
from renderbus_farm.renderers.confine import confine

MOST_OPEN_FILES = 256
_NICER = 10  # what renders and what answers comes first
_FIRST_TO_GO = "1000"  # when the machine's memory runs out, this process ends and no other


class Limits(msgspec.Struct, frozen=True):
    """What a program may use.

    Attributes:
        ram_bytes: memory of its own; files that it maps do not count.
        cpu_s: seconds of processor time.
        file_bytes: the largest file that it may write.
        readable: folders that it reads, beside programs and libraries.
        writable: folders that it writes to.
    """

    ram_bytes: int
    cpu_s: int
    file_bytes: int
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


class Limited(msgspec.Struct, frozen=True):
    """A program, its limits, and the process that it must not outlive."""

    command: tuple[str, ...]
    limits: Limits
    parent: int


def limited(command: tuple[str, ...], limits: Limits) -> list[str]:
    """The command that runs ``command`` under limits, as a child of this process."""
    told = msgspec.json.encode(Limited(command, limits, os.getpid())).decode()
    return [sys.executable, "-I", "-m", "renderbus_farm.executors.limited", told]


def main(told: str) -> None:
    """Take the limits on, and become the program."""
    wanted = msgspec.json.decode(told, type=Limited)
    die_with_parent(wanted.parent)
    limits = wanted.limits
    for kind, most in (
        (resource.RLIMIT_DATA, limits.ram_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, MOST_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(_NICER)
    with contextlib.suppress(OSError):  # not on every system
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
    confine(limits.readable, limits.writable)
    os.execv(wanted.command[0], wanted.command)  # noqa: S606  (no shell: the farm's own command)


if __name__ == "__main__":
    main(sys.argv[1])
