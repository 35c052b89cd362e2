"""Queries that lists of tasks are made of. Each is built once; a question only binds its values.

Lists are skipped and counted by an index that holds all they are narrowed by, so a late page costs what the
first one does. What stands in a task's row about its frames is a copy, so nothing here touches frames.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, func, select

from renderbus_farm.rules.items import NO_LABELS, TaskRecord
from renderbus_farm.rules.lifecycle import Counts
from renderbus_farm.store.account_tables import task_label
from renderbus_farm.store.database import Database
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import label, task
from renderbus_model.statuses import TaskStatus

_FOREVER = 1e18
_EVERY_STATUS = tuple(int(status) for status in TaskStatus)
_RECORD = [task.c[name] for name in TaskRecord.__struct_fields__]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which tasks a list shows.

    Attributes:
        deleted: those that were deleted, instead of the others.
        statuses: those with one of these; None for any.
        keyword: part of the scene's name or of the id; empty for any.
        since, until: when they were submitted, in seconds since 1970.
    """

    deleted: bool = False
    statuses: Collection[int] | None = None
    keyword: str = ""
    since: float | None = None
    until: float | None = None

    def values(self, account_id: int) -> dict[str, object]:
        """What the queries bind."""
        return {
            "account": account_id,
            "deleted": self.deleted,
            "statuses": as_list(_EVERY_STATUS if self.statuses is None else self.statuses),
            "since": 0.0 if self.since is None else self.since,
            "until": _FOREVER if self.until is None else self.until,
            **({"keyword": self.keyword} if self.keyword else {}),
        }


_LISTED = sa.and_(
    task.c.account_id == bindparam("account"),
    task.c.deleted == bindparam("deleted"),
    task.c.parent_id == 0,  # parts are shown in their shells
    task.c.submitted_at.between(bindparam("since"), bindparam("until")),
    (task.c.status + 0).in_(listed("statuses")),  # "+ 0": not by the index of all accounts' statuses
)
_FOUND = _LISTED & (
    # Without wildcards: what is searched for is text, whatever is in it.
    (func.instr(func.lower(task.c.scene_file), func.lower(bindparam("keyword"))) > 0)
    | (func.instr(sa.cast(task.c.id, sa.Text), bindparam("keyword")) > 0)
)
_NEWEST_FIRST = (task.c.submitted_at.desc(), task.c.id.desc())


def _page_of(wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    ids = select(task.c.id).where(wanted).order_by(*_NEWEST_FIRST)
    ids = ids.limit(bindparam("size")).offset(bindparam("skipped"))
    return select(*_RECORD).where(task.c.id.in_(ids)).order_by(*_NEWEST_FIRST)


_PAGE = {False: Prepared(_page_of(_LISTED)), True: Prepared(_page_of(_FOUND))}
_COUNT = {
    searched: Prepared(select(func.count()).select_from(task).where(wanted))
    for searched, wanted in ((False, _LISTED), (True, _FOUND))
}
# "+ 0" keeps SQLite off the index of the account, which may have thousands of tasks where one is asked for.
_OWN = Prepared(
    select(*_RECORD).where(
        task.c.id.in_(listed("ids")),
        task.c.account_id + 0 == bindparam("account"),
        task.c.deleted <= bindparam("deleted"),
    )
)
_LABELS = (
    select(func.json_group_object(label.c.id, label.c.name, type_=sa.Text))
    .join(task_label, task_label.c.label_id == label.c.id)
    .where(task_label.c.task_id == task.c.id)
    .correlate(task)
    .scalar_subquery()
)
_ONE = Prepared(
    select(_LABELS, *_RECORD).where(
        task.c.id == bindparam("id"), task.c.account_id == bindparam("account"), ~task.c.deleted
    )
)
_TOTALS = select(
    *(
        func.coalesce(func.sum(task.c[field.name]), 0).label(field.name)
        for field in dataclasses.fields(Counts)
        if field.name in task.c
    )
).where(task.c.account_id == bindparam("account"), ~task.c.deleted, ~task.c.shell)
_PARTS = Prepared(
    select(*_RECORD)
    .where(task.c.parent_id.in_(listed("shells")), task.c.deleted <= bindparam("deleted"))
    .order_by(task.c.id)
)


def page(
    db: Connection, account_id: int, narrowed: Narrowed, *, number: int, size: int
) -> tuple[list[TaskRecord], int]:
    """One page of the account's submitted tasks, the newest first, and how many there are in all."""
    searched, values = bool(narrowed.keyword), narrowed.values(account_id)
    ((total,),) = _COUNT[searched].rows(db, **values)
    rows = _PAGE[searched].rows(db, **values, size=size, skipped=(number - 1) * size)
    return [TaskRecord(*row) for row in rows], total


def records(
    db: Connection, account_id: int, ids: Collection[int], *, deleted: bool = False
) -> list[TaskRecord]:
    """Those of ``ids`` that are the account's own; deleted ones only when asked for."""
    rows = _OWN.rows(db, ids=as_list(ids), account=account_id, deleted=deleted)
    return [TaskRecord(*row) for row in rows]


def parts(
    db: Connection, tasks: Collection[TaskRecord], *, deleted: bool = False
) -> dict[int, list[TaskRecord]]:
    """The parts of those tasks that are shells, by the shell."""
    found: dict[int, list[TaskRecord]] = {task.id: [] for task in tasks if task.shell}
    if found:
        for row in _PARTS.rows(db, shells=as_list(found), deleted=deleted):
            record = TaskRecord(*row)
            found[record.parent_id].append(record)
    return found


def labelled(
    database: Database, account_id: int, task_id: int
) -> tuple[TaskRecord, Mapping[int, str]] | None:
    """A task of the account that was not deleted, with its labels' names by their ids; in one query."""
    for labels, *row in database.ask(_ONE, id=task_id, account=account_id):
        # Most tasks have none.
        named = NO_LABELS if labels == "{}" else msgspec.json.decode(labels, type=dict[int, str])
        return TaskRecord(*row), named
    return None


def totals(db: Connection, account_id: int) -> Counts:
    """Where the frames of all the account's tasks stand."""
    return Counts(**db.execute(_TOTALS, {"account": account_id}).one()._mapping)
