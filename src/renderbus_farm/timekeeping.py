"""Keeps time limits right while the machine's clock is set, the machine sleeps or the farm is not there."""

from __future__ import annotations

import logging
from collections.abc import Callable

from renderbus_farm.rules.clocks import Clocks
from renderbus_farm.store import clocks
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)

SEEN_EVERY_S = 10.0
"""How often the database is told that the farm is there: so much may count although it was not."""


class Timekeeping:
    """Belongs to the dispatcher's thread.

    Args:
        steady: seconds on a clock that is never set, and stands still while the machine sleeps.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._last: Clocks | None = None
        self._jumped_s = 0.0
        self._written: float | None = None

    def look(self, now: float) -> None:
        """Time has passed."""
        here = Clocks(now, self._steady())
        if self._last is not None:
            self._jumped_s += self._last.jumped_s(here)
        self._last = here

    def rest(self) -> None:
        """No time counts now."""
        self._jumped_s = 0.0

    def due(self, now: float) -> bool:
        """Something is to be written."""
        # Either way, since the machine's clock may be set back.
        return bool(self._jumped_s) or self._written is None or abs(now - self._written) >= SEEN_EVERY_S

    def write(self, db: Connection, now: float) -> None:
        """Move what counts from a time, if it must be, and tell that the farm is there."""
        by_s = self._jumped_s
        if self._written is None and (seen_at := clocks.seen_at(db)) is not None:
            by_s = now - seen_at
        if by_s and clocks.move(db, by_s, now):
            log.warning("clock jumped or farm was away, time limits moved", extra={"seconds": round(by_s)})
        if self.due(now):
            clocks.see(db, now)
            self._written = now
        self._jumped_s = 0.0
