"""Queries on the shares of accounts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from renderbus_farm.rules.shares import EQUAL, Share
from renderbus_farm.store.dispatch_tables import share
from renderbus_farm.store.prepared import Prepared

_ALL = Prepared(select(share.c.account_id, share.c.weight, share.c.at_least, share.c.at_most))


def all_of(db: Connection) -> dict[int, Share]:
    """Every account's share that is not like all others."""
    return {row[0]: Share(*row[1:]) for row in _ALL.rows(db)}


def put(db: Connection, account_id: int, what: Share) -> None:
    """The account has this share from now on."""
    db.execute(delete(share).where(share.c.account_id == account_id))
    if what != EQUAL:
        values = {"weight": what.weight, "at_least": what.at_least, "at_most": what.at_most}
        db.execute(share.insert().values(account_id=account_id, **values))
