"""Who waits for a node, who has one, and the claim that leads from one to the other.

The queue is read from counts: what waits is told as heads of tasks, never as single units.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, select, update

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.chunks import units_together
from renderbus_farm.rules.failures import LONGEST_WAIT_S
from renderbus_farm.rules.heads import Head, Running
from renderbus_farm.rules.leases import LEASE_S
from renderbus_farm.rules.lifecycle import TRANSITIONS, Happened
from renderbus_farm.rules.recall import LinedUp
from renderbus_farm.rules.shares import taken_by
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.frames import CLAIMED
from renderbus_farm.store.order_tables import task_after
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import attempt, frame, frame_set, task
from renderbus_model.statuses import FIRST_TYPES, FrameStatus, TaskStatus

# SQLite uses a partial index only where the query spells the condition out, not with a parameter.
_WAITING = sa.literal_column(str(int(FrameStatus.WAITING)), sa.Integer)
_RENDERING = sa.literal_column(str(int(FrameStatus.RENDERING)), sa.Integer)
_before = task.alias("before")
_PREDECESSORS = task_after.join(_before, _before.c.id == task_after.c.after_id)
_WAITS_FOR_TASKS = (
    select(task_after.c.task_id)
    .select_from(_PREDECESSORS)
    .where(task_after.c.task_id == task.c.id, _before.c.status != TaskStatus.FINISHED)
    .exists()
)
_BEGUN = (
    frame_count.c.status == _WAITING,
    ~task.c.deleted,
    # Units of a task that is still being made, or waits for its owner's start, wait for no node yet.
    task.c.submitted_at.is_not(None),
    task.c.analysis != Analysis.WANTED.value,
    ~task.c.waits_for_start,
)
_QUEUED = frame_count.join(frame_set, frame_set.c.id == frame_count.c.set_id).join(
    task, task.c.id == frame_set.c.task_id
)
_OF_TASK = (
    *(task.c[name] for name in ("id", "account_id", "level", "cg_id", "node_limit")),
    *(task.c[name] for name in ("needs_ram_gb", "needs_gpus", "cg_version", "plugins", "limits", "inputs")),
    sa.type_coerce(task.c.sequential, sa.Integer),
)
_TOGETHER = ("chunk_seconds", "done", "render_seconds")
_HEADS = (
    select(
        *_OF_TASK,
        *(task.c[name] for name in _TOGETHER),
        *(frame_set.c[name] for name in ("engine", "id")),
        *(frame_count.c[name] for name in ("type", "memory_gb", "avoid", "delayed", "frames")),
    )
    .select_from(_QUEUED)
    .where(*_BEGUN, task.c.begins_at <= bindparam("now"), ~_WAITS_FOR_TASKS)
    .order_by(frame_set.c.id, frame_count.c.type)
)
_ALL_HEADS = Prepared(_HEADS)
_HEADS_OF = Prepared(_HEADS.where(frame_set.c.task_id == bindparam("task")))
_ANY = Prepared(select(frame_set.c.id).select_from(_QUEUED).where(*_BEGUN).limit(1))

_PLACED = frame.join(frame_set, frame_set.c.id == frame.c.set_id).join(task, task.c.id == frame.c.task_id)
_RUNS = select(
    *(frame.c[name] for name in ("id", "attempt", "task_id", "node")),
    *(task.c[name] for name in ("account_id", "inputs", "cg_id", "plugins", "limits")),
    frame_set.c.engine,
).select_from(_PLACED)
_RUNNING = Prepared(_RUNS.where(frame.c.status == _RENDERING))
_GIVEN_UP = Prepared(
    select(
        *(attempt.c[name] for name in ("frame_id", "number")),
        frame.c.task_id,
        attempt.c.node,
        *(task.c[name] for name in ("account_id", "inputs", "cg_id", "plugins", "limits")),
        frame_set.c.engine,
    )
    .select_from(_PLACED.join(attempt, attempt.c.frame_id == frame.c.id))
    .where(frame.c.id.in_(listed("ids")))
)
_LINED_UNIT = ("id", "attempt", "node", "set_id", "memory_gb", "avoid")
_LINED_UP = (
    select(
        *_OF_TASK,
        frame_set.c.engine,
        *(frame.c[name] for name in _LINED_UNIT),
        *(task.c[name] for name in _TOGETHER),
    )
    .select_from(
        _PLACED.join(attempt, (attempt.c.frame_id == frame.c.id) & (attempt.c.number == frame.c.attempt))
    )
    .where(
        frame.c.status == _RENDERING,
        frame.c.started_at.is_(None),
        attempt.c.claimed_at <= bindparam("claimed_before"),
    )
)
_LINED = Prepared(_LINED_UP)
_OF_SET = Prepared(
    select(*_OF_TASK, frame_set.c.engine)
    .select_from(frame_set.join(task, task.c.id == frame_set.c.task_id))
    .where(frame_set.c.id == bindparam("set"))
)

_ALIKE = ("set_id", "type", "memory_gb", "avoid")
_NEXT = Prepared(
    select(frame.c.id, frame.c.attempt)
    .where(
        *(frame.c[name] == bindparam(name) for name in _ALIKE),
        frame.c.not_before == sa.literal_column("0"),
        frame.c.status == _WAITING,
    )
    .order_by(frame.c.id)
    .limit(bindparam("most"))
)
_GIVEN = (
    update(frame)
    .where(frame.c.id == bindparam("b_id"))
    .values(
        {
            **CLAIMED,
            "status": TRANSITIONS[FrameStatus.WAITING, Happened.CLAIMED],
            "attempt": bindparam("b_attempt"),
            "node": bindparam("b_node"),
        }
    )
)
_OPENED = attempt.insert().values(
    frame_id=bindparam("b_id"),
    number=bindparam("b_attempt"),
    node=bindparam("b_node"),
    claimed_at=bindparam("b_now"),
    lease_until=bindparam("b_now") + LEASE_S,
)
_NOWHERE: frozenset[str] = frozenset()


class _Texts:
    """Values that rows hold as text, each read once: thousands of tasks have the same few."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._takes: dict[tuple[int, str, str, str], tuple[tuple[str, int], ...]] = {}
        self._plugins: dict[str, tuple[str, ...]] = {"": ()}
        self._avoid: dict[str, frozenset[str]] = {"": _NOWHERE}

    def plugins(self, text: str) -> tuple[str, ...]:
        if text not in self._plugins:
            self._plugins[text] = tuple(sorted(json.loads(text)))
        return self._plugins[text]

    def avoid(self, text: str) -> frozenset[str]:
        if text not in self._avoid:
            self._avoid[text] = frozenset(json.loads(text))
        return self._avoid[text]

    def takes(self, cg_id: int, engine: str, plugins: str, limits: str) -> tuple[tuple[str, int], ...]:
        if not self._names:
            return ()
        key = (cg_id, engine, plugins, limits)
        if key not in self._takes:
            asked = json.loads(limits) if limits else {}
            self._takes[key] = taken_by(cg_id, engine, self.plugins(plugins), asked, self._names)
        return self._takes[key]


