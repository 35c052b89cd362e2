"""Builds a farm's parts: the only module that knows which backend is used."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from renderbus_farm import farm_check
from renderbus_farm.accounts import Accounts, NewAccount
from renderbus_farm.analyses import Analyses
from renderbus_farm.api.app import Operations
from renderbus_farm.api.domains import Names
from renderbus_farm.api.handlers import Farm
from renderbus_farm.api.headers import Proxies
from renderbus_farm.api.signed import Signatures
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.callers import Callers
from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.data_folder import DataFolder, Owner
from renderbus_farm.dispatcher import Dispatcher
from renderbus_farm.environments import Environments
from renderbus_farm.events import Events
from renderbus_farm.executors.analysis_process import AnalysisLimits, LocalAnalyser
from renderbus_farm.executors.local import LocalExecutor
from renderbus_farm.housekeeping import Housekeeping
from renderbus_farm.keys import KeyBox
from renderbus_farm.labels import AccountLabels
from renderbus_farm.leftovers import Leftovers
from renderbus_farm.offers import Offers
from renderbus_farm.once import Once
from renderbus_farm.pieces import Pieces
from renderbus_farm.records import Records
from renderbus_farm.renderers.catalogue import Choice
from renderbus_farm.renderers.described import Described
from renderbus_farm.repacking import Repacking
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.shares import EQUAL, Share, read_limits
from renderbus_farm.rules.soundness import Breach
from renderbus_farm.rules.watch import Limits
from renderbus_farm.seen import SeenSignatures
from renderbus_farm.settings import Settings, read_settings
from renderbus_farm.storage_check import Checked, Inspector, check_packs
from renderbus_farm.store import accounts as account_queries
from renderbus_farm.store import shares as share_queries
from renderbus_farm.store import standings
from renderbus_farm.store.database import Database
from renderbus_farm.store.standings import Kept
from renderbus_farm.tasks.changes import TaskChanges
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.tasks.files import ResultTree
from renderbus_farm.tasks.frames import Frames
from renderbus_farm.tasks.lists import TaskLists
from renderbus_farm.tasks.results import Results
from renderbus_farm.transfers import Transfers
from renderbus_farm.worker_cache import GIB

OWNER_NAME = "owner"


class Upkeep(Protocol):
    """Looks now and then whether something is to be thrown away."""

    def tick(self, now: float) -> None:
        """Look, if it is time to; ``now`` in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a farm is made of."""

    farm: Farm
    operations: Operations
    blobs: LocalBlobs
    packs: LocalPacks
    links: Links
    dispatcher: Dispatcher
    analyses: Analyses
    upkeep: tuple[Upkeep, ...]
    changed: threading.Event
    answers: threading.Event
    owner: Owner
    owner_is_new: bool
    farm_id: str

    @classmethod
    def built(cls, settings: Settings, folder: DataFolder, ending: ExitStack) -> Parts:
        """All of it; ``ending`` closes what has to be closed."""
        with folder.setting_up():
            farm_id = folder.farm_id()
            key_box = KeyBox.at(folder.key_file)
            database = ending.enter_context(closing(Database.open(folder.database)))
            accounts = Accounts(database, key_box)
            owner, is_new = owner_of(folder, accounts)
        links = Links(key_box.derived("blob urls"))
        blobs, packs = LocalBlobs(folder.blobs, links), LocalPacks(folder.packs, links)
        changed, answers = threading.Event(), threading.Event()
        executor = ending.enter_context(
            closing(
                LocalExecutor(
                    folder.path,
                    folder.blobs,
                    settings.workers,
                    changed,
                    farm_id,
                    cache_bytes=int(settings.cache_gb * GIB),
                    renderers=_renderers(settings),
                    answers=answers,
                    ended=blobs.sweep_of,
                    limits=Limits(settings.stuck_after_s, settings.scratch_gb * 1e9),
                )
            )
        )
        # Only now: the executor has ended what a killed farm left running, and its workers have no work yet.
        blobs.sweep()
        packs.sweep()
        desk = Desk(
            database,
            blobs,
            nodes=executor.nodes,
            wake=changed.set,
            gives_up_after_s=settings.gives_up_after_s,
            limits=read_limits(settings.limits),
            log_so_far=executor.log_so_far,
        )
        events = Events(links)
        database.listeners.append(events.happened)
        farm = _farm(desk, packs, accounts, settings, events)
        dispatcher = Dispatcher(
            database,
            executor,
            gives_up_after_s=settings.gives_up_after_s,
            inspect=Inspector(blobs, packs).look,
            limits=read_limits(settings.limits),
        )
        analyser = _analyser(settings, folder, blobs, packs, changed, farm_id)
        analyses = Analyses(database, ending.enter_context(closing(analyser)), wake=changed.set)
        upkeep = (
            Housekeeping(database, drafts_kept_days=settings.drafts_kept_days),
            Cleanup(
                database,
                blobs,
                packs,
                kept_s=settings.inputs_kept_days * DAY_S,
                results_kept_s=settings.results_kept_days * DAY_S,
            ),
            Repacking(database, packs),
            Leftovers(database, blobs, packs),
        )
        seen = ending.enter_context(
            closing(SeenSignatures(folder.seen, window_s=settings.clock_window_s, now=time.time()))
        )
        operations = _operations(settings, farm, database, seen)
        return cls(
            farm,
            operations,
            blobs,
            packs,
            links,
            dispatcher,
            analyses,
            upkeep,
            changed,
            answers,
            owner,
            is_new,
            farm_id,
        )


def _renderers(settings: Settings) -> Choice:
    """The operator's choice; a description that makes no sense is told now, and not by each worker."""
    for file in settings.renderers:
        Described.read(Path(file))
    return Choice(settings.renderers, settings.blender, settings.applications)


