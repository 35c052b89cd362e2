"""What a farm offers: software and plug-ins, and the kinds of its nodes.

The catalogue is in the database, so that ids stay the same: what is new is added when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable

from renderbus_farm.rules import offers
from renderbus_farm.rules.checks import checked_ids
from renderbus_farm.rules.people import User
from renderbus_farm.rules.settings import auto_commit
from renderbus_farm.rules.shipped_software import PUBLISHED_IDS
from renderbus_farm.rules.work import Node
from renderbus_farm.store import accounts, catalogue
from renderbus_farm.store.database import Database
from renderbus_farm.tasks.desk import own
from renderbus_model.wire.hardware import HardwareConfig, HardwareQuery
from renderbus_model.wire.plugin import SoftwareDetail, SoftwareList


class Offers:
    """The catalogue of a farm. ``nodes`` gives those that can take work now."""

    def __init__(self, database: Database, *, nodes: Callable[[], list[Node]]) -> None:
        self._database = database
        self._nodes = nodes
        self._listed: frozenset[tuple[int, str]] = frozenset()

    def software(self, *, by: User) -> SoftwareList:
        """Every application that the farm knows."""
        with self._database.reading() as db:
            settings = accounts.settings(db, by.id)
        return SoftwareList(
            is_auto_commit=auto_commit(settings),
            default_cg_id=offers.default_application(self._nodes()),
            render_info_list=offers.software(self._nodes()),
        )

    def detail(self, cg_id: int) -> SoftwareDetail:
        """Versions and plug-ins of one application; nothing of one that the farm does not know."""
        self.refresh()
        with self._database.reading() as db:
            versions = catalogue.versions(db, cg_id)
            return offers.detail(versions, catalogue.plugins(db, [each.id for each in versions]))

    def hardware(self, ask: HardwareQuery, *, by: User) -> list[HardwareConfig]:
        """The kinds of nodes that the farm has or had, with what the asked tasks chose.

        Raises:
            NotFound: some of the tasks are not the caller's.
        """
        task_ids = checked_ids("task", ask.task_ids) if ask.task_ids else []
        self.refresh()
        nodes = self._nodes()
        kinds = offers.kinds_of_nodes(nodes)
        with self._database.reading() as db:
            own(db, task_ids, by)
            chosen = catalogue.chosen_hardware(db, task_ids).values()
            ids, known = catalogue.hardware_ids(db), catalogue.versions(db)
        if any(kind not in ids for kind in kinds):
            with self._database.writing() as db:
                catalogue.add_hardware(db, kinds)
                ids = catalogue.hardware_ids(db)
        return offers.hardware(
            kinds,
            ids,
            known,
            chosen=set().union(*chosen),
            platform=by.visit.platform,
            starting=any(not node.applications for node in nodes),
        )

    def refresh(self) -> None:
        """The catalogue lists all that is shipped and all that the nodes have."""
        wanted = offers.versions(self._nodes())
        if self._listed.issuperset(wanted):
            return
        with self._database.writing() as db:
            known = {(each.cg_id, each.version) for each in catalogue.versions(db)}
            catalogue.add_versions(db, [each for each in wanted if each not in known])
            catalogue.add_plugins(db, offers.plugins(), PUBLISHED_IDS)
        self._listed = frozenset(wanted) | known
