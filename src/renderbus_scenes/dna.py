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


class Struct:
    """A struct, its size in bytes, and its members by name, which are worked out when they are asked for.

    A file lists about eight hundred structs, of which a scene's facts need thirty.
    """

    __slots__ = ("_fields", "_pairs", "_table", "name", "size")

    def __init__(self, name: str, size: int, pairs: tuple[int, ...], table: _Table) -> None:
        self.name = name
        self.size = size
        self._pairs = pairs
        self._table = table
        self._fields: dict[str, Field] | None = None

    @property
    def fields(self) -> dict[str, Field]:
        """The members by name.

        Raises:
            BadDna: they point outside the table, or are larger than the struct.
        """
        if self._fields is None:
            self._fields = self._table.fields(self.name, self.size, self._pairs)
        return self._fields


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
        self._names: list[bytes] = []
        self._types: list[str] = []
        self._sizes: tuple[int, ...] = ()

    def read(self) -> Dna:
        if self._content[:4] != b"SDNA":
            raise BadDna(f"it begins with {self._content[:4]!r}, not SDNA")
        self._names = self._texts(b"NAME")
        self._types = [type_name.decode("latin-1") for type_name in self._texts(b"TYPE")]
        self._section(b"TLEN")
        self._sizes = self._shorts(len(self._types))
        self._position = _aligned(self._position + 2 * len(self._types))
        self._section(b"STRC")
        count = self._count()
        return Dna(tuple(self._structs(count)), self._machine)

    def _structs(self, count: int) -> Iterator[Struct]:
        """Each is the number of its type, how many members it has, and a type and a name of each."""
        shorts = self._shorts((len(self._content) - self._position) // 2)
        position = 0
        for _ in range(count):
            number, members = shorts[position], shorts[position + 1]
            end = position + 2 + 2 * members
            if end > len(shorts):
                raise BadDna("it is cut off")
            yield Struct(self._types[number], self._sizes[number], shorts[position + 2 : end], self)
            position = end

    def fields(self, name: str, size: int, pairs: tuple[int, ...]) -> dict[str, Field]:
        found: dict[str, Field] = {}
        offset = 0
        for kind, name_number in zip(pairs[::2], pairs[1::2], strict=True):
            if name_number >= len(self._names) or kind >= len(self._types):
                raise BadDna(f"a member of struct {name!r} points outside it")
            written = self._names[name_number]
            pointer = written[:1] in (b"*", b"(")
            width = self._machine.pointer_bytes if pointer else self._sizes[kind]
            for length in _ARRAY.findall(written):
                width *= int(length)
            member = written.split(b"[", 1)[0].lstrip(b"*(").split(b")", 1)[0].decode("latin-1")
            found[member] = Field(self._types[kind], offset, width, pointer)
            offset += width
        if offset > size:
            raise BadDna(f"struct {name!r} has members beyond its size")
        return found

    def _texts(self, word: bytes) -> list[bytes]:
        """The zero-ended texts of a section."""
        self._section(word)
        count = self._count()
        parts = self._content[self._position :].split(b"\0", count)[:count]
        self._position = _aligned(self._position + sum(map(len, parts)) + len(parts))
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
        return struct.unpack_from(f"{self._machine.order}{amount}H", self._content, self._position)


def _aligned(position: int) -> int:
    return (position + 3) & ~3
