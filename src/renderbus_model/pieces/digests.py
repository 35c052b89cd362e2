"""BLAKE3 digests of bytes in memory, of streams, and of bytes as they pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NewType

import blake3

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


def digest_of(content: bytes | memoryview) -> Digest:
    """The digest of bytes in memory."""
    return Digest(blake3.blake3(content).hexdigest())


def raw(digest: Digest) -> bytes:
    """The 32 bytes that a digest's digits stand for.

    Raises:
        BadDigest: it is none.
    """
    return bytes.fromhex(checked_digest(digest))


def of_raw(content: bytes) -> Digest:
    """The digest that these 32 bytes are."""
    return checked_digest(content.hex())


class Hashing:
    """Bytes as they pass, and their digest and number at the end.

    Args:
        many: share the work among all processors: for hundreds of gigabytes that cost nothing else.
    """

    def __init__(self, *, many: bool = False) -> None:
        self._hash = blake3.blake3(max_threads=blake3.blake3.AUTO if many else 1)
        self.size_bytes = 0

    def update(self, content: bytes | memoryview) -> None:
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
