"""What tasks and their units wait for, and the tiles that a merge puts together. Beside ``tables``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, Text

from renderbus_farm.store.tables import metadata

# A task begins when these others have ended well.
task_after = sa.Table(
    "task_after",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("after_id", ForeignKey("task.id"), primary_key=True, index=True),
)

# A tile is no result: only the picture that its merge makes is delivered.
tile_output = sa.Table(
    "tile_output",
    metadata,
    Column("frame_id", ForeignKey("frame.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
)
