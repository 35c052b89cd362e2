"""Queries on packs that nothing needs any more, and on pieces that must be sent again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select

from renderbus_farm.store.pieces import parts_of
from renderbus_farm.store.tables import (
    committed,
    content,
    content_pack,
    input_file,
    pack,
    piece,
    task,
    task_pack,
)
from renderbus_farm.store.upkeep_tables import fading_content, fading_piece, task_blob, thin_pack
from renderbus_model.pieces import Digest, read_listed
from renderbus_model.pieces.digests import raw
from renderbus_model.pieces.packs import PackedPiece


@dataclass(frozen=True, slots=True)
class HoldingTask:
    """A task that is over and still holds packs; ``isolation`` is the folder of its own files, if any."""

    id: int
    ended_at: float
    isolation: str


@dataclass(frozen=True, slots=True)
class StoredPack:
    """A pack that the database knows."""

    id: int
    account_id: int
    name: str
    size_bytes: int


def ended_holders(
    db: Connection, ended_before: float, after: tuple[float, int], most: int
) -> list[HoldingTask]:
    """Up to ``most`` tasks that ended before then and hold packs or files, the oldest first.

    Args:
        after: end and id of the task behind which to look.
    """
    holds = sa.or_(
        *(
            select(table.c.task_id).where(table.c.task_id == task.c.id).exists()
            for table in (task_pack, task_blob)
        )
    )
    query = (
        select(task.c.id, task.c.ended_at, task.c.isolation)
        .where(task.c.ended_at < ended_before, task.c.rendering == 0, holds)
        .where(sa.tuple_(task.c.ended_at, task.c.id) > after)
        .order_by(task.c.ended_at, task.c.id)
        .limit(most)
    )
    return [HoldingTask(*row) for row in db.execute(query)]


def let_go(db: Connection, task_ids: Collection[int]) -> None:
    """These tasks hold their packs and files no more."""
    for table in (task_pack, task_blob):
        db.execute(sa.delete(table).where(table.c.task_id.in_(task_ids)))


def unneeded_packs(db: Connection, now: float, most: int) -> list[StoredPack]:
    """Up to ``most`` packs whose time is over and that no task holds."""
    held = select(task_pack.c.pack_id).where(task_pack.c.pack_id == pack.c.id).exists()
    query = select(pack).where(pack.c.needed_until < now, ~held).order_by(pack.c.needed_until).limit(most)
    return [StoredPack(row.id, row.account_id, row.name, row.size_bytes) for row in db.execute(query)]


def all_packs(db: Connection, after: int, most: int) -> list[StoredPack]:
    """Up to ``most`` packs behind the one with this id."""
    query = select(pack).where(pack.c.id > after).order_by(pack.c.id).limit(most)
    return [StoredPack(row.id, row.account_id, row.name, row.size_bytes) for row in db.execute(query)]


def pack_named(db: Connection, name: str) -> StoredPack | None:
    """The pack of this name."""
    row = db.execute(select(pack).where(pack.c.name == name)).one_or_none()
    return None if row is None else StoredPack(row.id, row.account_id, row.name, row.size_bytes)


def places_in(db: Connection, pack_id: int) -> list[PackedPiece]:
    """The pieces that are read from this pack."""
    query = select(piece.c.digest, piece.c.offset, piece.c.stored_bytes, piece.c.size_bytes)
    rows = db.execute(query.where(piece.c.pack_id == pack_id).order_by(piece.c.offset))
    return [PackedPiece(Digest(row[0].hex()), row[1], row[2], row[3]) for row in rows]


def remove_packs(db: Connection, packs: Iterable[StoredPack]) -> list[str]:
    """These packs are gone, and with them the files that need them: their farm paths."""
    paths: list[str] = []
    for one in packs:
        paths += forget_pieces(db, one, [row.digest for row in places_in(db, one.id)])
        for table in (task_pack, content_pack, thin_pack):
            db.execute(sa.delete(table).where(table.c.pack_id == one.id))
        db.execute(sa.delete(pack).where(pack.c.id == one.id))
    return paths


def forget_pieces(db: Connection, stored: StoredPack, digests: Collection[Digest]) -> list[str]:
    """These pieces of a pack are to be sent again, and so are the files that need them: their farm paths.

    Those that lie elsewhere by now are left alone.
    """
    gone = set(digests).intersection(row.digest for row in places_in(db, stored.id))
    files = {*gone, *contents_with(db, stored, gone)}
    paths: list[str] = []
    for part in parts_of(files):
        mine = sa.and_(input_file.c.account_id == stored.account_id, input_file.c.digest.in_(part))
        paths += db.execute(select(input_file.c.path).where(mine)).scalars()
        db.execute(sa.delete(input_file).where(mine))
    for raws in parts_of(map(raw, files)):
        for table in (content_pack, content):
            db.execute(
                sa.delete(table).where(table.c.account_id == stored.account_id, table.c.digest.in_(raws))
            )
        db.execute(sa.delete(piece).where(piece.c.pack_id == stored.id, piece.c.digest.in_(raws)))
        for fading in (fading_piece, fading_content):
            theirs = (fading.c.account_id == stored.account_id, fading.c.digest.in_(raws))
            db.execute(sa.delete(fading).where(*theirs))
    db.execute(sa.delete(committed).where(committed.c.account_id == stored.account_id))
    return sorted(paths)


def contents_with(db: Connection, stored: StoredPack, digests: set[Digest]) -> list[Digest]:
    """The files of several pieces, one of them in this pack, that are made of one of these."""
    joined = content_pack.join(
        content,
        sa.and_(content.c.account_id == content_pack.c.account_id, content.c.digest == content_pack.c.digest),
    )
    query = (
        select(content.c.digest, content.c.pieces)
        .select_from(joined)
        .where(content_pack.c.pack_id == stored.id)
    )
    return [
        Digest(row.digest.hex())
        for row in db.execute(query)
        if any(one.digest in digests for one in read_listed(row.pieces))
    ]
