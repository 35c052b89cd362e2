"""The tables of what is held against nodes, and of the farm's own clock."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Integer, Table, Text

from renderbus_farm.store.tables import metadata

node_state = Table(
    "node_state",
    metadata,
    # A node that was never set aside has no row.
    Column("name", Text, primary_key=True),
    Column("aside_until", Float),
    Column("times", Integer, nullable=False),
    Column("why", Text, nullable=False),
)

# A task that failed through a node.
node_mark = Table(
    "node_mark",
    metadata,
    Column("node", Text, primary_key=True),
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("at", Float, nullable=False),
    Column("why", Text, nullable=False),
)

# One row: when the farm last looked at what renders.
farm_clock = Table(
    "farm_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seen_at", Float, nullable=False),
    CheckConstraint("id = 1", name="one"),
)
