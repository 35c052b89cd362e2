"""Queries on attempts that ended badly, and on the units that wait for another try."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.failures import Doubts, NextStep, Try
from renderbus_farm.rules.heads import Head
from renderbus_farm.rules.work import ChunkId, Fault
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import attempt, frame, frame_set, task
from renderbus_model.statuses import FIRST_TYPES, FrameStatus

# SQLite uses a partial index only where the query spells the condition out, not with a parameter.
_WAITS = frame.c.status == sa.literal_column(str(int(FrameStatus.WAITING)))

_KIND = (
    *(frame.c[name] for name in ("id", "set_id", "task_id", "type")),
    *(task.c[name] for name in ("level", "cg_id", "node_limit", "needs_ram_gb", "needs_gpus")),
    *(task.c[name] for name in ("cg_version", "plugins")),
    frame_set.c.engine,
)
_WITH_TASK = frame.join(frame_set, frame_set.c.id == frame.c.set_id).join(task, task.c.id == frame.c.task_id)

_SO_FAR = Prepared(
    select(frame.c.id, frame.c.failures).where(frame.c.id.in_(listed("ids")), frame.c.failures > 0)
)


def heads(db: Connection, ids: Collection[int]) -> dict[int, Head]:
    """What each of these units needs of a node, by the unit's id."""
    rows = db.execute(select(*_KIND).select_from(_WITH_TASK).where(frame.c.id.in_(ids)))
    return {row.id: _head(row) for row in rows}


def so_far(db: Connection, ids: Collection[int]) -> dict[int, int]:
    """How often attempts at these units ended badly since their owner asked for them; only those that did."""
    return dict(_SO_FAR.rows(db, ids=as_list(ids)))


def doubts(db: Connection, task_id: int) -> Doubts:
    """What the owner of this task is told of units that failed and of pictures that look odd."""
    waits = (frame.c.task_id == task_id, _WAITS, frame.c.not_before > sa.literal_column("0"))
    first = select(frame.c.not_before, frame.c.error).where(*waits).order_by(frame.c.not_before).limit(1)
    row = db.execute(first).one_or_none()
    delayed = db.execute(select(sa.func.count()).where(*waits)).scalar_one() if row else 0
    flagged = (frame.c.task_id == task_id, frame.c.flags > sa.literal_column("''"))
    odd = db.execute(
        select(frame.c.number, frame.c.flags).where(*flagged).order_by(frame.c.position).limit(1)
    ).one_or_none()
    return Doubts(
        delayed=delayed,
        next_at=row.not_before if row else 0.0,
        error=row.error if row else "",
        odd=db.execute(select(sa.func.count()).where(*flagged)).scalar_one() if odd else 0,
        example=f"frame {odd.number}: {odd.flags}" if odd else "",
    )


def tries(db: Connection, frame_id: int, failures: int, ram_gb: Mapping[str, float]) -> list[Try]:
    """The last ``failures`` attempts at a unit that ended badly, the oldest first.

    Args:
        ram_gb: memory of the nodes.
    """
    columns = (attempt.c.node, attempt.c.fault, attempt.c.error)
    query = select(*columns).where(attempt.c.frame_id == frame_id, attempt.c.fault.is_not(None))
    rows = db.execute(query.order_by(attempt.c.number.desc()).limit(failures)).all()
    return [Try(row.node, Fault(row.fault), row.error, ram_gb.get(row.node, 0.0)) for row in reversed(rows)]


def keep(db: Connection, chunk: ChunkId, made: Sequence[Try], step: NextStep, now: float) -> None:
    """The attempt was the last of these that ended badly, and this follows for its unit."""
    this = (attempt.c.frame_id == chunk.frame_id, attempt.c.number == chunk.attempt)
    db.execute(update(attempt).where(*this).values(fault=made[-1].fault.value, error=made[-1].error))
    wishes = {
        "failures": len(made),
        "avoid": json.dumps(sorted({each.node for each in made})),
        "not_before": now + step.wait_s if step.wait_s else 0.0,
        "memory_gb": step.memory_gb,
    }
    db.execute(update(frame).where(frame.c.id == chunk.frame_id).values(wishes))


def _head(row: Any) -> Head:
    return Head(
        task_id=row.task_id,
        set_id=row.set_id,
        priority=row.type in FIRST_TYPES,
        cg_id=row.cg_id,
        waiting=1,
        engine=row.engine,
        level=row.level,
        limit=row.node_limit,
        ram_gb=row.needs_ram_gb,
        gpus=row.needs_gpus,
        version=row.cg_version,
        plugins=tuple(sorted(json.loads(row.plugins))) if row.plugins else (),
    )
