"""The engine for a database file: transactions and migrations.

SQLite in WAL mode: any number of readers beside one writer. Writers of this process queue at a lock; those of
another process are waited for.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event

from renderbus_farm.errors import DISK_FULL, CannotStore, FarmError
from renderbus_farm.store import counting, happened
from renderbus_farm.store.happened import Happening
from renderbus_farm.store.prepared import Prepared

__all__ = ["Connection", "Database", "DatabaseFull", "DatabaseUnusable"]

BUSY_TIMEOUT_S = 30.0
"""How long another process may hold the database; its transactions are short."""

MOST_READERS = 8
"""Connections that are kept open for reading. A farm reads at more at once only for moments."""

MIGRATIONS = Path(__file__).parent / "migrations"

_FULL = "database or disk is full"  # SQLite's words; Python 3.10 does not give the number of an error
_BEGIN = "renderbus_begin"  # our name for the execution option that says how a transaction begins


class DatabaseUnusable(FarmError):
    """The database file cannot be used; ``path`` says which."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"database {path}: {why}")
        self.path = path


class DatabaseFull(CannotStore):
    """The database's disk takes no more; nothing of the transaction was written."""

    def __init__(self, path: str | None) -> None:
        super().__init__(f"database {path}: {_FULL}", DISK_FULL)


class Database:
    """One SQLite file, for many threads.

    Attributes:
        listeners: told of what this process's transactions changed, each after its commit, in the writer's
            thread. They must be quick and never fail.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = threading.Lock()
        self._here = threading.local()  # the transaction that this thread writes in
        self._readers: list[Connection] = []  # open and out of use; the last one used is taken first
        self._watch_lock = threading.Lock()
        self._watch = engine.raw_connection()
        self.listeners: list[Callable[[Sequence[Happening]], None]] = []

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open the file, made when it is not there, and bring its tables up to date.

        Raises:
            DatabaseUnusable: not a database, not writable, or of a newer RenderBus.
        """
        try:
            _migrate(path)
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            why = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            raise DatabaseUnusable(path, f"{why}; check the file and its folder's rights") from error
        return cls(_engine(path, foreign_keys=True))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of one moment; never waits for a writer. Within ``writing`` it is that transaction."""
        joined: Connection | None = getattr(self._here, "writing", None)
        if joined is not None:
            yield joined
            return
        connection = self._kept_reader()
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN")
        try:
            yield connection
        finally:
            driver.execute("COMMIT")  # nothing was written, so it is the same whether all went well
            self._keep_reader(connection)

    def ask(self, query: Prepared, **values: object) -> list[tuple[Any, ...]]:
        """The rows of one query, as within ``reading``: its transaction costs more than a read of a row."""
        joined: Connection | None = getattr(self._here, "writing", None)
        if joined is not None:
            return query.rows(joined, **values)
        connection = self._kept_reader()
        try:
            return query.rows(connection, **values)
        finally:
            self._keep_reader(connection)

    def _keep_reader(self, connection: Connection) -> None:
        if len(self._readers) < MOST_READERS:
            self._readers.append(connection)
        else:
            connection.close()

    def _kept_reader(self) -> Connection:
        try:
            return self._readers.pop()
        except IndexError:
            pass
        # The library's own transaction stays open for as long as the connection is kept, and means nothing:
        # beginning and ending one costs more than a small query.
        connection = self._engine.connect().execution_options(**{_BEGIN: ""})
        connection.begin()
        return connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write and sees all earlier ones; an exception undoes it whole.

        One inside another of the same thread is a part of it: both happen, or neither.

        Raises:
            DatabaseFull: there is no room for what was written.
        """
        joined: Connection | None = getattr(self._here, "writing", None)
        if joined is not None:
            yield joined
            return
        # Without the lock, threads would poll for SQLite's own, which wakes nobody and may starve one.
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            self._here.writing = connection
            noted = happened.begin(connection)
            try:
                yield connection
            finally:
                self._here.writing = None
                happened.end(connection)
        if noted:
            for listener in self.listeners:
                listener(noted)

    def version(self) -> int:
        """Another number whenever anything was committed since, by this process or another."""
        driver: Any = self._watch.driver_connection
        with self._watch_lock:
            # SQLite: differs when another connection has changed the file; this one never does.
            return int(driver.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        options = {_BEGIN: begin}
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except sa.exc.OperationalError as error:
            if str(error.orig) == _FULL:
                raise DatabaseFull(self._engine.url.database) from error
            raise

    def close(self) -> None:
        """Close every connection."""
        self._watch.close()
        while self._readers:
            self._readers.pop().close()
        self._engine.dispose()


def _engine(path: Path, *, foreign_keys: bool) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,  # an error's text goes into the log, and values may be secrets
        max_overflow=-1,  # threads of a server are bounded elsewhere; none should wait for a connection
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to be IMMEDIATE
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if how := connection.get_execution_options().get(_BEGIN, "BEGIN"):
            connection.exec_driver_sql(how)

    return engine


def _migrate(path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    # A batch migration copies a table and drops the old one: with foreign keys on that would delete rows.
    engine = _engine(path, foreign_keys=False)
    try:
        with (
            engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}) as connection,
            connection.begin(),
        ):
            current = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in scripts.walk_revisions()}
            if current is not None and current not in known:
                raise DatabaseUnusable(
                    path, f"made by a newer RenderBus (tables {current}); install that version"
                )
            if current != scripts.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            counting.keep(connection)
    finally:
        engine.dispose()
