"""DNA: how each struct of a .blend file is laid out, as the file itself says.

Source: the ``SDNA`` block of real files. Names, types, sizes and structs follow each other, each section
behind its four-letter word at a multiple of four bytes.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

POINTER_BYTES = 8
"""Only files of 64-bit programs are read."""

_DEEPEST = 8  # structs in structs; only a damaged table goes deeper
_ARRAY = re.compile(rb"\[([0-9]{1,9})\]")
_INT = struct.Struct("<i")


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct.

    Attributes:
        type: name of its type, or of what it points to.
        size: bytes of the whole member, arrays included.
        pointer: it holds an address.
    """

    type: str
    offset: int
    size: int
    pointer: bool


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct, its size in bytes, and its members by name."""

    name: str
    size: int
    fields: dict[str, Field]


class Dna:
    """All structs of a file, by number and by name."""

    def __init__(self, structs: tuple[Struct, ...]) -> None:
        self.structs = structs
        self.by_name = {found.name: found for found in structs}
        self._pointers: dict[int, tuple[int, ...]] = {}

    def pointers_in(self, layout: Struct) -> tuple[int, ...]:
        """Where in a struct its pointers are, those of structs inside it included."""
        if id(layout) not in self._pointers:
            self._pointers[id(layout)] = tuple(self._find_pointers(layout, 0, _DEEPEST))
        return self._pointers[id(layout)]

    def _find_pointers(self, layout: Struct, start: int, depth: int) -> Iterator[int]:
        for field in layout.fields.values():
            inner = self.by_name.get(field.type)
            begin = start + field.offset
            if field.pointer:
                yield from range(begin, begin + field.size, POINTER_BYTES)
            elif inner and inner.size and depth:
                for each in range(begin, begin + field.size - inner.size + 1, inner.size):
                    yield from self._find_pointers(inner, each, depth - 1)

    def numbers_of(self, *names: str) -> dict[int, str]:
        """The numbers by which blocks know these structs, as far as the file has them."""
        return {number: found.name for number, found in enumerate(self.structs) if found.name in names}


class BadDna(ValueError):
    """The table of structs makes no sense."""


_KNOWN: dict[bytes, Dna] = {}
_MOST_KNOWN = 32
"""Versions of Blender that a process meets at a time; a table takes about 3 MB of memory."""


def known_dna(content: bytes) -> Dna:
    """The table, read once per process: the files of one version of Blender all hold the same.

    Raises:
        BadDna: see ``parse_dna``.
    """
    digest = hashlib.blake2b(content, digest_size=16).digest()
    found = _KNOWN.get(digest)
    if found is None:
        found = parse_dna(content)
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[digest] = found
    return found


def parse_dna(content: bytes) -> Dna:
    """Read the table.

    Raises:
        BadDna: a section is missing, is cut off, or points outside the others.
    """
    try:
        return _parse(content)
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise BadDna(f"it ends or points outside itself ({error})") from error


def _parse(content: bytes) -> Dna:
    if content[:4] != b"SDNA":
        raise BadDna(f"it begins with {content[:4]!r}, not SDNA")
    names, position = _texts(content, b"NAME", 4)
    types, position = _texts(content, b"TYPE", position)
    position = _section(content, b"TLEN", position)
    sizes = struct.unpack_from(f"<{len(types)}H", content, position)
    position = _section(content, b"STRC", _aligned(position + 2 * len(types)))
    words = [type_name.decode("latin-1") for type_name in types]
    (count,) = _INT.unpack_from(content, position)
    position += 4
    structs = []
    for _ in range(_checked(count, content)):
        number, members = struct.unpack_from("<HH", content, position)
        pairs = struct.unpack_from(f"<{2 * members}H", content, position + 4)
        position += 4 + 4 * members
        structs.append(_struct(words, sizes, names, number, pairs))
    return Dna(tuple(structs))


def _struct(
    types: list[str], sizes: tuple[int, ...], names: list[bytes], number: int, pairs: tuple[int, ...]
) -> Struct:
    fields: dict[str, Field] = {}
    offset = 0
    for kind, name_number in zip(pairs[::2], pairs[1::2], strict=True):
        written = names[name_number]
        pointer = written[:1] in (b"*", b"(")
        size = POINTER_BYTES if pointer else sizes[kind]
        for length in _ARRAY.findall(written):
            size *= int(length)
        name = written.split(b"[", 1)[0].lstrip(b"*(").split(b")", 1)[0].decode("latin-1")
        fields[name] = Field(types[kind], offset, size, pointer)
        offset += size
    if offset > sizes[number]:
        raise BadDna(f"struct {types[number]!r} has members beyond its size")
    return Struct(types[number], sizes[number], fields)


def _texts(content: bytes, word: bytes, position: int) -> tuple[list[bytes], int]:
    """The zero-ended texts of a section, and where the next section begins."""
    position = _section(content, word, position)
    (count,) = _INT.unpack_from(content, position)
    parts = content[position + 4 :].split(b"\0", _checked(count, content))[:count]
    return parts, _aligned(position + 4 + sum(map(len, parts)) + len(parts))


def _section(content: bytes, word: bytes, position: int) -> int:
    if content[position : position + 4] != word:
        raise BadDna(f"{word.decode()} is missing at byte {position}")
    return position + 4


def _checked(count: int, content: bytes) -> int:
    """A count that the table itself could hold."""
    if not 0 <= count <= len(content):
        raise BadDna(f"it claims {count} entries")
    return count


def _aligned(position: int) -> int:
    return (position + 3) & ~3
