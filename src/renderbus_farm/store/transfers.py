"""Queries on blobs by their owner, input files, documents and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.work import Output
from renderbus_farm.store.pieces import parts_of
from renderbus_farm.store.tables import document, input_file, output, owned_blob
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry

_put = insert(output)
PUT_OUTPUTS = _put.on_conflict_do_update(
    index_elements=["task_id", "path"],
    set_={name: _put.excluded[name] for name in ("frame_id", "digest", "size_bytes")},
)
"""Files that units made; of one path the last one holds."""


def owned(db: Connection, account_id: int, digests: Iterable[Digest]) -> dict[Digest, int]:
    """Those of ``digests`` that the account stored itself, with their size in bytes."""
    sizes: dict[Digest, int] = {}
    for part in parts_of(digests):
        found = select(owned_blob.c.digest, owned_blob.c.size_bytes).where(
            owned_blob.c.account_id == account_id, owned_blob.c.digest.in_(part)
        )
        sizes.update((row.digest, row.size_bytes) for row in db.execute(found))
    return sizes


def own(db: Connection, account_id: int, digest: Digest, size_bytes: int) -> None:
    """The account has stored these bytes."""
    db.execute(
        insert(owned_blob)
        .values(account_id=account_id, digest=digest, size_bytes=size_bytes)
        .on_conflict_do_nothing()
    )


def put_inputs(db: Connection, account_id: int, files: Sequence[FileEntry]) -> bool:
    """These input files exist; each replaces what was at its path. Whether any replaced another version."""
    before: dict[str, str] = {}
    columns = (input_file.c.path, input_file.c.digest)
    for part in parts_of(entry.path for entry in files):
        query = select(*columns).where(input_file.c.account_id == account_id, input_file.c.path.in_(part))
        before.update((row[0], row[1]) for row in db.execute(query))
    rows = [
        {
            "account_id": account_id,
            "path": entry.path,
            "digest": entry.digest,
            "size_bytes": entry.size_bytes,
        }
        for entry in files
        if before.get(entry.path) != entry.digest
    ]
    if rows:
        put = insert(input_file)
        changed = {"digest": put.excluded.digest, "size_bytes": put.excluded.size_bytes}
        db.execute(put.on_conflict_do_update(index_elements=["account_id", "path"], set_=changed), rows)
    return any(row["path"] in before for row in rows)


def inputs(db: Connection, account_id: int, paths: Iterable[FarmPath]) -> dict[FarmPath, FileEntry]:
    """Those of ``paths`` that the account has committed."""
    entries: dict[FarmPath, FileEntry] = {}
    for part in parts_of(paths):
        found = select(input_file).where(input_file.c.account_id == account_id, input_file.c.path.in_(part))
        for row in db.execute(found):
            entries[row.path] = FileEntry(row.path, row.digest, row.size_bytes)
    return entries


def all_inputs(db: Connection, account_id: int, limit: int) -> dict[FarmPath, FileEntry]:
    """Up to ``limit`` files that the account has committed."""
    found = select(input_file).where(input_file.c.account_id == account_id).limit(limit)
    return {row.path: FileEntry(row.path, row.digest, row.size_bytes) for row in db.execute(found)}


def put_document(db: Connection, task_id: int, name: str, content: bytes) -> None:
    """A document of a task; it replaces the one before."""
    put = insert(document).values(task_id=task_id, name=name, content=content)
    db.execute(
        put.on_conflict_do_update(index_elements=["task_id", "name"], set_={"content": put.excluded.content})
    )


def documents(db: Connection, task_id: int) -> dict[str, bytes]:
    """The documents of a task by name."""
    return {
        row.name: row.content for row in db.execute(select(document).where(document.c.task_id == task_id))
    }


def outputs(db: Connection, task_id: int, *, below: str, after: str, limit: int) -> list[Output]:
    """Up to ``limit`` outputs behind the path ``after``, by path.

    ``below`` narrows to that file and what is in the folder of that name; empty takes all.
    """
    query = select(output).where(output.c.task_id == task_id, output.c.path > after)
    if below:
        # "0" is the character behind "/": together the two are all paths that begin with "below/".
        inside = sa.and_(output.c.path > f"{below}/", output.c.path < f"{below}0")
        query = query.where(sa.or_(output.c.path == below, inside))
    rows = db.execute(query.order_by(output.c.path).limit(limit))
    return [Output(row.path, row.digest, row.size_bytes) for row in rows]
