"""Queries on scenes that the farm analyses itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.store.tables import task
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest


@dataclass(frozen=True, slots=True)
class Unread:
    """A task whose scene is to be analysed.

    Attributes:
        inputs: the manifest of its files.
        waits_for_start: its frames wait for their owner's start, the analysis does not.
        frames_at_once: most frames of a unit.
    """

    id: int
    account_id: int
    cg_id: int
    scene: FarmPath
    inputs: Digest
    waits_for_start: bool
    frames_at_once: int


_WANTED = (
    select(
        *(task.c[name] for name in ("id", "account_id", "cg_id", "scene", "inputs")),
        *(task.c[name] for name in ("waits_for_start", "frames_at_once")),
    )
    .where(
        # Written out, since an index of some rows is used only where the statement itself names those.
        task.c.analysis == sa.literal_column(f"'{Analysis.WANTED.value}'"),
        task.c.wish == Wish.RUN.value,
        ~task.c.deleted,
    )
    .order_by(task.c.submitted_at, task.c.id)
)


def wanted(db: Connection) -> list[Unread]:
    """Tasks whose scenes are to be analysed now, those first that wait longest."""
    return [Unread(**row._mapping) for row in db.execute(_WANTED)]


def find(db: Connection, task_id: int) -> Unread | None:
    """The task, if its scene is still to be analysed."""
    row = db.execute(_WANTED.where(task.c.id == task_id)).one_or_none()
    return Unread(**row._mapping) if row else None


def succeed(
    db: Connection, unread: Unread, frames_text: str, task_type: str, names: Mapping[str, str]
) -> None:
    """The scene was read; the task's frames are made beside. What waits for a start stops here."""
    wish = (Wish.STOP if unread.waits_for_start else Wish.RUN).value
    changed = {"analysis": Analysis.DONE.value, "frames_text": frames_text, "wish": wish, **names}
    changed["task_type"] = task_type
    db.execute(update(task).where(task.c.id == unread.id).values(changed))


def fail(db: Connection, task_id: int, why: str) -> None:
    """The scene could not be analysed, and the task has failed."""
    changed = {"analysis": Analysis.FAILED.value, "analysis_error": why}
    db.execute(update(task).where(task.c.id == task_id).values(changed))


def ask_again(db: Connection, ids: Collection[int]) -> None:
    """Scenes that could not be analysed are tried anew."""
    changed = {"analysis": Analysis.WANTED.value, "analysis_error": ""}
    db.execute(update(task).where(task.c.id.in_(ids)).values(changed))
