"""Reading local files: their stamps, and their digests while nobody else writes to them."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from rayvision_sync.crew import Crew
from rayvision_sync.exception import FileChanged, UnreadableFile
from rayvision_sync.ledger import Stamp
from rayvision_sync.progress import Meter
from renderbus_model.pieces import Digest, Hashing, read_in_parts


def open_regular(local: str) -> BinaryIO:
    """A file to read; errors as ``open_handle``."""
    return os.fdopen(open_handle(local), "rb", buffering=0)


def open_handle(local: str) -> int:
    """A descriptor of a file, never of a device or a pipe, which could be read for ever.

    Raises:
        UnreadableFile: it is none, or may not be read.
    """
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would hang.
        handle = os.open(local, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise UnreadableFile(local, error.strerror or str(error)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadableFile(local, "is no regular file")
    return handle


def read_digest(local: str, crew: Crew, meter: Meter) -> tuple[Stamp, Digest]:
    """Read a file once.

    Raises:
        FileChanged: it was written to meanwhile.
        UnreadableFile: it cannot be read.
    """
    hashing = Hashing()
    with open_regular(local) as stream:
        before = Stamp.of(os.fstat(stream.fileno()))
        try:
            for part in read_in_parts(stream):
                crew.check()
                hashing.update(part)
                meter.read(len(part))
        except OSError as error:
            raise UnreadableFile(local, error.strerror or str(error)) from error
        after = Stamp.of(os.fstat(stream.fileno()))
    if before != after or hashing.size_bytes != after.size_bytes:
        raise FileChanged(local, "it was written to while it was read")
    return after, hashing.digest


def stamp_of(local: str) -> Stamp:
    """How a file is now.

    Raises:
        OSError: it is gone.
    """
    return Stamp.of(os.stat(local))  # noqa: PTH116 - for 20,000 files, a Path each is most of the time
