"""What a look at a render process tells: whether it still works, and what its death was about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from renderbus_farm.rules.work import Fault

STUCK_AFTER_S = 1800.0
"""A renderer that waits so long for a licence, a server or itself waits for ever."""

SCRATCH_GB = 200.0
"""More than any one frame leaves: simulations of a film come to some tens of gigabytes."""

LEAST_FREE_BYTES = 256 << 20
"""Less than this, and worker and farm could not write down what became of the frame."""

LEAST_SHARE = 0.005
"""Processor time by the clock's: below it a process only waits, however often it wakes to look."""

NEAR_FULL = 0.9
"""Of the machine's memory: a process that held so much and was killed was killed for that."""

_GB = 1e9
_OUT_OF_MEMORY = re.compile(
    r"MemoryError|bad_alloc|[Oo]ut of (?:host |device |GPU )?memory|Malloc returns null"
    r"|[Cc]annot allocate memory"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a render process may do.

    Attributes:
        stuck_after_s: seconds without progress, output or processor time.
        scratch_bytes: files that it may leave in its folders.
        least_free_bytes: of its disk, for it to go on writing.
    """

    stuck_after_s: float = STUCK_AFTER_S
    scratch_bytes: float = SCRATCH_GB * _GB
    least_free_bytes: int = LEAST_FREE_BYTES


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a render process and its children.

    Attributes:
        at: seconds, on the monotonic clock.
        said: counts up with each line of its log and each step of its progress.
        cpu_s: processor time that they have used.
        memory_bytes: memory that they hold.
        scratch_bytes: files in its folders.
        free_bytes: room on their disk.
    """

    at: float
    said: int
    cpu_s: float
    memory_bytes: int = 0
    scratch_bytes: int = 0
    free_bytes: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Watched:
    """A render process over a frame: the last look, the last sign of life, the most memory seen."""

    last: Sample
    sign_at: float
    most_memory_bytes: int

    @classmethod
    def first(cls, sample: Sample) -> Watched:
        """It takes up the frame."""
        return cls(sample, sample.at, sample.memory_bytes)

    def after(self, sample: Sample) -> Watched:
        """The same after another look."""
        used_s, passed_s = sample.cpu_s - self.last.cpu_s, sample.at - self.last.at
        # Less than before: a child has ended, and its time is counted no more.
        works = used_s >= LEAST_SHARE * passed_s or used_s < 0
        alive = sample.said != self.last.said or works
        return replace(
            self,
            last=sample,
            sign_at=sample.at if alive else self.sign_at,
            most_memory_bytes=max(self.most_memory_bytes, sample.memory_bytes),
        )

    def trouble(self, limits: Limits) -> tuple[Fault, str] | None:
        """Why it has to be ended now, and whose fault that is; None to let it go on."""
        quiet_s = self.last.at - self.sign_at
        if quiet_s >= limits.stuck_after_s:
            why = f"no progress, no output and no processor time for {quiet_s:.0f} s; the render was ended"
            return Fault.STUCK, why
        if self.last.scratch_bytes > limits.scratch_bytes:
            size = f"{self.last.scratch_bytes / _GB:.3g} GB"
            return Fault.SCENE, f"it has written {size} of files for this frame; the render was ended"
        if self.last.free_bytes < limits.least_free_bytes and self.last.scratch_bytes > 0:
            left = f"{self.last.free_bytes >> 20} MB"
            return Fault.NODE, f"the disk of its node is full, {left} are left; the render was ended"
        return None


def fault_of_death(how: str, said: str, most_memory_bytes: int, total_bytes: int, oom_kills: int) -> Fault:
    """What a render process died of that nobody here has killed.

    Args:
        how: as ``processes.how_ended`` tells it.
        said: its last lines.
        total_bytes: memory of the machine.
        oom_kills: processes that the kernel has killed for want of memory since the frame began.

    >>> fault_of_death("was killed by SIGKILL", "", 2**30, 2**36, 1)
    <Fault.MEMORY: 'memory'>
    >>> fault_of_death("was killed by SIGKILL", "", 2**30, 2**36, 0)
    <Fault.LOST: 'lost'>
    """
    if _OUT_OF_MEMORY.search(said):
        return Fault.MEMORY
    near_full = most_memory_bytes >= NEAR_FULL * total_bytes
    return Fault.MEMORY if "SIGKILL" in how and (oom_kills or near_full) else Fault.LOST


def says_out_of_memory(message: str) -> bool:
    """A renderer that refuses a frame for want of memory says so in one of a few ways.

    >>> says_out_of_memory("System is out of GPU memory"), says_out_of_memory("no camera in the scene")
    (True, False)
    """
    return bool(_OUT_OF_MEMORY.search(message))
