"""How long files stay that were sent whole, and which tasks hold them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_MONTH_S = 30 * 86400


def upgrade() -> None:
    """Make the tables; what was sent so far stays for a month from now."""
    op.create_table(
        "kept_blob",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("needed_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_kept_blob")),
    )
    op.create_index(op.f("ix_kept_blob_needed_until"), "kept_blob", ["needed_until"], unique=False)
    op.create_table(
        "task_blob",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_blob_task_id")),
        sa.PrimaryKeyConstraint("task_id", "digest", name=op.f("pk_task_blob")),
    )
    op.create_index(op.f("ix_task_blob_digest"), "task_blob", ["digest"], unique=False)
    until = f"CAST(strftime('%s', 'now') AS REAL) + {_MONTH_S}"
    op.execute(f"INSERT INTO kept_blob SELECT account_id, digest, {until} FROM owned_blob")  # noqa: S608 - a number of ours
