"""Packs of pieces. Files that were stored whole stay as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables of packs, of their pieces, and of the files that are made of several."""
    _packs()
    _contents()
    op.create_table(
        "task_pack",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_task_pack_pack_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_pack_task_id")),
        sa.PrimaryKeyConstraint("task_id", "pack_id", name=op.f("pk_task_pack")),
    )
    op.create_index("ix_input_file_digest", "input_file", ["account_id", "digest"], unique=False)
    op.create_index(op.f("ix_task_pack_pack_id"), "task_pack", ["pack_id"], unique=False)


def _packs() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("needed_until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pack_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("name", name=op.f("uq_pack_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pack_needed_until"), "pack", ["needed_until"], unique=False)
    op.create_table(
        "piece",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("stored_bytes", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_piece_account_id")),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_piece_pack_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_piece")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_piece_pack_id"), "piece", ["pack_id"], unique=False)


def _contents() -> None:
    op.create_table(
        "content",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_content_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_content")),
    )
    op.create_table(
        "content_pack",
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_content_pack_pack_id")),
        sa.PrimaryKeyConstraint("pack_id", "account_id", "digest", name=op.f("pk_content_pack")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "committed",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_committed_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_committed")),
    )
