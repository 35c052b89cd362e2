"""Queries on software versions, plug-ins and kinds of nodes; what was once listed keeps its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from renderbus_farm.rules.offers import HardwareKind, PluginRecord, VersionRecord
from renderbus_farm.rules.shipped_software import PluginKey
from renderbus_farm.store.account_tables import hardware, plugin, software_version, task_hardware

_NO_IDS: Mapping[PluginKey, int] = MappingProxyType({})

_VERSION = (software_version.c.id, software_version.c.cg_id, software_version.c.version)
_PLUGIN = (plugin.c.id, plugin.c.version_id, plugin.c.name, plugin.c.version)


def add_versions(db: Connection, found: Iterable[tuple[int, str]]) -> None:
    """These versions of applications are listed from now on."""
    rows = [{"cg_id": cg_id, "version": version} for cg_id, version in found]
    if rows:
        db.execute(insert(software_version).on_conflict_do_nothing(), rows)


def add_plugins(
    db: Connection, found: Iterable[PluginKey], wanted_ids: Mapping[PluginKey, int] = _NO_IDS
) -> None:
    """These plug-ins are listed from now on, under ``wanted_ids`` where these are free."""
    ids = {(each.cg_id, each.version): each.id for each in versions(db)}
    rows = {key: {"version_id": ids[key[0], key[1]], "name": key[2], "version": key[3]} for key in found}
    if named := [{**row, "id": wanted_ids[key]} for key, row in rows.items() if key in wanted_ids]:
        db.execute(insert(plugin).on_conflict_do_nothing(), named)
    if rows:
        db.execute(insert(plugin).on_conflict_do_nothing(), list(rows.values()))


def versions(db: Connection, cg_id: int | None = None) -> list[VersionRecord]:
    """Every version, of one application or of all, in the order in which they were listed."""
    query = select(*_VERSION).order_by(software_version.c.id)
    if cg_id is not None:
        query = query.where(software_version.c.cg_id == cg_id)
    return [VersionRecord(*row) for row in db.execute(query)]


def plugins(db: Connection, version_ids: Collection[int]) -> list[PluginRecord]:
    """Every plug-in for these versions."""
    query = select(*_PLUGIN).where(plugin.c.version_id.in_(version_ids)).order_by(plugin.c.id)
    return [PluginRecord(*row) for row in db.execute(query)]


def add_hardware(db: Connection, kinds: Iterable[HardwareKind]) -> None:
    """These kinds of nodes have ids from now on."""
    rows = [{"model": kind.model, "ram_gb": kind.ram_gb, "gpu_count": kind.gpu_count} for kind in kinds]
    if rows:
        db.execute(insert(hardware).on_conflict_do_nothing(), rows)


def hardware_ids(db: Connection) -> dict[HardwareKind, int]:
    """The id of every kind of node that the farm has or had."""
    return {
        HardwareKind(row.model, row.ram_gb, row.gpu_count): row.id
        for row in db.execute(select(hardware).order_by(hardware.c.id))
    }


def choose_hardware(db: Connection, task_ids: Collection[int], ids: Collection[int]) -> None:
    """These tasks' owner chose these kinds of nodes for them, or none."""
    db.execute(sa.delete(task_hardware).where(task_hardware.c.task_id.in_(task_ids)))
    rows = [{"task_id": task_id, "hardware_id": each} for task_id in task_ids for each in ids]
    if rows:
        db.execute(insert(task_hardware), rows)


def chosen_hardware(db: Connection, task_ids: Collection[int]) -> dict[int, set[int]]:
    """Ids of the kinds of nodes that these tasks chose; those that chose none are not in it."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(task_hardware).where(task_hardware.c.task_id.in_(task_ids))
    for row in db.execute(query):
        found[row.task_id].add(row.hardware_id)
    return dict(found)
