"""Runs a farm from its first answer to its end, and adds accounts to one."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import uvicorn
from filelock import BaseFileLock, Timeout

from renderbus_farm.accounts import Accounts, NewAccount
from renderbus_farm.api.app import Application
from renderbus_farm.api.bytes import ByteRoutes
from renderbus_farm.api.event import EventRoute
from renderbus_farm.assembly import Parts, owner_of
from renderbus_farm.connections import Connection
from renderbus_farm.data_folder import DataFolder, Running
from renderbus_farm.keys import KeyBox
from renderbus_farm.lifetime import Activity, Ticker
from renderbus_farm.logs import logged_to
from renderbus_farm.rules.people import User
from renderbus_farm.server import Server, listening_at, signals_end_it
from renderbus_farm.settings import Settings
from renderbus_farm.store.database import Database
from renderbus_farm.tls import Certificate, announced

KEEP_ALIVE_S = 75
"""How long a connection may rest between two requests: longer than clients rest between two questions."""

GRACE_S = 2
"""How long requests under way may take when the farm ends."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A farm that answers.

    Attributes:
        access_id: of its first account; empty when owner.json was taken away.
        access_key: the same.
        is_new: the account was made just now.
    """

    url: str
    access_id: str
    access_key: str
    is_new: bool


def serve(settings: Settings, *, on_ready: Callable[[Ready], None] = lambda _: None) -> None:
    """Run a farm until it is told to end by SIGTERM or SIGINT, or, embedded, until nobody needs it.

    Args:
        on_ready: called once, when the farm answers.

    Raises:
        BadSetting, DataFolderUnusable, AlreadyRunning, CannotListen: it cannot start.
    """
    certificate = _certificate(settings)
    os.umask(0o077)  # a data folder that was there before may be open to others; what we put into it is not
    folder = DataFolder.prepared(settings.data)
    with ExitStack() as ending:
        # Clients that look for a farm wait until this one is really gone: its lock is let go of last.
        start_lock = folder.start_lock()
        ending.callback(start_lock.release)
        told_to_end = ending.enter_context(signals_end_it())
        ending.enter_context(folder.held())
        ending.enter_context(logged_to(folder.log))
        listening = ending.enter_context(listening_at(settings.host, settings.port))
        parts = Parts.built(settings, folder, ending)
        _Run(settings, folder, parts, listening, certificate, start_lock, told_to_end, on_ready).run()


def _certificate(settings: Settings) -> Certificate | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return Certificate.read(settings.tls_cert, settings.tls_key)


def add_user(data: Path, name: str, *, allow_scripts: bool = False) -> NewAccount:
    """A new account on the farm of this data folder, which may be running.

    Raises:
        DataFolderUnusable: the folder cannot be used.
        Refusal: the name is not allowed.
    """
    with _accounts(data) as (folder, accounts):
        owner_of(folder, accounts)  # the first account is always the owner's, who needs it to join the farm
        return accounts.add(name, allow_scripts=allow_scripts)


def users(data: Path) -> list[User]:
    """The accounts on the farm of this data folder, which may be running, oldest first.

    Raises:
        DataFolderUnusable: the folder cannot be used.
    """
    with _accounts(data) as (_, accounts):
        return accounts.everybody()


@contextmanager
def _accounts(data: Path) -> Iterator[tuple[DataFolder, Accounts]]:
    folder = DataFolder.prepared(data)
    with folder.setting_up(), closing(Database.open(folder.database)) as database:
        yield folder, Accounts(database, KeyBox.at(folder.key_file))


class _Run:
    """A farm from its first answer to its end."""

    def __init__(
        self,
        settings: Settings,
        folder: DataFolder,
        parts: Parts,
        listening: socket.socket,
        certificate: Certificate | None,
        start_lock: BaseFileLock,
        told_to_end: threading.Event,
        on_ready: Callable[[Ready], None],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._parts = parts
        self._listening = listening
        self._start_lock = start_lock
        self._on_ready = on_ready
        self._activity = Activity()
        self._certificate = certificate
        self._url = announced(settings.host, listening.getsockname()[1], certificate)
        self._app = self._application()
        self._server = Server(self._config(), self._ready, told_to_end, parts.farm.events.close)
        self._ticker = Ticker(self._tick, changed=parts.changed, due_in_s=parts.dispatcher.next_wake)

    def run(self) -> None:
        """Until the end."""
        self._ticker.start()
        try:
            self._server.run(sockets=[self._listening])
        finally:
            self._folder.forget_running()
            self._app.aside.end(GRACE_S)
            self._ticker.end()
            log.info("farm ends")

    def _application(self) -> Application:
        return Application(
            self._parts.operations,
            ByteRoutes(self._parts.blobs, self._parts.packs, self._parts.links, self._parts.farm.transfers),
            EventRoute(self._parts.farm.events, self._parts.links),
            activity=self._activity,
            about={"version": version("renderbus"), "farm": self._parts.farm_id},
        )

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            http=Connection,
            proxy_headers=False,  # whose word is taken is our own setting
            lifespan="off",
            ws="none",
            server_header=False,
            ssl_certfile=self._certificate.file if self._certificate else None,
            ssl_keyfile=self._certificate.key if self._certificate else None,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=KEEP_ALIVE_S,
        )

    def _ready(self) -> None:
        running = Running(self._url, os.getpid(), time.time(), version("renderbus"))
        self._folder.announce(running)
        self._parts.answers.set()
        log.info("farm ready", extra={"url": self._url, "workers": self._settings.workers})
        owner = self._parts.owner
        self._on_ready(Ready(self._url, owner.access_id, owner.access_key, self._parts.owner_is_new))

    def _tick(self) -> None:
        try:
            self._parts.dispatcher.tick(time.time())
            self._parts.analyses.tick(time.time())
            for upkeep in self._parts.upkeep:
                upkeep.tick(time.time())
        finally:  # also a farm whose ticks fail is not to stay for ever
            if self._settings.embedded and self._nobody_needs_it():
                self._end_unless_wanted()

    def _nobody_needs_it(self) -> bool:
        return (
            self._server.started
            and not self._server.should_exit
            and self._activity.idle_s() > self._settings.idle_end_s
            and not self._parts.dispatcher.anything_left()
            and not self._parts.analyses.anything_left()
        )

    def _end_unless_wanted(self) -> None:
        try:
            self._start_lock.acquire(timeout=0)
        except Timeout:
            return  # a client is just looking for a farm: it shall find this one
        if self._nobody_needs_it():
            log.info("nobody needs the farm")
            self._folder.forget_running()
            self._server.should_exit = True
        else:
            self._start_lock.release()
