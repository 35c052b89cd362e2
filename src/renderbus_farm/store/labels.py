"""Queries on labels and the tasks that carry them. Every one is about one account and touches no other's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store.account_tables import task_label
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import label, task

MOST_LABELS = 10_000
"""Of one account: the list of them has no pages."""

_OF_TASKS = Prepared(
    select(task_label.c.task_id, label.c.id, label.c.name)
    .join(label, label.c.id == task_label.c.label_id)
    .join(task, task.c.id == task_label.c.task_id)
    .where(task.c.account_id + 0 == sa.bindparam("account"), task_label.c.task_id.in_(listed("tasks")))
    .order_by(label.c.id)
)


def add(db: Connection, account_id: int, names: Iterable[str]) -> None:
    """These labels exist from now on.

    Raises:
        BadValue: the account has too many.
    """
    rows = [{"account_id": account_id, "name": name} for name in dict.fromkeys(names)]
    if rows:
        db.execute(insert(label).on_conflict_do_nothing(), rows)
        number = select(func.count()).select_from(label).where(label.c.account_id == account_id)
        if db.execute(number).scalar_one() > MOST_LABELS:
            raise BadValue(f"{MOST_LABELS} labels are all that an account may have; delete some first")


def every(db: Connection, account_ids: Collection[int]) -> list[tuple[int, str]]:
    """Id and name of each label of these accounts, oldest first."""
    found = select(label.c.id, label.c.name).where(label.c.account_id.in_(account_ids)).order_by(label.c.id)
    return [(row.id, row.name) for row in db.execute(found)]


def ids_of(db: Connection, account_id: int, names: Collection[str]) -> dict[str, int]:
    """The id of each of ``names`` that the account has, by name."""
    found = select(label.c.name, label.c.id).where(label.c.account_id == account_id, label.c.name.in_(names))
    return {row.name: row.id for row in db.execute(found)}


def owned(db: Connection, account_id: int, ids: Collection[int]) -> list[int]:
    """Those of ``ids`` that are the account's."""
    found = select(label.c.id).where(label.c.account_id == account_id, label.c.id.in_(ids))
    return [row.id for row in db.execute(found)]


def remove(db: Connection, ids: Collection[int]) -> None:
    """The labels are gone, and no task carries them."""
    take_off(db, ids)
    db.execute(sa.delete(label).where(label.c.id.in_(ids)))


def put_on(db: Connection, account_id: int, task_ids: Collection[int], names: Sequence[str]) -> None:
    """These tasks of the account carry the labels of these names, which are made where they are not there."""
    add(db, account_id, names)
    rows = [
        {"task_id": task_id, "label_id": label_id}
        for label_id in ids_of(db, account_id, names).values()
        for task_id in task_ids
    ]
    if rows:
        db.execute(insert(task_label).on_conflict_do_nothing(), rows)


def take_off(db: Connection, ids: Collection[int], task_ids: Collection[int] | None = None) -> None:
    """The tasks carry these labels no more; None means no task does."""
    gone = sa.delete(task_label).where(task_label.c.label_id.in_(ids))
    if task_ids is not None:
        gone = gone.where(task_label.c.task_id.in_(task_ids))
    db.execute(gone)


def of_tasks(db: Connection, account_id: int, task_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The labels of those of ``task_ids`` that are the account's and carry any: name by label id, by task."""
    by_task: dict[int, dict[int, str]] = defaultdict(dict)
    for task_id, label_id, name in _OF_TASKS.rows(db, account=account_id, tasks=as_list(task_ids)):
        by_task[task_id][label_id] = name
    return dict(by_task)
