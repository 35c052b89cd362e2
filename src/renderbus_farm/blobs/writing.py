"""Writing all of what is to be written, and large files past the page cache.

Bytes that nobody reads soon need not be copied into the cache and written back from there: to write a
gigabyte so that it is safe took a third of the time and a thirtieth of the processor (docs/performance.md).
"""

from __future__ import annotations

import errno
import os
from typing import BinaryIO

if os.name == "posix":
    import fcntl

BLOCK_BYTES = 4096
"""Offsets and lengths of direct writes are multiples of this; memory, too."""

DIRECT_FROM_BYTES = 1 << 20
"""Smaller files are likely read soon, and cost little."""

_DIRECT = getattr(os, "O_DIRECT", 0)
_REFUSED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def write_all(file: BinaryIO, content: bytes | memoryview) -> None:
    """Write all of it to a file without a buffer, which takes fewer bytes where a disk is nearly full."""
    view, done = memoryview(content), 0
    while done < len(view):
        done += file.write(view[done:])


def write_large(handle: int, content: memoryview) -> None:
    """Write all of a new file; ``content`` begins at a page of memory."""
    whole = len(content) // BLOCK_BYTES * BLOCK_BYTES if len(content) >= DIRECT_FROM_BYTES else 0
    written = _written_direct(handle, content[:whole]) if whole and _DIRECT else 0
    while written < len(content):
        written += os.pwrite(handle, content[written:], written)


def _written_direct(handle: int, content: memoryview) -> int:
    """Bytes that were written; fewer where the file system does not take them so, or is full."""
    flags = fcntl.fcntl(handle, fcntl.F_GETFL)
    written = 0
    try:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags | _DIRECT)
        while written < len(content) and not written % BLOCK_BYTES:
            written += os.pwrite(handle, content[written:], written)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
    finally:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags)
    return written
