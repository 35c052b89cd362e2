"""Packs: many pieces sent and stored as one.

The pieces lie one behind the other, each compressed with zstd where that helps. Behind them stands a table,
48 bytes a piece (digest, offset, stored length, length; little endian), and at the very end the trailer:
offset of the table, number of its rows, its BLAKE3 digest, and the mark ``RBPACK01``. So a pack can be read
without any other source.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import zstandard

from renderbus_model.pieces.digests import Digest, WrongDigest, digest_of, of_raw, raw

PACK_BYTES = 16 << 20
"""Pieces are put together up to this: four on their way are the 64 MiB that a broken upload may lose."""

MOST_PIECE_BYTES = 64 << 20
"""A piece is held in memory whole, on both sides."""

MOST_PACK_BYTES = 96 << 20
MOST_PIECES = 1 << 16

MOST_CONTENT_BYTES = 1 << 30
"""Of all pieces of a pack together: a few kilobytes may stand for 64 MiB of zeros, and each is opened to be
checked."""

SAMPLE_BYTES = 16 << 10
"""As much of a piece is tried first: bytes that do not shrink there are stored as they are."""

WORTH_IT = 0.9
SMALLEST_COMPRESSED_BYTES = 256

_MARK = b"RBPACK01"
_ROW = struct.Struct("<32sQII")
_TRAILER = struct.Struct("<QI32s8s")
TRAILER_BYTES = _TRAILER.size

ReadAt = Callable[[int, int], bytes]
"""So many bytes from an offset on: ``read_at(offset, size)``."""


class BadPack(ValueError):
    """Bytes are no pack, or one that was cut off."""


@dataclass(frozen=True, slots=True)
class PackedPiece:
    """A row of a pack's table; what is stored is compressed when it is shorter."""

    digest: Digest
    offset: int
    stored_bytes: int
    size_bytes: int


class PackBuilder:
    """A pack in the making; for one thread."""

    def __init__(self) -> None:
        self.parts: list[bytes | memoryview] = []
        self.rows: list[PackedPiece] = []
        self.size_bytes = 0
        self.content_bytes = 0

    def add(self, digest: Digest, content: bytes | memoryview, stored: bytes | memoryview) -> None:
        """One more piece, and what ``stored_form`` made of it."""
        self.rows.append(PackedPiece(digest, self.size_bytes, len(stored), len(content)))
        self.parts.append(stored)
        self.size_bytes += len(stored)
        self.content_bytes += len(content)

    def finish(self) -> list[bytes | memoryview]:
        """All bytes of the pack, in parts."""
        rows = (_ROW.pack(raw(row.digest), row.offset, row.stored_bytes, row.size_bytes) for row in self.rows)
        table = b"".join(rows)
        end = _TRAILER.pack(self.size_bytes, len(self.rows), raw(digest_of(table)), _MARK)
        return [*self.parts, table + end]


def stored_form(content: bytes | memoryview, compressor: zstandard.ZstdCompressor) -> bytes | memoryview:
    """The bytes to store for a piece: compressed where that saves a tenth and more."""
    if len(content) < SMALLEST_COMPRESSED_BYTES:
        return content
    if len(content) > 2 * SAMPLE_BYTES:
        middle = (len(content) - SAMPLE_BYTES) // 2
        sample = memoryview(content)[middle : middle + SAMPLE_BYTES]
        if len(compressor.compress(sample)) > SAMPLE_BYTES * WORTH_IT:
            return content
    smaller = compressor.compress(content)
    return smaller if len(smaller) <= len(content) * WORTH_IT else content


def read_table(size_bytes: int, read_at: ReadAt) -> list[PackedPiece]:
    """The table of a pack of so many bytes.

    Raises:
        BadPack: it is none, or its table does not fit it.
    """
    if size_bytes < TRAILER_BYTES:
        raise BadPack(f"pack of {size_bytes} bytes: shorter than its trailer")
    offset, count, digest, mark = _TRAILER.unpack(read_at(size_bytes - TRAILER_BYTES, TRAILER_BYTES))
    if mark != _MARK:
        raise BadPack("pack: its trailer is not there; it was cut off, or is no pack")
    if count > MOST_PIECES or offset + count * _ROW.size + TRAILER_BYTES != size_bytes:
        raise BadPack(f"pack: a table of {count} pieces at {offset} does not fit its {size_bytes} bytes")
    table = read_at(offset, count * _ROW.size)
    if raw(digest_of(table)) != digest:
        raise BadPack("pack: its table is damaged")
    rows = [PackedPiece(of_raw(row[0]), row[1], row[2], row[3]) for row in _ROW.iter_unpack(table)]
    for row in rows:
        _check_row(row, offset)
    if (content_bytes := sum(row.size_bytes for row in rows)) > MOST_CONTENT_BYTES:
        raise BadPack(
            f"pack: its pieces have {content_bytes} bytes together; send at most {MOST_CONTENT_BYTES}"
        )
    return rows


def content_of(
    stored: bytes | memoryview, digest: Digest, size_bytes: int, opener: zstandard.ZstdDecompressor
) -> bytes | memoryview:
    """The content of a piece from what is stored for it, checked.

    Raises:
        WrongDigest: it is damaged.
    """
    content: bytes | memoryview = stored
    if len(stored) != size_bytes:
        try:
            frame_bytes = zstandard.frame_content_size(stored)
            # What a frame says of its size is what the library makes room for.
            content = opener.decompress(stored) if frame_bytes == size_bytes else b""
        except zstandard.ZstdError:
            content = b""
    found = digest_of(content)
    if found != digest:
        raise WrongDigest(digest, found)
    return content


def _check_row(row: PackedPiece, end: int) -> None:
    if row.size_bytes > MOST_PIECE_BYTES or row.stored_bytes > row.size_bytes:
        raise BadPack(f"pack: piece {row.digest} of {row.size_bytes} bytes, stored as {row.stored_bytes}")
    if row.offset + row.stored_bytes > end:
        raise BadPack(f"pack: piece {row.digest} ends behind the pieces")