def heads(
    db: Connection,
    now: float,
    *,
    names: Collection[str] = (),
    task_id: int | None = None,
    delayed: bool = False,
) -> list[Head]:
    """What waits for a node and may begin now, of one task or of all.

    Args:
        names: of the limits that the farm knows.
        delayed: also what waits for the time of its next try.
    """
    query, asked = (_ALL_HEADS, {}) if task_id is None else (_HEADS_OF, {"task": task_id})
    rows = query.rows(db, now=now, **asked)
    texts = _Texts(names)
    if delayed:
        return [_head(row, texts) for row in rows]
    # What waits for its next try is no head yet; in a sequential task nothing else goes before it.
    backing_off = {row[0] for row in rows if row[11] and row[20]}
    return [_head(row, texts) for row in rows if not row[20] and row[0] not in backing_off]


def _head(row: tuple[Any, ...], texts: _Texts) -> Head:
    chunk_s, done, render_s, engine, set_id, unit_type, memory_gb, avoid, _, waiting = row[12:22]
    return Head(
        task_id=row[0],
        set_id=set_id,
        priority=unit_type in FIRST_TYPES,
        cg_id=row[3],
        waiting=waiting,
        engine=engine,
        level=row[2],
        limit=row[4],
        together=units_together(chunk_s, done, render_s) if chunk_s else 1,
        ram_gb=row[5],
        gpus=row[6],
        avoid=texts.avoid(avoid),
        memory_gb=memory_gb,
        unit_type=unit_type,
        account_id=row[1],
        takes=texts.takes(row[3], engine, row[8], row[9]),
        version=row[7],
        plugins=texts.plugins(row[8]),
        inputs=row[10],
        sequential=bool(row[11]),
    )


