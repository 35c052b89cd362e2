"""Looks at render processes: the processor time, memory and disk that they and their children use."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from renderbus_farm.rules.watch import Limits, Sample, Watched, fault_of_death
from renderbus_farm.rules.work import Fault

LOOKS_EVERY_S = 5.0
"""A look reads a few files of the kernel and lists one folder."""

_OOM_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_VMSTAT = Path("/proc/vmstat")
_FIRST_TO_GO = "900"  # of 1000; what analyses scenes has 1000


class Watch:
    """One render process over one frame; nothing is read before the first look but the kernel's count.

    Args:
        pid: its process id.
        scratch: the folder that it writes to.
        said: counts up with each sign that it gives by itself.
    """

    def __init__(self, pid: int, scratch: Path, limits: Limits, said: Callable[[], int]) -> None:
        self._pid = pid
        self._scratch = scratch
        self._said = said
        self._limits = limits
        self._oom_kills = oom_kills()
        self._watched: Watched | None = None

    @property
    def every_s(self) -> float:
        """How often to look."""
        return min(LOOKS_EVERY_S, self._limits.stuck_after_s / 4)

    def look(self) -> tuple[Fault, str] | None:
        """Why it has to be ended now, and whose fault that is; None to let it go on."""
        sample = self._sample()
        self._watched = self._watched.after(sample) if self._watched else Watched.first(sample)
        return self._watched.trouble(self._limits)

    def fault_of_death(self, how: str, said: str) -> Fault:
        """What it died of, where nobody here has killed it."""
        total = psutil.virtual_memory().total
        killed = max(0, oom_kills() - self._oom_kills)
        most = self._watched.most_memory_bytes if self._watched else 0
        return fault_of_death(how, said, most, total, killed)

    def _sample(self) -> Sample:
        cpu_s, memory_bytes = used_by(self._pid)
        scratch_bytes = size_of(self._scratch)
        free_bytes = 1 << 62
        with contextlib.suppress(OSError):
            free_bytes = shutil.disk_usage(self._scratch).free
        return Sample(time.monotonic(), self._said(), cpu_s, memory_bytes, scratch_bytes, free_bytes)


def used_by(pid: int) -> tuple[float, int]:
    """Processor time in seconds and memory in bytes of a process and its children; none when it has ended."""
    cpu_s, memory_bytes = 0.0, 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = each.cpu_times()
                cpu_s += times.user + times.system + times.children_user + times.children_system
                memory_bytes += each.memory_info().rss
    return cpu_s, memory_bytes


def size_of(folder: Path) -> int:
    """Bytes that the files below a folder take on its disk."""
    size_bytes = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # removed meanwhile
                size_bytes += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 - many files
    return size_bytes


def oom_kills(vmstat: Path = _VMSTAT) -> int:
    """How many processes the kernel has killed for want of memory so far; 0 where it does not tell."""
    try:
        found = _OOM_KILLS.search(vmstat.read_text("ascii", "replace"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def first_to_go(pid: int) -> None:
    """When the machine's memory runs out, this process and its children end, and not worker or farm."""
    with contextlib.suppress(OSError):  # not on every system, and it may have ended
        Path(f"/proc/{pid}/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
