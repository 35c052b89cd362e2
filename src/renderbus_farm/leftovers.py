"""Finds stored bytes that nothing names and removes them: what a farm left that was killed in the middle.

A file is stored before it is named, and its name goes before the file does. So what nobody names is either
about to be named or left over; the time since it was stored tells which.
"""

from __future__ import annotations

import logging

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.blobs.packs import Packs
from renderbus_farm.store import leftovers
from renderbus_farm.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0
PREFIXES = 256
"""Each look takes one part of the storage: all of it in some four hours."""

STAYS_S = 48 * 3600.0
"""How long bytes may be stored before they are named. A node keeps a report that it cannot deliver."""


class Leftovers:
    """Looks once in a while; for one thread."""

    def __init__(self, database: Database, blobs: Blobs, packs: Packs) -> None:
        self._database = database
        self._blobs = blobs
        self._packs = packs
        self._looked_at: float | None = None
        self._next = 0

    def tick(self, now: float) -> None:
        """Look at the next part, if it is time to."""
        if self._looked_at is not None and abs(now - self._looked_at) < EVERY_S:
            return
        self._looked_at = now
        prefix = f"{self._next:02x}"
        self._next = (self._next + 1) % PREFIXES
        before = now - STAYS_S
        old = {digest for digest, stored_at in self._blobs.names(prefix) if stored_at < before}
        packs = {name for name, stored_at in self._packs.names(prefix) if stored_at < before}
        with self._database.reading() as db:
            blobs = leftovers.unnamed_blobs(db, old) if old else set()
            unknown = leftovers.unknown_packs(db, packs) if packs else set()
        self._blobs.delete(blobs, stored_before=before)
        self._packs.delete(unknown)
        self._blobs.sweep(before)
        self._packs.sweep(before)
        if blobs or unknown:
            log.info("leftovers removed", extra={"blobs": len(blobs), "packs": len(unknown)})
