"""The container of a .blend file: its header and its blocks.

Source: Blender's own notes on its file format, and files of 2.48 to 5.1. A file is a list of blocks; each
was one piece of memory and keeps its address, by which other blocks point to it.
"""

from __future__ import annotations

import gc
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from renderbus_scenes.dna import OF_TODAY, BadDna, Dna, Machine, known_dna
from renderbus_scenes.errors import BadScene

MOST_BLOCKS = 5_000_000
"""Far beyond any scene we have seen; a file made to keep a reader busy may have more."""

_LEGACY_BLOCKS = {
    Machine(order, size): struct.Struct(f"{order}4si{pointer}ii")
    for order in "<>"
    for size, pointer in ((4, "I"), (8, "Q"))
}
_NEW_BLOCK = struct.Struct("<4siQqq")
_POINTERS = {b"_": 4, b"-": 8}
_ORDERS = {b"v": "<", b"V": ">"}


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes: the version as a number (``281``, ``501``), the machine, and how blocks begin."""

    version: int
    size: int = 12
    block: struct.Struct = _LEGACY_BLOCKS[OF_TODAY]
    machine: Machine = OF_TODAY

    @property
    def is_legacy(self) -> bool:
        """Blocks begin as up to 4.x."""
        return self.block is not _NEW_BLOCK

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
        where = 0 if self.is_legacy else 2
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
    pointer_bytes, order = _POINTERS.get(first[7:8]), _ORDERS.get(first[8:9])
    if pointer_bytes is None or order is None:
        raise BadScene(name, f"has a Blender header that is damaged: {first[:12]!r}")
    machine = Machine(order, pointer_bytes)
    return Header(int(first[9:12]), 12, _LEGACY_BLOCKS[machine], machine)


def with_slashes(path: str) -> str:
    """A path with forward slashes, but for the two backslashes before a server's name.

    >>> with_slashes("//tex\\\\wood.png")
    '//tex/wood.png'
    """
    server = path.startswith("\\\\")
    return path[:2] + path[2:].replace("\\", "/") if server else path.replace("\\", "/")


class Block(NamedTuple):
    """One block (a tuple, because files have hundreds of thousands of them).

    Attributes:
        code: two letters for a data-block (``IM``), ``DATA`` for what belongs to the data-block before it.
        header: where the block begins.
        offset, size: its data.
        struct: number of its struct in the DNA.
        amount: how many such structs it holds.
    """

    code: str
    header: int
    offset: int
    size: int
    struct: int
    amount: int


@contextmanager
def _no_collections() -> Iterator[None]:
    """Keep Python from looking for cycles: among hundreds of thousands of new tuples there are none, and the
    search takes almost half of the time that listing them does."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
        with _no_collections():
            self.damage = self._walk()

    def _walk(self) -> str:
        """List the blocks up to the end, or to the first that makes no sense."""
        content, layout = self.content, self.header.block
        end, head, legacy, position = len(content), layout.size, self.header.is_legacy, self.stopped
        words: dict[bytes, str] = {}
        read, add, by_address, new = layout.unpack_from, self.blocks.append, self.by_address, tuple.__new__
        while position + head <= end:
            self.stopped = position
            if legacy:
                code, size, address, number, count = read(content, position)
            else:
                code, number, address, size, count = read(content, position)
            text = words.get(code) or words.setdefault(code, code.strip(b"\0").decode("latin-1"))
            offset = position + head
            if text == "ENDB":
                return ""
            if size < 0 or count < 0 or offset + size > end:
                where = f"the block at byte {position} ends beyond the file's {end} bytes"
                return f"is damaged or cut off: {where}"
            block = new(Block, (text, position, offset, size, number, count))  # twice as fast as Block()
            add(block)
            by_address[address] = block
            position = offset + size
            if len(self.blocks) > MOST_BLOCKS:
                raise BadScene(self.name, f"has more than {MOST_BLOCKS} blocks", offset=offset)
        self.stopped = position
        return f"is cut off: it ends at byte {end} without its closing block"

    def text_in(self, block: Block) -> str:
        """A block that holds nothing but one text."""
        whole = bytes(self.content[block.offset : block.offset + block.size])
        return whole.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")

    def bad_dna(self, error: BadDna, offset: int = -1) -> BadScene:
        """The error for a table of structs that makes no sense."""
        return BadScene(self.name, f"is damaged: in the table of its structs, {error}", offset=offset)

    def read_dna(self) -> Dna:
        """The layout of its structs.

        Raises:
            BadScene: it is missing or makes no sense.
        """
        for block in reversed(self.blocks):
            if block.code == "DNA1":
                try:
                    whole = bytes(self.content[block.offset : block.offset + block.size])
                    return known_dna(whole, self.header.machine)
                except BadDna as error:
                    raise self.bad_dna(error, block.offset) from error
        raise BadScene(self.name, self.damage or "has no table of its structs", offset=self.stopped)
