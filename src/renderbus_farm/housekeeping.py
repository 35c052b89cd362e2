"""What a farm throws away by itself: tasks that were created and never submitted."""

from __future__ import annotations

import logging

from renderbus_farm.store import drafts, units
from renderbus_farm.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0
MOST_AT_ONCE = 200
"""Tasks that one look removes: requests wait for no longer transaction."""

DAY_S = 86400.0


class Housekeeping:
    """Looks once in a while; for one thread.

    Args:
        drafts_kept_days: how long a task may stay without being submitted.
    """

    def __init__(self, database: Database, *, drafts_kept_days: float) -> None:
        self._database = database
        self._kept_s = drafts_kept_days * DAY_S
        self._looked_at: float | None = None

    def tick(self, now: float) -> None:
        """Remove some of what is too old, if it is time to look."""
        if self._looked_at is not None and abs(now - self._looked_at) < EVERY_S:
            return
        self._looked_at = now
        with self._database.reading() as db:
            found = drafts.old(db, now - self._kept_s, MOST_AT_ONCE)
        if found:
            for task_id in found:  # of one whose submission a farm that died did not end
                units.clear(self._database, task_id)
            with self._database.writing() as db:
                # Again: one of them may have been submitted meanwhile.
                found = drafts.old(db, now - self._kept_s, MOST_AT_ONCE)
                drafts.remove(db, found)
            log.info("old drafts removed", extra={"tasks": len(found)})
