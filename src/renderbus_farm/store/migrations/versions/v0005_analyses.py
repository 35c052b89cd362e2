"""Scenes that the farm analyses itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add where a task's analysis stands, and find those that are wanted."""
    for name in ("analysis", "analysis_error"):
        op.add_column("task", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_task_analysis",
        "task",
        ["submitted_at"],
        unique=False,
        sqlite_where=sa.text("analysis = 'wanted'"),
    )
