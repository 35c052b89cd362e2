"""What a transaction changed that others are told of: once it is committed, and not before."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from renderbus_model.statuses import FrameStatus, TaskStatus

_NOTED = "renderbus_happened"


@dataclass(frozen=True, slots=True)
class TaskStands:
    """The frames of a task were counted again; ``before`` is the status it had, maybe the same."""

    account_id: int
    task_id: int
    status: TaskStatus
    before: TaskStatus


@dataclass(frozen=True, slots=True)
class FrameOver:
    """A frame has ended. A ``TaskStands`` of its task is in the same transaction."""

    task_id: int
    frame_id: int
    status: FrameStatus


@dataclass(frozen=True, slots=True)
class TaskOverdue:
    """A task has rendered longer than its owner wanted to be reminded after, and goes on."""

    account_id: int
    task_id: int
    after_s: int


Happening = TaskStands | FrameOver | TaskOverdue


def note(db: Connection, what: Happening) -> None:
    """Tell of this when the transaction is committed; outside one that writes nobody is told."""
    _of(db).get(_NOTED, []).append(what)


def begin(db: Connection) -> list[Happening]:
    """A transaction begins: where its notes come together."""
    noted: list[Happening] = []
    _of(db)[_NOTED] = noted
    return noted


def end(db: Connection) -> None:
    """The transaction is over, however it ended."""
    _of(db).pop(_NOTED, None)


def _of(db: Connection) -> MutableMapping[Any, Any]:
    # It outlives the transaction: connections are used again.
    return db.info
