"""Queries on tasks that were created and never submitted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, select

from renderbus_farm.store.account_tables import task_hardware, task_label
from renderbus_farm.store.order_tables import task_after
from renderbus_farm.store.tables import document, task

_later = task.alias("later")
# A task that comes after this one would wait for a task that is no more, or no longer wait.
_SOME_WAIT = (
    select(task_after.c.task_id)
    .join(_later, _later.c.id == task_after.c.task_id)
    .where(task_after.c.after_id == task.c.id, ~_later.c.deleted)
    .exists()
)
_OLD = (
    select(task.c.id)
    .where(task.c.submitted_at.is_(None), task.c.parent_id + 0 == 0, task.c.created_at < bindparam("before"))
    .where(~_SOME_WAIT)
    .order_by(task.c.created_at)
    .limit(bindparam("most"))
)


def old(db: Connection, created_before: float, most: int) -> list[int]:
    """Up to ``most`` tasks that were created before then and not submitted, the oldest first.

    Those that another task comes after stay for as long as that one does.
    """
    return list(db.execute(_OLD, {"before": created_before, "most": most}).scalars())


def touch(db: Connection, task_id: int, now: float) -> None:
    """The task is being submitted: if it stays a draft, it is as old as this."""
    this = (task.c.id == task_id, task.c.submitted_at.is_(None))
    db.execute(sa.update(task).where(*this).values(created_at=now))


def remove(db: Connection, ids: list[int]) -> None:
    """These tasks are gone with all that belongs to them; their ids are never given again."""
    for table in (document, task_label, task_hardware, task_after):
        db.execute(sa.delete(table).where(table.c.task_id.in_(ids)))
    db.execute(sa.delete(task_after).where(task_after.c.after_id.in_(ids)))
    db.execute(sa.delete(task).where(task.c.id.in_(ids), task.c.submitted_at.is_(None)))
