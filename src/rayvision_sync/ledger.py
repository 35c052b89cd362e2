"""The digest of each file as it last was, so that unchanged files are not read again.

There is one ledger per farm and account (``ledgers``), kept in SQLite or in Redis. It is only ever a help:
one that is lost, locked, damaged or out of date makes the next transfer slower and never wrong. An entry
holds for a file only while every fact of its ``Stamp`` is the same, and carries a proof of itself, so that a
damaged entry is none.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple

from renderbus_model.pieces import BadDigest, Digest, checked_digest, digest_of

log = logging.getLogger(__name__)

SETTLED_AFTER_S = 2.0
"""A file touched this recently is not remembered: it could change again within one tick of a file system's
clock (2 s on FAT) and look the same."""

PROOF_DIGITS = 32

clock = time.time
"""Seconds since 1970; what is a moment ago is judged by it."""


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


class Recalled(NamedTuple):
    """What a file was: its digest and, where it is made of several, its pieces as ``listed`` writes them."""

    digest: Digest
    pieces: bytes = b""


class Entry(NamedTuple):
    """One file as it is kept: its path as bytes, and three texts.

    ``content`` is the digest; where the file has several pieces, a stroke and their list in base64 follow.
    """

    path: bytes
    stamp: str
    content: str
    proof: str

    @classmethod
    def of(cls, path: str, stamp: Stamp, file: Recalled) -> Entry:
        """What to keep of a file."""
        key = os.fsencode(path)
        content = f"{file.digest}/{base64.b64encode(file.pieces).decode()}" if file.pieces else file.digest
        return cls(key, str(stamp), content, _proof(key, str(stamp), content))

    def for_stamp(self, stamp: Stamp) -> Recalled | None:
        """What the file is if it still has this stamp and the entry is whole."""
        if self.stamp != str(stamp) or self.proof != _proof(self.path, self.stamp, self.content):
            return None
        digest, _, pieces = self.content.partition("/")
        try:
            return Recalled(checked_digest(digest), base64.b64decode(pieces, validate=True))
        except (BadDigest, binascii.Error):
            return None


def _proof(key: bytes, stamp: str, content: str) -> str:
    return digest_of(b"\0".join((key, stamp.encode(), content.encode())))[:PROOF_DIGITS]


class Unusable(Exception):
    """The database of a ledger does not answer; ``why`` is what it said."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Ledger(ABC):
    """Digests by local path and stamp. Close it, or use it in a ``with``; for one thread at a time.

    Attributes:
        place: where it is kept, in words for a log; never with a password in it.
    """

    def __init__(self, place: str, settled_after_s: float) -> None:
        self.place = place
        self._settled_after_s = settled_after_s
        self._usable = True

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def known(self, files: Mapping[str, Stamp]) -> dict[str, Recalled]:
        """What those files are that are as they were when they were remembered."""
        paths = {os.fsencode(path): path for path in files}
        found: dict[str, Recalled] = {}
        if not self._usable:
            return found
        try:
            for entry in self._kept(list(paths)):
                path = paths.get(entry.path)
                recalled = entry.for_stamp(files[path]) if path is not None else None
                if path is not None and recalled is not None:
                    found[path] = recalled
        except Unusable as error:
            self._give_up(error)
        return found

    def remember(self, files: Mapping[str, tuple[Stamp, Recalled]]) -> set[str]:
        """Note what these files are; those that changed a moment ago are left out, and returned."""
        now_s = clock()
        settled = {path for path, (stamp, _) in files.items() if stamp.settled(now_s, self._settled_after_s)}
        entries = [Entry.of(path, *files[path]) for path in settled]
        if entries and self._usable:
            try:
                self._keep(entries)
            except Unusable as error:
                self._give_up(error)
        return files.keys() - settled

    def forget(self, paths: Iterable[str]) -> None:
        """Know these files no more."""
        keys = [os.fsencode(path) for path in paths]
        if keys and self._usable:
            try:
                self._drop(keys)
            except Unusable as error:
                self._give_up(error)

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    @abstractmethod
    def _kept(self, paths: Sequence[bytes]) -> Iterable[Entry]:
        """The entries of those of these paths that have one.

        Raises:
            Unusable: the database does not answer; so for the next two.
        """

    @abstractmethod
    def _keep(self, entries: Sequence[Entry]) -> None:
        """Add entries, or replace them."""

    @abstractmethod
    def _drop(self, paths: Sequence[bytes]) -> None:
        """Remove entries."""

    def _give_up(self, error: Unusable) -> None:
        self._usable = False
        log.warning(
            "upload record not usable, every file is read again",
            extra={"record": self.place, "why": error.why},
        )
        self.close()
