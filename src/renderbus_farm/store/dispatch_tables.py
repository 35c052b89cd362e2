"""The tables that say who is served when: counts of frames, shares of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Text

from renderbus_farm.store.tables import metadata
from renderbus_model.statuses import FrameStatus

# Written by triggers alone (``counting``): it equals the rows of ``frame`` whatever changes them.
frame_count = sa.Table(
    "frame_count",
    metadata,
    Column("task_id", Integer, primary_key=True),
    Column("set_id", Integer, primary_key=True),
    Column("type", Integer, primary_key=True),
    Column("status", Integer, primary_key=True),
    Column("delayed", Integer, primary_key=True),  # 1 while it is not to begin before a time
    Column("memory_gb", Integer, primary_key=True),
    Column("avoid", Text, primary_key=True),
    Column("frames", Integer, nullable=False),
    CheckConstraint("frames >= 0", name="frames"),
    Index("ix_frame_count_waits", "set_id", sqlite_where=sa.text(f"status = {FrameStatus.WAITING:d}")),
    sqlite_with_rowid=False,
)

# Written by triggers too: frames of which a tile or the merge moved since ``stages.settle`` looked at them.
unsettled = sa.Table(
    "unsettled",
    metadata,
    Column("task_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

# An account without a row has weight 1, no guarantee and no ceiling.
share = sa.Table(
    "share",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("weight", Float, nullable=False),
    Column("at_least", Integer, nullable=False),
    Column("at_most", Integer),
    CheckConstraint("weight > 0 AND at_least >= 0 AND (at_most IS NULL OR at_most >= 0)", name="numbers"),
)
