"""``Blobs``: what a storage backend can do. Bytes are kept under the digest of their content.

What is stored under a digest never changes, so every ``put`` is safe to repeat and a cache never goes stale.
Nothing here knows accounts: whose bytes they are is kept by ``transfers``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Set
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from renderbus_model.pieces import Digest


class BlobMissing(Exception):
    """No bytes are stored under this digest."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(f"blob {digest} is not stored; upload the files it belongs to again")
        self.digest = digest


class Blobs(Protocol):
    """A storage backend. Safe for several threads and processes on the same storage."""

    def have(self, digests: Set[Digest]) -> set[Digest]:
        """Those of ``digests`` that are stored."""

    def put(self, digest: Digest, content: BinaryIO) -> None:
        """Store what is left of a stream.

        The bytes are always read to the end and checked, also when they are stored already: who can name a
        digest does not thereby have the bytes.

        Raises:
            WrongDigest: the bytes are others; nothing is stored.
        """

    def put_file(self, path: Path) -> tuple[Digest, int]:
        """Store a file's content: its digest and size in bytes."""

    def get(self, digest: Digest) -> BinaryIO:
        """The bytes, to be closed by the caller.

        Raises:
            BlobMissing: not stored.
        """

    def link(self, digest: Digest, target: Path) -> None:
        """Let ``target`` be a read-only file with these bytes; its folders are made.

        The file may share its bytes with the storage: it must never be written to.

        Raises:
            BlobMissing: not stored.
            FileExistsError: there is something at ``target`` already.
        """

    def put_url(self, digest: Digest, size_bytes: int, account_id: int, until: int) -> str:
        """Where a client may PUT these bytes until ``until`` (seconds since 1970).

        A URL that begins with ``/`` is relative to the farm's address. It is as good as a key: never log it.
        """

    def get_url(self, digest: Digest, name: str, until: int) -> str:
        """Where a client may GET the bytes until ``until``; ``name`` is what a browser saves them as."""

    def delete(self, digests: Set[Digest], *, stored_before: float = math.inf) -> None:
        """Forget these; what is not stored is nothing to delete. Files made by ``link`` stay.

        Args:
            stored_before: one that was stored since then (seconds since 1970), even if it was there before,
                stays.
        """

    def names(self, prefix: str = "") -> Iterator[tuple[Digest, float]]:
        """Every stored blob whose digest begins like this, and when it was stored last."""

    def sweep(self, stopped_before: float = math.inf) -> None:
        """Remove what was left half-written, and not written to since then."""


class Arrival(Protocol):
    """Bytes on their way in: they show under their digest once they are kept, and never in part."""

    def write(self, part: bytes) -> None:
        """The next bytes."""

    def room(self) -> memoryview:
        """Where the next bytes may be put instead; never empty. ``came`` then says how many."""

    def came(self, size_bytes: int) -> None:
        """So many bytes were put into the room."""

    def keep(self) -> None:
        """All bytes came.

        Raises:
            WrongDigest: they are not those that were announced; nothing is stored.
        """


class ServedBlobs(Blobs, Protocol):
    """A backend whose bytes the farm itself takes in and gives out: the target of signed URLs back to it."""

    def arrival(self, digest: Digest) -> AbstractContextManager[Arrival]:
        """A place for bytes with this digest; what is not kept is gone when the context ends."""

    def file_of(self, digest: Digest) -> Path:
        """The file that holds the bytes.

        Raises:
            BlobMissing: not stored.
        """
