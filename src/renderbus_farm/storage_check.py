"""Reads uploaded pieces and compares them with their digests; what is damaged is named and forgotten."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.blobs.packs import PackMissing, Packs
from renderbus_farm.rules.work import Damage
from renderbus_farm.store import unneeded, whole_files
from renderbus_farm.store.database import Connection, Database
from renderbus_model.pieces import BadDigest, Digest, PlacedPiece, WrongDigest, digest_of_stream
from renderbus_model.pieces.packs import PackedPiece, content_of

PACKS_AT_ONCE = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DamagedPack:
    """A pack with damaged pieces; ``files`` are the farm paths of the account's files that need them."""

    name: str
    account_id: int
    pieces: tuple[Digest, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """So many bytes were read, in so many packs; ``damaged`` tells that one of them is not right."""

    packs: int
    size_bytes: int
    damaged: DamagedPack | None = None


class Inspector:
    """Looks at what a node found damaged; for one thread."""

    def __init__(self, blobs: Blobs, packs: Packs) -> None:
        self._blobs = blobs
        self._packs = packs
        self._opener = zstandard.ZstdDecompressor()

    def look(self, db: Connection, damage: Damage) -> bool:
        """Whether these bytes are damaged or gone; the next upload of their files then sends them again.

        To be called in a transaction that writes.
        """
        try:
            if damage.piece is None:
                return self._blob(db, damage.digest)
            return self._piece(db, damage.piece)
        except (BadDigest, OverflowError, ValueError):
            return False  # a node that says what makes no sense
        except OSError as error:
            log.error("stored bytes could not be looked at", exc_info=error)
            return False

    def _blob(self, db: Connection, digest: Digest) -> bool:
        try:
            with self._blobs.get(digest) as stream:
                right = digest_of_stream(stream)[0] == digest
        except BlobMissing:
            right = False
        except OSError as error:
            _raise_unless_damage(error)
            right = False
        if not right:
            self._blobs.delete({digest})
            whole_files.must_come_again(db, digest)
        return not right

    def _piece(self, db: Connection, piece: PlacedPiece) -> bool:
        place = PackedPiece(piece.digest, piece.offset, piece.stored_bytes, piece.size_bytes)
        if _is_right(self._packs, piece.pack, place, self._opener):
            return False
        stored = unneeded.pack_named(db, piece.pack)
        rows = unneeded.places_in(db, stored.id) if stored else []
        # Its place as the farm knows it: what a node says of that may be wrong, too.
        mine = [row for row in rows if row.digest == piece.digest]
        if stored and mine and not _is_right(self._packs, stored.name, mine[0], self._opener):
            files = unneeded.forget_pieces(db, stored, [piece.digest])
            log.error("damaged piece forgotten", extra={"pack": stored.name, "files": files})
            return True
        return not mine


def check_packs(database: Database, packs: Packs) -> Iterator[Checked]:
    """Read every pack; the count after each. The farm may be running.

    Damaged pieces are forgotten: the next upload of their files sends them again.
    """
    opener = zstandard.ZstdDecompressor()
    count = size_bytes = after = 0
    while True:
        with database.reading() as db:
            found = unneeded.all_packs(db, after, PACKS_AT_ONCE)
        if not found:
            return
        for stored in found:
            after = stored.id
            damaged = _damaged_pieces(database, packs, stored, opener)
            count, size_bytes = count + 1, size_bytes + stored.size_bytes
            told = None
            if damaged:
                with database.writing() as db:
                    files = unneeded.forget_pieces(db, stored, damaged)
                told = DamagedPack(stored.name, stored.account_id, tuple(damaged), tuple(files))
            yield Checked(count, size_bytes, told)


def _damaged_pieces(
    database: Database, packs: Packs, stored: unneeded.StoredPack, opener: zstandard.ZstdDecompressor
) -> list[Digest]:
    with database.reading() as db:
        places = unneeded.places_in(db, stored.id)
    return [place.digest for place in places if not _is_right(packs, stored.name, place, opener)]


def _is_right(packs: Packs, name: str, place: PackedPiece, opener: zstandard.ZstdDecompressor) -> bool:
    try:
        content = packs.read(name, place.offset, place.stored_bytes)
        content_of(content, place.digest, place.size_bytes, opener)
    except (PackMissing, WrongDigest):
        return False
    except OSError as error:
        _raise_unless_damage(error)
        return False
    return True


def _raise_unless_damage(error: OSError) -> None:
    """Who may not read, or has too many files open, knows nothing of the bytes, and must not forget them."""
    if error.errno != errno.EIO:
        raise error
