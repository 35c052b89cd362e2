"""Every table, column, check and index. Times are seconds since 1970; migrations keep files in step."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, LargeBinary, Text

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.work import Stage
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, TaskStatus

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

account = sa.Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("access_id", Text, nullable=False, unique=True),
    Column("key_sealed", LargeBinary, nullable=False),
    Column("allow_scripts", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
)

kept_answer = sa.Table(
    "kept_answer",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # the client's idempotency key
    Column("asked", LargeBinary, nullable=False),  # digest of the question
    Column("answer", LargeBinary, nullable=False),
    Column("at", Float, nullable=False, index=True),
)

label = sa.Table(
    "label",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False),
    sa.UniqueConstraint("account_id", "name"),
)

task = sa.Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("wish", Text, nullable=False, default=Wish.RUN.value),
    # A copy of what lifecycle.task_status says, for searching; written with what it is worked out from.
    Column("status", Integer, nullable=False, default=TaskStatus.ANALYSE, index=True),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("level", Integer, nullable=False, default=50),
    Column("node_limit", Integer, nullable=False, default=0),
    Column("artist", Text, nullable=False, default=""),
    Column("clone_original_id", Integer, nullable=False, default=0),
    Column("created_at", Float, nullable=False),
    # A task with parts has no frames of its own; each part is a task that names it.
    Column("shell", Boolean, nullable=False, server_default="0"),
    Column("parent_id", Integer, nullable=False, server_default="0"),
    # What submitting read from the documents.
    Column("submitted_at", Float),
    Column("scene", Text, nullable=False, default=""),
    Column("scene_file", Text, nullable=False, default=""),
    Column("project_name", Text, nullable=False, default=""),
    Column("cg_id", Integer, nullable=False, default=0),
    Column("frames_text", Text, nullable=False, default=""),
    Column("inputs", Text),
    Column("job_stop_time_s", Integer),
    Column("task_stop_time_s", Integer),
    Column("allow_missing", Boolean, nullable=False, default=False),
    Column("time_out_s", Integer, nullable=False, server_default="43200"),
    Column("frames_at_once", Integer, nullable=False, server_default="1"),
    Column("ram_gb", Integer, nullable=False, server_default="0"),
    Column("tiles", Integer, nullable=False, server_default="1"),
    Column("task_type", Text, nullable=False, server_default="Render"),
    Column("cg_version", Text, nullable=False, server_default=""),
    Column("plugins", Text, nullable=False, server_default=""),  # versions by name, as JSON
    # When it may begin, and how its frames go to nodes: ours, from additional_info.
    Column("begins_at", Float, nullable=False, server_default="0"),
    Column("sequential", Boolean, nullable=False, server_default="0"),
    Column("chunk_seconds", Float, nullable=False, server_default="0"),
    Column("limits", Text, nullable=False, server_default=""),  # how much it takes of each, as JSON
    Column("layers", Text, nullable=False, server_default=""),
    Column("cameras", Text, nullable=False, server_default=""),
    Column("all_cameras", Text, nullable=False, server_default=""),
    Column("out_user_id", Text, nullable=False, server_default=""),
    Column("isolation", Text, nullable=False, server_default=""),  # folder of its own files; empty for none
    # What its owner asked for since.
    Column("needs_ram_gb", Integer, nullable=False, server_default="0"),
    Column("needs_gpus", Integer, nullable=False, server_default="0"),
    Column("waits_for_start", Boolean, nullable=False, server_default="0"),
    # The farm's own analysis of its scene, where the client left that to the farm.
    Column("analysis", Text, nullable=False, server_default=""),
    Column("analysis_error", Text, nullable=False, server_default=""),
    # What happened since.
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("clock_from", Float),  # when task_stop_time began to count: the first claim after the last start
    Column("render_seconds", Float, nullable=False, default=0.0),
    Column("reminded_at", Float),  # when its owner was told that it takes longer than time_out_s
    Column("waiting", Integer, nullable=False, default=0),
    Column("held", Integer, nullable=False, default=0),
    Column("rendering", Integer, nullable=False, default=0),
    Column("stopped", Integer, nullable=False, default=0),
    Column("done", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("blocked", Integer, nullable=False, server_default="0"),
    CheckConstraint(f"wish IN ({', '.join(repr(wish.value) for wish in Wish)})", name="wish"),
    CheckConstraint(f"status IN ({', '.join(str(int(status)) for status in TaskStatus)})", name="status"),
    CheckConstraint("(submitted_at IS NULL) = (inputs IS NULL)", name="submitted_with_inputs"),
    CheckConstraint(
        "waiting >= 0 AND held >= 0 AND rendering >= 0 AND stopped >= 0 AND done >= 0 AND failed >= 0",
        name="counts",
    ),
    # The last two save a look at the table: a list counts and skips by the index alone.
    Index("ix_task_list", "account_id", "deleted", "parent_id", "submitted_at", "id", "status", "scene_file"),
    Index("ix_task_parts", "parent_id"),
    Index("ix_task_drafts", "created_at", sqlite_where=sa.text("submitted_at IS NULL")),
    Index("ix_task_analysis", "submitted_at", sqlite_where=sa.text(f"analysis = '{Analysis.WANTED.value}'")),
    sqlite_autoincrement=True,  # the id of a task that is gone is never given again
)

document = sa.Table(
    "document",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

frame_set = sa.Table(
    "frame_set",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_id", ForeignKey("task.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("choice", LargeBinary, nullable=False),
    Column("stage", Text, nullable=False, server_default=Stage.RENDER.value),
    Column("needs_id", Integer),  # the set whose units come before
    Column("needs", Text, nullable=False, server_default=""),  # which: ``rules.stages.Needs``
    Column("tiles", Integer, nullable=False, server_default="1"),
    Column("tiles_kind", Text, nullable=False, server_default=""),
    sa.UniqueConstraint("task_id", "position"),
    Index("ix_frame_set_needs", "task_id", sqlite_where=sa.text("needs_id IS NOT NULL")),
)

_ENDED = ", ".join(str(int(status)) for status in sorted(FRAME_ENDED))

# A row is a unit, what a node renders in one go: one frame, several in steps, or a tile of one.

frame = sa.Table(
    "frame",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_id", ForeignKey("task.id"), nullable=False),
    Column("set_id", ForeignKey("frame_set.id"), nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),  # in its task, from 0, without gaps
    Column("number", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("tile", Integer, nullable=False),  # from 1; 0 for the whole picture
    Column("type", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lost", Integer, nullable=False, default=0),
    Column("restarts", Integer, nullable=False, default=0),
    Column("percent", Float, nullable=False, default=0.0),
    Column("node", Text, nullable=False, default=""),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("error", Text, nullable=False, default=""),
    Column("thumbnail", Text),
    # Since its owner last asked for it: attempts that ended badly, on which nodes (JSON), what follows.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("avoid", Text, nullable=False, server_default=""),
    Column("not_before", Float, nullable=False, server_default="0"),
    Column("memory_gb", Integer, nullable=False, server_default="0"),
    Column("flags", Text, nullable=False, server_default=""),  # what is odd about its pictures
    sa.UniqueConstraint("set_id", "number", "tile"),
    CheckConstraint("last >= number AND step > 0 AND tile >= 0", name="unit"),
    CheckConstraint(f"status IN ({', '.join(str(int(status)) for status in FrameStatus)})", name="status"),
    CheckConstraint(f"status NOT IN ({_ENDED}) OR ended_at IS NOT NULL", name="ended"),
    CheckConstraint(f"status <> {FrameStatus.RENDERING:d} OR (node <> '' AND attempt > 0)", name="placed"),
    CheckConstraint("attempt >= 0 AND lost >= 0 AND lost <= attempt", name="attempts"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    Index("ix_frame_counts", "task_id", "set_id", "type", "status"),
    Index(
        "ix_frame_waits",
        "set_id",
        "type",
        "memory_gb",
        "avoid",
        "not_before",
        "id",
        sqlite_where=sa.text(f"status = {FrameStatus.WAITING:d}"),
    ),
    Index(
        "ix_frame_delayed",
        "not_before",
        sqlite_where=sa.text(f"status = {FrameStatus.WAITING:d} AND not_before > 0"),
    ),
    Index("ix_frame_odd", "task_id", "position", sqlite_where=sa.text("flags > ''")),
    Index("ix_frame_renders", "id", sqlite_where=sa.text(f"status = {FrameStatus.RENDERING:d}")),
    Index("ix_frame_page", "task_id", "position", "number", "last", "step", "tile"),
    Index("ix_frame_done", "task_id", "ended_at", sqlite_where=sa.text(f"status = {FrameStatus.DONE:d}")),
)

attempt = sa.Table(
    "attempt",
    metadata,
    Column("frame_id", ForeignKey("frame.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("node", Text, nullable=False),
    Column("claimed_at", Float, nullable=False),
    Column("lease_until", Float, nullable=False, server_default="0"),  # its node renews it while it renders
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("outcome", Text),  # name of what happened, e.g. RENDERED; empty while it may still render
    Column("seconds", Float, nullable=False, default=0.0),
    Column("error", Text, nullable=False, default=""),
    Column("log", Text),
    Column("fault", Text),  # what was at fault where it ended badly, as ``rules.work.Fault`` says it
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
)

output = sa.Table(
    "output",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("path", Text, primary_key=True),  # below the task's output folder
    Column("frame_id", ForeignKey("frame.id"), nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
)

input_file = sa.Table(
    "input_file",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Index("ix_input_file_digest", "account_id", "digest"),
)

owned_blob = sa.Table(
    "owned_blob",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
)

# A pack is one account's: what another account stored is never used, so nobody learns what others have.
pack = sa.Table(
    "pack",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("size_bytes", Integer, nullable=False),
    Column("needed_until", Float, nullable=False, index=True),
    sqlite_autoincrement=True,
)

piece = sa.Table(
    "piece",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),  # 32 bytes: there are millions
    Column("pack_id", ForeignKey("pack.id"), nullable=False, index=True),
    Column("offset", Integer, nullable=False),
    Column("stored_bytes", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A file of several pieces, by the digest of the whole.
content = sa.Table(
    "content",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("pieces", LargeBinary, nullable=False),  # as renderbus_model.pieces.listed writes them
)

# Which contents go when a pack goes.
content_pack = sa.Table(
    "content_pack",
    metadata,
    Column("pack_id", ForeignKey("pack.id"), primary_key=True),
    Column("account_id", Integer, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

# Packs that a task's manifest names stay until it needs them no more.
task_pack = sa.Table(
    "task_pack",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("pack_id", ForeignKey("pack.id"), primary_key=True, index=True),
)

# Sets of files that exist as they were committed, so that an unchanged one need not be listed again.
committed = sa.Table(
    "committed",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("at", Float, nullable=False),
)
