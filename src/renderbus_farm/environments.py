"""Render environments: an application with plug-ins, under a name of the user's."""

from __future__ import annotations

from collections.abc import Callable

from renderbus_farm.rules.environments import (
    asked_applications,
    checked_environment,
    checked_plugins,
    environment_item,
)
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_farm.store import catalogue, environments
from renderbus_farm.store.database import Connection, Database
from renderbus_model.wire.plugin import RenderEnv, RenderEnvItem, RenderEnvName, RenderEnvQuery

MOST_ENVIRONMENTS = 1000
"""Of one account."""


class Environments:
    """The render environments of each account. ``refresh`` brings the catalogue up to date."""

    def __init__(self, database: Database, *, refresh: Callable[[], None]) -> None:
        self._database = database
        self._refresh = refresh

    def add(self, ask: RenderEnv, *, by: User) -> RenderEnvName:
        """The environment exists from now on. Adding the same one twice is harmless.

        Raises:
            BadValue: another environment has the name, or version or plug-ins are not in the catalogue.
        """
        self._refresh()
        with self._database.writing() as db:
            wanted = _checked(db, ask)
            kept = environments.find(db, by.id, wanted.edit_name)
            if kept is None:
                if environments.count(db, by.id) >= MOST_ENVIRONMENTS:
                    raise BadValue(f"{MOST_ENVIRONMENTS} render environments are there; delete some first")
                environments.put(db, by.id, wanted)
            elif kept.same_as(wanted) is False:
                raise BadValue(
                    f"editName {wanted.edit_name!r}: another render environment has this name; choose a new "
                    "one, or update it"
                )
        return RenderEnvName(edit_name=wanted.edit_name)

    def update(self, ask: RenderEnv, *, by: User) -> None:
        """The environment of that name is like this from now on.

        Raises:
            BadValue: version or plug-ins are not in the catalogue.
            NotFound: the caller has none of that name.
        """
        self._refresh()
        with self._database.writing() as db:
            wanted = _checked(db, ask)
            if environments.find(db, by.id, wanted.edit_name) is None:
                raise NotFound("render environment", [wanted.edit_name])
            environments.put(db, by.id, wanted)

    def remove(self, name: str, *, by: User) -> None:
        """The environment is gone. One that is not there is gone already."""
        with self._database.writing() as db:
            environments.remove(db, by.id, name.strip())

    def set_default(self, name: str, *, by: User) -> None:
        """The environment is the default of its application, in place of the one before.

        Raises:
            NotFound: the caller has none of that name.
        """
        with self._database.writing() as db:
            if not environments.set_default(db, by.id, name.strip()):
                raise NotFound("render environment", [name.strip()])

    def every(self, ask: RenderEnvQuery, *, by: User) -> list[RenderEnvItem]:
        """The caller's environments of the asked applications, by name.

        Raises:
            BadValue: there are not so many applications.
        """
        cg_ids = asked_applications(ask)
        with self._database.reading() as db:
            found = environments.every(db, by.id, cg_ids=cg_ids, render_system=ask.os_name)
            plugins = environments.plugins(db, by.id)
        return [environment_item(each, plugins.get(each.id, [])) for each in found]


def _checked(db: Connection, ask: RenderEnv) -> RenderEnv:
    versions = catalogue.versions(db, ask.cg_id)
    wanted = checked_environment(ask, versions)
    version = next(each for each in versions if each.version == wanted.cg_version)
    checked_plugins(wanted, catalogue.plugins(db, [version.id]))
    return wanted
