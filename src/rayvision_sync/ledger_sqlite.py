"""A ledger in one SQLite file, which several programs may use at once."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from rayvision_sync.ledger import SETTLED_AFTER_S, Entry, Ledger, Unusable

log = logging.getLogger(__name__)

BUSY_S = 2.0  # another upload writes its rows in milliseconds; longer is not worth waiting for
ASKED_AT_ONCE = 500  # SQLite's oldest limit of values in one statement is 999

_TABLE = (
    "CREATE TABLE IF NOT EXISTS file "
    "(path BLOB PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL, proof TEXT NOT NULL) WITHOUT ROWID"
)


class SqliteLedger(Ledger):
    """Kept in the file ``path``; one that is no ledger is begun anew."""

    def __init__(self, path: Path, *, settled_after_s: float = SETTLED_AFTER_S) -> None:
        super().__init__(str(path), settled_after_s)
        self.path = path
        self._db: sqlite3.Connection | None = None
        try:
            self._db = _opened(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(Unusable(str(error)))

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _kept(self, paths: Sequence[bytes]) -> Iterator[Entry]:
        for start in range(0, len(paths), ASKED_AT_ONCE):
            asked = paths[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            # The text between the parentheses is question marks only.
            statement = f"SELECT path, stamp, digest, proof FROM file WHERE path IN ({marks})"  # noqa: S608 - see above
            try:
                rows = self._open.execute(statement, asked).fetchall()
            except sqlite3.Error as error:
                raise Unusable(str(error)) from error
            yield from (Entry(*row) for row in rows)

    def _keep(self, entries: Sequence[Entry]) -> None:
        self._write("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", entries)

    def _drop(self, paths: Sequence[bytes]) -> None:
        self._write("DELETE FROM file WHERE path = ?", [(path,) for path in paths])

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._open as db:
                db.executemany(statement, rows)
        except sqlite3.Error as error:
            raise Unusable(str(error)) from error

    @property
    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise Unusable("it was closed")
        return self._db


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.OperationalError:  # locked or not writable: it may be good, so it stays
        raise
    except sqlite3.DatabaseError as error:
        log.warning("upload record damaged, begun anew", extra={"record": str(path), "why": str(error)})
        path.unlink()
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S)
    try:
        # What a power cut damages is found out and begun anew: waiting for the disk buys nothing here.
        db.execute("PRAGMA synchronous = OFF")
        db.execute(_TABLE)
        db.execute("SELECT path, stamp, digest, proof FROM file LIMIT 1").fetchall()
        db.commit()
    except BaseException:
        db.close()
        raise
    return db
