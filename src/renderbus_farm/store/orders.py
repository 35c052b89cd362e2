"""Orders for units that were just claimed: all that a worker must know, read in three queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from renderbus_farm.rules.stages import Needs
from renderbus_farm.rules.units import TILE_FOLDER
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Output, Stage, Tile
from renderbus_farm.store.order_tables import tile_output
from renderbus_farm.store.tables import account, frame, frame_set, output, task
from renderbus_model.frame_sets import RenderChoice

_UNIT = ("id", "attempt", "node", "task_id", "set_id", "number", "last", "step", "tile", "memory_gb")
_SET = ("choice", "output", "stage", "needs_id", "needs", "tiles", "tiles_kind")
_TASK = ("account_id", "cg_id", "scene", "inputs", "job_stop_time_s", "allow_missing")
_WANTED = select(
    *(frame.c[name] for name in _UNIT),
    *(frame_set.c[name] for name in _SET),
    *(task.c[name] for name in _TASK),
    account.c.allow_scripts,
).select_from(
    frame.join(frame_set, frame_set.c.id == frame.c.set_id)
    .join(task, task.c.id == frame.c.task_id)
    .join(account, account.c.id == task.c.account_id)
)


def orders(db: Connection, claimed: Iterable[ChunkId]) -> list[ChunkOrder]:
    """What the nodes must know of units that were just claimed, in that order."""
    ids = [chunk.frame_id for chunk in claimed]
    rows = {row.id: row for row in db.execute(_WANTED.where(frame.c.id.in_(ids)))}
    parts = _parts(db, list(rows.values()))
    return [_order(rows[unit_id], parts.get(unit_id, ())) for unit_id in ids]


def _order(row: Any, parts: Sequence[Output]) -> ChunkOrder:
    pattern = f"{TILE_FOLDER}/{row.tile}/{row.output}" if row.tile else row.output
    return ChunkOrder(
        id=ChunkId(row.id, row.attempt),
        node=row.node,
        task_id=row.task_id,
        cg_id=row.cg_id,
        scene=row.scene,
        inputs=row.inputs,
        choice=msgspec.json.decode(row.choice, type=RenderChoice),
        numbers=tuple(range(row.number, row.last + 1, row.step)),
        output=pattern,
        time_limit_s=row.job_stop_time_s,
        allow_scripts=row.allow_scripts,
        allow_missing=row.allow_missing,
        stage=Stage(row.stage),
        # A merge learns from it how its tiles lie.
        tile=Tile(max(0, row.tile - 1), row.tiles, row.tiles_kind) if row.tiles_kind else None,
        parts=tuple(parts),
        memory_gb=row.memory_gb,
        account=row.account_id,
    )


def _parts(db: Connection, rows: Sequence[Any]) -> Mapping[int, Sequence[Output]]:
    """What units of later stages read of those before: the tiles of a picture, or all caches of the task."""
    found: dict[int, Sequence[Output]] = {}
    caches: dict[int, Sequence[Output]] = {}
    for row in rows:
        if row.needs == Needs.SAME_FRAME.value:
            found[row.id] = _tiles(db, row.needs_id, row.number)
        elif row.needs == Needs.ALL.value:
            if row.task_id not in caches:
                caches[row.task_id] = _caches(db, row.task_id)
            found[row.id] = caches[row.task_id]
    return found


def _tiles(db: Connection, set_id: int, number: int) -> list[Output]:
    columns = (tile_output.c.path, tile_output.c.digest, tile_output.c.size_bytes)
    query = (
        select(*columns)
        .join(frame, frame.c.id == tile_output.c.frame_id)
        .where(frame.c.set_id == set_id, frame.c.number == number)
        .order_by(frame.c.tile, tile_output.c.path)
    )
    return [Output(*row) for row in db.execute(query)]


def _caches(db: Connection, task_id: int) -> list[Output]:
    query = (
        select(output.c.path, output.c.digest, output.c.size_bytes)
        .join(frame, frame.c.id == output.c.frame_id)
        .join(frame_set, frame_set.c.id == frame.c.set_id)
        .where(output.c.task_id == task_id, frame_set.c.stage == Stage.SIMULATE.value)
        .order_by(output.c.path)
    )
    return [Output(*row) for row in db.execute(query)]


def keep_tile(db: Connection, unit_id: int, made: Sequence[Output]) -> None:
    """These files are what a tile unit made; what it made before is gone."""
    db.execute(tile_output.delete().where(tile_output.c.frame_id == unit_id))
    rows = [
        {"frame_id": unit_id, "path": each.path, "digest": each.digest, "size_bytes": each.size_bytes}
        for each in made
    ]
    if rows:
        db.execute(tile_output.insert(), rows)
