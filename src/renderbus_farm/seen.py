"""Signatures that were used: in memory, and in a journal so that the farm's end does not forget them.

A signature counts for as long as the clock's window lets its timestamp pass, then it is forgotten. Each first
use is written at once, 16 bytes to a file that is only appended to: that costs microseconds, waits for
nobody, and outlives a farm that is killed. Like the database, it is not forced to disk: a machine that loses
its power may forget the last moments, and takes longer than those to come back.
"""

from __future__ import annotations

import binascii
import errno
import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from renderbus_farm.errors import CannotStore, why_not_stored

_RECORD = struct.Struct("<qQ")  # second in which it was signed, first eight bytes of the signature


class CannotRemember(CannotStore):
    """A signature cannot be kept, so its request must not be answered."""

    def __init__(self, path: Path, error: OSError) -> None:
        why = f"the farm cannot write to its disk ({error.strerror or error})"
        super().__init__(f"journal {path}: {error}", why_not_stored(error) or why)


class SeenSignatures:
    """Tells the first use of a signature from every later one. Safe for threads.

    Eight bytes of each are enough: whoever can make two requests whose HMACs begin alike has the key, and by
    chance it happens once in ten billion years.

    Args:
        folder: of the journal; made when it is not there.
        window_s: how far a timestamp may be off, either way.
        now: seconds since 1970.

    Raises:
        CannotRemember: the folder cannot be used.
    """

    def __init__(self, folder: Path, *, window_s: int, now: float) -> None:
        self._folder = folder
        self._window_s = window_s
        self._lock = threading.Lock()
        self._by_second: dict[int, set[int]] = {}
        # Clocks can be set back: what was forgotten must not count as new again.
        self._forgotten_before = self._swept_at = int(now) - window_s
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for _, path in self._files():
                self._read(path)
                _truncate_to_whole_records(path)
            self._slot = int(now) // window_s
            self._journal = self._opened(self._slot)
        except OSError as error:
            raise CannotRemember(folder, error) from error
        self._sweep(int(now))

    def first_use(self, signature: str, timestamp: int, now: float) -> bool:
        """Remember a signature: false when it was used before, so that the request is a replay.

        Args:
            signature: as the farm worked it out itself, in base64.
            timestamp: when it was signed, in seconds since 1970; the caller has checked the window.
            now: the farm's clock.

        Raises:
            CannotRemember: it could not be written down.
        """
        short = int.from_bytes(binascii.a2b_base64(signature[:12])[:8], "little")
        second = int(now)
        with self._lock:
            if second > self._swept_at:
                self._sweep(second)
            if timestamp < self._forgotten_before:
                return False
            used = self._by_second.setdefault(timestamp, set())
            if short in used:
                return False
            self._write(_RECORD.pack(timestamp, short))
            used.add(short)
            return True

    def close(self) -> None:
        """Close the journal. Closing twice is harmless."""
        with self._lock:
            if self._journal >= 0:
                os.close(self._journal)
                self._journal = -1

    def _write(self, record: bytes) -> None:
        try:
            written = os.write(self._journal, record)
            if written != len(record):
                os.ftruncate(self._journal, os.fstat(self._journal).st_size - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise CannotRemember(self._path(self._slot), error) from error

    def _sweep(self, second: int) -> None:
        """Forget what the window no longer lets pass; go on in a new file when the old one's time is over."""
        self._swept_at = second
        self._forgotten_before = max(self._forgotten_before, second - self._window_s)
        for gone in [each for each in self._by_second if each < self._forgotten_before]:
            del self._by_second[gone]
        slot = second // self._window_s
        if slot > self._slot:
            try:
                before, self._journal = self._journal, self._opened(slot)
                self._slot = slot
                os.close(before)
                for old, path in self._files():
                    # What came in this slot may have been signed a window ahead, and counts a window longer.
                    if old < slot - 2:
                        path.unlink(missing_ok=True)
            except OSError as error:
                raise CannotRemember(self._folder, error) from error

    def _path(self, slot: int) -> Path:
        return self._folder / f"{slot}.seen"

    def _opened(self, slot: int) -> int:
        binary = getattr(os, "O_BINARY", 0)  # Windows would add a byte to every line end
        return os.open(self._path(slot), os.O_WRONLY | os.O_APPEND | os.O_CREAT | binary, 0o600)

    def _files(self) -> Iterator[tuple[int, Path]]:
        for path in sorted(self._folder.glob("*.seen")):
            if path.stem.isdecimal():
                yield int(path.stem), path

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        whole = len(content) - len(content) % _RECORD.size
        for timestamp, short in _RECORD.iter_unpack(content[:whole]):
            if timestamp >= self._forgotten_before:
                self._by_second.setdefault(timestamp, set()).add(short)


def _truncate_to_whole_records(path: Path) -> None:
    size = path.stat().st_size
    if size % _RECORD.size:
        os.truncate(path, size - size % _RECORD.size)
