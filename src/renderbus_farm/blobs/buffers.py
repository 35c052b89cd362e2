"""Memory that packs are received into: a few large buffers, used again and again.

A new page of memory costs more than to copy into it, so buffers stay for the next pack. There are few of
them: whoever gets none writes to the disk as the bytes come.
"""

from __future__ import annotations

import mmap
import threading

BUFFER_BYTES = 17 << 20
"""A usual pack and its table (``renderbus_model.pieces.packs.PACK_BYTES``)."""

MOST_BUFFERS = 16
KEPT_BUFFERS = 4
"""One client sends four packs at once."""


class Buffers:
    """Buffers of ``size_bytes``, which begin at a page. Safe for threads."""

    def __init__(
        self, size_bytes: int = BUFFER_BYTES, most: int = MOST_BUFFERS, kept: int = KEPT_BUFFERS
    ) -> None:
        self.size_bytes = size_bytes
        self._most = most
        self._kept = kept
        self._taken = 0
        self._idle: list[mmap.mmap] = []
        self._lock = threading.Lock()

    def take(self, size_bytes: int | None) -> mmap.mmap | None:
        """A buffer for so many bytes; None where they do not fit, are not known, or no buffer is left."""
        if size_bytes is None or size_bytes > self.size_bytes:
            return None
        with self._lock:
            if self._taken == self._most:
                return None
            self._taken += 1
            if self._idle:
                return self._idle.pop()
        return mmap.mmap(-1, self.size_bytes)

    def give_back(self, buffer: mmap.mmap) -> None:
        """A buffer is free again; nobody writes to it or reads it any more."""
        with self._lock:
            self._taken -= 1
            if len(self._idle) < self._kept:
                self._idle.append(buffer)
            # Else its memory goes with the last reference. It cannot be closed: where a body broke off, the
            # error on its way out still holds views of it.
