"""Queries on users and their settings."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.people import AccountSettings, Membership, User
from renderbus_farm.store.account_tables import account_setting, membership
from renderbus_farm.store.tables import account

_SETTINGS = [account_setting.c[field.name] for field in dataclasses.fields(AccountSettings)]


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


def settings(db: Connection, account_id: int) -> AccountSettings:
    """What the account has chosen for all of its tasks."""
    row = db.execute(select(*_SETTINGS).where(account_setting.c.account_id == account_id)).one_or_none()
    return AccountSettings(*row) if row else AccountSettings()


def keep_settings(db: Connection, account_id: int, chosen: AccountSettings) -> None:
    """The account has chosen this from now on."""
    values = dataclasses.asdict(chosen)
    kept = insert(account_setting).values(account_id=account_id, **values)
    db.execute(kept.on_conflict_do_update(index_elements=["account_id"], set_=values))


def membership_of(db: Connection, account_id: int) -> Membership | None:
    """Below which main account it is; None for a main account."""
    query = select(
        membership.c.main_account_id, membership.c.share_main_capital, membership.c.use_main_balance
    ).where(membership.c.account_id == account_id)
    row = db.execute(query).one_or_none()
    return Membership(*row) if row else None


def family(db: Connection, main_account_id: int) -> list[int]:
    """A main account and its sub accounts."""
    subs = select(membership.c.account_id).where(membership.c.main_account_id == main_account_id)
    return [main_account_id, *(row.account_id for row in db.execute(subs))]
