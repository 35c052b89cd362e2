"""Queries on the parts of shells: tasks of their own that are shown, and told things, together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, delete, select, update

from renderbus_farm.rules.lifecycle import Counts, Wish
from renderbus_farm.rules.plans import Part
from renderbus_farm.rules.shells import PartState, has_ended, rolled_up
from renderbus_farm.store.happened import TaskStands, note
from renderbus_farm.store.order_tables import task_after
from renderbus_farm.store.tables import task
from renderbus_model.statuses import TaskStatus

_OWN = frozenset(
    {
        *("id", "shell", "parent_id", "status", "deleted", "layers", "cameras", "frames_text"),
        *("started_at", "ended_at", "clock_from", "render_seconds", "analysis", "analysis_error"),
        *("waiting", "held", "rendering", "stopped", "done", "failed", "blocked", "reminded_at"),
    }
)
"""Columns that a part has for itself; in the others it begins as its shell is."""

_COUNTS = ("waiting", "held", "rendering", "stopped", "done", "failed", "blocked")
_STATE = tuple(
    task.c[name] for name in ("parent_id", "status", "started_at", "render_seconds", "rendering", *_COUNTS)
)


def new(db: Connection, shell_id: int) -> int:
    """An id for a part of this task; its rows follow, and ``submit`` makes it a task that renders."""
    copied = select(task.c.account_id, task.c.created_at, task.c.level).where(task.c.id == shell_id)
    row = db.execute(copied).one()
    made = task.insert().values(**row._mapping, parent_id=shell_id)
    part_id: int = db.execute(made.returning(task.c.id)).scalar_one()
    return part_id


def submit(db: Connection, shell_id: int, ids: Sequence[int], parts: Sequence[Part]) -> None:
    """The task is the shell of these parts, and they are submitted as it was."""
    db.execute(update(task).where(task.c.id == shell_id).values({"shell": True}))
    shell = db.execute(select(task).where(task.c.id == shell_id)).one()._mapping
    alike = {name: shell[name] for name in shell if name not in _OWN}
    before = db.execute(select(task_after.c.after_id).where(task_after.c.task_id == shell_id)).scalars().all()
    for part_id, part in zip(ids, parts, strict=True):
        named = {
            "layers": ",".join(part.layers),
            "cameras": ",".join(part.cameras),
            "frames_text": part.frames_text,
        }
        db.execute(update(task).where(task.c.id == part_id).values(**alike, **named))
        for after_id in before:
            db.execute(task_after.insert().values(task_id=part_id, after_id=after_id))


def of(db: Connection, shell_ids: Collection[int], *, deleted: bool = False) -> dict[int, list[int]]:
    """The parts of these shells, in order."""
    query = select(task.c.parent_id, task.c.id).where(task.c.parent_id.in_(shell_ids)).order_by(task.c.id)
    if not deleted:
        query = query.where(~task.c.deleted)
    found: dict[int, list[int]] = defaultdict(list)
    for row in db.execute(query):
        found[row.parent_id].append(row.id)
    return found


def drop(db: Connection, ids: Collection[int]) -> None:
    """These parts were never submitted, and are gone; their units are gone already."""
    db.execute(delete(task).where(task.c.id.in_(ids), task.c.submitted_at.is_(None)))


def refresh_shells(db: Connection, ids: Collection[int], now: float) -> None:
    """Work out what these shells show from their parts; one whose parts are all deleted is deleted too."""
    states = _states(db, ids)
    shells = db.execute(
        select(*(task.c[name] for name in ("id", "account_id", "status", "ended_at", "wish"))).where(
            task.c.id.in_(ids), task.c.shell
        )
    ).all()
    for shell in shells:
        if shell.id not in states:
            db.execute(update(task).where(task.c.id == shell.id).values(deleted=True))
            continue
        whole = rolled_up(states[shell.id], aborted=shell.wish == Wish.ABANDON.value)
        note(db, TaskStands(shell.account_id, shell.id, whole.status, TaskStatus(shell.status)))
        ended_at = (
            (shell.ended_at if shell.ended_at is not None else now) if has_ended(whole.status) else None
        )
        changed = {name: getattr(whole.counts, name) for name in _COUNTS}
        db.execute(
            update(task)
            .where(task.c.id == shell.id)
            .values(
                status=whole.status,
                started_at=whole.started_at,
                ended_at=ended_at,
                render_seconds=whole.render_seconds,
                **changed,
            )
        )


def _states(db: Connection, ids: Collection[int]) -> Mapping[int, list[PartState]]:
    states: dict[int, list[PartState]] = defaultdict(list)
    query = select(*_STATE).where(task.c.parent_id.in_(ids), ~task.c.deleted).order_by(task.c.id)
    for row in db.execute(query):
        counts = Counts(**{name: row._mapping[name] for name in _COUNTS})
        state = PartState(TaskStatus(row.status), counts, row.started_at, row.render_seconds)
        states[row.parent_id].append(state)
    return states
