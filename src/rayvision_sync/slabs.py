"""Memory for large pieces, used again and again: a new page of it costs more than to read into it."""

from __future__ import annotations

import threading

from renderbus_model.pieces.cutting import PLAIN

SLAB_BYTES = PLAIN.average


class Slabs:
    """Slabs of ``SLAB_BYTES``. Safe for threads."""

    def __init__(self) -> None:
        self._idle: list[bytearray] = []
        self._lock = threading.Lock()

    def take(self) -> bytearray:
        """A slab that nobody uses."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return bytearray(SLAB_BYTES)

    def give_back(self, content: bytes | memoryview) -> None:
        """The content of a piece is needed no more; where it is a view of a slab, that is free again."""
        if isinstance(content, memoryview):
            slab = content.obj
            content.release()
            if isinstance(slab, bytearray):
                with self._lock:
                    self._idle.append(slab)
