"""``Packs``: what a storage backend does with packs of pieces. A pack never changes once it is stored."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from renderbus_model.pieces.packs import PackedPiece


class PackMissing(Exception):
    """No pack of this name is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"pack {name} is not stored; upload the files it belongs to again")
        self.name = name


class PackReader(Protocol):
    """Gives stored bytes out. Safe for several threads."""

    def read(self, name: str, offset: int, size_bytes: int) -> bytes:
        """Bytes of a pack; fewer where it ends before.

        Raises:
            PackMissing: not stored.
        """


class PackArrival(Protocol):
    """A pack on its way in."""

    def write(self, part: bytes) -> None:
        """The next bytes."""

    def room(self) -> memoryview:
        """Where the next bytes may be put instead; ``came`` then says how many. Empty when all have come."""

    def came(self, size_bytes: int) -> None:
        """So many bytes were put into the room."""

    def checked(self) -> list[PackedPiece]:
        """All bytes came: the table, every piece of it compared with its digest.

        Raises:
            BadPack, WrongDigest: not what was announced; nothing is stored.
        """

    def keep(self) -> None:
        """Store it when the context ends: after a power cut all of it is there, or nothing."""


class Packs(PackReader, Protocol):
    """A storage backend for packs."""

    def arrival(self, name: str, size_bytes: int | None = None) -> AbstractContextManager[PackArrival]:
        """A place for a pack of so many bytes, where that is known; what is not kept is gone afterwards."""

    def put_url(self, name: str, account_id: int, until: int) -> str:
        """Where a client may PUT the pack until ``until`` (seconds since 1970); never log it."""

    def size_bytes(self, name: str) -> int:
        """How large a stored pack is.

        Raises:
            PackMissing: not stored.
        """

    def delete(self, names: Collection[str]) -> None:
        """Forget these; what is not stored is nothing to delete."""

    def names(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Every stored pack whose name begins like this, and when it was stored (seconds since 1970)."""

    def sweep(self, stopped_before: float = math.inf) -> None:
        """Remove what was left half-written, and not written to since then."""
