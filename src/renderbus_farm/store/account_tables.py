"""The tables of what an account chose and did, and of what the farm offers it.

``tables`` holds accounts, tasks and what became of them; both belong to one database.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Text

from renderbus_farm.store.tables import metadata

account_setting = sa.Table(
    "account_setting",
    metadata,
    # An account that never changed a setting has no row.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("task_over_time_s", Integer, nullable=False),
    Column("auto_commit", Boolean, nullable=False),
    Column("single_node_render_frames", Integer, nullable=False),
    Column("max_ignore_map_flag", Boolean, nullable=False),
    Column("manually_start_analysis", Boolean, nullable=False),
    Column("download_disable", Boolean, nullable=False),
    Column("use_level_directory", Boolean, nullable=False),
    Column("sub_delete_task", Boolean, nullable=False),
    CheckConstraint("task_over_time_s > 0 AND single_node_render_frames > 0", name="numbers"),
)

membership = sa.Table(
    "membership",
    metadata,
    # A sub account's place below its main account; main accounts have no row.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("main_account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("share_main_capital", Boolean, nullable=False, default=False),
    Column("use_main_balance", Boolean, nullable=False, default=False),
    CheckConstraint("account_id <> main_account_id", name="other"),
)

task_label = sa.Table(
    "task_label",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("label_id", ForeignKey("label.id"), primary_key=True, index=True),
)

software_version = sa.Table(
    "software_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cg_id", Integer, nullable=False),
    Column("version", Text, nullable=False),
    sa.UniqueConstraint("cg_id", "version"),
)

plugin = sa.Table(
    "plugin",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("software_version.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    sa.UniqueConstraint("version_id", "name", "version"),
)

render_env = sa.Table(
    "render_env",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("edit_name", Text, nullable=False),
    Column("cg_id", Integer, nullable=False),
    Column("cg_name", Text, nullable=False),
    Column("cg_version", Text, nullable=False),
    Column("render_layer_type", Integer, nullable=False),
    Column("render_system", Integer, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("project_path", Text, nullable=False),
    sa.UniqueConstraint("account_id", "edit_name"),
    Index(
        "ix_render_env_default",
        "account_id",
        "cg_id",
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    ),
)

render_env_plugin = sa.Table(
    "render_env_plugin",
    metadata,
    Column("env_id", ForeignKey("render_env.id"), primary_key=True),
    Column("plugin_id", ForeignKey("plugin.id"), primary_key=True),
)

hardware = sa.Table(
    "hardware",
    metadata,
    # Kinds of node that the farm has or had: an id stays when its nodes go.
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("ram_gb", Integer, nullable=False),
    Column("gpu_count", Integer, nullable=False),
    sa.UniqueConstraint("model", "ram_gb", "gpu_count"),
    CheckConstraint("ram_gb >= 0 AND gpu_count >= 0", name="counts"),
)

task_hardware = sa.Table(
    "task_hardware",
    metadata,
    # What a task's owner chose; a task without a row takes any.
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("hardware_id", ForeignKey("hardware.id"), primary_key=True),
)

task_record = sa.Table(
    "task_record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("button", Text, nullable=False),
    Column("task_ids", Text, nullable=False),  # a JSON list
    Column("channel", Integer, nullable=False),
    Column("details", Text, nullable=False),
    Index("ix_task_record_list", "account_id", "id"),
    sqlite_autoincrement=True,  # the oldest are deleted; their ids are never given again
)

login_record = sa.Table(
    "login_record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("user_agent", Text, nullable=False),
    Index("ix_login_record_list", "account_id", "id"),
    sqlite_autoincrement=True,
)
