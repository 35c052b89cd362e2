"""Queries on packs, the pieces in them, and files that are made of several pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.tables import committed, content, content_pack, pack, piece, task_pack
from renderbus_farm.store.upkeep_tables import fading_content, fading_piece
from renderbus_model.pieces import Digest, FileEntry, PlacedPiece, read_listed
from renderbus_model.pieces.digests import raw
from renderbus_model.pieces.packs import PackedPiece

MOST_PARAMETERS = 5000
"""Values that go into one statement; SQLite takes at most 32766."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Content:
    """A file of several pieces; ``pieces`` is a list as ``renderbus_model.pieces.listed`` writes it."""

    digest: Digest
    size_bytes: int
    pieces: bytes


def parts_of(values: Iterable[Value]) -> Iterator[list[Value]]:
    """As many at a time as one statement takes."""
    rest = iter(values)
    while part := list(islice(rest, MOST_PARAMETERS)):
        yield part


def add_pack(
    db: Connection,
    account_id: int,
    name: str,
    size_bytes: int,
    rows: Sequence[PackedPiece],
    needed_until: float,
) -> bool:
    """A pack is stored; False when one of this name is known already.

    Known pieces keep their place, but those that were about to go: these lie here from now on, and last.
    """
    added = db.execute(
        insert(pack)
        .values(account_id=account_id, name=name, size_bytes=size_bytes, needed_until=needed_until)
        .on_conflict_do_nothing()
    )
    if not added.rowcount:
        return False
    pack_id = db.execute(select(pack.c.id).where(pack.c.name == name)).scalar_one()
    values = [
        {
            "account_id": account_id,
            "digest": raw(row.digest),
            "pack_id": pack_id,
            "offset": row.offset,
            "stored_bytes": row.stored_bytes,
            "size_bytes": row.size_bytes,
        }
        for row in rows
    ]
    if values:
        db.execute(insert(piece).on_conflict_do_nothing(), values)
        _sent_again(db, account_id, values)
    return True


def _sent_again(db: Connection, account_id: int, values: Sequence[Mapping[str, Any]]) -> None:
    by_digest = {value["digest"]: value for value in values}
    for part in parts_of(by_digest):
        mine = (fading_piece.c.account_id == account_id, fading_piece.c.digest.in_(part))
        gone = sa.delete(fading_piece).where(*mine).returning(fading_piece.c.digest)
        for digest in db.execute(gone).scalars().all():
            own = (piece.c.account_id == account_id, piece.c.digest == digest)
            db.execute(sa.update(piece).where(*own).values(by_digest[digest]))


def sizes(
    db: Connection, account_id: int, digests: Iterable[Digest], *, lasting: bool = False
) -> dict[Digest, int]:
    """Those of ``digests`` that are a piece or a whole file of the account, with their size in bytes.

    With ``lasting`` only those that are not about to go.
    """
    found: dict[Digest, int] = {}
    for part in parts_of(map(raw, digests)):
        for table, fading in ((piece, fading_piece), (content, fading_content)):
            query = select(table.c.digest, table.c.size_bytes).where(
                table.c.account_id == account_id, table.c.digest.in_(part)
            )
            rows = db.execute(query).all()
            mine = (fading.c.account_id == account_id, fading.c.digest.in_(part))
            fades = set(db.execute(select(fading.c.digest).where(*mine)).scalars()) if lasting else set()
            found.update((Digest(row[0].hex()), row[1]) for row in rows if row[0] not in fades)
    return found


def placed(db: Connection, account_id: int, digests: Iterable[Digest]) -> dict[Digest, PlacedPiece]:
    """Where those of ``digests`` lie that are pieces of the account."""
    found: dict[Digest, PlacedPiece] = {}
    columns = (piece.c.digest, piece.c.size_bytes, pack.c.name, piece.c.offset, piece.c.stored_bytes)
    for part in parts_of(map(raw, digests)):
        query = select(*columns).join_from(piece, pack).where(
            piece.c.account_id == account_id, piece.c.digest.in_(part)
        )  # fmt: skip
        for row in db.execute(query):
            digest = Digest(row[0].hex())
            found[digest] = PlacedPiece(digest, row[1], row[2], row[3], row[4])
    return found


def contents(db: Connection, account_id: int, digests: Iterable[Digest]) -> dict[Digest, Content]:
    """Those of ``digests`` that are files of several pieces."""
    found: dict[Digest, Content] = {}
    for part in parts_of(map(raw, digests)):
        query = select(content).where(content.c.account_id == account_id, content.c.digest.in_(part))
        for row in db.execute(query):
            digest = Digest(row.digest.hex())
            found[digest] = Content(digest, row.size_bytes, row.pieces)
    return found


def add_contents(db: Connection, account_id: int, made: Mapping[Digest, tuple[Content, set[str]]]) -> None:
    """These files are made of these pieces, which lie in the packs of these names."""
    if not made:
        return
    put = insert(content)
    changed = {"size_bytes": put.excluded.size_bytes, "pieces": put.excluded.pieces}
    db.execute(
        put.on_conflict_do_update(index_elements=["account_id", "digest"], set_=changed),
        [
            {
                "account_id": account_id,
                "digest": raw(one.digest),
                "size_bytes": one.size_bytes,
                "pieces": one.pieces,
            }
            for one, _ in made.values()
        ],
    )
    add_content_packs(db, account_id, {digest: names for digest, (_, names) in made.items()})