def _analyser(
    settings: Settings,
    folder: DataFolder,
    blobs: LocalBlobs,
    packs: LocalPacks,
    changed: threading.Event,
    farm_id: str,
) -> LocalAnalyser:
    limits = AnalysisLimits(settings.analysis_time_s, settings.analysis_ram_gb)
    return LocalAnalyser(folder.analyses, blobs, packs, limits, settings.analyses_at_once, changed, farm_id)


def _farm(desk: Desk, packs: LocalPacks, accounts: Accounts, settings: Settings, events: Events) -> Farm:
    database = desk.database
    pieces = Pieces(database, desk.blobs, packs, kept_s=settings.inputs_kept_days * DAY_S)
    offers = Offers(database, nodes=desk.nodes)
    return Farm(
        Tasks(desk),
        TaskChanges(desk),
        TaskLists(desk),
        Frames(desk),
        Results(desk),
        ResultTree(desk),
        Transfers(database, desk.blobs, pieces),
        accounts,
        AccountLabels(database),
        offers,
        Environments(database, refresh=offers.refresh),
        Records(database),
        events,
        settings.public_names,
    )


def _operations(settings: Settings, farm: Farm, database: Database, seen: SeenSignatures) -> Operations:
    names = Names(settings.public_names, settings.path_prefix)
    callers = Callers(farm.accounts.find, database.version)
    return Operations(
        farm,
        Signatures(callers.find, seen, window_s=settings.clock_window_s, names=names),
        Once(database),
        names=names,
        proxies=Proxies(settings.trusted_proxies),
    )


def owner_of(folder: DataFolder, accounts: Accounts) -> tuple[Owner, bool]:
    """The first account's credentials, which is made where there is none; and whether that was just now."""
    if accounts.any():
        return folder.owner() or Owner("", ""), False
    made = accounts.add(OWNER_NAME, keep=lambda made: folder.keep_owner(_credentials(made)))
    return _credentials(made), True


def _credentials(made: NewAccount) -> Owner:
    return Owner(made.user.access_id, made.access_key)


def check_storage(data: Path) -> Iterator[Checked]:
    """Read all that was uploaded to the farm of this data folder, which may be running, and tell as it goes.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _opened(data) as (folder, database):
        yield from check_packs(database, LocalPacks(folder.packs))


def check_farm(data: Path, *, all_bytes: bool = False) -> Iterator[Breach]:
    """What is not as it must be on the farm of this data folder, which may be running; nothing is changed.

    Args:
        all_bytes: also read the bytes of every result, log and small picture.

    Raises:
        BadSetting, DataFolderUnusable: its settings make no sense, or the folder cannot be used.
    """
    limits = read_limits(read_settings(data).limits)
    with _opened(data) as (folder, database):
        blobs = LocalBlobs(folder.blobs)
        yield from farm_check.check_database(database)
        yield from farm_check.check_limits(database, limits)
        yield from farm_check.check_folder(folder, database, time.time())
        yield from farm_check.check_results(database, blobs)
        if all_bytes:
            yield from farm_check.check_bytes(blobs)


def count_again(data: Path) -> None:
    """Set right the counts of the farm of this data folder.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _opened(data) as (_, database):
        farm_check.count_again(database)


def nodes_in_doubt(data: Path) -> list[Kept]:
    """The nodes of the farm of this data folder that something is held against.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _opened(data) as (_, database), database.reading() as db:
        return sorted(standings.all_of(db).values(), key=lambda kept: kept.name)


def forgive_node(data: Path, name: str) -> bool:
    """Hold nothing more against this node; whether anything was.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _opened(data) as (_, database), database.writing() as db:
        return standings.forgive(db, name)


def shares(data: Path) -> list[tuple[str, Share]]:
    """What each account of the farm of this data folder gets of it, by name, oldest first.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _opened(data) as (_, database), database.reading() as db:
        found = share_queries.all_of(db)
        return [(user.name, found.get(user.id, EQUAL)) for user in account_queries.everybody(db)]


def change_share(data: Path, name: str, changes: Mapping[str, float | int | None]) -> None:
    """The account gets another share from now on; what is not among ``changes`` stays as it is.

    Raises:
        DataFolderUnusable: the folder cannot be used.
        BadValue: there is no such account, or a number makes no sense.
    """
    with _opened(data) as (_, database), database.writing() as db:
        user = next((each for each in account_queries.everybody(db) if each.name == name), None)
        if user is None:
            raise BadValue(f"there is no account {name!r}; renderbus farm user list shows all")
        before = dataclasses.asdict(share_queries.all_of(db).get(user.id, EQUAL))
        share_queries.put(db, user.id, Share(**{**before, **changes}))


@contextmanager
def _opened(data: Path) -> Iterator[tuple[DataFolder, Database]]:
    folder = DataFolder.prepared(data)
    with folder.setting_up():
        database = Database.open(folder.database)
    with closing(database):
        yield folder, database
