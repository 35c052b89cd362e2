"""What tasks show and may be told, and pages of frames that are found by their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBERS = {
    "time_out_s": "43200",
    "frames_at_once": "1",
    "ram_gb": "0",
    "tiles": "1",
    "needs_ram_gb": "0",
    "needs_gpus": "0",
}
_TEXTS = ("layers", "cameras", "all_cameras", "out_user_id", "isolation")


def upgrade() -> None:
    """Add the columns, number the frames of each task, and index what lists ask."""
    for name, default in _NUMBERS.items():
        op.add_column("task", sa.Column(name, sa.Integer(), nullable=False, server_default=default))
    for name in _TEXTS:
        op.add_column("task", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("task", sa.Column("waits_for_start", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("frame", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE frame SET position = placed.position FROM"
        " (SELECT id, row_number() OVER (PARTITION BY task_id ORDER BY id) - 1 AS position FROM frame)"
        " AS placed WHERE placed.id = frame.id"
    )
    op.execute(
        "UPDATE task SET layers = coalesce((SELECT group_concat(DISTINCT layer) FROM frame_set"
        " WHERE frame_set.task_id = task.id), '')"
    )
    _indexes()


def _indexes() -> None:
    op.drop_index("ix_task_list", "task")
    op.create_index(
        "ix_task_list",
        "task",
        ["account_id", "deleted", "submitted_at", "id", "status", "scene_file"],
        unique=False,
    )
    op.create_index(
        "ix_task_drafts",
        "task",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("submitted_at IS NULL"),
    )
    op.drop_index("ix_frame_task_id", "frame")
    op.create_index("ix_frame_page", "frame", ["task_id", "position", "number"], unique=False)
    op.create_index(
        "ix_frame_done", "frame", ["task_id", "ended_at"], unique=False, sqlite_where=sa.text("status = 4")
    )
