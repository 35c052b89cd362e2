"""Which frames of tiled tasks have moved since what they wait for was last worked out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the table; the triggers that write it are put in place when the database is opened."""
    op.create_table(
        "unsettled",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_unsettled")),
        sqlite_with_rowid=False,
    )
