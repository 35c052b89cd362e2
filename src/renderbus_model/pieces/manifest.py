"""Manifests: which bytes a set of files is made of, and where a farm keeps them.

A client commits an ``Upload``: each file with the digest of its whole content and, where the farm does not
know that content yet, the pieces it is cut into. A task reads from a ``Manifest``: the same files, each piece
with its place in a pack, so that a node needs no database.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from renderbus_model.paths import FarmPath, checked_farm_path
from renderbus_model.pieces.digests import Digest, checked_digest, digest_of, of_raw, raw

_LISTED = struct.Struct("<32sI")  # a piece in a list: its digest and its length


class BadPieces(ValueError):
    """A list of pieces makes no sense."""


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """So many bytes with this digest."""

    digest: Digest
    size_bytes: int


class PlacedPiece(msgspec.Struct, frozen=True, array_like=True):
    """A piece in a pack: ``stored_bytes`` at ``offset``, compressed with zstd where they are fewer."""

    digest: Digest
    size_bytes: int
    pack: str
    offset: int
    stored_bytes: int


class FileEntry(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One file of a manifest: its farm path, and the bytes it has.

    Attributes:
        digest: of the whole file.
        pieces: where its bytes lie, in order; none for a file that is kept whole, as one blob.
    """

    path: FarmPath
    digest: Digest
    size_bytes: int
    pieces: tuple[PlacedPiece, ...] = ()

    def __post_init__(self) -> None:
        _check_file(self.path, self.digest, self.size_bytes)
        if self.pieces and sum(piece.size_bytes for piece in self.pieces) != self.size_bytes:
            raise BadPieces(f"pieces of {self.path!r}: together they have not its {self.size_bytes} bytes")


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """A set of files, sorted by path, each path once: equal sets have equal bytes, so equal digests."""

    files: tuple[FileEntry, ...]
    version: int = 1

    def __post_init__(self) -> None:
        _check_order([entry.path for entry in self.files])

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


class UploadedFile(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A file of an upload. ``pieces`` is as ``listed`` writes it, empty where the farm knows the content."""

    path: FarmPath
    digest: Digest
    size_bytes: int
    pieces: bytes = b""

    def __post_init__(self) -> None:
        _check_file(self.path, self.digest, self.size_bytes)

    @property
    def in_set(self) -> tuple[FarmPath, Digest, int]:
        """What counts in ``Upload.digest_of_set``."""
        return self.path, self.digest, self.size_bytes


class Upload(msgspec.Struct, frozen=True, rename="camel"):
    """What a client commits, sorted by path; ``cutting`` is the version of the rules that cut its files."""

    files: tuple[UploadedFile, ...]
    cutting: int
    version: int = 1

    def __post_init__(self) -> None:
        _check_order([entry.path for entry in self.files])

    @classmethod
    def decode(cls, content: bytes) -> Upload:
        """Read what ``encode`` wrote.

        Raises:
            msgspec.ValidationError: not an upload.
        """
        return msgspec.json.decode(content, type=cls)

    def encode(self) -> bytes:
        """The bytes that travel as pieces themselves: 160,000 files are more than a question may hold."""
        return msgspec.json.encode(self)

    @staticmethod
    def digest_of_set(files: Iterable[tuple[FarmPath, Digest, int]]) -> Digest:
        """What a set of files is known by: paths, digests and sizes, in whatever order and however cut."""
        by_path = {file[0]: file for file in files}
        return digest_of(msgspec.json.encode([by_path[path] for path in sorted(by_path)]))


def listed(pieces: Iterable[Piece]) -> bytes:
    """Pieces in the shortest form: 36 bytes each.

    >>> listed([Piece(Digest("0" * 64), 7)])[-4:]
    b'\\x07\\x00\\x00\\x00'
    """
    return b"".join(_LISTED.pack(raw(piece.digest), piece.size_bytes) for piece in pieces)


def read_listed(content: bytes) -> list[Piece]:
    """Read what ``listed`` wrote.

    Raises:
        BadPieces: not of that form.
    """
    if len(content) % _LISTED.size:
        raise BadPieces(f"list of pieces: {len(content)} bytes, expected a multiple of {_LISTED.size}")
    return [Piece(of_raw(digest), size) for digest, size in _LISTED.iter_unpack(content)]


def _check_file(path: FarmPath, digest: Digest, size_bytes: int) -> None:
    if checked_farm_path(path) != path:
        raise ValueError(f"path {path!r}: not a farm path in its one spelling")
    checked_digest(digest)
    if size_bytes < 0:
        raise ValueError(f"size of {path!r}: {size_bytes} is negative")


def _check_order(paths: Sequence[FarmPath]) -> None:
    for path, following in pairwise(paths):
        if path >= following:
            raise ValueError(f"path {following!r}: stands twice, or not in its order")
