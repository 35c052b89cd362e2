"""How attempts begin and end well: many at once, since a thousand places report as many a second."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, select, update

from renderbus_farm.rules.lifecycle import Frame, Happened
from renderbus_farm.rules.work import ChunkId, Output
from renderbus_farm.store.happened import FrameOver, note
from renderbus_farm.store.orders import keep_tile
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import attempt, frame, output
from renderbus_farm.store.transfers import PUT_OUTPUTS
from renderbus_model.pieces import Digest

_THIS_UNIT = frame.c.id == bindparam("b_id")
_THIS_ATTEMPT = (attempt.c.frame_id == bindparam("b_id"), attempt.c.number == bindparam("b_attempt"))
_BEGAN = (
    update(frame).where(_THIS_UNIT).values(started_at=bindparam("b_now")),
    update(attempt).where(*_THIS_ATTEMPT).values(started_at=bindparam("b_now")),
)
_ENDED = (
    update(frame)
    .where(_THIS_UNIT)
    .values(
        status=bindparam("b_status"),
        lost=bindparam("b_lost"),
        error="",
        ended_at=bindparam("b_now"),
        seconds=bindparam("b_seconds"),
        percent=100.0,
        thumbnail=bindparam("b_thumbnail"),
        flags=bindparam("b_flags"),
    ),
    update(attempt)
    .where(*_THIS_ATTEMPT)
    .values(
        ended_at=bindparam("b_now"),
        outcome=Happened.RENDERED.name,
        seconds=bindparam("b_seconds"),
        error="",
        log=bindparam("b_log"),
    ),
)
_TILES = Prepared(select(frame.c.id).where(frame.c.id.in_(listed("ids")), frame.c.tile > 0))
_FORGET_OUTPUTS = sa.delete(output).where(output.c.frame_id.in_(listed("ids")))


@dataclass(frozen=True, slots=True)
class Rendered:
    """An attempt that ended well; ``after`` is its unit since then."""

    after: Frame
    task_id: int
    outputs: Sequence[Output]
    seconds: float
    log: Digest | None = None
    thumbnail: Digest | None = None
    flags: Collection[str] = ()


def began(db: Connection, chunks: Collection[ChunkId], now: float) -> None:
    """The render processes began with them."""
    rows = [{"b_id": chunk.frame_id, "b_attempt": chunk.attempt, "b_now": now} for chunk in chunks]
    if rows:
        for statement in _BEGAN:
            db.execute(statement, rows)


def ended(db: Connection, done: Sequence[Rendered], now: float) -> None:
    """They are over, and this is what they made."""
    rows = [
        {
            "b_id": each.after.id,
            "b_attempt": each.after.attempt,
            "b_now": now,
            "b_status": each.after.status,
            "b_lost": each.after.lost,
            "b_seconds": each.seconds,
            "b_thumbnail": each.thumbnail,
            "b_log": each.log,
            "b_flags": ", ".join(each.flags),
        }
        for each in done
    ]
    if not rows:
        return
    for statement in _ENDED:
        db.execute(statement, rows)
    for each in done:
        note(db, FrameOver(each.task_id, each.after.id, each.after.status))
    _replace_outputs(db, done)


def _replace_outputs(db: Connection, done: Sequence[Rendered]) -> None:
    """What the units made before is gone. A tile is kept for its merge alone."""
    ids = as_list([each.after.id for each in done])
    tiles = {row[0] for row in _TILES.rows(db, ids=ids)}
    db.execute(_FORGET_OUTPUTS, {"ids": ids})
    rows = [
        {
            "task_id": each.task_id,
            "frame_id": each.after.id,
            "path": made.path,
            "digest": made.digest,
            "size_bytes": made.size_bytes,
        }
        for each in done
        if each.after.id not in tiles
        for made in each.outputs
    ]
    if rows:
        db.execute(PUT_OUTPUTS, rows)
    for each in done:
        if each.after.id in tiles:
            keep_tile(db, each.after.id, each.outputs)
