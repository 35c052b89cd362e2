"""Queries on frames, their attempts, and who waits for a node."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.failures import LONGEST_WAIT_S
from renderbus_farm.rules.heads import Head
from renderbus_farm.rules.leases import LEASE_S
from renderbus_farm.rules.lifecycle import TRANSITIONS, Frame, Happened, moves
from renderbus_farm.rules.recall import LinedUp
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.tables import attempt, frame, frame_set, task
from renderbus_model.statuses import FIRST_TYPES, FrameStatus

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

_CLAIMED: dict[str, object] = {
    "flags": "",
    "percent": 0.0,
    "started_at": None,
    "ended_at": None,
    "seconds": 0.0,
    "error": "",
    "node": "",
}
_AFRESH = {**_FORGIVEN, **_CLAIMED}
_ALONG: dict[Happened, dict[str, object]] = {
    Happened.STARTED: _AFRESH,
    Happened.RESTARTED: {**_AFRESH, "restarts": frame.c.restarts + 1},
    Happened.STOPPED: {"percent": 0.0, "started_at": None},
}
"""What else changes in a frame's row."""


_NEEDS = (task.c.needs_ram_gb, task.c.needs_gpus)
_BEGUN = (
    _COUNT_WAITS,
    ~task.c.deleted,
    # Frames of a task that is still being made, or waits for its owner's start, wait for no node yet.
    task.c.submitted_at.is_not(None),
    task.c.analysis != Analysis.WANTED.value,
    ~task.c.waits_for_start,
)
_WAITING = (
    frame_count.join(frame_set, frame_set.c.id == frame_count.c.set_id).join(
        task, task.c.id == frame_set.c.task_id
    ),
    (*_BEGUN, frame_count.c.delayed == 0),
)
_HEADS = (
    select(
        *(task.c[name] for name in ("level", "cg_id", "node_limit", "needs_ram_gb", "needs_gpus")),
        *(frame_set.c[name] for name in ("id", "task_id", "engine")),
        *(frame_count.c[name] for name in ("type", "memory_gb", "avoid", "frames")),
    )
    .select_from(_WAITING[0])
    .where(*_WAITING[1])
    .order_by(frame_set.c.id, frame_count.c.type)
)
_HEADS_OF_TASK = _HEADS.where(frame_set.c.task_id == sa.bindparam("task"))
_KINDS = (
    select(task.c.cg_id, frame_set.c.engine, *_NEEDS).select_from(_WAITING[0]).where(*_WAITING[1]).distinct()
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


def heads(db: Connection, task_id: int | None = None) -> list[Head]:
    """What waits for a node, of one task or of all: never the frames themselves, so it stays short."""
    query = _HEADS if task_id is None else _HEADS_OF_TASK
    rows = db.execute(query, {} if task_id is None else {"task": task_id})
    return [
        Head(
            task_id=row.task_id,
            set_id=row.id,
            priority=row.type in FIRST_TYPES,
            unit_type=row.type,
            cg_id=row.cg_id,
            waiting=row.frames,
            engine=row.engine,
            level=row.level,
            limit=row.node_limit,
            ram_gb=row.needs_ram_gb,
            gpus=row.needs_gpus,
            avoid=frozenset(json.loads(row.avoid)) if row.avoid else _NOWHERE,
            memory_gb=row.memory_gb,
        )
        for row in rows
    ]


def kinds(db: Connection) -> list[Head]:
    """One head for each kind of node that is waited for; it stands for no task."""
    return [
        Head(
            task_id=0,
            set_id=0,
            priority=False,
            cg_id=row.cg_id,
            waiting=1,
            engine=row.engine,
            ram_gb=row.needs_ram_gb,
            gpus=row.needs_gpus,
        )
        for row in db.execute(_KINDS)
    ]


def give_up(db: Connection, set_id: int, error: str, now: float) -> None:
    """No node can render the frames of this set: those that wait for one, or for test frames, have failed."""
    steps = moves(Happened.NO_NODE)
    status = sa.case({int(before): int(after) for before, after in steps.items()}, value=frame.c.status)
    wanted = (frame.c.set_id == set_id, frame.c.status.in_(list(steps)))
    db.execute(update(frame).where(*wanted).values(status=status, ended_at=now, error=error))


def any_waits(db: Connection) -> bool:
    """Something waits for a node, or for the time of its next try."""
    query = select(frame_set.c.id).select_from(_WAITING[0]).where(*_BEGUN).limit(1)
    return db.execute(query).first() is not None


def claim(db: Connection, head: Head, nodes: Sequence[str], now: float) -> list[ChunkId]:
    """Give the next waiting frames of ``head`` to these nodes, one each; fewer when fewer wait."""
    chosen = (
        select(frame.c.id, frame.c.attempt)
        .where(frame.c.set_id == head.set_id, frame.c.type == head.unit_type, _WAITS, *_alike(head))
        .order_by(frame.c.id)
        .limit(len(nodes))
    )
    taken = [
        {"b_id": row.id, "b_attempt": row.attempt + 1, "b_node": node, "b_now": now}
        for row, node in zip(db.execute(chosen).all(), nodes, strict=False)
    ]
    if not taken:
        return []
    renders = TRANSITIONS[FrameStatus.WAITING, Happened.CLAIMED]
    given = update(frame).where(frame.c.id == sa.bindparam("b_id"))
    columns = {"status": renders, "attempt": sa.bindparam("b_attempt"), "node": sa.bindparam("b_node")}
    db.execute(given.values({**_CLAIMED, **columns}), taken)
    opened = attempt.insert().values(
        frame_id=sa.bindparam("b_id"),
        number=sa.bindparam("b_attempt"),
        node=sa.bindparam("b_node"),
        claimed_at=sa.bindparam("b_now"),
        lease_until=sa.bindparam("b_now") + LEASE_S,
    )
    db.execute(opened, taken)
    return [ChunkId(row["b_id"], row["b_attempt"]) for row in taken]


def _alike(head: Head) -> Iterable[sa.ColumnElement[bool]]:
    avoid = json.dumps(sorted(head.avoid)) if head.avoid else ""
    return frame.c.not_before == 0, frame.c.memory_gb == head.memory_gb, frame.c.avoid == avoid


def any_due(db: Connection, now: float) -> bool:
    """Some unit that failed has waited long enough."""
    return db.execute(select(frame.c.id).where(*_due(now)).limit(1)).first() is not None


def release_due(db: Connection, now: float) -> None:
    """Units that failed and have waited long enough may be claimed."""
    db.execute(update(frame).where(*_due(now)).values(not_before=0.0))


def _due(now: float) -> Iterable[sa.ColumnElement[bool]]:
    # As ``failures.may_begin`` says it.
    over = sa.or_(frame.c.not_before <= now, frame.c.not_before > now + LONGEST_WAIT_S)
    return _WAITS, frame.c.not_before > sa.literal_column("0"), over


def rendering(db: Connection) -> dict[ChunkId, Claimed]:
    """Every attempt that is wanted now."""
    query = select(frame.c.id, frame.c.attempt, frame.c.task_id, frame.c.node).where(_RENDERS)
    return {ChunkId(row.id, row.attempt): Claimed(row.task_id, row.node) for row in db.execute(query)}


def lined_up(db: Connection, claimed_before: float) -> list[LinedUp]:
    """Frames claimed before then that their nodes have not begun with."""
    of_task = (task.c.cg_id, task.c.node_limit, *_NEEDS)
    columns = (frame.c.task_id, frame.c.set_id, *of_task, frame_set.c.engine)
    query = (
        select(frame.c.id, frame.c.attempt, frame.c.node, *columns)
        .select_from(
            _WITH_SET.join(task, task.c.id == frame.c.task_id).join(
                attempt, (attempt.c.frame_id == frame.c.id) & (attempt.c.number == frame.c.attempt)
            )
        )
        .where(_RENDERS, frame.c.started_at.is_(None), attempt.c.claimed_at <= claimed_before)
    )
    return [
        LinedUp(
            ChunkId(row.id, row.attempt),
            Head(
                task_id=row.task_id,
                set_id=row.set_id,
                priority=False,
                cg_id=row.cg_id,
                waiting=0,
                engine=row.engine,
                limit=row.node_limit,
                ram_gb=row.needs_ram_gb,
                gpus=row.needs_gpus,
            ),
            row.node,
        )
        for row in db.execute(query)
    ]


def lives(db: Connection, ids: Collection[int]) -> dict[int, tuple[Frame, int]]:
    """How far these frames' lives went, each with its task."""
    query = select(frame.c.id, frame.c.status, frame.c.attempt, frame.c.lost, frame.c.task_id)
    return {
        row.id: (Frame(row.id, FrameStatus(row.status), row.attempt, row.lost), row.task_id)
        for row in db.execute(query.where(frame.c.id.in_(ids)))
    }
