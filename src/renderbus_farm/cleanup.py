"""Throws away uploaded bytes and results that nothing needs any more, a little at a time.

A pack stays while a task needs it, for the keeping time of the task's isolation model after its end, and for
some time after its files were last committed. What an upload sent or asked about stays for a day, so a
clean-up beside running uploads takes nothing that they count on.

Results stay for some time after their task's end; what a frame's list shows besides, its log and its small
picture, stays with the task.

Bytes that were stored lately are left to ``leftovers``: the same picture may have been rendered for another
task, by a node whose report has not arrived yet.
"""

from __future__ import annotations

import logging

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.blobs.packs import Packs
from renderbus_farm.leftovers import STAYS_S
from renderbus_farm.rules.isolation import isolation_path
from renderbus_farm.store import leftovers, unneeded, whole_files
from renderbus_farm.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0
MOST_TASKS = 200
MOST_PACKS = 20
"""Packs that one look removes: requests wait for no longer transaction."""

MOST_FILES = 500
MOST_RESULTS = 5000
"""The same of results: a million of them are gone after some hours."""

DAY_S = 86400.0
KEPT_PER_TASK_DAYS, KEPT_PER_USER_DAYS = 15.0, 20.0
"""After a task's end, as published: of files kept apart for a task, and of those kept apart for a user."""


class Cleanup:
    """Looks once in a while; for one thread.

    Args:
        kept_s: how long a task's files stay after its end, where no isolation model says.
        results_kept_s: how long its results do.
    """

    def __init__(
        self, database: Database, blobs: Blobs, packs: Packs, *, kept_s: float, results_kept_s: float
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._packs = packs
        self._kept_s = kept_s
        self._results_kept_s = results_kept_s
        self._looked_at: float | None = None
        self._after = (0.0, 0)  # end and id of the last task that was looked at

    def tick(self, now: float) -> None:
        """Remove some of what is too old, if it is time to look."""
        if self._looked_at is not None and abs(now - self._looked_at) < EVERY_S:
            return
        self._looked_at = now
        self._let_tasks_go(now)
        self._remove_packs(now)
        self._remove_files(now)
        self._remove_results(now)

    def _let_tasks_go(self, now: float) -> None:
        shortest = min(self._kept_s, KEPT_PER_TASK_DAYS * DAY_S)
        with self._database.reading() as db:
            found = unneeded.ended_holders(db, now - shortest, self._after, MOST_TASKS)
        # Behind tasks whose files stay longer there may be others whose time is over.
        self._after = (found[-1].ended_at, found[-1].id) if len(found) == MOST_TASKS else (0.0, 0)
        over = [task.id for task in found if task.ended_at < now - self._kept_for(task)]
        if over:
            with self._database.writing() as db:
                unneeded.let_go(db, over)

    def _kept_for(self, task: unneeded.HoldingTask) -> float:
        if not task.isolation:
            return self._kept_s
        if task.isolation == isolation_path(str(task.id)):
            return KEPT_PER_TASK_DAYS * DAY_S
        return KEPT_PER_USER_DAYS * DAY_S

    def _remove_packs(self, now: float) -> None:
        with self._database.reading() as db:
            found = unneeded.unneeded_packs(db, now, MOST_PACKS)
        if not found:
            return
        with self._database.writing() as db:
            # Again: an upload may have asked about one of them meanwhile.
            found = unneeded.unneeded_packs(db, now, MOST_PACKS)
            unneeded.remove_packs(db, found)
        # Only now: should the farm end here, bytes that nobody knows are left, and never the other way round.
        self._packs.delete([pack.name for pack in found])
        log.info("old uploads removed", extra={"packs": len(found)})

    def _remove_files(self, now: float) -> None:
        """What was sent whole, as packs are removed."""
        with self._database.writing() as db:
            digests = whole_files.take_unneeded(db, now, MOST_FILES)
        if digests:
            with self._database.reading() as db:
                unnamed = leftovers.unnamed_blobs(db, digests)
            self._blobs.delete(unnamed, stored_before=now - STAYS_S)
            log.info("old uploads removed", extra={"files": len(digests)})

    def _remove_results(self, now: float) -> None:
        with self._database.reading() as db:
            tasks = leftovers.with_old_results(db, now - self._results_kept_s, MOST_TASKS)
        left = MOST_RESULTS
        for task_id in tasks:
            with self._database.writing() as db:
                gone = leftovers.take_results(db, task_id, now - self._results_kept_s, left, now)
            with self._database.reading() as db:
                unnamed = leftovers.unnamed_blobs(db, set(gone))
            self._blobs.delete(unnamed, stored_before=now - STAYS_S)
            log.info("old results removed", extra={"task": task_id, "files": len(gone)})
            left -= len(gone)
            if left <= 0:
                return
