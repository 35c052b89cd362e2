"""Why a farm does not start, or cannot go on: for the person who runs it."""

from __future__ import annotations

import errno
from pathlib import Path

DISK_FULL = "the farm's disk is full; ask its owner to make room"

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class FarmError(Exception):
    """The base of what can be wrong with a farm; the text is one line for its owner."""


class BadSetting(FarmError):
    """A setting makes no sense; ``name`` says which, ``source`` where it was written."""

    def __init__(self, source: str, name: str, why: str) -> None:
        super().__init__(f"setting {name!r} in {source}: {why}")
        self.source = source
        self.name = name


class DataFolderUnusable(FarmError):
    """The farm cannot keep its data in ``path``."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"data folder {str(path)!r} cannot be used: {why}; "
            "choose another folder with --data, or give its owner write access"
        )
        self.path = path


class AlreadyRunning(FarmError):
    """Another farm works on the same data; ``url`` is its address when it is ready."""

    def __init__(self, path: Path, url: str | None) -> None:
        where = f"at {url}" if url else "but is not ready yet"
        super().__init__(
            f"a farm on data folder {str(path)!r} is running already, {where}; "
            "use that one, stop it, or choose another folder with --data"
        )
        self.path = path
        self.url = url


class CannotListen(FarmError):
    """The farm's address cannot be taken."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"address {host}:{port} cannot be taken: {why}; choose another --host or --port (0: any)"
        )
        self.host = host
        self.port = port


class CannotStore(FarmError):
    """Something cannot be kept, so what was asked is not done; ``why`` is for who asked."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


def why_not_stored(error: Exception) -> str:
    """What to tell who asked when the farm failed so; empty where it did not fail for its disk."""
    if isinstance(error, CannotStore):
        return error.why
    return DISK_FULL if isinstance(error, OSError) and error.errno in _NO_SPACE else ""
