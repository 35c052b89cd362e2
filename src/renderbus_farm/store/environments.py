"""Queries on render environments, each about one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.environments import EnvironmentRecord
from renderbus_farm.rules.offers import PluginRecord
from renderbus_farm.store.account_tables import plugin, render_env, render_env_plugin
from renderbus_model.wire.plugin import RenderEnv


def every(
    db: Connection,
    account_id: int,
    *,
    cg_ids: Collection[int] | None = None,
    render_system: int | None = None,
    name: str | None = None,
) -> list[EnvironmentRecord]:
    """The account's environments by name; None leaves a choice open."""
    query = select(render_env).where(render_env.c.account_id == account_id)
    if cg_ids is not None:
        query = query.where(render_env.c.cg_id.in_(cg_ids))
    if render_system is not None:
        query = query.where(render_env.c.render_system == render_system)
    if name is not None:
        query = query.where(render_env.c.edit_name == name)
    rows = db.execute(query.order_by(render_env.c.edit_name)).all()
    chosen = select(render_env_plugin).where(render_env_plugin.c.env_id.in_([row.id for row in rows]))
    plugin_ids: dict[int, list[int]] = defaultdict(list)
    for row in db.execute(chosen.order_by(render_env_plugin.c.plugin_id)):
        plugin_ids[row.env_id].append(row.plugin_id)
    return [
        EnvironmentRecord(
            row.id,
            row.edit_name,
            row.cg_id,
            row.cg_name,
            row.cg_version,
            row.render_layer_type,
            row.render_system,
            row.is_default,
            row.project_path,
            tuple(plugin_ids[row.id]),
        )
        for row in rows
    ]


def find(db: Connection, account_id: int, name: str) -> EnvironmentRecord | None:
    """The account's environment of that name."""
    return next(iter(every(db, account_id, name=name)), None)


def count(db: Connection, account_id: int) -> int:
    """How many the account has."""
    query = select(func.count()).select_from(render_env).where(render_env.c.account_id == account_id)
    number: int = db.execute(query).scalar_one()
    return number


def plugins(db: Connection, account_id: int) -> dict[int, list[PluginRecord]]:
    """The plug-ins of each of the account's environments that has any."""
    query = (
        select(render_env_plugin.c.env_id, plugin.c.id, plugin.c.version_id, plugin.c.name, plugin.c.version)
        .join(plugin, plugin.c.id == render_env_plugin.c.plugin_id)
        .join(render_env, render_env.c.id == render_env_plugin.c.env_id)
        .where(render_env.c.account_id == account_id)
        .order_by(plugin.c.id)
    )
    found: dict[int, list[PluginRecord]] = defaultdict(list)
    for row in db.execute(query):
        found[row.env_id].append(PluginRecord(row.id, row.version_id, row.name, row.version))
    return dict(found)


def put(db: Connection, account_id: int, wanted: RenderEnv) -> None:
    """The account has this environment under its name; what had that name before is replaced.

    An environment that moves to another application is no longer a default.
    """
    values = {
        "cg_id": wanted.cg_id,
        "cg_name": wanted.cg_name,
        "cg_version": wanted.cg_version,
        "render_layer_type": wanted.render_layer_type,
        "render_system": wanted.render_system,
        "project_path": wanted.project_path,
    }
    stays = sa.and_(render_env.c.is_default, render_env.c.cg_id == wanted.cg_id)
    made = insert(render_env).values(
        account_id=account_id, edit_name=wanted.edit_name, is_default=False, **values
    )
    made = made.on_conflict_do_update(
        index_elements=["account_id", "edit_name"], set_={**values, "is_default": stays}
    )
    env_id: int = db.execute(made.returning(render_env.c.id)).scalar_one()
    db.execute(sa.delete(render_env_plugin).where(render_env_plugin.c.env_id == env_id))
    rows = [{"env_id": env_id, "plugin_id": plugin_id} for plugin_id in wanted.plugin_ids]
    if rows:
        db.execute(insert(render_env_plugin), rows)


def remove(db: Connection, account_id: int, name: str) -> None:
    """The account has no environment of that name."""
    this = (render_env.c.account_id == account_id, render_env.c.edit_name == name)
    ids = select(render_env.c.id).where(*this)
    db.execute(sa.delete(render_env_plugin).where(render_env_plugin.c.env_id.in_(ids)))
    db.execute(sa.delete(render_env).where(*this))


def set_default(db: Connection, account_id: int, name: str) -> bool:
    """The environment is its application's default: false when the account has none of that name."""
    chosen = find(db, account_id, name)
    if chosen is None:
        return False
    of_account = render_env.c.account_id == account_id
    db.execute(
        update(render_env).where(of_account, render_env.c.cg_id == chosen.cg_id).values(is_default=False)
    )
    db.execute(update(render_env).where(render_env.c.id == chosen.id).values(is_default=True))
    return True
