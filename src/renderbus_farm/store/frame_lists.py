"""Queries that lists of frames and progress pictures are made of. Each is built once.

A page is found by the frames' places in their task, which have no gaps: the last one costs what the first
one does, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, func, select

from renderbus_farm.rules.items import FrameRecord
from renderbus_farm.store.prepared import Prepared
from renderbus_farm.store.tables import attempt, frame, frame_set, task
from renderbus_model.frame_sets import RenderChoice
from renderbus_model.pieces import Digest
from renderbus_model.statuses import FrameStatus

_RECORD = [
    (frame_set if name in ("layer", "camera") else frame).c[name] for name in FrameRecord.__struct_fields__
]
_WITH_SET = frame.join(frame_set, frame_set.c.id == frame.c.set_id)
_OF_TASK = frame.c.task_id == bindparam("task")

# SQLite uses a partial index only where the query spells the condition out, not with a parameter.
_RENDERS = frame.c.status == sa.literal_column(str(int(FrameStatus.RENDERING)))
_DONE = frame.c.status == sa.literal_column(str(int(FrameStatus.DONE)))

_PAGE = Prepared(
    select(*_RECORD)
    .select_from(_WITH_SET)
    .where(_OF_TASK, frame.c.position >= bindparam("first"), frame.c.position < bindparam("behind"))
    .order_by(frame.c.position)
)
_NUMBER = sa.cast(frame.c.number, sa.Text)
# As ``rules.units.frame_index`` writes it.
_INDEX = sa.case(
    (frame.c.tile > 0, _NUMBER + "-" + sa.cast(frame.c.tile, sa.Text)),
    (frame.c.last == frame.c.number, _NUMBER),
    else_=_NUMBER + "-" + sa.cast(frame.c.last, sa.Text) + "[" + sa.cast(frame.c.step, sa.Text) + "]",
)
_FOUND = func.instr(_INDEX, bindparam("keyword")) > 0
_OF_TASKS = frame.c.task_id.in_(bindparam("tasks", expanding=True))
_FOUND_COUNT = select(func.count()).select_from(frame).where(_OF_TASKS, _FOUND)
_FOUND_IDS = (
    select(frame.c.id)
    .where(_OF_TASKS, _FOUND)
    .order_by(frame.c.task_id, frame.c.position)
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
_FOUND_PAGE = (
    select(*_RECORD)
    .select_from(_WITH_SET)
    .where(frame.c.id.in_(_FOUND_IDS))
    .order_by(frame.c.task_id, frame.c.position)
)
_OWN = (
    select(*_RECORD)
    .select_from(_WITH_SET.join(task, task.c.id == frame.c.task_id))
    .where(frame.c.id == bindparam("frame"), task.c.account_id == bindparam("account"), ~task.c.deleted)
)
_OF = select(frame.c.id).where(frame.c.id.in_(bindparam("ids", expanding=True)), _OF_TASKS)
_FIRST_ERROR = (
    select(frame.c.error)
    .where(_OF_TASK, frame.c.status.in_((FrameStatus.FAILED, FrameStatus.TIMED_OUT)), frame.c.error != "")
    .order_by(frame.c.position)
    .limit(1)
)
# "+ 0" keeps SQLite off the index of the task: few frames render on a farm, but a task may have a million.
_RENDERING = select(*_RECORD).select_from(_WITH_SET)
_RENDERING = _RENDERING.where(_RENDERS, frame.c.task_id + 0 == bindparam("task"))
_RENDERING = _RENDERING.order_by(frame.c.position).limit(bindparam("size"))
_LATEST_DONE = select(*_RECORD).select_from(_WITH_SET).where(_OF_TASK, _DONE)
_LATEST_DONE = _LATEST_DONE.order_by(frame.c.ended_at.desc()).limit(bindparam("size"))
_CHOICE = select(frame_set.c.choice).where(frame_set.c.task_id == bindparam("task"))
_CHOICE = _CHOICE.order_by(frame_set.c.position).limit(1)
_ATTEMPTS = (
    select(*(attempt.c[name] for name in ("number", "node", "started_at", "ended_at", "error", "log")))
    .where(attempt.c.frame_id == bindparam("frame"))
    .order_by(attempt.c.number.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try at a frame; times in seconds since 1970."""

    number: int
    node: str
    started_at: float | None
    ended_at: float | None
    error: str
    log: Digest | None


def page(db: Connection, task_id: int, *, number: int, size: int) -> list[FrameRecord]:
    """One page of a task's frames, in the order they were asked for."""
    first = (number - 1) * size
    return span(db, task_id, first, first + size)


def span(db: Connection, task_id: int, first: int, behind: int) -> list[FrameRecord]:
    """A task's frames from that place up to the other, without it."""
    rows = _PAGE.rows(db, task=task_id, first=first, behind=behind)
    return [FrameRecord(*row) for row in rows]


def search(
    db: Connection, task_ids: Collection[int], keyword: str, *, number: int, size: int
) -> tuple[list[FrameRecord], int]:
    """One page of those frames whose ``frameIndex`` holds ``keyword``, and how many they are."""
    wanted = {"tasks": list(task_ids), "keyword": keyword}
    total = db.execute(_FOUND_COUNT, wanted).scalar_one()
    found = _records(db, _FOUND_PAGE, {**wanted, "size": size, "skipped": (number - 1) * size})
    return found, total


def record(db: Connection, account_id: int, frame_id: int) -> FrameRecord | None:
    """A frame of one of the account's tasks that are not deleted."""
    row = db.execute(_OWN, {"frame": frame_id, "account": account_id}).one_or_none()
    return None if row is None else FrameRecord(*row)


def of_tasks(db: Connection, task_ids: Collection[int], ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that are frames of these tasks."""
    return {row.id for row in db.execute(_OF, {"ids": list(ids), "tasks": list(task_ids)})}


def in_progress(db: Connection, task_id: int, limit: int) -> list[FrameRecord]:
    """Up to ``limit`` frames that render; where those are fewer, the frames that were done last follow."""
    rendering = _records(db, _RENDERING, {"task": task_id, "size": limit})
    left = limit - len(rendering)
    return rendering + (_records(db, _LATEST_DONE, {"task": task_id, "size": left}) if left else [])


def first_error(db: Connection, task_id: int) -> str:
    """Why the first of the task's frames that failed did; empty when none did."""
    return db.execute(_FIRST_ERROR, {"task": task_id}).scalar_one_or_none() or ""


def picture_size(db: Connection, task_id: int) -> tuple[int, int]:
    """Width and height in pixels of the task's first layer; 0 where the scene decides."""
    kept = db.execute(_CHOICE, {"task": task_id}).scalar_one_or_none()
    choice = msgspec.json.decode(kept, type=RenderChoice) if kept else RenderChoice("", ())
    return choice.width, choice.height


def attempts_at(db: Connection, frame_id: int, *, number: int, size: int) -> list[AttemptRecord]:
    """One page of the tries at a frame, the last one first."""
    rows = db.execute(_ATTEMPTS, {"frame": frame_id, "size": size, "skipped": (number - 1) * size})
    return [AttemptRecord(*row) for row in rows]


def _records(db: Connection, query: sa.Select[Any], values: dict[str, object]) -> list[FrameRecord]:
    return [FrameRecord(*row) for row in db.execute(query, values)]
