"""What the clean-up remembers between two looks, and indexes by which it finds things. Beside ``tables``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, Text

from renderbus_farm.store.tables import attempt, frame, metadata, output, owned_blob, task

# Results that were there once; the row goes when the task's frames are rendered again.
removed_results = sa.Table(
    "removed_results",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("at", Float, nullable=False),
)

# A pack most of which nothing names; it is written anew once no upload counts on the rest.
thin_pack = sa.Table(
    "thin_pack",
    metadata,
    Column("pack_id", ForeignKey("pack.id"), primary_key=True),
    Column("since", Float, nullable=False),
)

# Pieces, and files made of several, that go then. Uploads are told they are missing; who was told otherwise
# before may still commit them.
fading_piece = sa.Table(
    "fading_piece",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
fading_content = sa.Table(
    "fading_content",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

# How long a file stays that was sent whole, and which tasks name it in their manifest.
kept_blob = sa.Table(
    "kept_blob",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("needed_until", Float, nullable=False, index=True),
)
task_blob = sa.Table(
    "task_blob",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("digest", Text, primary_key=True, index=True),
)

Index("ix_task_ended", task.c.ended_at, sqlite_where=sa.text("ended_at IS NOT NULL"))
Index("ix_output_digest", output.c.digest)
Index("ix_owned_blob_digest", owned_blob.c.digest)
Index("ix_frame_thumbnail", frame.c.thumbnail, sqlite_where=sa.text("thumbnail IS NOT NULL"))
Index("ix_attempt_log", attempt.c.log, sqlite_where=sa.text("log IS NOT NULL"))
Index("ix_task_inputs", task.c.inputs, sqlite_where=sa.text("inputs IS NOT NULL"))
