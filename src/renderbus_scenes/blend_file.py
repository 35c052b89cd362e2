"""The container of a .blend file: header and blocks, and the structs in them, read by name.

Source: Blender's own notes on its file format, and files of 2.80 to 5.1. A file is a list of blocks; each
was one piece of memory and keeps its address, by which other blocks point to it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from renderbus_scenes.dna import BadDna, Dna, Field, Struct, known_dna
from renderbus_scenes.errors import BadScene

OLDEST = 280
"""Blender 2.80 brought view layers; older files are laid out differently."""

MOST_BLOCKS = 5_000_000
MOST_STEPS = 10_000_000
"""Far beyond any scene we have seen: only a file made to keep a reader busy has more to walk."""

_LEGACY_BLOCK = struct.Struct("<4siQii")
_NEW_BLOCK = struct.Struct("<4siQqq")
_POINTER = struct.Struct("<Q")
_NUMBERS = {
    name: struct.Struct("<" + code)
    for name, code in {
        "char": "b",
        "uchar": "B",
        "int8_t": "b",
        "uint8_t": "B",
        "short": "h",
        "ushort": "H",
        "int": "i",
        "int64_t": "q",
        "uint64_t": "Q",
        "float": "f",
        "double": "d",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes: the version as a number (``281``, ``501``) and how blocks begin."""

    version: int
    size: int = 12
    block: struct.Struct = _LEGACY_BLOCK

    @property
    def version_text(self) -> str:
        """As people write it.

        >>> Header(293).version_text, Header(306).version_text, Header(501).version_text
        ('2.93', '3.6', '5.1')
        """
        major, minor = divmod(self.version, 100)
        return f"{major}.{minor:02d}" if major < 3 else f"{major}.{minor}"

    def block_header(self, content: memoryview, block: Block, size: int) -> bytes:
        """How ``block`` begins when its data are ``size`` bytes long."""
        code, *numbers = self.block.unpack_from(content, block.header)
        where = 0 if self.block is _LEGACY_BLOCK else 2
        count = len(numbers) - 1
        if numbers[count] == numbers[where]:  # text counted in bytes
            numbers[count] = size
        numbers[where] = size
        return self.block.pack(code, *numbers)


def read_header(content: memoryview, name: str) -> Header:
    """The layout that the first bytes announce.

    Raises:
        BadScene: not a .blend, cut off, or of a kind that is not read.
    """
    first = bytes(content[:17])
    if not first.startswith(b"BLENDER"):
        raise BadScene(name, "is not a Blender file: it does not begin with BLENDER")
    if first[7:9].isdigit():
        if first[7:13] != b"17-01v" or len(first) < 17 or not first[13:].isdigit():
            raise BadScene(name, f"has a Blender header that is damaged or newer than we know: {first!r}")
        return Header(int(first[13:]), 17, _NEW_BLOCK)
    if len(first) < 12 or not first[9:12].isdigit():
        raise BadScene(name, "is cut off or damaged within its first 12 bytes")
    version = int(first[9:12])
    saved = f"was saved by Blender {version // 100}.{version % 100:02d}"
    if version < OLDEST:
        raise BadScene(name, f"{saved}; open it in Blender 2.80 or later and save it again")
    if first[8:9] == b"V":
        raise BadScene(name, f"{saved} on a big-endian machine; save it again on a PC or Mac of today")
    if first[7:9] != b"-v":
        raise BadScene(name, f"{saved} by a 32-bit program; save it again with a 64-bit Blender")
    return Header(version)


def with_slashes(path: str) -> str:
    """A path with forward slashes, but for the two backslashes before a server's name.

    >>> with_slashes("//tex\\\\wood.png")
    '//tex/wood.png'
    """
    server = path.startswith("\\\\")
    return path[:2] + path[2:].replace("\\", "/") if server else path.replace("\\", "/")


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Attributes:
        code: two letters for a data-block (``IM``), ``DATA`` for what belongs to the data-block before it.
        header: where the block begins.
        offset, size: its data.
        struct: number of its struct in the DNA.
        count: how many such structs it holds.
    """

    code: str
    header: int
    offset: int
    size: int
    struct: int
    count: int


class BlendFile:
    """The blocks of a decompressed file, in order and by address; nothing is copied but what is asked for.

    Attributes:
        damage: what is wrong with it, "" for nothing; blocks before the damage can still be read.

    Raises:
        BadScene: it cannot be read at all.
    """

    def __init__(self, content: memoryview, name: str = "") -> None:
        self.content = content
        self.name = name
        self.header = read_header(content, name)
        self.blocks: list[Block] = []
        self.by_address: dict[int, Block] = {}
        self.stopped = self.header.size
        self.damage = self._walk()

    def _walk(self) -> str:
        """List the blocks up to the end, or to the first that makes no sense."""
        content, layout = self.content, self.header.block
        end, head, legacy = len(content), layout.size, layout is _LEGACY_BLOCK
        while self.stopped + head <= end:
            if legacy:
                code, size, address, number, count = layout.unpack_from(content, self.stopped)
            else:
                code, number, address, size, count = layout.unpack_from(content, self.stopped)
            text = code.rstrip(b"\0").decode("latin-1")
            offset = self.stopped + head
            if text == "ENDB":
                return ""
            if size < 0 or count < 0 or offset + size > end:
                where = f"the block at byte {self.stopped} ends beyond the file's {end} bytes"
                return f"is damaged or cut off: {where}"
            block = Block(text, self.stopped, offset, size, number, count)
            self.blocks.append(block)
            if len(self.blocks) > MOST_BLOCKS:
                raise BadScene(self.name, f"has more than {MOST_BLOCKS} blocks", offset=offset)
            self.by_address[address] = block
            self.stopped = offset + size
        return f"is cut off: it ends at byte {end} without its closing block"

    def text_in(self, block: Block) -> str:
        """A block that holds nothing but one text."""
        whole = bytes(self.content[block.offset : block.offset + block.size])
        return whole.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")

    def read_dna(self) -> Dna:
        """The layout of its structs.

        Raises:
            BadScene: it is missing or makes no sense.
        """
        for block in reversed(self.blocks):
            if block.code == "DNA1":
                try:
                    return known_dna(bytes(self.content[block.offset : block.offset + block.size]))
                except BadDna as error:
                    why = f"is damaged: in the table of its structs, {error}"
                    raise BadScene(self.name, why, offset=block.offset) from error
        raise BadScene(self.name, self.damage or "has no table of its structs", offset=self.stopped)


class Structs:
    """The structs in the blocks of a file."""

    def __init__(self, file: BlendFile) -> None:
        self.file = file
        self.dna = file.read_dna()
        self._steps = 0

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
        layout, offset = self.layout, self.offset
        *outer, last = path.split(".")
        for part in outer:
            found = layout.fields.get(part)
            inner = self.structs.dna.by_name.get(found.type) if found and not found.pointer else None
            if found is None or inner is None:
                return None
            layout, offset = inner, offset + found.offset
        found = layout.fields.get(last)
        return (found, offset + found.offset) if found else None

    def __contains__(self, path: str) -> bool:
        return self.field(path) is not None

    def real(self, path: str, default: float = 0.0) -> float:
        """A number; ``default`` when the file knows no such member."""
        found = self.field(path)
        layout = _NUMBERS.get(found[0].type) if found and not found[0].pointer else None
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
        value: int = _POINTER.unpack_from(self.structs.file.content, found[1])[0]
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
