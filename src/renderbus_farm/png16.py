"""PNG pictures of 16 bits a colour, which Pillow reads as 8; and the notes that any PNG carries.

Source: the PNG specification, third edition (https://www.w3.org/TR/png-3/), chapters 5, 7 and 9.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from renderbus_farm.pictures import BadPicture, check_pixels
from renderbus_farm.rules.tiles import Box

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # by colour type; 3 is a palette, which has no 16 bits
_DEEP = 16
_UP = 2
_OF_THE_PIXELS = frozenset({b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"oFFs"})
"""Chunks that say how the pixels lie; all others are notes, such as the colour space and when it was made."""


def is_deep(picture: Path) -> bool:
    """Whether it has 16 bits a colour.

    Raises:
        BadPicture: it is no PNG.
    """
    return bool(_header(picture.name, picture.read_bytes()).depth == _DEEP)


def compose(tiles: Sequence[Path], boxes: Sequence[Box], target: Path) -> None:
    """Write the picture that deep tiles make, each of which lies at its box, with the notes of the first.

    Raises:
        BadPicture: one is damaged, or has another size or other channels.
    """
    import numpy

    width, height = max(box[2] for box in boxes), max(box[3] for box in boxes)
    whole: Any = None
    kind = -1
    for tile, (left, top, right, bottom) in zip(tiles, boxes, strict=True):
        head, pixels = read(tile)
        if (head.width, head.height) != (right - left, bottom - top):
            raise BadPicture(tile.name, f"measures {head.width}x{head.height} pixels, which is not its place")
        if whole is None:
            kind = head.kind
            whole = numpy.zeros((height, width, pixels.shape[2]), numpy.uint8)
        if head.kind != kind:
            raise BadPicture(tile.name, "has other channels than its neighbours")
        whole[top:bottom, left:right] = pixels
    _write(target, whole, kind, tiles[0])


def crop(picture: Path, box: Box) -> None:
    """Leave of a deep picture only what lies in the box.

    Raises:
        BadPicture: it is damaged, or the box is not in it.
    """
    head, pixels = read(picture)
    left, top, right, bottom = box
    if right > head.width or bottom > head.height:
        raise BadPicture(picture.name, f"measures {head.width}x{head.height}, too small for its tile")
    _write(picture, pixels[top:bottom, left:right], head.kind, picture)


def _write(target: Path, pixels: Any, kind: int, noted: Path) -> None:
    """A deep picture with the notes of another one."""
    import numpy

    height, width, _ = pixels.shape
    rows = pixels.reshape(height, -1)
    rows = numpy.concatenate([rows[:1], rows[1:] - rows[:-1]])  # each byte less the one above, modulo 256
    filters = numpy.full((height, 1), _UP, numpy.uint8)
    content = zlib.compress(numpy.concatenate([filters, rows], axis=1).tobytes(), 6)
    header = struct.pack(">IIBBBBB", width, height, _DEEP, kind, 0, 0, 0)
    notes = [chunk for chunk in _chunks(noted.name, noted.read_bytes()) if chunk[0] not in _OF_THE_PIXELS]
    target.write_bytes(_written([(b"IHDR", header), *notes, (b"IDAT", content), (b"IEND", b"")]))


def copy_notes(source: bytes, target: Path) -> None:
    """Give ``target`` the notes of another PNG in place of its own; its pixels stay."""
    notes = [chunk for chunk in _chunks(target.name, source) if chunk[0] not in _OF_THE_PIXELS]
    pixels = _OF_THE_PIXELS - {b"oFFs"}
    own = [chunk for chunk in _chunks(target.name, target.read_bytes()) if chunk[0] in pixels]
    target.write_bytes(_written([own[0], *notes, *own[1:]]))


class Header:
    """What a PNG says first: its size, bits a colour, colour type, and whether it is interlaced."""

    def __init__(self, content: bytes) -> None:
        self.width, self.height, self.depth, self.kind, _, _, self.interlaced = struct.unpack(
            ">IIBBBBB", content
        )


def _header(name: str, content: bytes) -> Header:
    if not content.startswith(_SIGNATURE) or len(content) < 33:
        raise BadPicture(name, "is no PNG, or cut off")
    return Header(content[16:29])


def read(picture: Path) -> tuple[Header, Any]:
    """The header and the bytes of all pixels of a deep picture, as rows, columns and bytes of a pixel.

    Raises:
        BadPicture: it is damaged, or not deep.
    """
    import numpy

    content = picture.read_bytes()
    head = _header(picture.name, content)
    if head.depth != _DEEP or head.interlaced or head.kind not in _CHANNELS:
        raise BadPicture(picture.name, "has another depth than its neighbours, or is interlaced")
    pixel = 2 * _CHANNELS[head.kind]
    check_pixels(picture.name, head.width, head.height)
    packed = b"".join(data for kind, data in _chunks(picture.name, content) if kind == b"IDAT")
    size_bytes = head.height * (1 + head.width * pixel)
    try:
        # Bounded: a kilobyte may unpack to any size.
        rows = numpy.frombuffer(zlib.decompressobj().decompress(packed, size_bytes + 1), numpy.uint8)
    except zlib.error as error:
        raise BadPicture(picture.name, f"is damaged ({error})") from error
    if rows.size != size_bytes:
        raise BadPicture(picture.name, "is cut off, or longer than it says")
    rows = rows.reshape(head.height, -1)
    return head, _unfiltered(rows[:, 0], rows[:, 1:].reshape(head.height, head.width, pixel))


def _unfiltered(filters: Any, stored: Any) -> Any:
    """Undo the filters of all rows at once, one diagonal after another.

    A pixel follows from those on its left, above it, and above that on its left: all three lie on the two
    diagonals before its own, so a whole diagonal is worked out in one go.
    """
    import numpy

    height, width, _ = stored.shape
    # A border of zeros above and on the left, as the filters want it.
    done = numpy.zeros((height + 1, width + 1, stored.shape[2]), numpy.int16)
    kinds = filters[:, None]
    for diagonal in range(width + height - 1):
        y = numpy.arange(max(0, diagonal - width + 1), min(height - 1, diagonal) + 1)
        x = diagonal - y
        left, above, corner = done[y + 1, x], done[y, x + 1], done[y, x]
        kind = kinds[y]
        guess = numpy.select(
            [kind == 1, kind == 2, kind == 3, kind == 4],
            [left, above, (left + above) // 2, _paeth(left, above, corner)],
            0,
        )
        done[y + 1, x + 1] = (stored[y, x] + guess) & 0xFF
    return done[1:, 1:].astype(numpy.uint8)


def _paeth(left: Any, above: Any, corner: Any) -> Any:
    """Whichever of the three is nearest to left + above - corner (chapter 9.4)."""
    import numpy

    by_left, by_above = abs(above - corner), abs(left - corner)
    by_corner = abs(left + above - 2 * corner)
    nearest = numpy.where(by_above <= by_corner, above, corner)
    return numpy.where((by_left <= by_above) & (by_left <= by_corner), left, nearest)


def _chunks(name: str, content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise BadPicture(name, "is cut off")
        yield kind, data
        at += 12 + length


def _written(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    parts = [_SIGNATURE]
    for kind, data in chunks:
        parts += [struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(kind + data))]
    return b"".join(parts)
