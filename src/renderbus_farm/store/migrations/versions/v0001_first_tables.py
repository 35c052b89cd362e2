"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _people()
    _files()
    _tasks()
    _documents()
    _frames()
    _results()


def _people() -> None:
    """Users, their labels and signatures."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("access_id", sa.Text(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("allow_scripts", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("access_id", name=op.f("uq_account_access_id")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "seen_signature",
        sa.Column("access_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("access_id", "signature", name=op.f("pk_seen_signature")),
    )
    op.create_index(op.f("ix_seen_signature_until"), "seen_signature", ["until"], unique=False)
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_label_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_label_account_id_name")),
    )


def _files() -> None:
    """What users have stored."""
    op.create_table(
        "input_file",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_input_file_account_id")),
        sa.PrimaryKeyConstraint("account_id", "path", name=op.f("pk_input_file")),
    )
    op.create_table(
        "owned_blob",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_owned_blob_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_owned_blob")),
    )


def _tasks() -> None:
    """Tasks."""
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("node_limit", sa.Integer(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("clone_original_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("submitted_at", sa.Float(), nullable=True),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("scene_file", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("cg_id", sa.Integer(), nullable=False),
        sa.Column("frames_text", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=True),
        sa.Column("job_stop_time_s", sa.Integer(), nullable=True),
        sa.Column("task_stop_time_s", sa.Integer(), nullable=True),
        sa.Column("allow_missing", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("clock_from", sa.Float(), nullable=True),
        sa.Column("render_seconds", sa.Float(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("rendering", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "wish IN ('run', 'stop', 'abandon', 'no funds', 'over time')", name=op.f("ck_task_wish")
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (inputs IS NULL)", name=op.f("ck_task_submitted_with_inputs")
        ),
        sa.CheckConstraint(
            "status IN (0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45, 50)", name=op.f("ck_task_status")
        ),
        sa.CheckConstraint(
            "waiting >= 0 AND held >= 0 AND rendering >= 0 AND stopped >= 0 AND done >= 0 AND failed >= 0",
            name=op.f("ck_task_counts"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_list", "task", ["account_id", "deleted", "submitted_at", "id"], unique=False)
    op.create_index(op.f("ix_task_status"), "task", ["status"], unique=False)


def _documents() -> None:
    """The documents of tasks."""
    op.create_table(
        "document",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_document_task_id")),
        sa.PrimaryKeyConstraint("task_id", "name", name=op.f("pk_document")),
    )


def _frames() -> None:
    """Frames, in sets that differ in nothing but the number."""
    op.create_table(
        "frame_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("choice", sa.LargeBinary(), nullable=False),
        sa.Column("waiting_priority", sa.Integer(), nullable=False),
        sa.Column("waiting_main", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_frame_set_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_set")),
        sa.UniqueConstraint("task_id", "position", name=op.f("uq_frame_set_task_id_position")),
    )
    op.create_index(
        "ix_frame_set_waits",
        "frame_set",
        ["id"],
        unique=False,
        sqlite_where=sa.text("waiting_priority + waiting_main > 0"),
    )
    op.create_table(
        "frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("thumbnail", sa.Text(), nullable=True),
        sa.CheckConstraint("status <> 2 OR (node <> '' AND attempt > 0)", name=op.f("ck_frame_placed")),
        sa.CheckConstraint("attempt >= 0 AND lost >= 0 AND lost <= attempt", name=op.f("ck_frame_attempts")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_frame_percent")),
        sa.CheckConstraint("status IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)", name=op.f("ck_frame_status")),
        sa.CheckConstraint("status NOT IN (4, 5, 11) OR ended_at IS NOT NULL", name=op.f("ck_frame_ended")),
        sa.ForeignKeyConstraint(["set_id"], ["frame_set.id"], name=op.f("fk_frame_set_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_frame_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame")),
        sa.UniqueConstraint("set_id", "number", name=op.f("uq_frame_set_id_number")),
    )
    op.create_index("ix_frame_counts", "frame", ["task_id", "set_id", "type", "status"], unique=False)
    op.create_index("ix_frame_renders", "frame", ["id"], unique=False, sqlite_where=sa.text("status = 2"))
    op.create_index(op.f("ix_frame_task_id"), "frame", ["task_id"], unique=False)
    op.create_index(
        "ix_frame_waits", "frame", ["set_id", "type", "id"], unique=False, sqlite_where=sa.text("status = 1")
    )


def _results() -> None:
    """What became of frames."""
    op.create_table(
        "attempt",
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempt_ended")),
        sa.CheckConstraint("number > 0", name=op.f("ck_attempt_number")),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.id"], name=op.f("fk_attempt_frame_id")),
        sa.PrimaryKeyConstraint("frame_id", "number", name=op.f("pk_attempt")),
    )
    op.create_table(
        "output",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.id"], name=op.f("fk_output_frame_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_output_task_id")),
        sa.PrimaryKeyConstraint("task_id", "path", name=op.f("pk_output")),
    )
    op.create_index(op.f("ix_output_frame_id"), "output", ["frame_id"], unique=False)