def head_of(db: Connection, alike: Mapping[str, Any], names: Collection[str] = ()) -> Head:
    """What units need that are ``alike`` in set, type, memory and nodes to avoid, however they stand."""
    (row,) = _OF_SET.rows(db, set=alike["set_id"])
    of_units = (*(alike[name] for name in _ALIKE), 0, 1)
    return _head((*row[:12], 0.0, 0, 0.0, row[12], *of_units), _Texts(names))


def any_waits(db: Connection) -> bool:
    """Something waits for a node, or for the time of its next try."""
    return bool(_ANY.rows(db))


def running(db: Connection, names: Collection[str] = ()) -> dict[ChunkId, Running]:
    """What is wanted now and takes a place."""
    return _running(_RUNNING.rows(db), names)


def given_up(db: Connection, chunks: Collection[ChunkId], names: Collection[str]) -> list[Running]:
    """Attempts that are not wanted any more and take their places until they are cancelled."""
    rows = _GIVEN_UP.rows(db, ids=as_list({chunk.frame_id for chunk in chunks}))
    found = _running(rows, names)
    return [run for chunk, run in found.items() if chunk in chunks]


def _running(rows: Iterable[tuple[Any, ...]], names: Collection[str]) -> dict[ChunkId, Running]:
    texts = _Texts(names)
    return {
        ChunkId(frame_id, number): Running(
            task_id, node, account_id, texts.takes(cg_id, engine, plugins, limits), inputs
        )
        for frame_id, number, task_id, node, account_id, inputs, cg_id, plugins, limits, engine in rows
    }


def lined_up(db: Connection, claimed_before: float, names: Collection[str] = ()) -> list[LinedUp]:
    """Units claimed before then that their nodes have not begun with."""
    texts = _Texts(names)
    found = []
    for row in _LINED.rows(db, claimed_before=claimed_before):
        engine, unit_id, number, node, set_id, memory_gb, avoid, *together = row[12:]
        head = _head((*row[:12], *together, engine, set_id, 0, memory_gb, avoid, 0, 0), texts)
        found.append(LinedUp(ChunkId(unit_id, number), head, node))
    return found


def claim(db: Connection, wanted: Mapping[Head, Sequence[str]], now: float) -> list[ChunkId]:
    """Give the next units of each head to its nodes, one each; fewer when fewer wait."""
    taken = [
        {"b_id": unit_id, "b_attempt": number + 1, "b_node": node, "b_now": now}
        for head, nodes in wanted.items()
        for (unit_id, number), node in zip(_next(db, head, len(nodes)), nodes, strict=False)
    ]
    if not taken:
        return []
    db.execute(_GIVEN, taken)
    db.execute(_OPENED, taken)
    return [ChunkId(row["b_id"], row["b_attempt"]) for row in taken]


def _next(db: Connection, head: Head, most: int) -> list[tuple[Any, ...]]:
    avoid = json.dumps(sorted(head.avoid)) if head.avoid else ""
    alike = {"set_id": head.set_id, "type": head.unit_type, "memory_gb": head.memory_gb, "avoid": avoid}
    return _NEXT.rows(db, most=most, **alike)


def any_due(db: Connection, now: float) -> bool:
    """Some unit that failed has waited long enough."""
    return db.execute(select(frame.c.id).where(*_due(now)).limit(1)).first() is not None


def release_due(db: Connection, now: float) -> None:
    """Units that failed and have waited long enough may be claimed."""
    db.execute(update(frame).where(*_due(now)).values(not_before=0.0))


def _due(now: float) -> Iterable[sa.ColumnElement[bool]]:
    # As ``failures.may_begin`` says it.
    over = sa.or_(frame.c.not_before <= now, frame.c.not_before > now + LONGEST_WAIT_S)
    return frame.c.status == _WAITING, frame.c.not_before > sa.literal_column("0"), over
