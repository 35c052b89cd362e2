"""Queries on attempts: what became of each try at a frame."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, select, update

from renderbus_farm.rules.lifecycle import Frame, Happened
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store.happened import FrameOver, note
from renderbus_farm.store.tables import attempt, frame
from renderbus_model.pieces import Digest
from renderbus_model.statuses import FRAME_ENDED


def progress(db: Connection, percents: Mapping[ChunkId, float]) -> None:
    """How far these attempts are; those that are not wanted any more are left alone."""
    rows = [
        {"b_id": chunk.frame_id, "b_attempt": chunk.attempt, "b_percent": percent}
        for chunk, percent in percents.items()
    ]
    if rows:
        this = (frame.c.id == sa.bindparam("b_id"), frame.c.attempt == sa.bindparam("b_attempt"))
        renders = frame.c.ended_at.is_(None) & frame.c.started_at.is_not(None)
        db.execute(update(frame).where(*this, renders).values(percent=sa.bindparam("b_percent")), rows)


def ended(
    db: Connection,
    after: Frame,
    what: Happened,
    now: float,
    *,
    seconds: float = 0.0,
    error: str = "",
    log: Digest | None = None,
    thumbnail: Digest | None = None,
    flags: Collection[str] = (),
) -> None:
    """The attempt of frame ``after`` is over because of ``what``; ``after`` is the frame since then."""
    over = after.status in FRAME_ENDED
    values: dict[str, object] = {"status": after.status, "lost": after.lost, "error": error}
    values |= {"ended_at": now, "seconds": seconds} if over else {"started_at": None, "percent": 0.0}
    if what is Happened.RENDERED:
        values |= {"percent": 100.0, "thumbnail": thumbnail, "flags": ", ".join(flags)}
    changed = update(frame).where(frame.c.id == after.id).values(values).returning(frame.c.task_id)
    task_id = db.execute(changed).scalar_one_or_none()
    if over and task_id is not None:
        note(db, FrameOver(task_id, after.id, after.status))
    db.execute(
        _of(ChunkId(after.id, after.attempt)).values(
            ended_at=now, outcome=what.name, seconds=seconds, error=error, log=log
        )
    )


def _of(chunk: ChunkId) -> sa.Update:
    return update(attempt).where(attempt.c.frame_id == chunk.frame_id, attempt.c.number == chunk.attempt)


def renew(db: Connection, chunks: Collection[ChunkId], until: float) -> None:
    """Their nodes have renewed the leases of these attempts."""
    rows = [{"b_id": chunk.frame_id, "b_number": chunk.attempt, "b_until": until} for chunk in chunks]
    if rows:
        this = (attempt.c.frame_id == sa.bindparam("b_id"), attempt.c.number == sa.bindparam("b_number"))
        db.execute(update(attempt).where(*this).values(lease_until=sa.bindparam("b_until")), rows)


def leases(db: Connection, chunks: Collection[ChunkId]) -> dict[ChunkId, float]:
    """Until when these attempts were believed to render by the farm that claimed them."""
    query = select(attempt.c.frame_id, attempt.c.number, attempt.c.lease_until)
    found = db.execute(query.where(attempt.c.frame_id.in_({chunk.frame_id for chunk in chunks})))
    until = {ChunkId(row.frame_id, row.number): row.lease_until for row in found}
    return {chunk: until.get(chunk, 0.0) for chunk in chunks}


def nodes(db: Connection, chunks: Collection[ChunkId]) -> dict[ChunkId, str]:
    """Where these attempts were sent."""
    query = select(attempt.c.frame_id, attempt.c.number, attempt.c.node)
    found = db.execute(query.where(attempt.c.frame_id.in_({chunk.frame_id for chunk in chunks})))
    placed = {ChunkId(row.frame_id, row.number): row.node for row in found}
    return {chunk: placed[chunk] for chunk in chunks if chunk in placed}


def log_of(db: Connection, frame_id: int, number: int) -> tuple[Digest | None, str] | None:
    """The log of an attempt, and its error; None when there was no such attempt."""
    query = select(attempt.c.log, attempt.c.error)
    row = db.execute(query.where(attempt.c.frame_id == frame_id, attempt.c.number == number)).one_or_none()
    return None if row is None else (row.log, row.error)
