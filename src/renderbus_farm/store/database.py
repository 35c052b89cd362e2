"""The engine for a database file: transactions and migrations.

SQLite in WAL mode: any number of readers beside one writer. Writers of this process queue at a lock; those of
another process are waited for.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event

from renderbus_farm.errors import FarmError

__all__ = ["Connection", "Database", "DatabaseUnusable"]

BUSY_TIMEOUT_S = 30.0
"""How long another process may hold the database; its transactions are short."""

MIGRATIONS = Path(__file__).parent / "migrations"

_BEGIN = "renderbus_begin"  # our name for the execution option that says how a transaction begins


class DatabaseUnusable(FarmError):
    """The database file cannot be used; ``path`` says which."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"database {path}: {why}")
        self.path = path


class Database:
    """One SQLite file, for many threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = threading.Lock()

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
        """A view of one moment; never waits for a writer."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write and sees all earlier ones; an exception undoes it whole."""
        # Without the lock, threads would poll for SQLite's own, which wakes nobody and may starve one.
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self._engine.connect().execution_options(**{_BEGIN: begin}) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection."""
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
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

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
    finally:
        engine.dispose()
