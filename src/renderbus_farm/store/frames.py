"""Queries on frames, their attempts, and who waits for a node."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.dispatch import Head, LinedUp
from renderbus_farm.rules.lifecycle import TRANSITIONS, Frame, Happened, moves
from renderbus_farm.rules.work import ChunkId, ChunkOrder
from renderbus_farm.store import failures
from renderbus_farm.store.tables import account, attempt, frame, frame_set, task
from renderbus_model.frame_sets import RenderChoice
from renderbus_model.statuses import FrameStatus, FrameType

_WITH_SET = frame.join(frame_set, frame_set.c.id == frame.c.set_id)

# SQLite uses a partial index only where the query spells the condition out, not with a parameter.
_WAITS = frame.c.status == sa.literal_column(str(int(FrameStatus.WAITING)))
_RENDERS = frame.c.status == sa.literal_column(str(int(FrameStatus.RENDERING)))
_SET_WAITS = sa.text("frame_set.waiting_priority + frame_set.waiting_main > 0")

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
_HEADS = (
    select(
        *(
            task.c[name]
            for name in ("level", "cg_id", "node_limit", "frames_at_once", "needs_ram_gb", "needs_gpus")
        ),
        *(frame_set.c[name] for name in ("id", "task_id", "engine", "waiting_priority", "waiting_main")),
    )
    .select_from(frame_set.join(task, task.c.id == frame_set.c.task_id))
    .where(_SET_WAITS, ~task.c.deleted)
    .order_by(frame_set.c.id)
)
_HEADS_OF_TASK = _HEADS.where(frame_set.c.task_id == sa.bindparam("task"))
_KINDS = (
    select(task.c.cg_id, frame_set.c.engine, *_NEEDS)
    .select_from(frame_set.join(task, task.c.id == frame_set.c.task_id))
    .where(_SET_WAITS, ~task.c.deleted)
    .distinct()
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
    rows = db.execute(query, {} if task_id is None else {"task": task_id}).all()
    again = failures.counts(db)
    fresh = [
        Head(
            task_id=row.task_id,
            set_id=row.id,
            priority=priority,
            cg_id=row.cg_id,
            waiting=waiting,
            engine=row.engine,
            level=row.level,
            limit=row.node_limit,
            together=row.frames_at_once,
            ram_gb=row.needs_ram_gb,
            gpus=row.needs_gpus,
        )
        for row in rows
        for priority, counted in ((True, row.waiting_priority), (False, row.waiting_main))
        if (waiting := counted - again.get((row.id, priority), 0)) > 0
    ]
    return fresh + failures.retries(db, task_id) if again else fresh


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
    """Something waits for a node."""
    query = select(frame_set.c.id).where(_SET_WAITS).limit(1)
    return db.execute(query).first() is not None


def claim(db: Connection, head: Head, nodes: Sequence[str], now: float) -> list[ChunkId]:
    """Give the next waiting frames of ``head`` to these nodes, one each; fewer when fewer wait."""
    kind = FrameType.PRIORITY if head.priority else FrameType.MAIN
    which = frame.c.id == head.unit if head.unit else frame.c.failures == 0
    chosen = (
        select(frame.c.id, frame.c.attempt)
        .where(frame.c.set_id == head.set_id, frame.c.type == kind, _WAITS, which)
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
    )
    db.execute(opened, taken)
    return [ChunkId(row["b_id"], row["b_attempt"]) for row in taken]


def orders(db: Connection, claimed: Iterable[ChunkId]) -> list[ChunkOrder]:
    """What the nodes must know of frames that were just claimed, in that order."""
    ids = [chunk.frame_id for chunk in claimed]
    query = (
        select(
            *(frame.c[name] for name in ("id", "attempt", "node", "task_id", "number", "memory_gb")),
            *(frame_set.c[name] for name in ("choice", "output")),
            *(task.c[name] for name in ("cg_id", "scene", "inputs", "job_stop_time_s", "allow_missing")),
            account.c.allow_scripts,
        )
        .select_from(
            _WITH_SET.join(task, task.c.id == frame.c.task_id).join(
                account, account.c.id == task.c.account_id
            )
        )
        .where(frame.c.id.in_(ids))
    )
    made = {
        row.id: ChunkOrder(
            id=ChunkId(row.id, row.attempt),
            node=row.node,
            task_id=row.task_id,
            cg_id=row.cg_id,
            scene=row.scene,
            inputs=row.inputs,
            choice=msgspec.json.decode(row.choice, type=RenderChoice),
            numbers=(row.number,),
            output=row.output,
            time_limit_s=row.job_stop_time_s,
            memory_gb=row.memory_gb,
            allow_scripts=row.allow_scripts,
            allow_missing=row.allow_missing,
        )
        for row in db.execute(query)
    }
    return [made[frame_id] for frame_id in ids]


def rendering(db: Connection) -> dict[ChunkId, Claimed]:
    """Every attempt that is wanted now."""
    query = select(frame.c.id, frame.c.attempt, frame.c.task_id, frame.c.node).where(_RENDERS)
    return {ChunkId(row.id, row.attempt): Claimed(row.task_id, row.node) for row in db.execute(query)}


def lined_up(db: Connection, claimed_before: float) -> list[LinedUp]:
    """Frames claimed before then that their nodes have not begun with."""
    of_task = (task.c.cg_id, task.c.node_limit, task.c.frames_at_once, *_NEEDS)
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
                together=row.frames_at_once,
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
