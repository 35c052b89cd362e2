"""Queries on what stands alike among the units of a task, and on what its task waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, select

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.waiting import Before, Group, OfTask
from renderbus_farm.store import queue
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.order_tables import task_after
from renderbus_farm.store.tables import frame, frame_set, task
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, TaskStatus

MOST_NUMBERS = 10_000
"""Units of a group whose numbers are told; of more the first ones."""

_NOT_WAITING = [int(FrameStatus.RENDERING), *(int(status) for status in FRAME_ENDED)]


@dataclass(frozen=True, slots=True)
class Standing:
    """Units of one set that stand alike.

    Attributes:
        frames: number, last and step of the first ``MOST_NUMBERS`` of them, in order.
        units: how many they are.
    """

    group: Group
    layer: str
    camera: str
    frames: Sequence[tuple[int, int, int]]
    units: int


def of_task(db: Connection, task_id: int) -> OfTask:
    """What holds for all units of the task."""
    row = db.execute(select(task).where(task.c.id == task_id)).one()
    before = task.alias("before")
    order = task_after.join(before, before.c.id == task_after.c.after_id)
    unfinished = (task_after.c.task_id == task_id, before.c.status != TaskStatus.FINISHED)
    query = select(before.c.id, before.c.status, before.c.deleted).select_from(order).where(*unfinished)
    backs_off = (
        frame_count.c.task_id == task_id,
        frame_count.c.status == FrameStatus.WAITING,
        frame_count.c.delayed > 0,
    )
    return OfTask(
        id=task_id,
        wish=Wish(row.wish),
        analysis=Analysis(row.analysis),
        made=row.submitted_at is not None,
        waits_for_start=row.waits_for_start,
        begins_at=row.begins_at,
        before=[Before(each.id, TaskStatus(each.status), each.deleted) for each in db.execute(query)],
        backs_off=db.execute(select(frame_count.c.set_id).where(*backs_off).limit(1)).first() is not None,
    )


def count(db: Connection, task_ids: Sequence[int]) -> int:
    """How many groups of these tasks wait."""
    query = select(sa.func.count()).select_from(frame_count).where(*_waits(task_ids))
    total: int = db.execute(query).scalar_one()
    return total


def page(
    db: Connection, task_ids: Sequence[int], names: Sequence[str], *, number: int, size: int
) -> list[Standing]:
    """A page of what waits, in the order of tasks and sets; ``names`` are those of the farm's limits."""
    key = (frame_count.c.task_id, frame_count.c.set_id, frame_count.c.type, frame_count.c.status)
    query = select(frame_count).where(*_waits(task_ids))
    query = query.order_by(*key, frame_count.c.delayed, frame_count.c.memory_gb, frame_count.c.avoid)
    return [_standing(db, row, names) for row in db.execute(query.limit(size).offset((number - 1) * size))]


def of_frame(
    db: Connection, task_ids: Sequence[int], frame_number: int, names: Sequence[str]
) -> list[Standing]:
    """Where the units with this frame stand, whatever they do; one for each layer and tile."""
    covers = (
        frame.c.task_id.in_(task_ids),
        frame.c.number <= frame_number,
        frame.c.last >= frame_number,
        (frame_number - frame.c.number) % frame.c.step == 0,
    )
    found = []
    for row in db.execute(select(frame).where(*covers).order_by(frame.c.task_id, frame.c.position)):
        key = {
            name: getattr(row, name) for name in ("task_id", "set_id", "type", "status", "memory_gb", "avoid")
        }
        group, of_set = _group(db, key, names)
        group = replace(group, not_before=row.not_before, node=row.node, error=row.error)
        frames = [(row.number, row.last, row.step)]
        found.append(Standing(group, of_set.layer, of_set.camera, frames, 1))
    return found


def _waits(task_ids: Sequence[int]) -> tuple[sa.ColumnElement[bool], ...]:
    return frame_count.c.task_id.in_(task_ids), frame_count.c.status.not_in(_NOT_WAITING)


def _standing(db: Connection, row: Any, names: Sequence[str]) -> Standing:
    key = {name: getattr(row, name) for name in ("task_id", "set_id", "type", "status", "memory_gb", "avoid")}
    group, of_set = _group(db, key, names)
    alike = [frame.c[name] == value for name, value in key.items()]
    alike.append(frame.c.not_before > 0 if row.delayed else frame.c.not_before == 0)
    if row.delayed:
        first = select(sa.func.min(frame.c.not_before)).where(*alike)
        group = replace(group, not_before=db.execute(first).scalar_one())
    query = select(frame.c.number, frame.c.last, frame.c.step).where(*alike).order_by(frame.c.id)
    frames = [(each.number, each.last, each.step) for each in db.execute(query.limit(MOST_NUMBERS))]
    return Standing(group, of_set.layer, of_set.camera, frames, row.frames)


def _group(db: Connection, key: dict[str, Any], names: Sequence[str]) -> tuple[Group, Any]:
    head = queue.head_of(db, key, names)
    of_set = db.execute(select(frame_set).where(frame_set.c.id == key["set_id"])).one()
    needs = ""
    if of_set.needs_id is not None:
        needed = db.execute(
            select(frame_set.c.layer, frame_set.c.stage).where(frame_set.c.id == of_set.needs_id)
        ).one()
        needs = _needed(db, of_set.needs_id, needed.layer)
    return Group(head, FrameStatus(key["status"]), needs=needs), of_set


def _needed(db: Connection, set_id: int, layer: str) -> str:
    by_status = select(frame_count.c.status, sa.func.sum(frame_count.c.frames)).where(
        frame_count.c.set_id == set_id
    )
    counts = {FrameStatus(row[0]): row[1] for row in db.execute(by_status.group_by(frame_count.c.status))}
    failed = counts.get(FrameStatus.FAILED, 0) + counts.get(FrameStatus.TIMED_OUT, 0)
    left = sum(counts.values()) - counts.get(FrameStatus.DONE, 0)
    named = f" of {layer!r}" if layer else ""
    if failed:
        return f"what comes before it{named}, of which {failed} failed; restart those"
    return f"what comes before it{named}, of which {left} are not done"
