"""Queries on tasks that come before others."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select

from renderbus_farm.store.order_tables import task_after

_BEFORE = select(task_after.c.after_id).where(task_after.c.task_id == bindparam("task"))


def put(db: Connection, task_id: int, before: Collection[int]) -> None:
    """The task begins when these have ended well; what it waited for so far is forgotten."""
    db.execute(delete(task_after).where(task_after.c.task_id == task_id))
    if before:
        db.execute(task_after.insert(), [{"task_id": task_id, "after_id": each} for each in before])


def of(db: Connection, task_id: int) -> list[int]:
    """The tasks that come before this one."""
    return list(db.execute(_BEFORE.order_by(task_after.c.after_id), {"task": task_id}).scalars())


def circle(db: Connection, task_id: int, before: Collection[int]) -> list[int]:
    """A way from the task over those before it back to itself; empty where there is none."""
    ways = [[task_id, each] for each in before]
    seen = set(before)
    while ways:
        way = ways.pop()
        if way[-1] == task_id:
            return way
        for each in of(db, way[-1]):
            if each == task_id or each not in seen:
                seen.add(each)
                ways.append([*way, each])
    return []
