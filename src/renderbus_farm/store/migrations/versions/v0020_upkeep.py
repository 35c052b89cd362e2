"""What the clean-up of results, of what nobody knows, and of packs that are mostly dead remembers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0009"


def upgrade() -> None:
    """Make its tables, and the indexes by which it finds things."""
    for name, key in (("removed_results", "task"), ("thin_pack", "pack")):
        column = f"{key}_id"
        op.create_table(
            name,
            sa.Column(column, sa.Integer(), nullable=False),
            sa.Column("at" if key == "task" else "since", sa.Float(), nullable=False),
            sa.ForeignKeyConstraint([column], [f"{key}.id"], name=op.f(f"fk_{name}_{column}")),
            sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{name}")),
        )
    for name in ("fading_piece", "fading_content"):
        op.create_table(
            name,
            sa.Column("account_id", sa.Integer(), nullable=False),
            sa.Column("digest", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("account_id", "digest", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_output_digest", "output", ["digest"], unique=False)
    op.create_index("ix_owned_blob_digest", "owned_blob", ["digest"], unique=False)
    for name, table, column in (
        ("ix_task_ended", "task", "ended_at"),
        ("ix_frame_thumbnail", "frame", "thumbnail"),
        ("ix_attempt_log", "attempt", "log"),
        ("ix_task_inputs", "task", "inputs"),
    ):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], unique=False, sqlite_where=there)