def add_content_packs(db: Connection, account_id: int, made: Mapping[Digest, set[str]]) -> None:
    """The files of several pieces lie in the packs of these names."""
    ids = pack_ids(db, {name for names in made.values() for name in names})
    rows = [
        {"pack_id": ids[name], "account_id": account_id, "digest": raw(digest)}
        for digest, names in made.items()
        for name in names
    ]
    if rows:
        db.execute(insert(content_pack).on_conflict_do_nothing(), rows)


@dataclass(frozen=True, slots=True)
class Places:
    """Where files lie, by the digest of the whole: one piece, or a content and its pieces."""

    whole: dict[Digest, PlacedPiece]
    cut: dict[Digest, Content]
    pieces: dict[Digest, tuple[PlacedPiece, ...]]

    @property
    def sizes(self) -> dict[Digest, int]:
        """Their sizes in bytes."""
        cut = {digest: self.cut[digest].size_bytes for digest in self.pieces}
        return {**cut, **{digest: one.size_bytes for digest, one in self.whole.items()}}

    @property
    def packs(self) -> set[str]:
        """Every pack that something of them lies in."""
        of_cut = {one.pack for pieces in self.pieces.values() for one in pieces}
        return of_cut | {one.pack for one in self.whole.values()}


def places(db: Connection, account_id: int, digests: Iterable[Digest]) -> Places:
    """Where those of these files lie that the account sent in pieces, and that are all there."""
    wanted = list(dict.fromkeys(digests))
    whole = placed(db, account_id, wanted)
    cut = contents(db, account_id, [digest for digest in wanted if digest not in whole])
    lists = {digest: read_listed(one.pieces) for digest, one in cut.items()}
    found = placed(db, account_id, dict.fromkeys(one.digest for pieces in lists.values() for one in pieces))
    there = {
        digest: tuple(found[one.digest] for one in pieces)
        for digest, pieces in lists.items()
        if all(one.digest in found for one in pieces)
    }
    return Places(whole, cut, there)


def with_places(db: Connection, account_id: int, entries: Sequence[FileEntry]) -> list[FileEntry]:
    """The same files, each with the places of its pieces; one that is kept whole has none."""
    found = places(db, account_id, (entry.digest for entry in entries))
    result = []
    for entry in entries:
        if entry.digest in found.whole:
            entry = msgspec.structs.replace(entry, pieces=(found.whole[entry.digest],))
        elif entry.digest in found.pieces:
            entry = msgspec.structs.replace(entry, pieces=found.pieces[entry.digest])
        result.append(entry)
    return result


def pack_ids(db: Connection, names: Collection[str]) -> dict[str, int]:
    """The packs of these names."""
    found: dict[str, int] = {}
    for part in parts_of(names):
        found.update(
            (row[0], row[1])
            for row in db.execute(select(pack.c.name, pack.c.id).where(pack.c.name.in_(part)))
        )
    return found


def need(db: Connection, names: Collection[str], until: float) -> None:
    """These packs are needed at least until then."""
    for part in parts_of(names):
        db.execute(
            sa.update(pack)
            .where(pack.c.name.in_(part), pack.c.needed_until < until)
            .values(needed_until=until)
        )


def hold_for_task(db: Connection, task_id: int, names: Collection[str]) -> bool:
    """These packs stay for as long as the task needs them; False where one is gone already."""
    ids = pack_ids(db, names)
    if ids:
        rows = [{"task_id": task_id, "pack_id": pack_id} for pack_id in ids.values()]
        db.execute(insert(task_pack).on_conflict_do_nothing(), rows)
    return len(ids) == len(names)


def needed_before(db: Connection, account_id: int, until: float) -> list[str]:
    """The account's packs that nothing keeps until then; none whose pieces lie elsewhere by now."""
    used = select(piece.c.digest).where(piece.c.pack_id == pack.c.id).exists()
    query = select(pack.c.name).where(pack.c.needed_until < until, pack.c.account_id == account_id, used)
    return list(db.execute(query).scalars())


def holds(db: Connection, account_id: int, digest: Digest, since: float) -> bool:
    """Whether the account committed this set of files since then, and no other version of one."""
    query = select(committed.c.at).where(committed.c.account_id == account_id, committed.c.digest == digest)
    at = db.execute(query).scalar_one_or_none()
    return at is not None and at >= since


def note_committed(db: Connection, account_id: int, digest: Digest, now: float) -> None:
    """The account has committed this set of files."""
    put = insert(committed).values(account_id=account_id, digest=digest, at=now)
    db.execute(put.on_conflict_do_update(index_elements=["account_id", "digest"], set_={"at": now}))


def forget_committed(db: Connection, account_id: int) -> None:
    """Files of the account are others now: no set is known to hold any more."""
    db.execute(sa.delete(committed).where(committed.c.account_id == account_id))
