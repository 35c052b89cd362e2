"""Queries on what accounts did: their commands on tasks, and their log-ins. The oldest are forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, func, select

from renderbus_farm.store.account_tables import login_record, task_record

MOST_COMMANDS = 10_000
MOST_LOGINS = 1000
"""How many of each are kept for an account."""

MOST_TASKS = 1000
"""Of the tasks that one command named, this many are kept: a command may name ten thousand."""

LONGEST_TEXT = 1000

_TRIMMED_EVERY = 64  # records: counting off what is kept costs more than one record


def note(
    db: Connection,
    account_id: int,
    button: str,
    task_ids: Sequence[int],
    channel: int,
    details: str,
    now: float,
) -> None:
    """The account did this with these tasks.

    Args:
        button: the command in a word or two, e.g. ``stop``.
        channel: the request's ``channel``, 4 for API and SDK.
        details: what the command was told besides, e.g. ``overTime 3600``; may be empty.
    """
    made = task_record.insert().values(
        account_id=account_id,
        at=now,
        button=button,
        task_ids=json.dumps(list(task_ids[:MOST_TASKS])),
        channel=channel,
        details=details[:LONGEST_TEXT],
    )
    _trim(db, task_record, _id_of(db, made, task_record), MOST_COMMANDS)


def note_login(db: Connection, account_id: int, user_agent: str, now: float) -> None:
    """The account logged in with this program."""
    made = login_record.insert().values(account_id=account_id, at=now, user_agent=user_agent[:LONGEST_TEXT])
    _trim(db, login_record, _id_of(db, made, login_record), MOST_LOGINS)


def commands(
    db: Connection, account_id: int, *, number: int, size: int, since: float | None, until: float | None
) -> tuple[Sequence[sa.Row[Any]], int]:
    """One page of the account's commands, newest first, and how many there are in that time."""
    return _page(db, task_record, account_id, number, size, since, until)


def logins(
    db: Connection, account_id: int, *, number: int, size: int, since: float | None, until: float | None
) -> tuple[Sequence[sa.Row[Any]], int]:
    """One page of the account's log-ins, newest first, and how many there are in that time."""
    return _page(db, login_record, account_id, number, size, since, until)


def _id_of(db: Connection, made: sa.Insert, table: sa.Table) -> int:
    new_id: int = db.execute(made.returning(table.c.id)).scalar_one()
    return new_id


def _trim(db: Connection, table: sa.Table, newest: int, most: int) -> None:
    if newest % _TRIMMED_EVERY:
        return
    # Every account that has one of the latest records: whose the last of them is, is chance.
    latest = select(table.c.account_id).where(table.c.id > newest - _TRIMMED_EVERY).distinct()
    for account_id in db.execute(latest).scalars().all():
        of_account = table.c.account_id == account_id
        oldest_but_kept = (
            select(table.c.id).where(of_account).order_by(table.c.id.desc()).limit(1).offset(most - 1)
        )
        db.execute(sa.delete(table).where(of_account, table.c.id < oldest_but_kept.scalar_subquery()))


def _page(
    db: Connection,
    table: sa.Table,
    account_id: int,
    number: int,
    size: int,
    since: float | None,
    until: float | None,
) -> tuple[Sequence[sa.Row[Any]], int]:
    wanted = [table.c.account_id == account_id]
    if since is not None:
        wanted.append(table.c.at >= since)
    if until is not None:
        wanted.append(table.c.at <= until)
    total = db.execute(select(func.count()).select_from(table).where(*wanted)).scalar_one()
    query = select(table).where(*wanted).order_by(table.c.id.desc())
    return db.execute(query.limit(size).offset((number - 1) * size)).all(), total
