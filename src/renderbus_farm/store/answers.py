"""Queries on answers that are kept under a client's idempotency key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, select

from renderbus_farm.store.tables import kept_answer


def find(db: Connection, account_id: int, key: str) -> tuple[bytes, bytes] | None:
    """The digest of the question that was asked under this key, and its answer."""
    query = select(kept_answer.c.asked, kept_answer.c.answer)
    row = db.execute(
        query.where(kept_answer.c.account_id == account_id, kept_answer.c.key == key)
    ).one_or_none()
    return None if row is None else (row.asked, row.answer)


def keep(db: Connection, account_id: int, key: str, asked: bytes, answer: bytes, *, now: float) -> None:
    """Remember an answer; there is none under this key yet."""
    db.execute(
        kept_answer.insert().values(account_id=account_id, key=key, asked=asked, answer=answer, at=now)
    )


def forget(db: Connection, *, before: float) -> None:
    """Answers that were given earlier are remembered no more."""
    db.execute(sa.delete(kept_answer).where(kept_answer.c.at < before))
