"""Packs as files under a folder, ``ab/abcd…``."""

from __future__ import annotations

import math
import mmap
import os
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

import zstandard

from renderbus_farm.blobs.buffers import Buffers
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.packs import PackMissing
from renderbus_farm.blobs.unfinished import remove_older
from renderbus_farm.blobs.writing import write_all, write_large
from renderbus_model.pieces import READ_BYTES
from renderbus_model.pieces.packs import BadPack, PackedPiece, content_of, read_table

_NAME = re.compile(r"[0-9a-f]{32}")
_READ_ONLY = 0o444
_INCOMING = "incoming"


class LocalPackArrival:
    """A pack in the making: in ``buffer`` where there is one, else in the file as it comes."""

    def __init__(self, file: BinaryIO, buffer: memoryview | None = None) -> None:
        self._file = file
        self._buffer = buffer
        self._room = buffer if buffer is not None else memoryview(bytearray(READ_BYTES))
        self._in_room = 0
        self.kept = False

    def write(self, part: bytes) -> None:
        """The next bytes."""
        left = memoryview(part)
        while left:
            room = self.room()
            if not room:
                raise BadPack("pack: more bytes came than were announced")
            size = min(len(room), len(left))
            room[:size] = left[:size]
            self.came(size)
            left = left[size:]

    def room(self) -> memoryview:
        """Where the next bytes may be put; empty when all have come."""
        return self._room[self._in_room :]

    def came(self, size_bytes: int) -> None:
        """So many were put there."""
        self._in_room += size_bytes
        if self._buffer is None and self._in_room == len(self._room):
            self._flush()

    def checked(self) -> list[PackedPiece]:
        """The table, every piece of it compared with its digest; raises ``BadPack``, ``WrongDigest``."""
        if self._buffer is not None:
            with self._buffer[: self._in_room] as view:
                return _checked(view)
        self._flush()
        size_bytes = os.fstat(self._file.fileno()).st_size
        if not size_bytes:
            return _checked(memoryview(b""))
        with (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as content,
            memoryview(content) as view,
        ):
            return _checked(view)

    def keep(self) -> None:
        """The bytes reach the disk now; the file gets its name when the context ends."""
        if self._buffer is not None:
            with self._buffer[: self._in_room] as view:
                write_large(self._file.fileno(), view)
        self._flush()
        os.fdatasync(self._file.fileno())
        os.fchmod(self._file.fileno(), _READ_ONLY)
        self.kept = True

    def _flush(self) -> None:
        if self._buffer is None:
            with self._room[: self._in_room] as part:
                self._in_room = 0
                write_all(self._file, part)


def _checked(view: memoryview) -> list[PackedPiece]:
    if not view:
        raise BadPack("pack: not one byte of it came")
    opener = zstandard.ZstdDecompressor()
    rows = read_table(len(view), lambda offset, size: bytes(view[offset : offset + size]))
    for row in rows:
        with view[row.offset : row.offset + row.stored_bytes] as stored:
            content_of(stored, row.digest, row.size_bytes, opener)
    return rows


class LocalPacks:
    """``folder`` must be of one farm alone. Without ``links`` no URL can be made: what a worker needs."""

    def __init__(self, folder: Path, links: Links | None = None) -> None:
        self._folder = folder
        self._links = links
        self._numbers = count()
        self._buffers = Buffers()
        (folder / _INCOMING).mkdir(parents=True, exist_ok=True)

    def read(self, name: str, offset: int, size_bytes: int) -> bytes:
        """Bytes of a pack; raises ``PackMissing``."""
        handle = self._opened(name)
        try:
            return os.pread(handle, size_bytes, offset)
        finally:
            os.close(handle)

    @contextmanager
    def arrival(self, name: str, size_bytes: int | None = None) -> Iterator[LocalPackArrival]:
        """A place for a pack; what is not kept is gone when the context ends."""
        path = self._path(name)
        beside = self._folder / _INCOMING / f"{os.getpid()}-{threading.get_ident()}-{next(self._numbers)}"
        with beside.open("x+b", buffering=0) as file, self._buffer(size_bytes) as buffer:
            try:
                arrival = LocalPackArrival(file, buffer)
                yield arrival
                if arrival.kept:
                    # The folder is not synced, which would take a third as long as all the rest. Where a
                    # power cut takes a name away, a node finds that, and the pieces are sent again.
                    path.parent.mkdir(exist_ok=True)
                    beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)

    @contextmanager
    def _buffer(self, size_bytes: int | None) -> Iterator[memoryview | None]:
        buffer = self._buffers.take(size_bytes)
        if buffer is None:
            yield None
            return
        try:
            with memoryview(buffer) as whole, whole[:size_bytes] as view:
                yield view
        finally:
            self._buffers.give_back(buffer)

    def put_url(self, name: str, account_id: int, until: int) -> str:
        """Where a client may PUT the pack until ``until``."""
        if self._links is None:
            raise ValueError(f"storage {str(self._folder)!r} was opened without a key: it cannot sign URLs")
        return self._links.pack_url(name, account_id, until)

    def size_bytes(self, name: str) -> int:
        """How large a stored pack is; raises ``PackMissing``."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            raise PackMissing(name) from None

    def delete(self, names: Collection[str]) -> None:
        """Forget these; what is not stored is nothing to delete."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def names(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Every stored pack whose name begins like this, and when it was stored."""
        for path in self._folder.glob(f"{prefix[:2] or '??'}/{prefix}*"):
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.name):
                    yield path.name, path.stat().st_mtime

    def sweep(self, stopped_before: float = math.inf) -> None:
        """Remove what was left half-written, and not written to since then; by default all there is.

        That is only allowed while nothing else uses the folder.
        """
        remove_older(self._folder / _INCOMING, stopped_before)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise PackMissing(name[:80])
        return self._folder / name[:2] / name

    def _opened(self, name: str) -> int:
        try:
            return os.open(self._path(name), os.O_RDONLY)
        except FileNotFoundError:
            raise PackMissing(name) from None
