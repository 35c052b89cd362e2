"""Leases: until when a node is believed to render what it was given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; what an earlier farm claimed has no lease any more."""
    op.add_column("attempt", sa.Column("lease_until", sa.Float(), server_default="0", nullable=False))
