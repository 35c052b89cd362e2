"""Queries on what is stored and may be needed by nobody: results of old tasks, blobs, packs."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.order_tables import tile_output
from renderbus_farm.store.pieces import parts_of
from renderbus_farm.store.tables import frame, metadata, output, pack, task
from renderbus_farm.store.upkeep_tables import removed_results
from renderbus_model.pieces import Digest

_NAMES_A_BLOB = frozenset({"digest", "log", "thumbnail", "inputs"})
"""A text column of such a name holds digests of blobs, in whatever table."""

_NO_BLOB = frozenset({"committed"})
"""Tables whose digests are of something else: of sets of files."""


@cache
def blob_columns() -> tuple[sa.Column[str], ...]:
    """Every column that names blobs."""
    return tuple(
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in _NAMES_A_BLOB and isinstance(column.type, sa.Text) and table.name not in _NO_BLOB
    )


def unnamed_blobs(db: Connection, digests: Collection[Digest]) -> set[Digest]:
    """Those of ``digests`` that no row names."""
    left = set(digests)
    for column in blob_columns():
        for part in parts_of(sorted(left)):
            left.difference_update(db.execute(select(column).where(column.in_(part)).distinct()).scalars())
    return left


def unknown_packs(db: Connection, names: Collection[str]) -> set[str]:
    """Those packs that no row names."""
    left = set(names)
    for part in parts_of(sorted(left)):
        left.difference_update(db.execute(select(pack.c.name).where(pack.c.name.in_(part))).scalars())
    return left


def with_old_results(db: Connection, ended_before: float, most: int) -> list[int]:
    """Up to ``most`` tasks that ended before then and have results or tiles, the oldest first."""
    results = select(output.c.path).where(output.c.task_id == task.c.id).exists()
    tiled = frame.join(tile_output, tile_output.c.frame_id == frame.c.id)
    tiles = select(frame.c.id).select_from(tiled).where(frame.c.task_id == task.c.id).exists()
    query = (
        select(task.c.id)
        .where(task.c.ended_at < ended_before, task.c.rendering == 0)
        .where(sa.or_(results, (task.c.tiles > 1) & tiles))
        .order_by(task.c.ended_at)
        .limit(most)
    )
    return list(db.execute(query).scalars())


def take_results(db: Connection, task_id: int, ended_before: float, most: int, now: float) -> list[Digest]:
    """Up to ``most`` results of the task are no more: the digests of their bytes.

    None, where its frames were started again meanwhile.
    """
    over = (task.c.id == task_id, task.c.ended_at < ended_before, task.c.rendering == 0)
    if db.execute(select(task.c.id).where(*over)).first() is None:
        return []
    some = select(output.c.path).where(output.c.task_id == task_id).limit(most).scalar_subquery()
    gone = sa.delete(output).where(output.c.task_id == task_id, output.c.path.in_(some))
    digests = [Digest(digest) for digest in db.execute(gone.returning(output.c.digest)).scalars()]
    of_task = select(frame.c.id).where(frame.c.task_id == task_id, frame.c.tile > 0)
    tiles = sa.delete(tile_output).where(tile_output.c.frame_id.in_(of_task))
    digests += [Digest(digest) for digest in db.execute(tiles.returning(tile_output.c.digest)).scalars()]
    put = insert(removed_results).values(task_id=task_id, at=now)
    db.execute(put.on_conflict_do_update(index_elements=["task_id"], set_={"at": now}))
    return digests


def results_removed_at(db: Connection, task_id: int) -> float | None:
    """When the results of a task that is over were removed; None where they were not."""
    query = select(removed_results.c.at).join_from(removed_results, task)
    over = task.c.ended_at.is_not(None), removed_results.c.at > task.c.ended_at
    return db.execute(query.where(removed_results.c.task_id == task_id, *over)).scalar_one_or_none()
