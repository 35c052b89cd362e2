"""The bytes of a file of a manifest, whether they are kept whole or in pieces; each piece is checked."""

from __future__ import annotations

from collections.abc import Iterator

import zstandard

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.blobs.packs import PackReader
from renderbus_model.pieces import FileEntry, PlacedPiece, WrongDigest, read_in_parts
from renderbus_model.pieces.packs import content_of
from renderbus_model.pieces.zeros import LONGEST_BYTES, zeros, zeros_digest

LEAST_HOLE_BYTES, MOST_STORED_BYTES = 64 << 10, 2 << 10

SEND_AGAIN = "upload it again, then submit the scene as a new task"


class Damaged(Exception):
    """What is stored of a file is not what was uploaded.

    Attributes:
        path: its farm path.
        piece: the one that is damaged; None where each is right and they do not make the file.
    """

    def __init__(self, path: str, why: str, piece: PlacedPiece | None = None) -> None:
        super().__init__(f"file {path}: {why}; its stored bytes are damaged: {SEND_AGAIN}")
        self.path = path
        self.piece = piece


class Contents:
    """Reads files; for one thread."""

    def __init__(self, blobs: Blobs, packs: PackReader) -> None:
        self._blobs = blobs
        self._packs = packs
        self._opener = zstandard.ZstdDecompressor()

    def parts(self, entry: FileEntry) -> Iterator[bytes | memoryview]:
        """The bytes of a file, in parts; long runs of zeros are ``zeros``, which need not be written.

        Raises:
            BlobMissing, PackMissing: they are not stored.
            Damaged: a piece of them is.
        """
        if not entry.pieces:
            with self._blobs.get(entry.digest) as stream:
                yield from read_in_parts(stream)
        for piece in entry.pieces:
            if _is_hole(piece):
                yield zeros(piece.size_bytes)
                continue
            stored = self._packs.read(piece.pack, piece.offset, piece.stored_bytes)
            try:
                yield content_of(stored, piece.digest, piece.size_bytes, self._opener)
            except WrongDigest as error:
                why = f"piece {piece.digest[:16]} of pack {piece.pack}"
                raise Damaged(entry.path, why, piece) from error


def _is_hole(piece: PlacedPiece) -> bool:
    """Whether it is nothing but zeros; only what shrank to next to nothing is looked at."""
    if not LEAST_HOLE_BYTES <= piece.size_bytes <= LONGEST_BYTES or piece.stored_bytes > MOST_STORED_BYTES:
        return False
    return piece.digest == zeros_digest(piece.size_bytes)
