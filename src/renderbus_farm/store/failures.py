"""Queries on attempts that ended badly, and on the units that wait for another try."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from renderbus_farm.rules.dispatch import Head
from renderbus_farm.rules.failures import NextStep, Try
from renderbus_farm.rules.lifecycle import Frame
from renderbus_farm.rules.work import ChunkId, Fault, Node
from renderbus_farm.store.tables import attempt, frame, frame_set, task
from renderbus_model.statuses import FrameType

_KIND = (
    *(frame.c[name] for name in ("id", "set_id", "task_id", "type")),
    *(task.c[name] for name in ("level", "cg_id", "node_limit", "needs_ram_gb", "needs_gpus")),
    frame_set.c.engine,
)
_WITH_TASK = frame.join(frame_set, frame_set.c.id == frame.c.set_id).join(task, task.c.id == frame.c.task_id)


def heads(db: Connection, ids: Collection[int]) -> dict[int, Head]:
    """What each of these units needs of a node, by the unit's id."""
    rows = db.execute(select(*_KIND).select_from(_WITH_TASK).where(frame.c.id.in_(ids)))
    return {row.id: _head(row) for row in rows}


def tries(db: Connection, chunk: ChunkId, failures: int, nodes: Collection[Node]) -> list[Try]:
    """The last ``failures`` attempts at a unit that ended badly, up to this one, the oldest first."""
    ram_gb = {node.name: node.ram_gb for node in nodes}
    columns = (attempt.c.node, attempt.c.fault, attempt.c.error)
    ended = (attempt.c.frame_id == chunk.frame_id, attempt.c.number <= chunk.attempt)
    query = select(*columns).where(*ended, attempt.c.fault.is_not(None))
    rows = db.execute(query.order_by(attempt.c.number.desc()).limit(failures)).all()
    return [Try(row.node, Fault(row.fault), row.error, ram_gb.get(row.node, 0.0)) for row in reversed(rows)]


def keep(db: Connection, after: Frame, made: Sequence[Try], step: NextStep, now: float) -> None:
    """What follows for the unit of its bad ends."""
    wishes = {
        "failures": len(made),
        "avoid": json.dumps(sorted({each.node for each in made})),
        "not_before": now + step.wait_s,
        "memory_gb": step.memory_gb,
    }
    db.execute(update(frame).where(frame.c.id == after.id).values(wishes))


def at_fault(db: Connection, chunk: ChunkId, fault: Fault) -> None:
    """This was at fault in an attempt."""
    this = (attempt.c.frame_id == chunk.frame_id, attempt.c.number == chunk.attempt)
    db.execute(update(attempt).where(*this).values(fault=fault.value))


def _head(row: Any) -> Head:
    return Head(
        task_id=row.task_id,
        set_id=row.set_id,
        priority=row.type == FrameType.PRIORITY,
        cg_id=row.cg_id,
        waiting=1,
        engine=row.engine,
        level=row.level,
        limit=row.node_limit,
        ram_gb=row.needs_ram_gb,
        gpus=row.needs_gpus,
    )
