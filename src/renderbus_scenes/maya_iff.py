"""The container of Maya binary scenes: IFF chunks with 32-bit (``FOR4``) or 64-bit (``FOR8``) sizes.

Source: real files. All numbers are big-endian. A chunk is a tag and a size; with 64 bits four bytes of
leftover memory stand between them. A group begins with the type of what it holds, which its size counts; the
next chunk follows a group at once, and a leaf after padding to 4 or 8 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from typing import NamedTuple

from renderbus_scenes.unpack import Content

MOST_CHUNKS = 50_000_000
"""Chunks that are walked over in one file; a scene of gigabytes has a few millions."""

_GROUPS = {
    4: frozenset({b"FOR4", b"LIS4", b"CAT4", b"PRO4"}),
    8: frozenset({b"FOR8", b"LIS8", b"CAT8", b"PRO8"}),
}
_SIZES = {4: struct.Struct(">4sI"), 8: struct.Struct(">4s4xQ")}
_NODES = {4: struct.Struct(">4sI4s4s"), 8: struct.Struct(">4s4xQ4s4s")}
"""A chunk's header; that of a group with its type and the tag of its first chunk."""

_CREATED = b"CREA"  # the first chunk of every node


class Chunk(NamedTuple):
    """A chunk: ``kind`` is the type of a group's contents, and empty for a leaf.

    Attributes:
        start, end: of the contents, behind header and kind.
    """

    tag: bytes
    kind: bytes
    start: int
    end: int


class BadChunk(ValueError):
    """A chunk at ``offset`` is damaged or cut off."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"{why} at byte {offset}")
        self.offset = offset
        self.why = why


class Iff:
    """The chunks of one file.

    Attributes:
        form: ``FOR4`` or ``FOR8``.
        content: its bytes.
        root: the chunk that holds all others; it ends with the file when it claims to be longer.
        skipped: nodes that ``below_root`` passed over.
    """

    def __init__(self, content: Content) -> None:
        """Read the first header.

        Raises:
            BadChunk: the file does not begin with a chunk of Maya's.
        """
        self.content = memoryview(content)
        self.skipped = 0
        self.form = bytes(self.content[:4]).decode("latin-1")
        self._bits = 8 if self.form == "FOR8" else 4
        self._header = _SIZES[self._bits]
        self._skip = self._header.size
        self._group_tags = _GROUPS[self._bits]
        if len(self.content) < self._skip + 4:
            raise BadChunk(0, "ends within its first header")
        _, size = self._header.unpack_from(self.content, 0)
        self.claimed_end = self._skip + size
        kind = bytes(self.content[self._skip : self._skip + 4])
        if kind != b"Maya":
            raise BadChunk(self._skip, f"holds {kind!r}, not Maya's own chunks")
        self.root = Chunk(b"FORM", kind, self._skip + 4, min(self.claimed_end, len(self.content)))

    def below_root(self, unwanted: Collection[bytes]) -> Iterator[Chunk]:
        """The chunks within the root, without nodes of types that are unwanted; more may become so.

        Raises:
            BadChunk: as ``inside``.
        """
        at, end = self.root.start, self.root.end
        content, unpack = self.content, _NODES[self._bits].unpack_from
        skip, head = self._skip, _NODES[self._bits].size
        while at < end:
            while at + head <= end:  # the fast way: over one node after the other
                tag, size, kind, first = unpack(content, at)
                behind = at + skip + size
                if kind not in unwanted or first != _CREATED or behind > end or tag not in self._group_tags:
                    break
                self.skipped += 1
                at = behind
            chunk = next(self.inside(Chunk(b"", b"", at, end)), None)
            if chunk is None:
                return
            yield chunk
            at = chunk.end + (0 if chunk.kind else -(chunk.end - chunk.start) % self._bits)

    def inside(self, group: Chunk) -> Iterator[Chunk]:
        """The chunks within a group, in order.

        Raises:
            BadChunk: one ends behind its group, which means that the file is damaged or cut off.
        """
        at, end = group.start, group.end
        content, unpack, skip, pad = self.content, self._header.unpack_from, self._skip, self._bits
        for _ in range(MOST_CHUNKS):
            if at + skip > end:
                if any(content[at:end]):
                    raise BadChunk(at, "ends within a chunk's header")
                return
            tag, size = unpack(content, at)
            first = at + skip
            if size > end - first:
                raise BadChunk(at, f"has a chunk of {size} bytes, of which only {end - first} are there,")
            if tag in self._group_tags:
                if size < 4:
                    raise BadChunk(at, "has a group without a type")
                yield Chunk(tag, bytes(content[first : first + 4]), first + 4, first + size)
                at = first + size
            else:
                yield Chunk(tag, b"", first, first + size)
                at = first + size + -size % pad
        raise BadChunk(at, f"has more than {MOST_CHUNKS} chunks")
