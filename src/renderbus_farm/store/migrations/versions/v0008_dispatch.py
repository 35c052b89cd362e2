"""Counts of frames that triggers keep, and the shares of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables of counts and of shares; what sets counted of their frames goes."""
    op.create_table(
        "frame_count",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("delayed", sa.Integer(), nullable=False),
        sa.Column("memory_gb", sa.Integer(), nullable=False),
        sa.Column("avoid", sa.Text(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.CheckConstraint("frames >= 0", name=op.f("ck_frame_count_frames")),
        sa.PrimaryKeyConstraint(
            "task_id",
            "set_id",
            "type",
            "status",
            "delayed",
            "memory_gb",
            "avoid",
            name=op.f("pk_frame_count"),
        ),
        sqlite_with_rowid=False,
    )
    waits = sa.text("status = 1")
    op.create_index("ix_frame_count_waits", "frame_count", ["set_id"], unique=False, sqlite_where=waits)
    op.create_table(
        "share",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "weight > 0 AND at_least >= 0 AND (at_most IS NULL OR at_most >= 0)",
            name=op.f("ck_share_numbers"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_share_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_share")),
    )
    op.drop_index("ix_frame_retries", "frame")
    op.create_index(
        "ix_frame_delayed",
        "frame",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("status = 1 AND not_before > 0"),
    )
    op.drop_index("ix_frame_waits", "frame")
    op.create_index(
        "ix_frame_waits",
        "frame",
        ["set_id", "type", "memory_gb", "avoid", "not_before", "id"],
        unique=False,
        sqlite_where=waits,
    )
    op.drop_index("ix_frame_set_waits", "frame_set")
    op.drop_column("frame_set", "waiting_priority")
    op.drop_column("frame_set", "waiting_main")
