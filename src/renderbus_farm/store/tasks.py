"""Queries on tasks and what is counted of their frames."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select, update

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.choices import TaskChoices
from renderbus_farm.rules.lifecycle import Counts, Wish, task_status
from renderbus_farm.store import parts, stages
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.happened import TaskStands, note
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import task
from renderbus_model.documents import Submission
from renderbus_model.pieces import Digest
from renderbus_model.statuses import PREPARING_TYPES, TASK_ENDED, FrameStatus, TaskStatus
from renderbus_model.wire.task import CreateTask


class _Row(NamedTuple):
    """A task as far as its status goes."""

    id: int
    account_id: int
    wish: str
    status: int
    submitted_at: float | None
    ended_at: float | None
    analysis: str
    shell: bool
    parent_id: int


# A shell's parts are counted with it.
_ROWS = Prepared(
    select(*(task.c[name] for name in _Row._fields)).where(
        or_(task.c.id.in_(listed("ids")), task.c.parent_id.in_(listed("ids")))
    )
)
_COUNTED = Prepared(
    select(frame_count.c.task_id, frame_count.c.type, frame_count.c.status, func.sum(frame_count.c.frames))
    .where(frame_count.c.task_id.in_(listed("ids")))
    .group_by(frame_count.c.task_id, frame_count.c.type, frame_count.c.status)
)
_GOING_ON = (TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING)


def create(db: Connection, account_id: int, ask: CreateTask, now: float) -> int:
    """An id for a task that is not submitted yet."""
    made = task.insert().values(
        account_id=account_id,
        level=ask.task_user_level,
        artist=ask.artist or "",
        out_user_id="" if ask.out_user_id is None else str(ask.out_user_id),
        clone_original_id=ask.clone_original_id or 0,
        created_at=now,
    )
    task_id: int = db.execute(made.returning(task.c.id)).scalar_one()
    return task_id


def wish(db: Connection, ids: Collection[int], what: Wish) -> None:
    """The tasks' owner wants this from now on; the time limit begins anew."""
    changed = {"wish": what.value, "clock_from": None, "waits_for_start": False}
    db.execute(update(task).where(task.c.id.in_(ids)).values(changed))


def change(db: Connection, ids: Collection[int], **values: int | None) -> None:
    """These columns of the tasks hold other values from now on."""
    db.execute(update(task).where(task.c.id.in_(ids)).values(values))


def delete(db: Connection, ids: Collection[int]) -> None:
    """The tasks are shown no more."""
    db.execute(update(task).where(task.c.id.in_(ids)).values(deleted=True))


def submit(
    db: Connection, task_id: int, what: Submission, choices: TaskChoices, inputs: Digest, now: float
) -> None:
    """What was read from a task's documents; its units are made beside, by ``units``."""
    changed = {
        "submitted_at": now,
        "scene": what.scene,
        "scene_file": what.scene_file,
        "project_name": what.project_name,
        "cg_id": what.cg_id,
        "inputs": inputs,
        "job_stop_time_s": what.job_stop_time_s,
        "task_stop_time_s": what.task_stop_time_s,
        "allow_missing": what.allow_missing,
        **dataclasses.asdict(choices),
    }
    db.execute(update(task).where(task.c.id == task_id).values(changed))


def refresh(db: Connection, ids: Collection[int], now: float) -> None:
    """Take over the counts of these tasks' frames and work out their status.

    To be called in the transaction that changed a frame or a wish: what lists show is a copy of that.
    """
    if not ids:
        return
    rows = [_Row(*row) for row in _ROWS.rows(db, ids=as_list(ids))]
    leaves = [row for row in rows if not row.shell]
    _refresh_leaves(db, leaves, now)
    shells = {row.id for row in rows if row.shell} | {row.parent_id for row in leaves if row.parent_id}
    if shells:
        parts.refresh_shells(db, shells, now)


def _refresh_leaves(db: Connection, rows: Sequence[_Row], now: float) -> None:
    ids = [row.id for row in rows]
    staged = stages.of_tasks(db, ids)
    stages.settle(db, staged, now)
    blocked = stages.blocked(db, staged)
    by_task: dict[int, dict[FrameStatus, int]] = defaultdict(lambda: defaultdict(int))
    preparing: dict[int, int] = defaultdict(int)
    for task_id, unit_type, number, units in _COUNTED.rows(db, ids=as_list(ids)):
        by_task[task_id][FrameStatus(number)] += units
        if number == FrameStatus.RENDERING and unit_type in PREPARING_TYPES:
            preparing[task_id] += units
    counts = {
        task_id: replace(
            Counts.of(by_task[task_id]), preparing=preparing[task_id], blocked=blocked.get(task_id, 0)
        )
        for task_id in ids
    }
    changes = [_counted(db, row, Counts() if _is_made(row) else counts[row.id], now) for row in rows]
    if changes:
        # What is not named here is taken from the rows by column name.
        db.execute(update(task).where(task.c.id == bindparam("b_id")), changes)


def _is_made(row: _Row) -> bool:
    """Its units are on their way into the database: slice by slice, all of them or none."""
    return row.submitted_at is None or row.analysis == Analysis.WANTED.value


def _counted(db: Connection, row: _Row, counts: Counts, now: float) -> dict[str, object]:
    status = task_status(Wish(row.wish), counts, Analysis(row.analysis))
    note(db, TaskStands(row.account_id, row.id, status, TaskStatus(row.status)))
    ended_at = (row.ended_at if row.ended_at is not None else now) if status in TASK_ENDED else None
    return {
        "b_id": row.id,
        "status": status,
        "ended_at": ended_at,
        "waiting": counts.waiting,
        "held": counts.held,
        "rendering": counts.rendering,
        "stopped": counts.stopped,
        "done": counts.done,
        "failed": counts.failed,
        "blocked": counts.blocked,
    }


def all_ids(db: Connection) -> list[int]:
    """Every task there is."""
    return list(db.execute(select(task.c.id)).scalars())


def add_render_seconds(db: Connection, seconds: Mapping[int, float]) -> None:
    """Units of these tasks were rendered so long."""
    rows = [{"b_id": task_id, "b_seconds": more} for task_id, more in seconds.items() if more]
    if rows:
        more = task.c.render_seconds + bindparam("b_seconds")
        db.execute(update(task).where(task.c.id == bindparam("b_id")).values(render_seconds=more), rows)


def begin_clocks(db: Connection, ids: Iterable[int], now: float) -> None:
    """Frames of these tasks were claimed: they have started, and their time limit counts, if not yet."""
    db.execute(
        update(task)
        .where(task.c.id.in_(list(ids)))
        .values(
            started_at=func.coalesce(task.c.started_at, now),
            clock_from=func.coalesce(task.c.clock_from, now),
        )
    )


def over_time(db: Connection, now: float) -> list[int]:
    """Tasks that go on although their ``task_stop_time`` is over."""
    found = select(task.c.id).where(
        task.c.status.in_(_GOING_ON),
        ~task.c.deleted,
        task.c.clock_from + task.c.task_stop_time_s <= now,
    )
    return [row.id for row in db.execute(found)]
