"""The transmitter's log file, in the folder that ``RAYVISION_LOG`` names."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAME = "rayvision_transmitter.log"
LARGEST_BYTES = 5 << 20
"""A larger file becomes ``NAME.1``, and a new one begins."""

_LOG, _USER_ONLY = "RAYVISION_LOG", 0o600


class TransferLog:
    """Lines with time and process; several transmitters may write at once. None of its errors counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def found(cls, environ: Mapping[str, str]) -> TransferLog:
        """The log in ``RAYVISION_LOG``, where that folder exists, else in ``renderfarm_sdk`` at home."""
        named = environ.get(_LOG, "")
        if named and Path(named).is_dir():
            return cls(Path(named) / NAME)
        home = environ.get("USERPROFILE") or environ.get("HOME") or Path.home()
        return cls(Path(home) / "renderfarm_sdk" / NAME)

    def write(self, line: str) -> None:
        """One line."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        text = f"{stamp} [{os.getpid()}] {line}\n".encode("utf-8", "backslashreplace")
        with suppress(OSError):  # a transfer does not fail for want of a log
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._roll_over()
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _USER_ONLY)
            try:
                os.write(handle, text)  # at once, so that lines of several processes stay whole
            finally:
                os.close(handle)

    def _roll_over(self) -> None:
        with suppress(FileNotFoundError):
            if self._path.stat().st_size > LARGEST_BYTES:
                self._path.replace(self._path.with_name(f"{NAME}.1"))
