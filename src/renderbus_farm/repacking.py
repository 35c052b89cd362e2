"""Packs most of which nothing names any more are written anew: what is left of several goes into one.

In steps, each of which may be the last one of a farm that is killed:

1. What nothing names *fades*: uploads are told that it is missing. Those that were told otherwise have as
   much time to commit it as pieces have that were sent and not committed.
2. After that time a new pack is stored. Nobody knows it yet; should the farm end here it is a leftover.
3. One transaction gives the pieces their new places, and forgets what has faded. The old packs stay a while
   for who has just asked where a piece lies, and are then removed as every pack that nobody needs.

Packs that a task's manifest names stay as they are: a manifest names places, and never changes.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

import zstandard

from renderbus_farm.blobs.packs import PackMissing, Packs
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S
from renderbus_farm.store import thinning, unneeded
from renderbus_farm.store.database import Database
from renderbus_farm.store.unneeded import StoredPack
from renderbus_model.pieces import WrongDigest
from renderbus_model.pieces.packs import MOST_CONTENT_BYTES, PACK_BYTES, PackBuilder, PackedPiece, content_of

log = logging.getLogger(__name__)

EVERY_S = 60.0
MOST_LOOKED_AT = 50
MOST_AT_ONCE = 16
"""Packs that are put together into one."""

THIN = 0.5
"""A pack is worth rewriting when so much of it is dead: what is written is less than what is won."""

READ_FOR_S = 3600.0
"""How long an old pack stays for those who have just asked where its pieces lie."""


class Repacking:
    """Looks once in a while; for one thread."""

    def __init__(self, database: Database, packs: Packs) -> None:
        self._database = database
        self._packs = packs
        self._opener = zstandard.ZstdDecompressor()
        self._looked_at: float | None = None
        self._after = 0  # id of the last pack that was looked at

    def tick(self, now: float) -> None:
        """Look at some packs and write some anew, if it is time to."""
        if self._looked_at is not None and abs(now - self._looked_at) < EVERY_S:
            return
        self._looked_at = now
        self._find_thin(now)
        self._rewrite(now)

    def _find_thin(self, now: float) -> None:
        with self._database.reading() as db:
            found = thinning.settled(db, self._after, now + KEPT_BEFORE_COMMIT_S, MOST_LOOKED_AT)
            thin = [one for one in found if _is_thin(one, thinning.dead_in(db, one))]
        self._after = found[-1].id if len(found) == MOST_LOOKED_AT else 0
        for one in thin:
            with self._database.writing() as db:
                # Again: an upload may have committed some of it meanwhile.
                dead = thinning.dead_in(db, one)
                if _is_thin(one, dead):
                    thinning.let_fade(db, one, dead, now)

    def _rewrite(self, now: float) -> None:
        with self._database.reading() as db:
            ready = thinning.ready(db, now - KEPT_BEFORE_COMMIT_S, MOST_AT_ONCE)
            lasting = [(one, thinning.lasting_in(db, one)) for one in ready]
        chosen: list[tuple[StoredPack, list[PackedPiece]]] = []
        size_bytes = content_bytes = 0
        for one, rows in lasting:
            size_bytes += sum(row.stored_bytes for row in rows)
            content_bytes += sum(row.size_bytes for row in rows)
            if chosen and (size_bytes > PACK_BYTES or content_bytes > MOST_CONTENT_BYTES):
                break
            chosen.append((one, rows))
        if chosen:
            self._put_together(chosen, now)

    def _put_together(self, chosen: Sequence[tuple[StoredPack, list[PackedPiece]]], now: float) -> None:
        pack, damaged = PackBuilder(), False
        for one, rows in chosen:
            if spoiled := [row.digest for row in rows if not self._add(pack, one, row)]:
                damaged = True
                with self._database.writing() as db:
                    files = unneeded.forget_pieces(db, one, spoiled)
                log.error("damaged pieces forgotten", extra={"pack": one.name, "files": files})
        if damaged:
            return  # the next look finds what is left
        name = secrets.token_hex(16)
        if pack.rows:
            with self._packs.arrival(name) as arrival:
                for part in pack.finish():
                    arrival.write(bytes(part))
                arrival.checked()
                arrival.keep()
        if self._moved(chosen, name, pack, now):
            log.info("packs rewritten", extra={"packs": len(chosen), "pieces": len(pack.rows)})
        else:
            self._packs.delete([name])

    def _add(self, pack: PackBuilder, one: StoredPack, row: PackedPiece) -> bool:
        """Copy a piece as it is stored; False where it is damaged."""
        try:
            stored = self._packs.read(one.name, row.offset, row.stored_bytes)
            content = content_of(stored, row.digest, row.size_bytes, self._opener)
        except (PackMissing, WrongDigest):
            return False
        pack.add(row.digest, bytes(content), stored)
        return True

    def _moved(
        self,
        chosen: Sequence[tuple[StoredPack, list[PackedPiece]]],
        name: str,
        pack: PackBuilder,
        now: float,
    ) -> bool:
        """The pieces lie in the new pack from now on; False where something changed while it was written."""
        size_bytes = sum(map(len, pack.finish()))
        with self._database.writing() as db:
            ready = {one.id for one in thinning.ready(db, now - KEPT_BEFORE_COMMIT_S, MOST_AT_ONCE)}
            same = all(one.id in ready and thinning.lasting_in(db, one) == rows for one, rows in chosen)
            if same:
                old = [one for one, _ in chosen]
                thinning.move(db, old, name, size_bytes, pack.rows, now + READ_FOR_S)
        return same


def _is_thin(one: StoredPack, dead: Sequence[PackedPiece]) -> bool:
    return sum(row.stored_bytes for row in dead) > THIN * one.size_bytes
