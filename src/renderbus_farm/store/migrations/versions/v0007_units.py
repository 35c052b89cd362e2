"""Rows of frames become units; tasks have parts, and wait for others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0010"

_TEXT, _NUMBER, _FLAG, _SECONDS = sa.Text(), sa.Integer(), sa.Boolean(), sa.Float()


def upgrade() -> None:
    """Every frame that is there is a unit of its own."""
    _tasks()
    _sets()
    _units()
    _waits()


def _tasks() -> None:
    for name, kind, default in (
        ("shell", _FLAG, "0"),
        ("parent_id", _NUMBER, "0"),
        ("task_type", _TEXT, "Render"),
        ("cg_version", _TEXT, ""),
        ("plugins", _TEXT, ""),
        ("begins_at", _SECONDS, "0"),
        ("sequential", _FLAG, "0"),
        ("chunk_seconds", _SECONDS, "0"),
        ("limits", _TEXT, ""),
        ("blocked", _NUMBER, "0"),
    ):
        op.add_column("task", sa.Column(name, kind, nullable=False, server_default=default))
    op.drop_index("ix_task_list", "task")
    op.create_index(
        "ix_task_list",
        "task",
        ["account_id", "deleted", "parent_id", "submitted_at", "id", "status", "scene_file"],
        unique=False,
    )
    op.create_index("ix_task_parts", "task", ["parent_id"], unique=False)


def _sets() -> None:
    for name, kind, default in (
        ("stage", _TEXT, "render"),
        ("needs", _TEXT, ""),
        ("tiles", _NUMBER, "1"),
        ("tiles_kind", _TEXT, ""),
    ):
        op.add_column("frame_set", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("frame_set", sa.Column("needs_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_frame_set_needs",
        "frame_set",
        ["task_id"],
        unique=False,
        sqlite_where=sa.text("needs_id IS NOT NULL"),
    )


def _units() -> None:
    """The table is made anew: SQLite changes no constraint of one that is there."""
    op.execute("CREATE TABLE frame_before AS SELECT * FROM frame")
    op.drop_table("frame")
    _make_frame()
    op.execute(
        "INSERT INTO frame (id, number, last, step, tile,"
        " task_id, set_id, position, type, status, attempt, lost, restarts, percent, node, started_at,"
        " ended_at, seconds, error, thumbnail, failures, avoid, not_before, memory_gb, flags)"
        " SELECT id, number, number, 1, 0,"
        " task_id, set_id, position, type, status, attempt, lost, restarts, percent, node, started_at,"
        " ended_at, seconds, error, thumbnail, failures, avoid, not_before, memory_gb, flags"
        " FROM frame_before"
    )
    op.drop_table("frame_before")
    _index_frame()


def _make_frame() -> None:
    op.create_table(
        "frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "last", "step", "tile")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("type", "status")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("attempt", "lost", "restarts")),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("thumbnail", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("avoid", sa.Text(), nullable=False, server_default=""),
        sa.Column("not_before", sa.Float(), nullable=False, server_default="0"),
        sa.Column("memory_gb", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("flags", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint("status NOT IN (4, 5, 11) OR ended_at IS NOT NULL", name=op.f("ck_frame_ended")),
        sa.CheckConstraint("status <> 2 OR (node <> '' AND attempt > 0)", name=op.f("ck_frame_placed")),
        sa.CheckConstraint("status IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)", name=op.f("ck_frame_status")),
        sa.CheckConstraint("attempt >= 0 AND lost >= 0 AND lost <= attempt", name=op.f("ck_frame_attempts")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_frame_percent")),
        sa.CheckConstraint("last >= number AND step > 0 AND tile >= 0", name=op.f("ck_frame_unit")),
        sa.ForeignKeyConstraint(["set_id"], ["frame_set.id"], name=op.f("fk_frame_set_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_frame_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame")),
        sa.UniqueConstraint("set_id", "number", "tile", name=op.f("uq_frame_set_id_number_tile")),
    )


def _index_frame() -> None:
    op.create_index("ix_frame_counts", "frame", ["task_id", "set_id", "type", "status"], unique=False)
    op.create_index(
        "ix_frame_page",
        "frame",
        ["task_id", "position", "number", "last", "step", "tile"],
        unique=False,
    )
    for name, columns, where in (
        ("ix_frame_waits", ["set_id", "type", "id"], "status = 1"),
        ("ix_frame_retries", ["set_id", "type", "id"], "status = 1 AND failures > 0"),
        ("ix_frame_renders", ["id"], "status = 2"),
        ("ix_frame_done", ["task_id", "ended_at"], "status = 4"),
    ):
        op.create_index(name, "frame", columns, unique=False, sqlite_where=sa.text(where))


def _waits() -> None:
    op.create_table(
        "task_after",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["task.id"], name=op.f("fk_task_after_after_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_after_task_id")),
        sa.PrimaryKeyConstraint("task_id", "after_id", name=op.f("pk_task_after")),
    )
    op.create_index(op.f("ix_task_after_after_id"), "task_after", ["after_id"], unique=False)
    op.create_table(
        "tile_output",
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.id"], name=op.f("fk_tile_output_frame_id")),
        sa.PrimaryKeyConstraint("frame_id", "path", name=op.f("pk_tile_output")),
    )
