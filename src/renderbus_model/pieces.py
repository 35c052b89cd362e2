"""Digests, and the manifest that says which bytes a set of files is made of.

Every file is one blob here, known by its BLAKE3 digest. Cutting files into pieces changes what a
``FileEntry`` lists, not who asks for what: both sides keep asking which digests are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NewType

import blake3
import msgspec

from renderbus_model.paths import FarmPath, checked_farm_path

Digest = NewType("Digest", str)
"""64 lower-case hexadecimal digits of BLAKE3."""

READ_BYTES = 1 << 20
"""How much is read at a time: large enough that Python's share of the work does not show."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadDigest(ValueError):
    """A text is no digest."""


class WrongDigest(Exception):
    """Bytes are not those that their digest promised."""

    def __init__(self, expected: Digest, found: Digest) -> None:
        super().__init__(
            f"content does not match its digest: expected {expected}, found {found}; send it again"
        )
        self.expected = expected
        self.found = found


def checked_digest(text: str) -> Digest:
    """A digest that came from outside.

    Raises:
        BadDigest: not 64 lower-case hexadecimal digits.
    """
    if not _DIGEST.fullmatch(text):
        raise BadDigest(f"digest {text[:80]!r}: expected 64 lower-case hexadecimal digits (BLAKE3)")
    return Digest(text)


def digest_of(content: bytes) -> Digest:
    """The digest of bytes in memory."""
    return Digest(blake3.blake3(content).hexdigest())


class Hashing:
    """Bytes as they pass, and their digest and number at the end."""

    def __init__(self) -> None:
        self._hash = blake3.blake3()
        self.size_bytes = 0

    def update(self, content: bytes) -> None:
        """Count these bytes too."""
        self._hash.update(content)
        self.size_bytes += len(content)

    @property
    def digest(self) -> Digest:
        """The digest of all bytes so far."""
        return Digest(self._hash.hexdigest())


def read_in_parts(stream: BinaryIO) -> Iterator[bytes]:
    """What is left of a stream, ``READ_BYTES`` at a time."""
    while part := stream.read(READ_BYTES):
        yield part


def digest_of_stream(stream: BinaryIO) -> tuple[Digest, int]:
    """Digest and number of the bytes that are left in a stream."""
    hashing = Hashing()
    for part in read_in_parts(stream):
        hashing.update(part)
    return hashing.digest, hashing.size_bytes


class FileEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One file of a manifest: its farm path and the blob that holds its bytes."""

    path: FarmPath
    digest: Digest
    size_bytes: int

    def __post_init__(self) -> None:
        if checked_farm_path(self.path) != self.path:
            raise ValueError(f"path {self.path!r}: not a farm path in its one spelling")
        checked_digest(self.digest)
        if self.size_bytes < 0:
            raise ValueError(f"size of {self.path!r}: {self.size_bytes} is negative")


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """A set of files, sorted by path, each path once: equal sets have equal bytes, so equal digests."""

    files: tuple[FileEntry, ...]
    version: int = 1

    def __post_init__(self) -> None:
        for entry, following in zip(self.files, self.files[1:], strict=False):
            if entry.path >= following.path:
                raise ValueError(f"path {following.path!r}: stands twice, or not in its order")

    @classmethod
    def of(cls, files: Iterable[FileEntry]) -> Manifest:
        """The manifest of these files; where a path is given twice the later one holds."""
        by_path = {entry.path: entry for entry in files}
        return cls(tuple(by_path[path] for path in sorted(by_path)))

    @classmethod
    def decode(cls, content: bytes) -> Manifest:
        """Read what ``encode`` wrote.

        Raises:
            msgspec.ValidationError: not a manifest.
        """
        return msgspec.json.decode(content, type=cls)

    def encode(self) -> bytes:
        """The bytes under whose digest the manifest itself is kept."""
        return msgspec.json.encode(self)
