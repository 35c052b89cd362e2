"""The machine that a worker runs on."""

from __future__ import annotations

import platform
import re
from pathlib import Path

_MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor as its maker names it, else as the system does: ``AMD EPYC 7B13``, ``arm64``.

    Args:
        cpuinfo: where Linux tells it; elsewhere there is no such file.
    """
    try:
        found = _MODEL.search(cpuinfo.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        found = None
    name = found[1] if found else platform.processor() or platform.machine()
    return " ".join(name.split())
