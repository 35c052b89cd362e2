"""The structs in a .blend file, read by the names that its own DNA gives their members."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from renderbus_scenes.blend_file import BlendFile, Block, with_slashes
from renderbus_scenes.dna import BadDna, Field, Struct
from renderbus_scenes.errors import BadScene

MOST_STEPS = 10_000_000
"""Far beyond any scene we have seen: only lists that lead into each other have more members."""

_CODES = {
    "char": "b",
    "uchar": "B",
    "int8_t": "b",
    "uint8_t": "B",
    "short": "h",
    "ushort": "H",
    "int": "i",
    "uint": "I",
    "bool": "?",
    "int64_t": "q",
    "uint64_t": "Q",
    "float": "f",
    "double": "d",
}
_NUMBERS = {order: {name: struct.Struct(order + code) for name, code in _CODES.items()} for order in "<>"}
_POINTER_CODES = {4: "I", 8: "Q"}


class Structs:
    """The structs in the blocks of a file."""

    def __init__(self, file: BlendFile) -> None:
        self.file = file
        self.dna = file.read_dna()
        machine = file.header.machine
        self.numbers = _NUMBERS[machine.order]
        self.pointer = struct.Struct(machine.order + _POINTER_CODES[machine.pointer_bytes])
        self._steps = 0
        self._members: dict[tuple[int, str], tuple[Field, int] | None] = {}

    @contextmanager
    def told_as_bad_scene(self) -> Iterator[None]:
        """A struct is worked out when it is first met, so damage in their table may show at any time."""
        try:
            yield
        except BadDna as error:
            raise self.file.bad_dna(error) from error

    def record(self, block: Block, type_name: str = "") -> Record | None:
        """What a block holds, read as ``type_name`` where that is given; None when it is no whole struct."""
        layout: Struct | None = None
        if type_name:
            layout = self.dna.by_name.get(type_name)
        elif 0 <= block.struct < len(self.dna.structs):
            layout = self.dna.structs[block.struct]
        if layout is None or block.size < layout.size:
            return None
        return Record(self, block, block.offset, layout)

    def member(self, layout: Struct, path: str) -> tuple[Field, int] | None:
        """A member of a struct, through nested ones by dots, and where in it the member begins."""
        key = (id(layout), path)  # a damaged file may have two of one name
        if key not in self._members:
            self._members[key] = self._find(layout, path)
        return self._members[key]

    def _find(self, layout: Struct, path: str) -> tuple[Field, int] | None:
        offset = 0
        *outer, last = path.split(".")
        for part in outer:
            found = layout.fields.get(part)
            inner = self.dna.by_name.get(found.type) if found and not found.pointer else None
            if found is None or inner is None:
                return None
            layout, offset = inner, offset + found.offset
        found = layout.fields.get(last)
        return (found, offset + found.offset) if found else None

    def step(self) -> None:
        """Count one member of a list or array that is visited.

        Raises:
            BadScene: too many, because lists lead into each other.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise BadScene(self.file.name, "is damaged: its lists never end")

    def at(self, address: int, type_name: str = "") -> Record | None:
        """What lies at an address; None for nothing."""
        block = self.file.by_address.get(address) if address else None
        return self.record(block, type_name) if block else None


class Record:
    """One struct in a file."""

    __slots__ = ("block", "layout", "offset", "structs")

    def __init__(self, structs: Structs, block: Block, offset: int, layout: Struct) -> None:
        self.structs = structs
        self.block = block
        self.offset = offset
        self.layout = layout

    def field(self, path: str) -> tuple[Field, int] | None:
        """A member, through nested structs by dots, and where its bytes begin; None when there is none."""
        found = self.structs.member(self.layout, path)
        return (found[0], self.offset + found[1]) if found else None

    def __contains__(self, path: str) -> bool:
        return self.field(path) is not None

    def real(self, path: str, default: float = 0.0) -> float:
        """A number; ``default`` when the file knows no such member."""
        found = self.field(path)
        layout = self.structs.numbers.get(found[0].type) if found and not found[0].pointer else None
        if found is None or layout is None or found[0].size < layout.size:
            return default
        value: float = layout.unpack_from(self.structs.file.content, found[1])[0]
        return value

    def number(self, path: str, default: int = 0) -> int:
        """A whole number; ``default`` when the file knows no such member."""
        found = self.field(path)
        if found is None or found[0].type in ("float", "double"):
            return default
        return int(self.real(path, default))

    def raw(self, path: str) -> bytes:
        """The bytes of a text up to its closing zero; empty when the file knows no such member."""
        found = self.field(path)
        if found is None or found[0].pointer:
            return b""
        whole = bytes(self.structs.file.content[found[1] : found[1] + found[0].size])
        return whole.split(b"\0", 1)[0]

    def text(self, path: str) -> str:
        """The same as text; bytes that are no UTF-8 survive as surrogates."""
        return self.raw(path).decode("utf-8", "surrogateescape")

    def path(self, path: str) -> str:
        """A file's path with forward slashes, to which Blender turns the others when it opens a file.

        The two backslashes before a server's name stay: ``//`` would mean "beside this file".
        """
        return with_slashes(self.text(path))

    def address(self, path: str) -> int:
        """Where a pointer points to, 0 for nowhere."""
        found = self.field(path)
        if found is None or not found[0].pointer:
            return 0
        value: int = self.structs.pointer.unpack_from(self.structs.file.content, found[1])[0]
        return value

    def follow(self, path: str, type_name: str = "") -> Record | None:
        """What a pointer points to."""
        return self.structs.at(self.address(path), type_name)

    def block_at(self, path: str) -> Block | None:
        """The block that a pointer points to, for data that are no struct."""
        address = self.address(path)
        return self.structs.file.by_address.get(address) if address else None

    def pointed_text(self, path: str) -> str:
        """The text that a pointer to characters leads to."""
        block = self.block_at(path)
        return self.structs.file.text_in(block) if block else ""

    def inner(self, path: str) -> Record | None:
        """A struct inside this one."""
        found = self.field(path)
        layout = self.structs.dna.by_name.get(found[0].type) if found and not found[0].pointer else None
        return Record(self.structs, self.block, found[1], layout) if found and layout else None

    def list(self, path: str) -> Iterator[Record]:
        """The members of a linked list (``ListBase``), in order; it ends where it would run in a circle."""
        address = self.address(f"{path}.first")
        seen: set[int] = set()
        while address and address not in seen:
            seen.add(address)
            self.structs.step()
            member = self.structs.at(address)
            if member is None:
                return
            yield member
            address = member._next()

    def _next(self) -> int:
        for path in ("next", "modifier.next", "id.next"):
            if path in self:
                return self.address(path)
        return 0

    def array(self, count: int) -> Iterator[Record]:
        """This struct and those behind it in its block, at most ``count``."""
        end = self.block.offset + self.block.size
        for number in range(max(0, count)):
            offset = self.offset + number * self.layout.size
            if self.layout.size == 0 or offset + self.layout.size > end:
                return
            self.structs.step()
            yield Record(self.structs, self.block, offset, self.layout)
