"""Queries on what is held against nodes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select

from renderbus_farm.rules.standing import Standing
from renderbus_farm.store.failure_tables import node_mark, node_state


@dataclass(frozen=True, slots=True)
class Kept:
    """A node that something is held against.

    Attributes:
        why: of the last mark, or why it was set aside.
    """

    name: str
    standing: Standing
    why: str


def all_of(db: Connection, names: Collection[str] | None = None) -> dict[str, Kept]:
    """Those of these nodes, or of all, that something is held against."""
    marks, states = select(node_mark).order_by(node_mark.c.at), select(node_state)
    if names is not None:
        marks = marks.where(node_mark.c.node.in_(names))
        states = states.where(node_state.c.name.in_(names))
    kept = {
        row.name: Kept(row.name, Standing({}, row.aside_until, row.times), row.why)
        for row in db.execute(states)
    }
    for row in db.execute(marks):
        before = kept.get(row.node, Kept(row.node, Standing(), ""))
        was = before.standing
        standing = Standing({**was.marks, row.task_id: row.at}, was.aside_until, was.times)
        kept[row.node] = Kept(row.node, standing, row.why)
    return kept


def keep(db: Connection, name: str, standing: Standing, why: str) -> None:
    """This is held against a node from now on, and nothing else."""
    forgive(db, name)
    marks = [{"node": name, "task_id": task, "at": at, "why": why} for task, at in standing.marks.items()]
    if marks:
        db.execute(node_mark.insert(), marks)
    if standing.times:
        row = {"name": name, "aside_until": standing.aside_until, "times": standing.times, "why": why}
        db.execute(node_state.insert().values(row))


def forgive(db: Connection, name: str) -> bool:
    """Nothing is held against a node any more; whether anything was."""
    gone = [
        db.execute(sa.delete(node_mark).where(node_mark.c.node == name)).rowcount,
        db.execute(sa.delete(node_state).where(node_state.c.name == name)).rowcount,
    ]
    return any(gone)


def aside(db: Connection, now: float) -> dict[str, float]:
    """The nodes that are set aside now, and until when."""
    rows = db.execute(select(node_state.c.name, node_state.c.aside_until, node_state.c.times))
    standings = {row.name: Standing({}, row.aside_until, row.times) for row in rows}
    return {
        name: standing.aside_until
        for name, standing in standings.items()
        if standing.aside_until is not None and standing.is_aside(now)
    }


def forget_task(db: Connection, task_ids: Collection[int]) -> None:
    """Marks of these tasks go with them."""
    db.execute(sa.delete(node_mark).where(node_mark.c.task_id.in_(task_ids)))
