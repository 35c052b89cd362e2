"""Queries on tasks and what is counted of their frames."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, func, select, update

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.choices import TaskChoices
from renderbus_farm.rules.lifecycle import Counts, Wish, task_status
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.happened import TaskStands, note
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import frame, frame_set, task
from renderbus_model.documents import Submission
from renderbus_model.frame_sets import FrameSet
from renderbus_model.pieces import Digest
from renderbus_model.statuses import TASK_ENDED, FrameStatus, FrameType, TaskStatus
from renderbus_model.wire.task import CreateTask

_GOING_ON = (TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING)


# A task may have a million frames: their numbers go to the database as one text, and it makes the rows.
_NUMBERS = func.json_each(bindparam("numbers")).table_valued("key", "value")
_FIRST = _NUMBERS.c.value.in_(listed("priority"))
_ADD_FRAMES = frame.insert().from_select(
    ["task_id", "set_id", "position", "number", "type", "status"],
    select(
        bindparam("task", type_=sa.Integer),
        bindparam("set", type_=sa.Integer),
        bindparam("before", type_=sa.Integer) + _NUMBERS.c.key,
        _NUMBERS.c.value,
        sa.case((_FIRST, int(FrameType.PRIORITY)), else_=int(FrameType.MAIN)),
        sa.case((_FIRST, int(FrameStatus.WAITING)), else_=bindparam("later", type_=sa.Integer)),
    ),
)

_COUNTED = Prepared(
    select(frame_count.c.task_id, frame_count.c.status, func.sum(frame_count.c.frames))
    .where(frame_count.c.task_id.in_(listed("ids")))
    .group_by(frame_count.c.task_id, frame_count.c.status)
)
_KEPT = select(
    *(task.c[name] for name in ("id", "account_id", "wish", "status", "analysis", "ended_at"))
).where(task.c.id.in_(listed("ids")))


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
    """What was read from a task's documents becomes rows; counts and status are not worked out yet.

    A task whose scene the farm has yet to analyse gets its frames by ``add_frames``.
    """
    db.execute(
        update(task)
        .where(task.c.id == task_id)
        .values(
            submitted_at=now,
            scene=what.scene,
            scene_file=what.scene_file,
            project_name=what.project_name,
            cg_id=what.cg_id,
            frames_text=what.frames_text,
            inputs=inputs,
            job_stop_time_s=what.job_stop_time_s,
            task_stop_time_s=what.task_stop_time_s,
            allow_missing=what.allow_missing,
            **dataclasses.asdict(choices),
        )
    )
    add_frames(db, task_id, what)


def add_frames(db: Connection, task_id: int, what: Submission) -> None:
    """The frames that a task renders; counts and status are not worked out yet."""
    first = [what.priority.of(frames.numbers) for frames in what.frame_sets]
    hold = what.stop_after_test and any(first)
    later = FrameStatus.WAITS_FOR_TEST_FRAMES if hold else FrameStatus.WAITING
    before = 0
    for position, (frames, priority) in enumerate(zip(what.frame_sets, first, strict=True)):
        set_id = _add_set(db, task_id, position, frames)
        numbers = {"numbers": as_list(frames.numbers), "priority": as_list(priority)}
        db.execute(_ADD_FRAMES, {"task": task_id, "set": set_id, "before": before, "later": later, **numbers})
        before += len(frames.numbers)


def _add_set(db: Connection, task_id: int, position: int, frames: FrameSet) -> int:
    made = frame_set.insert().values(
        task_id=task_id,
        position=position,
        layer=frames.layer,
        camera=frames.choice.camera,
        engine=frames.choice.engine,
        output=frames.output,
        choice=msgspec.json.encode(frames.choice),
    )
    set_id: int = db.execute(made.returning(frame_set.c.id)).scalar_one()
    return set_id


def refresh(db: Connection, ids: Collection[int], now: float) -> None:
    """Take over the counts of these tasks' frames and work out their status.

    To be called in the transaction that changed a frame or a wish: what lists show is a copy of that.
    """
    if not ids:
        return
    asked = {"ids": as_list(ids)}
    by_task: dict[int, dict[FrameStatus, int]] = defaultdict(dict)
    for task_id, status, frames in _COUNTED.rows(db, **asked):
        by_task[task_id][FrameStatus(status)] = frames
    changes = [_counted(db, row, Counts.of(by_task[row.id]), now) for row in db.execute(_KEPT, asked)]
    if changes:
        # What is not named here is taken from the rows by column name.
        db.execute(update(task).where(task.c.id == bindparam("b_id")), changes)


def _counted(db: Connection, row: Any, counts: Counts, now: float) -> dict[str, object]:
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
    }


def add_render_seconds(db: Connection, task_id: int, seconds: float) -> None:
    """A frame of the task was rendered this long."""
    db.execute(
        update(task).where(task.c.id == task_id).values(render_seconds=task.c.render_seconds + seconds)
    )


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
