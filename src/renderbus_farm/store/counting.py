"""Counts of frames, kept by the database itself: whatever moves a frame, its count moves with it.

A task may have a million frames, and every report would count them all. Triggers cost some two microseconds
for a frame that moves, and no statement can forget them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.dispatch_tables import frame_count, unsettled
from renderbus_farm.store.tables import frame
from renderbus_model.statuses import FrameType

_KEY = "task_id, set_id, type, status, delayed, memory_gb, avoid"
_IN = """
INSERT INTO frame_count (KEY, frames) VALUES (
  new.task_id, new.set_id, new.type, new.status, new.not_before > 0, new.memory_gb, new.avoid, 1
) ON CONFLICT (KEY) DO UPDATE SET frames = frames + 1;
""".replace("KEY", _KEY)
_THIS = """(KEY) = (
  old.task_id, old.set_id, old.type, old.status, old.not_before > 0, old.memory_gb, old.avoid
)""".replace("KEY", _KEY)
_OUT = """
UPDATE frame_count SET frames = frames - 1 WHERE THIS;
DELETE FROM frame_count WHERE THIS AND frames = 0;
""".replace("THIS", _THIS)
_UNSETTLED = "\nINSERT OR IGNORE INTO unsettled (task_id, number) VALUES (new.task_id, new.number);\n"
_MERGES = f"{FrameType.PRIORITY_MERGE:d}, {FrameType.MAIN_MERGE:d}"
_TRIGGERS = {
    name: f"CREATE TRIGGER {name} AFTER {when} BEGIN{what}END"
    for name, when, what in (
        ("frame_comes", "INSERT ON frame", _IN),
        ("frame_goes", "DELETE ON frame", _OUT),
        ("frame_moves", f"UPDATE OF {_KEY.replace('delayed', 'not_before')} ON frame", _OUT + _IN),
        (
            "frame_unsettles",
            f"UPDATE OF status ON frame WHEN new.tile > 0 OR new.type IN ({_MERGES})",
            _UNSETTLED,
        ),
    )
}
_KEPT = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'frame'")
_COLUMNS = [column for column in frame_count.columns if column.name != "frames"]
_OF_ROWS = [
    sa.cast(frame.c.not_before > 0, sa.Integer) if column.name == "delayed" else frame.c[column.name]
    for column in _COLUMNS
]
_COUNTED = sa.select(*_OF_ROWS, sa.func.count()).group_by(*_OF_ROWS)
_ALL = sa.select(*_COLUMNS, frame_count.c.frames)


def keep(db: Connection) -> None:
    """Have the database count. To be called after migrations: one that copies a table loses its triggers."""
    kept = {row.name: row.sql for row in db.execute(_KEPT)}
    if kept == _TRIGGERS:
        return
    for name in kept:
        db.exec_driver_sql(f"DROP TRIGGER {name}")
    for statement in _TRIGGERS.values():
        db.exec_driver_sql(statement)
    count_again(db)
    unsettle(db)


def unsettle(db: Connection) -> None:
    """Have all tiled frames looked at again, whatever moved unseen."""
    tiled = sa.select(frame.c.task_id, frame.c.number).where(frame.c.tile > 0).distinct()
    put = insert(unsettled).from_select(["task_id", "number"], tiled)
    db.execute(put.on_conflict_do_nothing())


def count_again(db: Connection) -> None:
    """Count all rows, whatever was counted before."""
    db.execute(sa.delete(frame_count))
    db.execute(frame_count.insert().from_select([*(column.name for column in _COLUMNS), "frames"], _COUNTED))


def miscounted(db: Connection) -> list[tuple[Any, ...]]:
    """Counts that are not those of the rows, and rows that nothing counts: always empty."""
    either = (sa.except_(_ALL, _COUNTED), sa.except_(_COUNTED, _ALL))
    return [tuple(row) for query in either for row in db.execute(query)]


@event.listens_for(frame_count.metadata, "after_create")
def _made(_: sa.MetaData, db: Connection, **__: object) -> None:
    keep(db)
