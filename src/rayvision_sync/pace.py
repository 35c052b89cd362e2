"""A speed limit that holds for all threads of a transfer together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_S = 0.1
"""What may go at once after a pause, in seconds of the limit: a long burst would not hold the limit."""


class Pace:
    """Turns of a shared line: who asks for a turn is told how long to wait for it.

    Over any stretch of time at most ``bytes_per_s`` times its length goes out, plus ``BURST_S`` worth and the
    one part that is on its way.
    """

    def __init__(self, bytes_per_s: float, now: float) -> None:
        if not bytes_per_s > 0:
            raise ValueError(f"speed of {bytes_per_s} bytes/s: must be above 0")
        self.bytes_per_s = bytes_per_s
        self._free_at = now

    def reserve(self, size_bytes: int, now: float) -> float:
        """Take the next turn, for so many bytes; the answer is how many seconds to wait first."""
        self._free_at = max(self._free_at, now - BURST_S)
        wait_s = max(0.0, self._free_at - now)
        self._free_at += size_bytes / self.bytes_per_s
        return wait_s


class Throttle:
    """``Pace`` for threads, by the clock."""

    def __init__(
        self, speed_kb: float, stop: threading.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pace = Pace(speed_kb * 1024, clock())
        self._lock = threading.Lock()
        self._stop = stop
        self._clock = clock

    def part_bytes(self, most: int) -> int:
        """How much to move at a time so that no wait is long: a tenth of a second's worth, within reason."""
        return max(4096, min(most, int(self._pace.bytes_per_s / 10)))

    def take(self, size_bytes: int) -> None:
        """Wait for a turn; a stop ends the wait."""
        with self._lock:
            wait_s = self._pace.reserve(size_bytes, self._clock())
        if wait_s > 0:
            self._stop.wait(wait_s)
