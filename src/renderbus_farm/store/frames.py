"""Queries on frames, their attempts, and who waits for a node."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.lifecycle import Frame, Happened, moves
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import attempt, frame, frame_set
from renderbus_model.statuses import FrameStatus

_WITH_SET = frame.join(frame_set, frame_set.c.id == frame.c.set_id)

# SQLite uses a partial index only where the query spells the condition out, not with a parameter.
_WAITS = frame.c.status == sa.literal_column(str(int(FrameStatus.WAITING)))
_RENDERS = frame.c.status == sa.literal_column(str(int(FrameStatus.RENDERING)))
_COUNT_WAITS = frame_count.c.status == sa.literal_column(str(int(FrameStatus.WAITING)))
_NOWHERE: frozenset[str] = frozenset()

_FORGIVEN: dict[str, object] = {
    "lost": 0,
    "failures": 0,
    "avoid": "",
    "not_before": 0.0,
    "memory_gb": 0,
}
"""What is not held against a unit any more once its owner asks for it again."""

CLAIMED: dict[str, object] = {
    "flags": "",
    "percent": 0.0,
    "started_at": None,
    "ended_at": None,
    "seconds": 0.0,
    "error": "",
    "node": "",
}
"""How a unit stands that was just claimed."""

AFRESH = {**_FORGIVEN, **CLAIMED}
"""How a unit stands that its owner has asked for anew."""

_ALONG: dict[Happened, dict[str, object]] = {
    Happened.STARTED: AFRESH,
    Happened.RESTARTED: {**AFRESH, "restarts": frame.c.restarts + 1},
    Happened.STOPPED: {"percent": 0.0, "started_at": None},
}
"""What else changes in a frame's row."""


_RENDERING = Prepared(select(frame.c.id, frame.c.attempt, frame.c.task_id, frame.c.node).where(_RENDERS))


_LIVES = Prepared(
    select(*(frame.c[name] for name in ("id", "status", "attempt", "lost", "task_id"))).where(
        frame.c.id.in_(listed("ids"))
    )
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A frame that renders now, as far as the database knows."""

    task_id: int
    node: str


def move(
    db: Connection,
    what: Happened,
    task_ids: Collection[int],
    now: float,
    *,
    ids: Collection[int] | None = None,
    statuses: Collection[int] | None = None,
) -> set[int]:
    """It happened to all frames of these tasks that it can happen to: the tasks that were touched.

    ``ids`` and ``statuses`` narrow it to those frames.
    """
    steps = {before: after for before, after in moves(what).items() if statuses is None or before in statuses}
    if not steps or not task_ids:
        return set()
    wanted = [frame.c.task_id.in_(task_ids), frame.c.status.in_(list(steps))]
    if ids is not None:
        wanted.append(frame.c.id.in_(ids))
    if FrameStatus.RENDERING in steps:
        given_up = select(frame.c.id).where(*wanted, _RENDERS)
        db.execute(
            update(attempt)
            .where(attempt.c.frame_id.in_(given_up), attempt.c.outcome.is_(None))
            .values(outcome=what.name, ended_at=now)
        )
    status = sa.case({int(before): int(after) for before, after in steps.items()}, value=frame.c.status)
    touched = select(frame.c.task_id).where(*wanted).distinct()
    found = {row.task_id for row in db.execute(touched)}
    if found:
        db.execute(update(frame).where(*wanted).values(status=status, **_ALONG.get(what, {})))
    return found


def give_up(db: Connection, set_id: int, error: str, now: float) -> None:
    """No node can render the frames of this set: those that wait for one, or for test frames, have failed."""
    steps = moves(Happened.NO_NODE)
    status = sa.case({int(before): int(after) for before, after in steps.items()}, value=frame.c.status)
    wanted = (frame.c.set_id == set_id, frame.c.status.in_(list(steps)))
    db.execute(update(frame).where(*wanted).values(status=status, ended_at=now, error=error))


def rendering(db: Connection) -> dict[ChunkId, Claimed]:
    """Every attempt that is wanted now."""
    return {
        ChunkId(unit_id, number): Claimed(task_id, node)
        for unit_id, number, task_id, node in _RENDERING.rows(db)
    }


def lives(db: Connection, ids: Collection[int]) -> dict[int, tuple[Frame, int]]:
    """How far these frames' lives went, each with its task."""
    return {
        unit_id: (Frame(unit_id, FrameStatus(status), number, lost), task_id)
        for unit_id, status, number, lost, task_id in _LIVES.rows(db, ids=as_list(ids))
    }
