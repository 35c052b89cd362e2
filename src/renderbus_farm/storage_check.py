"""Reads every uploaded piece and compares it with its digest; what is damaged is named and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

from renderbus_farm.blobs.packs import PackMissing, Packs
from renderbus_farm.store import unneeded
from renderbus_farm.store.database import Database
from renderbus_model.pieces import Digest, WrongDigest
from renderbus_model.pieces.packs import PackedPiece, content_of

PACKS_AT_ONCE = 100


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
    except (PackMissing, WrongDigest, OSError):
        return False
    return True
