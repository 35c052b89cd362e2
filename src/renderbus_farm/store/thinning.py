"""Queries on packs most of which nothing names, and on what of them goes when they are written anew.

What goes is *fading* for a while before: uploads are told that it is missing and send it again, and an upload
that was told otherwise before has time to commit it, which makes it last (``last``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.pieces import add_content_packs, parts_of
from renderbus_farm.store.tables import content, content_pack, input_file, pack, piece, task_pack
from renderbus_farm.store.unneeded import StoredPack, contents_with, places_in
from renderbus_farm.store.upkeep_tables import fading_content, fading_piece, thin_pack
from renderbus_model.pieces import Digest, read_listed
from renderbus_model.pieces.digests import raw
from renderbus_model.pieces.packs import PackedPiece

_HELD = select(task_pack.c.pack_id).where(task_pack.c.pack_id == pack.c.id).exists()
_THIN = select(thin_pack.c.pack_id).where(thin_pack.c.pack_id == pack.c.id).exists()
_SHORT = (pack.c.id, pack.c.account_id, pack.c.name, pack.c.size_bytes)


def settled(db: Connection, after: int, needed_after: float, most: int) -> list[StoredPack]:
    """Up to ``most`` packs behind the one with this id that may be looked at.

    Those that a task's manifest names stay as they are, and so do those that go soon anyway, or whose files
    were not committed yet.
    """
    query = select(*_SHORT).where(pack.c.id > after, pack.c.needed_until > needed_after, ~_HELD, ~_THIN)
    return [StoredPack(*row) for row in db.execute(query.order_by(pack.c.id).limit(most))]


def dead_in(db: Connection, stored: StoredPack) -> list[PackedPiece]:
    """The pieces of a pack that no file of the account needs."""
    rows = places_in(db, stored.id)
    live = _named(db, stored.account_id, (row.digest for row in rows))
    of_several = (
        select(content.c.digest, content.c.pieces)
        .join(content_pack, _same(content, content_pack))
        .where(content_pack.c.pack_id == stored.id)
    )
    cut = {Digest(row.digest.hex()): row.pieces for row in db.execute(of_several)}
    for digest in _named(db, stored.account_id, cut):
        live.update(one.digest for one in read_listed(cut[digest]))
    return [row for row in rows if row.digest not in live]


def _named(db: Connection, account_id: int, digests: Iterable[Digest]) -> set[Digest]:
    found: set[Digest] = set()
    for part in parts_of(digests):
        mine = (input_file.c.account_id == account_id, input_file.c.digest.in_(part))
        found.update(db.execute(select(input_file.c.digest).where(*mine).distinct()).scalars())
    return found


def _same(one: sa.Table, other: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(one.c.account_id == other.c.account_id, one.c.digest == other.c.digest)


def let_fade(db: Connection, stored: StoredPack, dead: Sequence[PackedPiece], now: float) -> None:
    """These pieces of the pack go, and the files made of them; not at once."""
    digests = {row.digest for row in dead}
    for table, gone in ((fading_piece, digests), (fading_content, contents_with(db, stored, digests))):
        rows = [{"account_id": stored.account_id, "digest": raw(digest)} for digest in sorted(gone)]
        if rows:
            db.execute(insert(table).on_conflict_do_nothing(), rows)
    db.execute(insert(thin_pack).values(pack_id=stored.id, since=now).on_conflict_do_nothing())


def ready(db: Connection, since_before: float, most: int) -> list[StoredPack]:
    """Up to ``most`` thin packs of one account whose rest has faded, the first of them first."""
    query = (
        select(*_SHORT)
        .join(thin_pack, thin_pack.c.pack_id == pack.c.id)
        .where(thin_pack.c.since < since_before, ~_HELD)
        .order_by(thin_pack.c.since, pack.c.id)
        .limit(most)
    )
    found = [StoredPack(*row) for row in db.execute(query)]
    return [one for one in found if one.account_id == found[0].account_id]


def lasting_in(db: Connection, stored: StoredPack) -> list[PackedPiece]:
    """The pieces of a pack that do not fade."""
    fades = select(fading_piece.c.digest).where(_same(fading_piece, piece)).exists()
    query = select(piece.c.digest, piece.c.offset, piece.c.stored_bytes, piece.c.size_bytes)
    rows = db.execute(query.where(piece.c.pack_id == stored.id, ~fades).order_by(piece.c.offset))
    return [PackedPiece(Digest(row[0].hex()), row[1], row[2], row[3]) for row in rows]


def move(
    db: Connection,
    old: Collection[StoredPack],
    name: str,
    size_bytes: int,
    rows: Sequence[PackedPiece],
    read_until: float,
) -> None:
    """What lasts of the old packs lies in a new one, at these places; the rest is no more.

    Args:
        name: of the new pack; none is made where ``rows`` is empty.
        read_until: so long the old packs stay, for those who just read them.
    """
    ids = [one.id for one in old]
    account_id = next(one.account_id for one in old)
    if rows:
        until = db.execute(select(sa.func.max(pack.c.needed_until)).where(pack.c.id.in_(ids))).scalar_one()
        made = pack.insert().values(
            account_id=account_id, name=name, size_bytes=size_bytes, needed_until=until
        )
        new_id: int = db.execute(made.returning(pack.c.id)).scalar_one()
        db.execute(
            sa.update(piece)
            .where(piece.c.account_id == account_id, piece.c.digest == sa.bindparam("b_digest"))
            .values(pack_id=new_id, offset=sa.bindparam("b_offset")),
            [{"b_digest": raw(row.digest), "b_offset": row.offset} for row in rows],
        )
        _forget_fading(db, ids)
        named = select(sa.literal(new_id), content_pack.c.account_id, content_pack.c.digest).distinct()
        columns = ["pack_id", "account_id", "digest"]
        db.execute(insert(content_pack).from_select(columns, named.where(content_pack.c.pack_id.in_(ids))))
    else:
        _forget_fading(db, ids)
    db.execute(sa.delete(content_pack).where(content_pack.c.pack_id.in_(ids)))
    db.execute(sa.delete(thin_pack).where(thin_pack.c.pack_id.in_(ids)))
    db.execute(sa.update(pack).where(pack.c.id.in_(ids)).values(needed_until=read_until))


def _forget_fading(db: Connection, pack_ids: Collection[int]) -> None:
    """What still lies in these packs, and the fading files that are partly made of it."""
    of_content = select(content_pack.c.digest).where(
        content_pack.c.pack_id.in_(pack_ids), _same(content_pack, fading_content)
    )
    gone = list(db.execute(select(fading_content).where(of_content.exists())))
    for row in gone:
        for table in (content, content_pack, fading_content):
            db.execute(
                sa.delete(table).where(table.c.account_id == row.account_id, table.c.digest == row.digest)
            )
    lost = sa.delete(piece).where(piece.c.pack_id.in_(pack_ids))
    for row in list(db.execute(lost.returning(piece.c.account_id, piece.c.digest))):
        mine = (fading_piece.c.account_id == row.account_id, fading_piece.c.digest == row.digest)
        db.execute(sa.delete(fading_piece).where(*mine))


def last(
    db: Connection, account_id: int, pieces: Collection[Digest], contents: Mapping[Digest, set[str]]
) -> None:
    """These pieces, and files of several with their packs, were committed: none of them fades any more."""
    tables = (fading_piece, fading_content)
    if not any(
        db.execute(select(table.c.digest).where(table.c.account_id == account_id).limit(1)).first()
        for table in tables
    ):
        return
    for table, digests in ((fading_piece, pieces), (fading_content, contents)):
        for part in parts_of(map(raw, digests)):
            db.execute(sa.delete(table).where(table.c.account_id == account_id, table.c.digest.in_(part)))
    # Some pieces may lie elsewhere than when the file was committed first.
    add_content_packs(db, account_id, contents)
