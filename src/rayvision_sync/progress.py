"""How far a transfer is: what a live display shows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

RATE_OVER_S = 5.0
"""The rate is that of the last seconds: long enough to be calm, short enough to show a line that stalls."""


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """A transfer at one moment.

    Attributes:
        files_done, files_total: files that are in place, of all.
        bytes_done, bytes_total: bytes that are in place, of all; those that had to move no more included.
        bytes_per_s: over the network, in the last seconds; 0 while nothing moves.
        bytes_known: bytes that did not have to move, since the other side had them.
        bytes_read: bytes read from this disk to learn which they are; at first only this grows.
        bytes_to_read: how many must be read in all; files that the record knows are not read.
    """

    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_per_s: float = 0.0
    bytes_known: int = 0
    bytes_read: int = 0
    bytes_to_read: int = 0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the present rate; None while nothing travels.

        >>> TransferProgress(bytes_done=50, bytes_total=100, bytes_per_s=10.0).seconds_left
        5.0
        """
        left = self.bytes_total - self.bytes_done
        return left / self.bytes_per_s if self.bytes_per_s > 0 else None


OnProgress = Callable[[TransferProgress], None]


class Meter:
    """Counts what several threads move."""

    def __init__(
        self, files_total: int, bytes_total: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._files_total, self._bytes_total = files_total, bytes_total
        self._files_done = self._bytes_done = self._bytes_known = 0
        self._bytes_read = self._bytes_to_read = 0
        self._travelled = 0  # over the network, also what had to be sent again
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)])

    def read(self, size_bytes: int) -> None:
        """These bytes were read and hashed."""
        with self._lock:
            self._bytes_read += size_bytes

    def to_read(self, size_bytes: int) -> None:
        """So many bytes more will be read."""
        with self._lock:
            self._bytes_to_read += size_bytes

    def share(self) -> Share:
        """What one try at one file moves."""
        return Share(self)

    def count(self, done: int, travelled: int) -> None:
        """So many bytes more are in place (fewer, where negative), and so many travelled for it."""
        with self._lock:
            self._bytes_done += done
            self._travelled += travelled

    def arrived(self, files: int = 1) -> None:
        """All bytes of so many files are in place."""
        with self._lock:
            self._files_done += files

    def known(self, files: int, size_bytes: int) -> None:
        """So many files of that many bytes together need not travel."""
        with self._lock:
            self._files_done += files
            self._bytes_done += size_bytes
            self._bytes_known += size_bytes

    def now(self) -> TransferProgress:
        """Where the transfer stands."""
        with self._lock:
            now = self._clock()
            while len(self._samples) > 1 and now - self._samples[1][0] >= RATE_OVER_S:
                self._samples.popleft()
            since, before = self._samples[0]
            self._samples.append((now, self._travelled))
            elapsed_s = now - since
            return TransferProgress(
                files_done=self._files_done,
                files_total=self._files_total,
                bytes_done=self._bytes_done,
                bytes_total=self._bytes_total,
                bytes_per_s=(self._travelled - before) / elapsed_s if elapsed_s > 0 else 0.0,
                bytes_known=self._bytes_known,
                bytes_read=self._bytes_read,
                bytes_to_read=self._bytes_to_read,
            )


class Share:
    """The bytes of one try at one file: a try that fails takes them back from the count."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._bytes = 0

    def moved(self, size_bytes: int, stands_for: int | None = None) -> None:
        """These bytes travelled; compressed they may stand for more."""
        done = size_bytes if stands_for is None else stands_for
        self._bytes += done
        self._meter.count(done, size_bytes)

    def round_up(self, size_bytes: int) -> None:
        """All of it is there: so many bytes, whatever its parts stood for."""
        self._meter.count(size_bytes - self._bytes, 0)
        self._bytes = size_bytes

    def resumed(self, size_bytes: int) -> None:
        """These bytes were here from an earlier try."""
        self._bytes += size_bytes
        self._meter.count(size_bytes, 0)

    def take_back(self) -> None:
        """All of it was in vain."""
        self._meter.count(-self._bytes, 0)
        self._bytes = 0
