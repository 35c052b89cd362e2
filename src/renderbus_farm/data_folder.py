"""The folder in which a farm keeps everything: its files by name, and who may use them when.

``farm.lock`` is held while a farm runs. ``start.lock`` is held by a client while it looks for a farm or
starts one, and by an embedded farm while it decides to end: so no client joins a farm that is about to go.
``setup.lock`` is held while key file and database are made.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from filelock import FileLock, Timeout

from renderbus_farm.errors import AlreadyRunning, DataFolderUnusable

_Kept = TypeVar("_Kept", bound=msgspec.Struct)

WAIT_FOR_THE_LAST_FARM_S = 10.0
"""A farm that has said goodbye (no farm.json) needs a moment to end its workers before it lets go."""


class Running(msgspec.Struct, frozen=True):
    """farm.json: a farm that is ready. ``started`` is in seconds since 1970."""

    url: str
    pid: int
    started: float
    version: str


class Owner(msgspec.Struct, frozen=True, rename="camel"):
    """owner.json: the first account, for programs of the person who owns the folder."""

    access_id: str
    access_key: str


def packs_folder(blobs: Path) -> Path:
    """Where packs lie, beside the blobs: who is given one folder finds both."""
    return blobs / "packs"


class DataFolder:
    """The files below ``path``. Make one with ``prepared``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key_file = path / "farm.key"
        self.database = path / "farm.sqlite3"
        self.blobs = path / "blobs"
        self.analyses = path / "analyses"
        self.packs = packs_folder(self.blobs)
        self.seen = path / "seen"
        self.log = path / "farm.log"

    @classmethod
    def prepared(cls, path: Path) -> DataFolder:
        """The folder, made and found writable.

        Raises:
            DataFolderUnusable: it cannot be made, or nothing can be written into it.
        """
        try:
            # Only its owner may look inside: it holds keys and everybody's scenes.
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass  # it can be written
        except OSError as error:
            raise DataFolderUnusable(path, error.strerror or str(error)) from error
        return cls(path.resolve())

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """One process at a time makes key file, id and database."""
        with FileLock(self.path / "setup.lock"):
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """This process is the folder's farm.

        Raises:
            AlreadyRunning: another one is.
        """
        lock = FileLock(self.path / "farm.lock", thread_local=False)
        running = self.running()
        try:
            lock.acquire(timeout=0 if running else WAIT_FOR_THE_LAST_FARM_S)
        except Timeout:
            running = self.running()
            raise AlreadyRunning(self.path, running.url if running else None) from None
        try:
            self.forget_running()  # what a killed farm left
            yield
        finally:
            lock.release()

    def start_lock(self) -> FileLock:
        """The lock that clients hold while they look for a farm; any thread may release it."""
        return FileLock(self.path / "start.lock", thread_local=False)

    def farm_id(self) -> str:
        """An id that this folder keeps for good; call it while setting up."""
        file = self.path / "farm.id"
        if not file.exists():
            write_privately(file, uuid.uuid4().hex.encode())
        return file.read_text("ascii").strip()

    def running(self) -> Running | None:
        """The farm that is ready on this folder; after a crash, the one that was."""
        return self._read("farm.json", Running)

    def announce(self, running: Running) -> None:
        """Say that the farm is ready."""
        write_privately(self.path / "farm.json", msgspec.json.encode(running))

    def forget_running(self) -> None:
        """The farm is no longer ready."""
        (self.path / "farm.json").unlink(missing_ok=True)

    def owner(self) -> Owner | None:
        """The first account; None when there is none yet, or its file was taken away."""
        return self._read("owner.json", Owner)

    def keep_owner(self, owner: Owner) -> None:
        """Keep the first account for its owner's eyes only."""
        write_privately(self.path / "owner.json", msgspec.json.encode(owner))

    def _read(self, name: str, kind: type[_Kept]) -> _Kept | None:
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode((self.path / name).read_bytes(), type=kind)
        return None


def write_privately(path: Path, content: bytes) -> None:
    """A file for its owner's eyes only: there in full, or not at all.

    Raises:
        DataFolderUnusable: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DataFolderUnusable(path.parent, f"{path.name}: {error.strerror or error}") from error
