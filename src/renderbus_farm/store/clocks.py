"""Queries on when things count from, and on when the farm was there last."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.failure_tables import farm_clock, node_state
from renderbus_farm.store.happened import TaskOverdue, note
from renderbus_farm.store.tables import task
from renderbus_model.statuses import TaskStatus

_GOING_ON = (TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING)


def seen_at(db: Connection) -> float | None:
    """When a farm looked last; None for never."""
    return db.execute(select(farm_clock.c.seen_at)).scalar_one_or_none()


def see(db: Connection, now: float) -> None:
    """A farm is there."""
    put = insert(farm_clock).values(id=1, seen_at=now)
    db.execute(put.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))


def move(db: Connection, by_s: float, now: float) -> bool:
    """What counts from a time counts from so much later, and never from a time to come; whether anything did.

    ``rules.clocks.moved`` says the same of one task.
    """
    counts = (task.c.clock_from.is_not(None), task.c.status.in_(_GOING_ON))
    changed = update(task).where(*counts).values(clock_from=func.min(task.c.clock_from + by_s, now))
    aside = update(node_state).where(node_state.c.aside_until.is_not(None))
    db.execute(aside.values(aside_until=node_state.c.aside_until + by_s))
    return db.execute(changed).rowcount > 0


def overdue(db: Connection, now: float) -> list[TaskOverdue]:
    """Tasks that go on, take longer than their owners want to be told of, and were not told of yet."""
    over = task.c.started_at + task.c.time_out_s <= now
    query = select(task.c.account_id, task.c.id, task.c.time_out_s).where(
        task.c.status.in_(_GOING_ON),
        ~task.c.deleted,
        task.c.parent_id == 0,
        task.c.reminded_at.is_(None),
        over,
    )
    return [TaskOverdue(*row) for row in db.execute(query)]


def remind(db: Connection, found: Sequence[TaskOverdue], now: float) -> Sequence[TaskOverdue]:
    """Tell of these tasks, and not again."""
    if found:
        ids = [late.task_id for late in found]
        db.execute(update(task).where(task.c.id.in_(ids)).values(reminded_at=now))
    for late in found:
        note(db, late)
    return found
