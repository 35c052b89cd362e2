"""Files that were left half-written, by a process that was killed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def remove_older(folder: Path, stopped_before: float) -> None:
    """Remove the files of a folder that nobody has written to since then (seconds since 1970)."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < stopped_before:
                left.unlink()
