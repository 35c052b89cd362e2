"""The digest of each file as it last was, so that unchanged files are not read again.

A ledger is one SQLite file per farm and account. It is only ever a help: one that is lost, locked, damaged or
out of date makes the next transfer slower and never wrong. An entry holds for a file only while every fact of
its ``Stamp`` is the same, and each row carries a proof of itself, so that a damaged row is no row.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from renderbus_model.document_values import safe_name
from renderbus_model.pieces import BadDigest, Digest, checked_digest, digest_of

log = logging.getLogger(__name__)

SETTLED_AFTER_S = 2.0
"""A file touched this recently is not remembered: it could change again within one tick of a file system's
clock (2 s on FAT) and look the same."""

BUSY_S = 2.0  # another upload writes its rows in milliseconds; longer is not worth waiting for
ASKED_AT_ONCE = 500  # SQLite's oldest limit of values in one statement is 999

_TABLE = (
    "CREATE TABLE IF NOT EXISTS file "
    "(path BLOB PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL, proof TEXT NOT NULL) WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells, without reading it, that a file is still the same.

    The change time and the inode also tell files apart that were swapped for others of equal size and time,
    as ``cp -p`` and rsync do.
    """

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of a file."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def __str__(self) -> str:
        return f"{self.size_bytes}:{self.mtime_ns}:{self.ctime_ns}:{self.inode}"

    def settled(self, now_s: float, after_s: float) -> bool:
        """Whether the file was left alone long enough for its times to tell the next change."""
        return now_s - max(self.mtime_ns, self.ctime_ns) / 1e9 >= after_s


def ledger_file(folder: Path, domain: str, user_id: object) -> Path:
    """Where the ledger of a farm and account is kept below ``folder``."""
    return folder / "db" / f"{safe_name(domain)}-{safe_name(str(user_id))}.sqlite3"


class Ledger:
    """Digests by local path and stamp. Close it, or use it in a ``with``; for one thread at a time."""

    def __init__(self, path: Path, *, settled_after_s: float = SETTLED_AFTER_S) -> None:
        self.path = path
        self._settled_after_s = settled_after_s
        self._db = self._open()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def known(self, files: Mapping[str, Stamp]) -> dict[str, Digest]:
        """The digests of those files that are as they were when they were remembered."""
        found: dict[str, Digest] = {}
        paths = {os.fsencode(path): path for path in files}
        for rows in self._rows(list(paths)):
            for key, stamp, digest, proof in rows:
                path = paths.get(key)
                if path is None or stamp != str(files[path]) or proof != _proof(key, stamp, digest):
                    continue
                try:
                    found[path] = checked_digest(digest)
                except BadDigest:
                    continue
        return found

    def remember(self, files: Mapping[str, tuple[Stamp, Digest]]) -> None:
        """Note what these files are; those that changed a moment ago are left out."""
        now_s = time.time()
        rows = [
            (key := os.fsencode(path), str(stamp), digest, _proof(key, str(stamp), digest))
            for path, (stamp, digest) in files.items()
            if stamp.settled(now_s, self._settled_after_s)
        ]
        self._write("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", rows)

    def forget(self, paths: Iterable[str]) -> None:
        """Know these files no more."""
        self._write("DELETE FROM file WHERE path = ?", [(os.fsencode(path),) for path in paths])

    def _rows(self, keys: list[bytes]) -> Iterable[list[tuple[bytes, str, str, str]]]:
        for start in range(0, len(keys), ASKED_AT_ONCE):
            asked = keys[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            # The text between the parentheses is question marks only.
            statement = f"SELECT path, stamp, digest, proof FROM file WHERE path IN ({marks})"  # noqa: S608 - see above
            if self._db is None:
                return
            try:
                rows = self._db.execute(statement, asked).fetchall()
            except sqlite3.Error as error:
                self._give_up(error)
                return
            yield rows

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if self._db is None or not rows:
            return
        try:
            with self._db:
                self._db.executemany(statement, rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection | None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _connect(self.path)
            except sqlite3.OperationalError:  # locked or not writable: it may be good, so it stays
                raise
            except sqlite3.DatabaseError as error:
                log.warning(
                    "upload record damaged, begun anew", extra={"file": str(self.path), "why": str(error)}
                )
                self.path.unlink()
                return _connect(self.path)
        except (OSError, sqlite3.Error) as error:
            self._db = None
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        log.warning(
            "upload record not usable, every file is read again",
            extra={"file": str(self.path), "why": str(error)},
        )
        self.close()


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


def _proof(key: bytes, stamp: str, digest: str) -> str:
    return digest_of(b"\0".join((key, stamp.encode(), digest.encode())))[:32]
