"""Large results on their way to the disk: while one buffer is received, another is written.

They are written past the page cache where the system can: copying gigabytes into it and back out takes more
of the processor than all the rest. Long runs of zeros become holes, as they were where the file was made.
"""

from __future__ import annotations

import errno
import mmap
import os
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

if os.name == "posix":
    import fcntl

BUFFER_BYTES = 4 << 20
BUFFERS = 3

BLOCK_BYTES = 4096
"""Offsets, lengths and memory of direct writes are multiples of this."""

_DIRECT = getattr(os, "O_DIRECT", 0)
_REFUSED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
_ZEROS = bytearray(BUFFER_BYTES)


class Landing:
    """Writes what comes to a file, behind the thread that receives it.

    Args:
        handle: of the file, which is not written to by anybody else meanwhile.
        start: where the first byte goes, a multiple of ``BLOCK_BYTES``.
    """

    def __init__(self, handle: int, start: int) -> None:
        self._handle = handle
        self._at = start
        self._memory = mmap.mmap(-1, BUFFERS * BUFFER_BYTES)  # begins at a page
        whole = memoryview(self._memory)
        self._buffers = [whole[at * BUFFER_BYTES : (at + 1) * BUFFER_BYTES] for at in range(BUFFERS)]
        self._written: list[Future[None] | None] = [None] * BUFFERS
        self._turn = 0
        self._filled = 0
        self._pool = ThreadPoolExecutor(1, "landing")
        whole.release()

    def __enter__(self) -> Landing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None or isinstance(error, Exception):
                self._pass_on()
            for written in self._written:
                if written is not None:
                    written.result()
            os.ftruncate(self._handle, self._at)
        finally:
            self._pool.shutdown()
            for buffer in self._buffers:
                buffer.release()
            self._memory.close()

    def room(self) -> memoryview:
        """Where the next bytes may be put; never empty.

        Raises:
            OSError: what came before cannot be written.
        """
        if self._filled == BUFFER_BYTES:
            self._pass_on()
        written = self._written[self._turn]
        if written is not None and not self._filled:
            written.result()
        return self._buffers[self._turn][self._filled :]

    def came(self, size_bytes: int) -> None:
        """So many were put there."""
        self._filled += size_bytes

    def _pass_on(self) -> None:
        if not self._filled:
            return
        content = self._buffers[self._turn][: self._filled]
        self._written[self._turn] = self._pool.submit(_write, self._handle, content, self._at)
        self._at += self._filled
        self._turn = (self._turn + 1) % BUFFERS
        self._filled = 0


def _write(handle: int, content: memoryview, at: int) -> None:
    with content:
        if _is_hole(content):
            return
        os.lseek(handle, at, os.SEEK_SET)
        done = _written_direct(handle, content) if _DIRECT else 0
        while done < len(content):
            done += os.write(handle, content[done:])


def _is_hole(content: memoryview) -> bool:
    if content[0] or content[-1]:
        return False
    # A bytearray compares memory; a view would compare number by number.
    return (_ZEROS if len(content) == len(_ZEROS) else bytearray(len(content))) == content


def _written_direct(handle: int, content: memoryview) -> int:
    """Bytes that were written; fewer at the end of a file, or where the file system does not take them so."""
    flags = fcntl.fcntl(handle, fcntl.F_GETFL)
    end = len(content) // BLOCK_BYTES * BLOCK_BYTES
    done = 0
    try:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags | _DIRECT)
        while done < end and not done % BLOCK_BYTES:
            done += os.write(handle, content[done:end])
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
    finally:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags)
    return done
