"""Queries on how long files stay that were sent whole; those sent in pieces stay with their packs."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.store.pieces import forget_committed, parts_of, sizes
from renderbus_farm.store.tables import input_file, owned_blob, task
from renderbus_farm.store.upkeep_tables import kept_blob, task_blob
from renderbus_model.pieces import Digest


def need(db: Connection, account_id: int, digests: Collection[Digest], until: float) -> None:
    """The account's files of these digests are needed at least until then."""
    rows = [{"account_id": account_id, "digest": digest, "needed_until": until} for digest in sorted(digests)]
    if rows:
        put = insert(kept_blob)
        db.execute(
            put.on_conflict_do_update(
                index_elements=["account_id", "digest"],
                set_={"needed_until": put.excluded.needed_until},
                where=kept_blob.c.needed_until < put.excluded.needed_until,
            ),
            rows,
        )


def needed_before(db: Connection, account_id: int, digests: Collection[Digest], until: float) -> set[Digest]:
    """Those of these digests that nothing keeps until then."""
    found: set[Digest] = set()
    for part in parts_of(digests):
        mine = (kept_blob.c.account_id == account_id, kept_blob.c.digest.in_(part))
        short = select(kept_blob.c.digest).where(*mine, kept_blob.c.needed_until < until)
        found.update(Digest(digest) for digest in db.execute(short).scalars())
    return found


def hold_for_task(db: Connection, task_id: int, account_id: int, digests: Collection[Digest]) -> bool:
    """These files stay for as long as the task needs them; False where one is gone already."""
    there: set[str] = set()
    for part in parts_of(digests):
        mine = (owned_blob.c.account_id == account_id, owned_blob.c.digest.in_(part))
        there.update(db.execute(select(owned_blob.c.digest).where(*mine)).scalars())
    rows = [{"task_id": task_id, "digest": digest} for digest in sorted(there)]
    if rows:
        db.execute(insert(task_blob).on_conflict_do_nothing(), rows)
    return len(there) == len(digests)


def take_unneeded(db: Connection, now: float, most: int) -> set[Digest]:
    """Up to ``most`` files whose time is over, and that no task of their account holds, are no more.

    Returns:
        The digests of their bytes, which others may need.
    """
    held = (
        select(task_blob.c.task_id)
        .join(task, task.c.id == task_blob.c.task_id)
        .where(task_blob.c.digest == kept_blob.c.digest, task.c.account_id == kept_blob.c.account_id)
        .exists()
    )
    over = select(kept_blob.c.account_id, kept_blob.c.digest).where(kept_blob.c.needed_until < now, ~held)
    rows = db.execute(over.order_by(kept_blob.c.needed_until).limit(most)).all()
    for account_id, digest in rows:
        for table in (kept_blob, owned_blob):
            db.execute(sa.delete(table).where(table.c.account_id == account_id, table.c.digest == digest))
        if not sizes(db, account_id, [digest]):  # the same file may have come in pieces, too
            mine = (input_file.c.account_id == account_id, input_file.c.digest == digest)
            db.execute(sa.delete(input_file).where(*mine))
            forget_committed(db, account_id)
    return {Digest(digest) for _, digest in rows}


def must_come_again(db: Connection, digest: Digest) -> None:
    """The bytes of these files are gone: none of their owners' sets of files is known to hold any more."""
    owners = select(owned_blob.c.account_id).where(owned_blob.c.digest == digest)
    for account_id in db.execute(owners).scalars().all():
        forget_committed(db, account_id)
