"""Processes that nothing outlives: started in a group of their own, and ended with all they started.

Four holds on each of them. It asks the kernel to be killed when its parent dies (Linux parent-death signal;
it follows the *thread* that started it, so that thread must live as long as the parent). It carries marks in
its environment, which its children inherit, so that what slipped out of its group is still found in /proc.
The parent is a subreaper, so that what slipped out and wiped its environment becomes the parent's child: one
that it never started. And an ordinary user's processes have a limit, so that one which multiplies comes to
an end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

MARKER = "RENDERBUS_FARM_MARKER"
"""Names the farm that a process belongs to."""

FOLDER = "RENDERBUS_FARM_FOLDER"
"""Set in what an executor starts and in nothing else: the folder of the farm's nodes."""

NODE = "RENDERBUS_FARM_NODE"
"""The node that a process belongs to."""

_ONE = "RENDERBUS_PROCESS"  # one value for a started process and all that it starts
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
"""What a started process needs of our environment. The rest stays here: it may hold keys."""

MOST_PROCESSES = 4096
"""So many more may an ordinary user have once a process of ours was started; the kernel holds nobody to it
who may do everything."""

_starting = threading.Lock()
_started: set[int] = set()  # what is not in here and is our child was adopted
_adopts = threading.Event()

_END_WITHIN_S = 10.0  # a killed process that is still there then hangs in the kernel; waiting on is no use


class NotStarted(Exception):
    """A program could not be started; ``program`` says which."""

    def __init__(self, program: str, why: str) -> None:
        super().__init__(f"{program} could not be started: {why}")
        self.program = program


def die_with_parent(parent: int) -> None:
    """Called first in a started process: end at once when ``parent`` (its process id) dies.

    The kernel's signal covers a parent that dies from now on, the second look one that was dead already.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Let what our processes leave behind become our children (child subreaper), not those of init.

    From then on ``Process.end`` ends every child of ours that was not started as a ``Process``: to be called
    by a program that starts none in any other way.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _adopts.set()


class Process:
    """A program in a process group of its own."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        marks: Mapping[str, str],
        errors: IO[bytes] | int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it with ``folder`` as its working folder, pipes to its input and output.

        Args:
            marks: ``MARKER`` and ``FOLDER`` with their values.
            errors: where its standard error goes, as ``subprocess`` takes it.
            environment: set beside the little that is passed on of ours.

        Raises:
            NotStarted: there is no such program, or no memory for it.
        """
        self._token = uuid.uuid4().hex
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            with _starting:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=folder,
                    env={**passed_on, **(environment or {}), **marks, _ONE: self._token},
                    start_new_session=True,
                )
                _started.add(self._process.pid)
        except OSError as error:
            raise NotStarted(command[0], str(error)) from error

    @property
    def pid(self) -> int:
        """Its process id, and that of its group."""
        return self._process.pid

    @property
    def input(self) -> IO[bytes]:
        """Where it reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def errors(self) -> IO[bytes]:
        """What it writes as errors, where it was started with a pipe for that."""
        assert self._process.stderr is not None
        return self._process.stderr

    def alive(self) -> bool:
        """It has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it and its group now, without waiting. Safe from any thread, and when it has ended."""
        # Not reaped yet means that the number still is this process's own, and no other's.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> str:
        """Kill what is left of it, children that left its group included, and say how it ended."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_WITHIN_S)
        _reap(sweep({_ONE: self._token}))
        _end_adopted()
        if self._process.returncode is not None:
            _started.discard(self._process.pid)
        return how_ended(self._process.returncode)

    def close(self) -> None:
        """Close our ends of its pipes; nobody may be reading from them any more."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still buffered for it has no reader any more
                    pipe.close()

    def wait(self, timeout_s: float) -> bool:
        """Whether it ends by itself in that time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True


def _end_adopted() -> None:
    """Kill what we were left with, and what that leaves us with, until there is none."""
    ended: set[int] = set()
    while _adopts.is_set():
        with _starting:
            adopted = _children() - _started - ended
        if not adopted:
            return
        _end_all(adopted)
        _reap(adopted)
        ended |= adopted


def _reap(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ChildProcessError):  # not adopted by us
            os.waitpid(pid, os.WNOHANG)


def _children() -> set[int]:
    children: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has ended
            children.update(map(int, (task / "children").read_text("ascii").split()))
    return children


def bound_processes(pid: int) -> None:
    """From now on this process and its children start no more than ``MOST_PROCESSES`` beside all others.

    The kernel counts the threads of all processes of the user.
    """
    count = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += len(list((entry / "task").iterdir()))
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = count + MOST_PROCESSES
    if most == resource.RLIM_INFINITY or limit < most:
        with contextlib.suppress(OSError):  # it has ended
            resource.prlimit(pid, resource.RLIMIT_NPROC, (limit, limit))


def how_ended(status: int | None) -> str:
    """An exit status in words: ``was killed by SIGSEGV``, ``ended with status 1``."""
    if status is None:
        return "did not end"
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def marked(marks: Mapping[str, str]) -> Iterator[int]:
    """Process ids of all processes, ourselves left out, that carry every one of these marks."""
    wanted = {f"{name}={value}".encode() for name, value in marks.items()}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it has ended meanwhile, or belongs to another user
            if wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                yield int(entry.name)


def sweep(marks: Mapping[str, str]) -> set[int]:
    """Kill all processes that carry these marks, until there are none; which there were."""
    swept: set[int] = set()
    while found := set(marked(marks)) - swept:
        _end_all(found)
        swept |= found
    return swept


def _end_all(pids: Iterable[int]) -> None:
    """Kill all of them, then wait until they have ended."""
    ends = [end for pid in pids if (end := _killed(pid)) is not None]
    for end in ends:
        select.select([end], [], [], _END_WITHIN_S)
        os.close(end)


def _killed(pid: int) -> int | None:
    """Kill a process; a descriptor that becomes readable when it has ended, None if it has already."""
    try:
        end = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        signal.pidfd_send_signal(end, signal.SIGKILL)
    return end
