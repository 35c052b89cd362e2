"""Queries on users, labels and signatures that were used."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.people import User
from renderbus_farm.store.tables import account, label, seen_signature


def any_account(db: Connection) -> bool:
    """Somebody has an account."""
    return db.execute(select(account.c.id).limit(1)).first() is not None


def add(
    db: Connection, *, name: str, access_id: str, key_sealed: bytes, allow_scripts: bool, now: float
) -> int | None:
    """Make an account: its id, or None when the name or access id is taken."""
    made = (
        insert(account)
        .values(
            name=name,
            access_id=access_id,
            key_sealed=key_sealed,
            allow_scripts=allow_scripts,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(account.c.id)
    )
    return db.execute(made).scalar_one_or_none()


def find(db: Connection, access_id: str) -> tuple[User, bytes] | None:
    """Whose access id it is, and the sealed key."""
    row = db.execute(select(account).where(account.c.access_id == access_id)).one_or_none()
    if row is None:
        return None
    return User(row.id, row.name, row.access_id, row.allow_scripts), row.key_sealed


def everybody(db: Connection) -> list[User]:
    """All users, oldest first."""
    rows = db.execute(select(account).order_by(account.c.id))
    return [User(row.id, row.name, row.access_id, row.allow_scripts) for row in rows]


def first_use(db: Connection, access_id: str, signature: str, *, until: float, now: float) -> bool:
    """Remember a signature until then: whether it was new. Those out of date are forgotten."""
    db.execute(sa.delete(seen_signature).where(seen_signature.c.until < now))
    remembered = insert(seen_signature).values(access_id=access_id, signature=signature, until=until)
    return db.execute(remembered.on_conflict_do_nothing()).rowcount == 1


def add_labels(db: Connection, account_id: int, names: list[str]) -> None:
    """These labels exist from now on."""
    rows = [{"account_id": account_id, "name": name} for name in dict.fromkeys(names)]
    if rows:
        db.execute(insert(label).on_conflict_do_nothing(), rows)


def labels(db: Connection, account_id: int) -> list[tuple[int, str]]:
    """Id and name of each label, oldest first."""
    found = db.execute(
        select(label.c.id, label.c.name).where(label.c.account_id == account_id).order_by(label.c.id)
    )
    return [(row.id, row.name) for row in found]
