"""TIFF pictures measured by their tags: whether the bytes of every strip or tile are there.

Source: TIFF 6.0, sections 2 and 15; BigTIFF (magic number 43) has offsets of eight bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 256, 257
_OFFSETS = (273, 324)  # of strips, of tiles
_COUNTS = (279, 325)
_MOST_TAGS = 4096
_MOST_VALUES = 1 << 24
_KINDS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""Field types that hold whole numbers."""


class NotATiff(ValueError):
    """The file is no TIFF, or parts of it are missing."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers are written: byte order, and the structures of a classic or a big file."""

    order: str
    first: str  # offset of the first directory, and where it is
    first_at: int
    tags: str  # how many there are
    tag: str  # number, kind, count
    value_bytes: int


def measured(path: Path) -> tuple[int, int]:
    """Width and height of the first picture of a file that is complete.

    Raises:
        NotATiff: it is not, or is no TIFF.
        OSError, struct.error: it cannot be read.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        content = file.read(16)
        form = _form(content)
        (at,) = struct.unpack_from(form.order + form.first, content, form.first_at)
        file.seek(at)
        (count,) = struct.unpack(form.order + form.tags, file.read(struct.calcsize(form.order + form.tags)))
        if count > _MOST_TAGS:
            raise NotATiff(f"has {count} tags")
        entry_bytes = struct.calcsize(form.order + form.tag) + form.value_bytes
        table = file.read(count * entry_bytes)
        tags: dict[int, tuple[int, ...]] = {}
        for index in range(count):
            number, kind, values = struct.unpack_from(form.order + form.tag, table, index * entry_bytes)
            if kind not in _KINDS or values > _MOST_VALUES:
                continue
            layout = f"{form.order}{values}{_KINDS[kind]}"
            begin = (index + 1) * entry_bytes - form.value_bytes
            held = table[begin : begin + form.value_bytes]
            if struct.calcsize(layout) > form.value_bytes:
                file.seek(struct.unpack(form.order + ("Q" if form.value_bytes == 8 else "I"), held)[0])
                held = file.read(struct.calcsize(layout))
            tags[number] = struct.unpack_from(layout, held)
    _check_all_there(tags, size_bytes)
    return tags[WIDTH][0], tags[HEIGHT][0]


def _form(content: bytes) -> _Form:
    order = {b"II": "<", b"MM": ">"}.get(content[:2], "")
    magic = struct.unpack_from(order + "H", content, 2)[0] if order else 0
    if magic == 42:
        return _Form(order, "I", 4, "H", "HHI", 4)
    if magic == 43:
        return _Form(order, "Q", 8, "Q", "HHQ", 8)
    raise NotATiff("does not begin as a TIFF does")


def _check_all_there(tags: Mapping[int, tuple[int, ...]], size_bytes: int) -> None:
    if WIDTH not in tags or HEIGHT not in tags:
        raise NotATiff("says nowhere what it measures")
    parts = [
        at + length
        for offsets, counts in zip(_OFFSETS, _COUNTS, strict=True)
        for at, length in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)
    ]
    if not parts or max(parts) > size_bytes:
        raise NotATiff("parts of the picture are missing")
