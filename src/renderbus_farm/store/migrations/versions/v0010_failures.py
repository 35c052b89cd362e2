"""Attempts that failed, and what is held against nodes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"


def upgrade() -> None:
    """Add what failed units need, what was at fault, when reminders were sent, and the marks of nodes."""
    for name, kind, default in (
        ("failures", sa.Integer(), "0"),
        ("memory_gb", sa.Integer(), "0"),
        ("avoid", sa.Text(), ""),
        ("flags", sa.Text(), ""),
    ):
        op.add_column("frame", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("frame", sa.Column("not_before", sa.Float(), nullable=False, server_default="0"))
    op.add_column("attempt", sa.Column("fault", sa.Text()))
    op.add_column("task", sa.Column("reminded_at", sa.Float()))
    op.create_index(
        "ix_frame_retries",
        "frame",
        ["set_id", "type", "id"],
        unique=False,
        sqlite_where=sa.text("status = 1 AND failures > 0"),
    )
    op.create_table(
        "node_state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aside_until", sa.Float(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_node_state")),
    )
    op.create_table(
        "node_mark",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_node_mark_task_id")),
        sa.PrimaryKeyConstraint("node", "task_id", name=op.f("pk_node_mark")),
    )
    op.create_table(
        "farm_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_farm_clock_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm_clock")),
    )
