"""Settings, labels of tasks, software, render environments, hardware, records."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; labels of tasks move from a column of text into a table of their own."""
    _settings()
    _labels()
    _software()
    _environments()
    _hardware()
    _records()


def _settings() -> None:
    """What accounts chose, and which belong to which."""
    op.create_table(
        "account_setting",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("task_over_time_s", sa.Integer(), nullable=False),
        sa.Column("auto_commit", sa.Boolean(), nullable=False),
        sa.Column("single_node_render_frames", sa.Integer(), nullable=False),
        sa.Column("max_ignore_map_flag", sa.Boolean(), nullable=False),
        sa.Column("manually_start_analysis", sa.Boolean(), nullable=False),
        sa.Column("download_disable", sa.Boolean(), nullable=False),
        sa.Column("use_level_directory", sa.Boolean(), nullable=False),
        sa.Column("sub_delete_task", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "task_over_time_s > 0 AND single_node_render_frames > 0", name=op.f("ck_account_setting_numbers")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_setting_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_setting")),
    )
    op.create_table(
        "membership",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("main_account_id", sa.Integer(), nullable=False),
        sa.Column("share_main_capital", sa.Boolean(), nullable=False),
        sa.Column("use_main_balance", sa.Boolean(), nullable=False),
        sa.CheckConstraint("account_id <> main_account_id", name=op.f("ck_membership_other")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(
            ["main_account_id"], ["account.id"], name=op.f("fk_membership_main_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_main_account_id"), "membership", ["main_account_id"], unique=False)


def _labels() -> None:
    """Which labels tasks carry."""
    op.create_table(
        "task_label",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_task_label_label_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_label_task_id")),
        sa.PrimaryKeyConstraint("task_id", "label_id", name=op.f("pk_task_label")),
    )
    op.create_index(op.f("ix_task_label_label_id"), "task_label", ["label_id"], unique=False)
    _move_labels(op.get_bind())
    op.drop_column("task", "labels")


def _move_labels(db: sa.Connection) -> None:
    labelled = db.execute(sa.text("SELECT id, account_id, labels FROM task WHERE labels <> '[]'")).all()
    for task_id, account_id, text in labelled:
        for name in {name.strip() for name in json.loads(text)} - {""}:
            found = {"task": task_id, "account": account_id, "name": name}
            db.execute(
                sa.text(
                    "INSERT INTO task_label (task_id, label_id)"
                    " SELECT :task, id FROM label WHERE account_id = :account AND name = :name"
                ),
                found,
            )


def _software() -> None:
    """Versions of applications, and plug-ins for them."""
    op.create_table(
        "software_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cg_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software_version")),
        sa.UniqueConstraint("cg_id", "version", name=op.f("uq_software_version_cg_id_version")),
    )
    op.create_table(
        "plugin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["software_version.id"], name=op.f("fk_plugin_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin")),
        sa.UniqueConstraint("version_id", "name", "version", name=op.f("uq_plugin_version_id_name_version")),
    )


def _environments() -> None:
    """What users put together of them."""
    op.create_table(
        "render_env",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("edit_name", sa.Text(), nullable=False),
        sa.Column("cg_id", sa.Integer(), nullable=False),
        sa.Column("cg_name", sa.Text(), nullable=False),
        sa.Column("cg_version", sa.Text(), nullable=False),
        sa.Column("render_layer_type", sa.Integer(), nullable=False),
        sa.Column("render_system", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("project_path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_render_env_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_render_env")),
        sa.UniqueConstraint("account_id", "edit_name", name=op.f("uq_render_env_account_id_edit_name")),
    )
    op.create_index(
        "ix_render_env_default",
        "render_env",
        ["account_id", "cg_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "render_env_plugin",
        sa.Column("env_id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["env_id"], ["render_env.id"], name=op.f("fk_render_env_plugin_env_id")),
        sa.ForeignKeyConstraint(["plugin_id"], ["plugin.id"], name=op.f("fk_render_env_plugin_plugin_id")),
        sa.PrimaryKeyConstraint("env_id", "plugin_id", name=op.f("pk_render_env_plugin")),
    )


def _hardware() -> None:
    """Kinds of nodes, and what tasks chose of them."""
    op.create_table(
        "hardware",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("ram_gb", sa.Integer(), nullable=False),
        sa.Column("gpu_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("ram_gb >= 0 AND gpu_count >= 0", name=op.f("ck_hardware_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardware")),
        sa.UniqueConstraint("model", "ram_gb", "gpu_count", name=op.f("uq_hardware_model_ram_gb_gpu_count")),
    )
    op.create_table(
        "task_hardware",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("hardware_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hardware_id"], ["hardware.id"], name=op.f("fk_task_hardware_hardware_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_hardware_task_id")),
        sa.PrimaryKeyConstraint("task_id", "hardware_id", name=op.f("pk_task_hardware")),
    )


def _records() -> None:
    """What accounts did."""
    op.create_table(
        "task_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("button", sa.Text(), nullable=False),
        sa.Column("task_ids", sa.Text(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_record")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_record_list", "task_record", ["account_id", "id"], unique=False)
    op.create_table(
        "login_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_record")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_login_record_list", "login_record", ["account_id", "id"], unique=False)
