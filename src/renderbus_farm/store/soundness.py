"""Questions that a sound database answers with nothing: each finds rows that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection, func, select

from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.soundness import Breach, Rule
from renderbus_farm.store import counting, tasks
from renderbus_farm.store.dispatch_tables import frame_count
from renderbus_farm.store.tables import attempt, frame, frame_set, output, task
from renderbus_model.pieces import Digest
from renderbus_model.statuses import FrameStatus

MOST_TOLD = 20
"""Breaches of one kind that are told one by one; more say no more."""

_OPEN = attempt.c.outcome.is_(None)
_IS_LAST = (attempt.c.frame_id == frame.c.id) & (attempt.c.number == frame.c.attempt)
_GIVEN_UP = ("FARM_LOST", "OUTDATED", "RECALLED", "STOPPED")
"""Outcomes that the farm wrote itself: nothing that the node says afterwards counts."""

_SHOWN = ("status", "waiting", "held", "rendering", "stopped", "done", "failed")


def breaches(db: Connection) -> list[Breach]:
    """All that the rows say wrongly of themselves; to be called in a transaction that is taken back."""
    asked = (_attempts, _finished, _late_reports, _waiting, _orphans, _counts)
    return [breach for ask in asked for breach in ask(db)]


def named_blobs(db: Connection) -> dict[Digest, int | None]:
    """Every blob that a result needs, with its size in bytes where that is known."""
    pictures = db.execute(select(output.c.digest, output.c.size_bytes)).all()
    small = db.execute(select(frame.c.thumbnail).where(frame.c.thumbnail.is_not(None)).distinct()).scalars()
    return {**{Digest(digest): None for digest in small}, **{Digest(row[0]): row[1] for row in pictures}}


def live_attempts(db: Connection) -> set[tuple[int, int]]:
    """The attempts that may still render: frame and number."""
    return {tuple(row) for row in db.execute(select(attempt.c.frame_id, attempt.c.number).where(_OPEN))}


def _attempts(db: Connection) -> Iterable[Breach]:
    several = select(attempt.c.frame_id, func.count()).where(_OPEN).group_by(attempt.c.frame_id)
    for frame_id, count in db.execute(several.having(func.count() > 1).limit(MOST_TOLD)):
        yield Breach(Rule.ONE_ATTEMPT, f"frame {frame_id} has {count} attempts that may still render")
    stray = (
        select(frame.c.id, attempt.c.number, frame.c.status)
        .select_from(attempt.join(frame, frame.c.id == attempt.c.frame_id))
        .where(_OPEN, sa.or_(frame.c.status != FrameStatus.RENDERING, frame.c.attempt != attempt.c.number))
    )
    for frame_id, number, status in db.execute(stray.limit(MOST_TOLD)):
        word = FrameStatus(status).name
        yield Breach(Rule.ONE_ATTEMPT, f"attempt {number} at frame {frame_id} is open, the frame is {word}")
    same = sa.and_(_IS_LAST, _OPEN, attempt.c.node == frame.c.node)
    without = select(frame.c.id, frame.c.attempt).where(
        frame.c.status == FrameStatus.RENDERING, ~select(attempt.c.number).where(same).exists()
    )
    for frame_id, number in db.execute(without.limit(MOST_TOLD)):
        yield Breach(Rule.RESOURCES, f"frame {frame_id} renders, but its attempt {number} takes no place")


def _finished(db: Connection) -> Iterable[Breach]:
    without = (
        select(frame.c.id, frame.c.attempt, attempt.c.outcome)
        .select_from(frame.outerjoin(attempt, _IS_LAST))
        .where(frame.c.status == FrameStatus.DONE, func.coalesce(attempt.c.outcome, "") != "RENDERED")
    )
    for frame_id, number, outcome in db.execute(without.limit(MOST_TOLD)):
        what = f"frame {frame_id} is done, but its attempt {number} ended as {outcome or 'nothing'}"
        yield Breach(Rule.STAYS_FINISHED, what)
    twice = (
        select(frame.c.id, func.count())
        .select_from(
            frame.join(attempt, attempt.c.frame_id == frame.c.id).join(
                frame_set, frame_set.c.id == frame.c.set_id
            )
        )
        # What needs others is made again with them: a frame whose tile was restarted is put together again.
        .where(attempt.c.outcome == "RENDERED", frame_set.c.needs_id.is_(None))
        .group_by(frame.c.id)
        .having(func.count() > frame.c.restarts + 1)
    )
    for frame_id, count in db.execute(twice.limit(MOST_TOLD)):
        yield Breach(Rule.STAYS_FINISHED, f"frame {frame_id} was rendered {count} times without being asked")


def _late_reports(db: Connection) -> Iterable[Breach]:
    told = attempt.c.outcome.in_(_GIVEN_UP) & (attempt.c.log.is_not(None) | (attempt.c.seconds > 0))
    query = select(attempt.c.frame_id, attempt.c.number, attempt.c.outcome).where(told)
    for frame_id, number, outcome in db.execute(query.limit(MOST_TOLD)):
        what = f"attempt {number} at frame {frame_id} was given up ({outcome}) and reported all the same"
        yield Breach(Rule.SILENT_WHEN_LOST, what)
    rendered = select(attempt.c.number).where(
        attempt.c.frame_id == output.c.frame_id, attempt.c.outcome == "RENDERED"
    )
    for frame_id, path in db.execute(
        select(output.c.frame_id, output.c.path).where(~rendered.exists()).limit(MOST_TOLD)
    ):
        yield Breach(Rule.SILENT_WHEN_LOST, f"result {path} is of frame {frame_id}, which was never rendered")


def _waiting(db: Connection) -> Iterable[Breach]:
    """Frames that wait for a node in a task that asks for none: nothing would ever move them."""
    asks = sa.or_(task.c.wish == Wish.RUN.value, task.c.waits_for_start)
    query = (
        select(task.c.id, func.sum(frame_count.c.frames))
        .select_from(frame_count.join(task, task.c.id == frame_count.c.task_id))
        .where(frame_count.c.status == FrameStatus.WAITING, sa.or_(task.c.deleted, ~asks))
        .where(task.c.submitted_at.is_not(None))
        .group_by(task.c.id)
    )
    for task_id, count in db.execute(query.limit(MOST_TOLD)):
        yield Breach(
            Rule.HAS_A_REASON, f"{count} frames wait in task {task_id}, which was stopped or deleted"
        )


def _orphans(db: Connection) -> Iterable[Breach]:
    rows = db.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST_TOLD)
    for table, row_id, parent, _ in rows:
        yield Breach(Rule.LEAVES_NOTHING, f"row {row_id} of {table} belongs to a {parent} that is no more")


def _counts(db: Connection) -> Iterable[Breach]:
    """Counts again, which may change rows: the transaction is to be taken back."""
    for row in counting.miscounted(db)[:MOST_TOLD]:
        yield Breach(Rule.COUNTS, f"frames of task {row[0]} are counted wrongly: {tuple(row)}")
    shown = select(task.c.id, *(task.c[name] for name in _SHOWN))
    before = {row.id: tuple(row)[1:] for row in db.execute(shown)}
    counting.unsettle(db)
    tasks.refresh(db, list(before), 0.0)
    after = {row.id: tuple(row)[1:] for row in db.execute(shown)}
    wrong = [task_id for task_id, values in before.items() if after.get(task_id) != values]
    for task_id in wrong[:MOST_TOLD]:
        told = ", ".join(
            f"{name} {kept} instead of {right}"
            for name, kept, right in zip(_SHOWN, before[task_id], after[task_id], strict=True)
            if kept != right
        )
        yield Breach(Rule.COUNTS, f"task {task_id} shows {told}")
