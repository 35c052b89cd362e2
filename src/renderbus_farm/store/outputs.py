"""Queries on results as a tree of folders. A folder costs what is in it, not what is below."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, func, select

from renderbus_farm.rules.results import Child
from renderbus_farm.store.tables import frame, output, task
from renderbus_model.documents import output_folder

_FIRST_LOOK, _LONGEST_LOOK = 4, 1024  # rows; behind a folder the next name is often a folder too
_LAST = "\U0010ffff"  # behind every path

_BELOW = (
    select(output.c.path, output.c.size_bytes, frame.c.ended_at)
    .join(frame, frame.c.id == output.c.frame_id)
    .where(
        output.c.task_id == bindparam("task"),
        output.c.path > bindparam("after"),
        output.c.path < bindparam("before"),
    )
    .order_by(output.c.path)
    .limit(bindparam("limit"))
)
_TASKS = (
    select(
        task.c.id, task.c.scene_file, func.coalesce(task.c.ended_at, task.c.started_at).label("changed_at")
    )
    .where(
        task.c.account_id == bindparam("account"),
        ~task.c.deleted,
        sa.exists().where(output.c.task_id == task.c.id),
    )
    .order_by(task.c.id.desc())
    .limit(bindparam("limit"))
)


def folders(db: Connection, account_id: int, most: int, *, shell_id: int = 0) -> list[Child]:
    """The folders of the account's tasks that have results, those of newer tasks first; or of a shell's."""
    query = _TASKS.where(task.c.parent_id == shell_id) if shell_id else _TASKS
    rows = db.execute(query, {"account": account_id, "limit": most})
    return [Child(output_folder(row.id, row.scene_file), None, row.changed_at) for row in rows]


def children(db: Connection, task_id: int, folder: str, most: int) -> list[Child]:
    """Up to ``most`` entries of a folder below the task's own (empty for that one), by path."""
    prefix = f"{folder}/" if folder else ""
    # "0" is the character behind "/": together they bound all paths that begin with the folder.
    before, after = (f"{folder}0" if folder else _LAST), prefix
    found: list[Child] = []
    look = _FIRST_LOOK
    while len(found) < most:
        limit = min(look, most - len(found))
        rows = db.execute(_BELOW, {"task": task_id, "after": after, "before": before, "limit": limit}).all()
        for row in rows:
            name, below, _ = row.path.removeprefix(prefix).partition("/")
            if below:  # a folder: go on behind all that it holds
                found.append(Child(name, None, row.ended_at))
                after = f"{prefix}{name}0"
                look = _FIRST_LOOK
                break
            found.append(Child(name, row.size_bytes, row.ended_at))
            after = row.path
        else:
            if len(rows) < limit:
                break
            look = min(4 * look, _LONGEST_LOOK)
    return found
