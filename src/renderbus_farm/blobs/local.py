"""Blobs as files under a folder, ``ab/cd/abcd…``; signed URLs lead back to this farm."""

from __future__ import annotations

import errno
import math
import os
import shutil
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from renderbus_farm.blobs.blobs import BlobMissing
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.unfinished import remove_older
from renderbus_model.pieces import (
    READ_BYTES,
    BadDigest,
    Digest,
    Hashing,
    WrongDigest,
    checked_digest,
    read_in_parts,
)

_READ_ONLY = 0o444  # what is stored under a digest never changes, and worker folders share these files
_CANNOT_LINK = {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EACCES, errno.ENOTSUP}
_INCOMING = "incoming"


class LocalArrival:
    """A file in the making."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hashing = Hashing()
        self._room = memoryview(bytearray(READ_BYTES))
        self._in_room = 0

    def write(self, part: bytes) -> None:
        """The next bytes."""
        self.flush()
        self._file.write(part)
        self._hashing.update(part)

    def room(self) -> memoryview:
        """Where the next bytes may be put."""
        return self._room[self._in_room :]

    def came(self, size_bytes: int) -> None:
        """So many were put there."""
        self._in_room += size_bytes
        if self._in_room == len(self._room):
            self.flush()

    def flush(self) -> None:
        """What is in the room goes into the file."""
        with self._room[: self._in_room] as part:
            self._in_room = 0
            self._file.write(part)
            self._hashing.update(part)

    @property
    def digest(self) -> Digest:
        """Of the bytes so far."""
        return self._hashing.digest

    @property
    def size_bytes(self) -> int:
        """Number of bytes so far."""
        return self._hashing.size_bytes


class AnnouncedArrival(LocalArrival):
    """A file in the making whose digest is known before."""

    def __init__(self, file: BinaryIO, announced: Digest) -> None:
        super().__init__(file)
        self._announced = announced
        self.kept = False

    def keep(self) -> None:
        """All bytes came; the file gets its name when the context ends."""
        self.flush()
        if self.digest != self._announced:
            raise WrongDigest(self._announced, self.digest)
        self.kept = True


class LocalBlobs:
    """``folder`` must be of one farm alone. Without ``links`` no URL can be made: what a worker needs."""

    def __init__(self, folder: Path, links: Links | None = None) -> None:
        self._folder = folder
        self._links = links
        self._numbers = count()
        (folder / _INCOMING).mkdir(parents=True, exist_ok=True)

    def have(self, digests: Set[Digest]) -> set[Digest]:
        """Those of ``digests`` that are stored."""
        return {digest for digest in digests if self._path(digest).exists()}

    def put(self, digest: Digest, content: BinaryIO) -> None:
        """Store what is left of a stream; raises ``WrongDigest`` when the bytes are others."""
        with self.arrival(digest) as arrival:
            for part in read_in_parts(content):
                arrival.write(part)
            arrival.keep()

    def put_file(self, path: Path) -> tuple[Digest, int]:
        """Store a file's content: its digest and size in bytes."""
        with path.open("rb") as content, self._new_file() as (file, beside):
            arrival = LocalArrival(file)
            for part in read_in_parts(content):
                arrival.write(part)
            self._show(file, beside, arrival.digest)
            return arrival.digest, arrival.size_bytes

    def get(self, digest: Digest) -> BinaryIO:
        """The bytes, to be closed by the caller; raises ``BlobMissing``."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise BlobMissing(digest) from None

    def link(self, digest: Digest, target: Path) -> None:
        """Let ``target`` be a read-only file with these bytes, a hard link where the file system can."""
        stored = self.file_of(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(stored, target)
        except FileNotFoundError:
            raise BlobMissing(digest) from None
        except OSError as error:
            if error.errno not in _CANNOT_LINK:
                raise
            self._copy(digest, target)

    def put_url(self, digest: Digest, size_bytes: int, account_id: int, until: int) -> str:
        """Where a client may PUT these bytes until ``until`` (seconds since 1970)."""
        return self._signing().put_url(digest, size_bytes, account_id, until)

    def get_url(self, digest: Digest, name: str, until: int) -> str:
        """Where a client may GET the bytes until ``until``."""
        return self._signing().get_url(digest, name, until)

    def delete(self, digests: Set[Digest], *, stored_before: float = math.inf) -> None:
        """Forget these, but those that were stored since then."""
        for digest in digests:
            path, aside = self._path(digest), self._beside()
            with suppress(FileNotFoundError):
                if path.stat().st_mtime >= stored_before:
                    continue
                path.rename(aside)
                # Only now is it certain which file it is: another may have taken its place all the time.
                if aside.stat().st_mtime < stored_before:
                    aside.unlink()
                else:
                    aside.replace(path)

    def names(self, prefix: str = "") -> Iterator[tuple[Digest, float]]:
        """Every stored blob whose digest begins like this, and when it was stored last."""
        for path in self._folder.glob(f"{prefix[:2] or '??'}/{prefix[2:4] or '??'}/{prefix}*"):
            with suppress(FileNotFoundError, BadDigest):
                yield checked_digest(path.name), path.stat().st_mtime

    @contextmanager
    def arrival(self, digest: Digest) -> Iterator[AnnouncedArrival]:
        """A place for bytes with this digest; what is not kept is gone when the context ends."""
        with self._new_file() as (file, beside):
            arrival = AnnouncedArrival(file, digest)
            yield arrival
            if arrival.kept:
                self._show(file, beside, digest)

    def file_of(self, digest: Digest) -> Path:
        """The file that holds the bytes; raises ``BlobMissing``."""
        path = self._path(digest)
        if not path.exists():
            raise BlobMissing(digest)
        return path

    def sweep_of(self, process: int) -> None:
        """Remove what a process that has ended, by its process id, left half-written."""
        for left in (self._folder / _INCOMING).glob(f"{process}-*"):
            left.unlink(missing_ok=True)

    def sweep(self, stopped_before: float = math.inf) -> None:
        """Remove what was left half-written, and not written to since then; by default all there is.

        That is only allowed while nothing else uses the folder.
        """
        remove_older(self._folder / _INCOMING, stopped_before)

    def _path(self, digest: Digest) -> Path:
        # Checked again although the type promises it: a digest becomes a file name only here.
        name = checked_digest(digest)
        return self._folder / name[:2] / name[2:4] / name

    def _signing(self) -> Links:
        if self._links is None:
            raise ValueError(f"storage {str(self._folder)!r} was opened without a key: it cannot sign URLs")
        return self._links

    def _beside(self) -> Path:
        name = f"{os.getpid()}-{threading.get_ident()}-{next(self._numbers)}"
        return self._folder / _INCOMING / name

    @contextmanager
    def _new_file(self) -> Iterator[tuple[BinaryIO, Path]]:
        beside = self._beside()
        with beside.open("xb") as file:
            try:
                yield file, beside
            finally:
                beside.unlink(missing_ok=True)

    def _show(self, file: BinaryIO, beside: Path, digest: Digest) -> None:
        # The bytes reach the disk before the name does: after a power cut a digest has its bytes or is
        # missing. The folder is not synced; a name that got lost is uploaded or rendered again.
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), _READ_ONLY)
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Also over an equal file: should the disk have spoiled that one, this heals it.
        beside.replace(path)

    def _copy(self, digest: Digest, target: Path) -> None:
        beside = target.with_name(f".{target.name[:100]}.{os.getpid()}-{threading.get_ident()}")
        try:
            with self.get(digest) as stored, beside.open("xb") as copy:
                shutil.copyfileobj(stored, copy)
            beside.chmod(_READ_ONLY)
            os.link(beside, target)  # unlike a rename, never over what is there
        finally:
            beside.unlink(missing_ok=True)
