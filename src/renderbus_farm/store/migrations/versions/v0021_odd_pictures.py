"""Frames that are done and look odd are found without looking at all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the index of such frames."""
    odd = sa.text("flags > ''")
    op.create_index("ix_frame_odd", "frame", ["task_id", "position"], unique=False, sqlite_where=odd)
