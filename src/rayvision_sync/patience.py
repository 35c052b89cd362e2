"""How often a file is tried again, and how long is waited in between."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rayvision_sync.exception import TransferCancelled


@dataclass(frozen=True, slots=True)
class Patience:
    """At most ``attempts`` tries; the waits double from ``first_wait_s`` to ``longest_wait_s``.

    None begins later than ``deadline_s`` after the first: a farm that starts again, or a line that is down
    for a moment, is back by then, and somebody waits for the message.
    """

    attempts: int = 24
    first_wait_s: float = 0.2
    longest_wait_s: float = 10.0
    deadline_s: float = 180.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"{self.attempts} attempts: at least 1")

    def wait_s(self, attempt: int, chance: float) -> float:
        """Seconds before try number ``attempt``, from 2; ``chance`` in [0, 1) spreads the threads."""
        whole = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(attempt - 2, 30))
        return whole * (0.5 + chance / 2)

    def tries(self, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> Iterator[int]:
        """1, 2, … with the waits in between.

        Raises:
            TransferCancelled: ``stop`` was set.
        """
        until = clock() + self.deadline_s
        for attempt in range(1, self.attempts + 1):
            # Chance only spreads the waits; nothing secret hangs on it.
            wait_s = self.wait_s(attempt, random.random()) if attempt > 1 else 0.0  # noqa: S311 - see above
            if attempt > 1 and clock() + wait_s > until:
                return
            if stop.wait(wait_s):
                raise TransferCancelled
            yield attempt


PATIENCE = Patience()
