"""How long a farm lives: who is asking it, and the thread that ticks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

LONGEST_WAIT_S = 1.0
"""Between two ticks, when nothing wakes the thread earlier."""

log = logging.getLogger(__name__)


class Activity:
    """Requests, those whose bytes still flow included. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self._last = clock()

    def request(self) -> Activity:
        """In a ``with`` statement: a request is being answered."""
        return self

    def __enter__(self) -> None:
        with self._lock:
            self._under_way += 1
            self._last = self._clock()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._under_way -= 1
            self._last = self._clock()

    def idle_s(self) -> float:
        """Seconds since the last request ended; 0 while one is being answered."""
        with self._lock:
            return 0.0 if self._under_way else self._clock() - self._last


GATHER_S = 0.03
"""How long after a change a tick waits for more of them; a tick costs some of the renderer's time."""


class Ticker:
    """A thread that calls ``tick`` when ``changed`` is set, and otherwise when it is due.

    A tick that fails is logged and tried again: what should be stands in the database, so nothing is lost.
    """

    def __init__(
        self, tick: Callable[[], None], *, changed: threading.Event, due_in_s: Callable[[], float]
    ) -> None:
        self._tick = tick
        self._changed = changed
        self._due_in_s = due_in_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def end(self) -> None:
        """Tick no more; returns when the last tick is over. Ending twice is harmless."""
        self._ending.set()
        self._changed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            # Cleared before the tick: what changes while it runs wakes it again.
            self._changed.clear()
            try:
                self._tick()
                wait_s = min(LONGEST_WAIT_S, max(0.0, self._due_in_s()))
            except Exception:
                log.exception("tick failed")
                self._ending.wait(LONGEST_WAIT_S)
            else:
                if self._changed.wait(wait_s):
                    # A frame's end and the next one's start come as a pair: one tick for both.
                    self._ending.wait(GATHER_S)
