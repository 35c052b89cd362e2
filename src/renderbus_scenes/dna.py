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

_DEEPEST = 8  # structs in structs; only a damaged table goes deeper
_ARRAY = re.compile(rb"\[([0-9]{1,9})\]")


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine that saved a file laid out numbers.

    Attributes:
        order: ``<`` for the low byte first, as on every machine of today; ``>`` for the high byte.
        pointer_bytes: 8, or 4 on a 32-bit machine.
    """

    order: str = "<"
    pointer_bytes: int = 8


OF_TODAY = Machine()


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

    def __init__(self, structs: tuple[Struct, ...], machine: Machine = OF_TODAY) -> None:
        self.structs = structs
        self.machine = machine
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
                yield from range(begin, begin + field.size, self.machine.pointer_bytes)
            elif inner and inner.size and depth:
                for each in range(begin, begin + field.size - inner.size + 1, inner.size):
                    yield from self._find_pointers(inner, each, depth - 1)

    def numbers_of(self, *names: str) -> dict[int, str]:
        """The numbers by which blocks know these structs, as far as the file has them."""
        return {number: found.name for number, found in enumerate(self.structs) if found.name in names}


class BadDna(ValueError):
    """The table of structs makes no sense."""


_KNOWN: dict[tuple[bytes, Machine], Dna] = {}
_MOST_KNOWN = 32
"""Versions of Blender that a process meets at a time; a table takes about 3 MB of memory."""


def known_dna(content: bytes, machine: Machine = OF_TODAY) -> Dna:
    """The table, read once per process: the files of one version of Blender all hold the same.

    Raises:
        BadDna: see ``parse_dna``.
    """
    key = (hashlib.blake2b(content, digest_size=16).digest(), machine)
    found = _KNOWN.get(key)
    if found is None:
        found = parse_dna(content, machine)
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = found
    return found


def parse_dna(content: bytes, machine: Machine = OF_TODAY) -> Dna:
    """Read the table.

    Raises:
        BadDna: a section is missing, is cut off, or points outside the others.
    """
    try:
        return _Table(content, machine).read()
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise BadDna(f"it ends or points outside itself ({error})") from error


class _Table:
    """The bytes of a table, read from the front."""

    def __init__(self, content: bytes, machine: Machine) -> None:
        self._content = content
        self._machine = machine
        self._position = 4

    def read(self) -> Dna:
        if self._content[:4] != b"SDNA":
            raise BadDna(f"it begins with {self._content[:4]!r}, not SDNA")
        names = self._texts(b"NAME")
        words = [type_name.decode("latin-1") for type_name in self._texts(b"TYPE")]
        self._section(b"TLEN")
        sizes = self._shorts(len(words))
        self._align()
        self._section(b"STRC")
        structs = []
        for _ in range(self._count()):
            number, members = self._shorts(2)
            structs.append(self._struct(words, sizes, names, number, self._shorts(2 * members)))
        return Dna(tuple(structs), self._machine)

    def _struct(
        self,
        types: list[str],
        sizes: tuple[int, ...],
        names: list[bytes],
        number: int,
        pairs: tuple[int, ...],
    ) -> Struct:
        fields: dict[str, Field] = {}
        offset = 0
        for kind, name_number in zip(pairs[::2], pairs[1::2], strict=True):
            written = names[name_number]
            pointer = written[:1] in (b"*", b"(")
            size = self._machine.pointer_bytes if pointer else sizes[kind]
            for length in _ARRAY.findall(written):
                size *= int(length)
            name = written.split(b"[", 1)[0].lstrip(b"*(").split(b")", 1)[0].decode("latin-1")
            fields[name] = Field(types[kind], offset, size, pointer)
            offset += size
        if offset > sizes[number]:
            raise BadDna(f"struct {types[number]!r} has members beyond its size")
        return Struct(types[number], sizes[number], fields)

    def _texts(self, word: bytes) -> list[bytes]:
        """The zero-ended texts of a section."""
        self._section(word)
        count = self._count()
        parts = self._content[self._position :].split(b"\0", count)[:count]
        self._position += sum(map(len, parts)) + len(parts)
        self._align()
        return parts

    def _section(self, word: bytes) -> None:
        if self._content[self._position : self._position + 4] != word:
            raise BadDna(f"{word.decode()} is missing at byte {self._position}")
        self._position += 4

    def _count(self) -> int:
        """A count that the table itself could hold."""
        (count,) = struct.unpack_from(f"{self._machine.order}i", self._content, self._position)
        self._position += 4
        if not 0 <= count <= len(self._content):
            raise BadDna(f"it claims {count} entries")
        return int(count)

    def _shorts(self, amount: int) -> tuple[int, ...]:
        found = struct.unpack_from(f"{self._machine.order}{amount}H", self._content, self._position)
        self._position += 2 * amount
        return found

    def _align(self) -> None:
        self._position = (self._position + 3) & ~3
