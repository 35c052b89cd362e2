"""A speed limit that holds for all threads of a transfer together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_S = 0.1
"""What may go at once after a pause, in seconds of the limit: a long burst would not hold the limit."""

IN_SYSTEM_S = 0.25
"""What the system may receive ahead on all connections together, in seconds of the limit. Its own choice
would take seconds of a slow download from the line at once; less would slow down long lines."""

LEAST_IN_SYSTEM_BYTES, MOST_IN_SYSTEM_BYTES = 16 << 10, 192 << 10
"""More than the latter a usual system grants nobody who asks, though on a fast line it takes it by itself."""


class Pace:
    """Turns of a shared line: who asks for one is told how long to wait until the bytes have had their time.

    So over any stretch of time at most ``bytes_per_s`` times its length goes out, and ``BURST_S`` worth.
    """

    def __init__(self, bytes_per_s: float, now: float) -> None:
        if not bytes_per_s > 0:
            raise ValueError(f"speed of {bytes_per_s} bytes/s: must be above 0")
        self.bytes_per_s = bytes_per_s
        self._free_at = now

    def reserve(self, size_bytes: int, now: float) -> float:
        """Take the next turn, for so many bytes; the answer is how many seconds to wait first."""
        self._free_at = max(self._free_at, now - BURST_S) + size_bytes / self.bytes_per_s
        return max(0.0, self._free_at - now)


class Throttle:
    """``Pace`` for threads, by the clock. ``speed_kb`` is None for no limit."""

    def __init__(
        self,
        speed_kb: float | None,
        stop: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pace = Pace(speed_kb * 1024, clock()) if speed_kb else None
        self._lock = threading.Lock()
        self._stop = stop
        self._clock = clock

    def part_bytes(self, most: int) -> int:
        """How much to move at a time so that no wait is long: a tenth of a second's worth, within reason."""
        return most if self._pace is None else max(4096, min(most, int(self._pace.bytes_per_s / 10)))

    def socket_bytes(self, connections: int) -> int | None:
        """What the system may receive ahead on each of so many connections; None for its own choice."""
        if self._pace is None:
            return None
        wanted = max(LEAST_IN_SYSTEM_BYTES, int(self._pace.bytes_per_s * IN_SYSTEM_S / connections))
        return wanted if wanted <= MOST_IN_SYSTEM_BYTES else None

    def take(self, size_bytes: int) -> None:
        """Wait until these bytes have had their time; a stop ends the wait."""
        if self._pace is None:
            return
        with self._lock:
            wait_s = self._pace.reserve(size_bytes, self._clock())
        if wait_s > 0:
            self._stop.wait(wait_s)
