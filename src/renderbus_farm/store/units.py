"""Sets of units and the units themselves on their way into the database.

A task may have millions: they are written in slices, each a transaction of its own, so that the farm's other
requests get their turn between two. Until all are there the task is not submitted, and nothing counts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, select

from renderbus_farm.rules.plans import Part, Plan, PlannedSet
from renderbus_farm.store import drafts, parts
from renderbus_farm.store.database import Database
from renderbus_farm.store.tables import frame, frame_set
from renderbus_model.statuses import FrameType

SLICE = 5000
"""Rows of one transaction: 0.1 s."""

_INSERT = (
    "INSERT INTO frame (task_id, set_id, position, number, last, step, tile, type, status,"
    " attempt, lost, restarts, percent, node, seconds, error)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0.0, '', 0.0, '')"
)
_Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A task whose units are in the database; ``part_ids`` are those of its parts where it is a shell."""

    part_ids: tuple[int, ...] = ()


def fill(database: Database, task_id: int, plan: Plan, now: float) -> Filled:
    """Write all units of a task that is not submitted yet, or whose scene was just analysed.

    What an earlier try left is removed first. Within a transaction of the caller it is all part of that.
    """
    with database.writing() as db:
        drafts.touch(db, task_id, now)  # no draft that is as old as to be removed meanwhile
    clear(database, task_id)
    with database.writing() as db:
        several = len(plan.parts) > 1
        part_ids = tuple(parts.new(db, task_id) for _ in plan.parts) if several else ()
        rows = _rows(_made_sets(db, part_ids or (task_id,) * len(plan.parts), plan.parts))
    while batch := list(islice(rows, SLICE)):
        with database.writing() as db:
            db.exec_driver_sql(_INSERT, batch)
    return Filled(part_ids)


def clear(database: Database, task_id: int) -> None:
    """Remove the units that were made for a task, and its parts; of one that renders none may be there."""
    with database.reading() as db:
        part_ids = [*parts.of(db, [task_id], deleted=True).get(task_id, ())]
    remove_units(database, [task_id, *part_ids])
    if part_ids:
        with database.writing() as db:
            parts.drop(db, part_ids)


def remove_units(database: Database, task_ids: Collection[int]) -> None:
    """The units of tasks that never rendered, slice by slice."""
    some = select(frame.c.id).where(frame.c.task_id.in_(task_ids)).limit(SLICE)
    while True:
        with database.reading() as db:
            if db.execute(some.limit(1)).first() is None:
                break
        with database.writing() as db:
            db.execute(sa.delete(frame).where(frame.c.id.in_(some)))
    sets = select(frame_set.c.id).where(frame_set.c.task_id.in_(task_ids)).limit(1)
    with database.reading() as db:
        if db.execute(sets).first() is None:
            return
    with database.writing() as db:
        db.execute(sa.delete(frame_set).where(frame_set.c.task_id.in_(task_ids)))


@dataclass(frozen=True, slots=True)
class _MadeSet:
    id: int
    task_id: int
    what: PlannedSet


def _made_sets(db: Connection, task_ids: Sequence[int], of_parts: Sequence[Part]) -> list[list[_MadeSet]]:
    made: list[list[_MadeSet]] = []
    for task_id, part in zip(task_ids, of_parts, strict=True):
        sets: list[_MadeSet] = []
        for position, each in enumerate(part.sets):
            needs_id = None if each.needs_index is None else sets[each.needs_index].id
            sets.append(_MadeSet(_add_set(db, task_id, position, each, needs_id), task_id, each))
        made.append(sets)
    return made


def _add_set(db: Connection, task_id: int, position: int, what: PlannedSet, needs_id: int | None) -> int:
    frames = what.frames
    made = frame_set.insert().values(
        task_id=task_id,
        position=position,
        layer=frames.layer,
        camera=frames.choice.camera,
        # Tiles are put together by the worker itself, on any node that could have rendered them.
        engine=frames.choice.engine,
        output=frames.output,
        choice=msgspec.json.encode(frames.choice),
        stage=what.stage.value,
        needs_id=needs_id,
        needs=what.needs.value,
        tiles=what.tiles,
        tiles_kind=what.tiles_kind,
    )
    set_id: int = db.execute(made.returning(frame_set.c.id)).scalar_one()
    return set_id


def _rows(of_parts: Sequence[Sequence[_MadeSet]]) -> Iterator[_Row]:
    for sets in of_parts:
        position = 0
        for each in sets:
            status_of = {kind: int(each.what.status_of(kind)) for kind in _kinds(each.what)}
            for unit in each.what.units():
                number, last, step, tile, kind = unit
                head = (each.task_id, each.id, position, number, last, step, tile)
                yield (*head, int(kind), status_of[kind])
                position += 1


def _kinds(what: PlannedSet) -> tuple[FrameType, ...]:
    return (what.cut.main, what.cut.first)
