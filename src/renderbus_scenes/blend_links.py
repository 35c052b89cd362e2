"""Which data-blocks of a library a scene needs, when it links some of them by name.

Every pointer counts, so rather too much is found than too little: a library of five hundred materials, of
which one is linked, still leads to that one's pictures only.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Container, Iterator

from renderbus_model.scene import Link
from renderbus_scenes.blend_file import Block
from renderbus_scenes.blend_records import Structs

RAW = 0
"""Number of the struct by which Blender marks plain data; a list of pointers is plain data too."""

LARGEST_POINTER_LIST_BYTES = 1 << 16
"""Plain data beyond this are vertices or pixels."""


def links(structs: Structs, kept: Container[int] | None = None) -> Iterator[Link]:
    """What the file takes from libraries: each such data-block has a stand-in of type ``ID``."""
    for block in structs.file.blocks:
        if block.code == "ID" and (kept is None or block.offset in kept):
            record = structs.record(block, "ID")
            library = record.follow("lib") if record else None
            if record and library:
                yield Link(record.text("name"), library.path("name"))


def needed(structs: Structs, names: Collection[str]) -> frozenset[int]:
    """Where the data-blocks begin that those of these names lead to, themselves included.

    Args:
        names: with the two letters for their kind: ``MAwood``.
    """
    groups = list(_groups(structs))
    group_of = {block.offset: number for number, group in enumerate(groups) for block in group}
    waiting = [number for number, group in enumerate(groups) if _name(structs, group[0]) in names]
    seen = set(waiting)
    while waiting:
        for block in groups[waiting.pop()]:
            for address in _pointers(structs, block):
                target = structs.file.by_address.get(address) if address else None
                number = group_of.get(target.offset) if target else None
                if number is not None and number not in seen:
                    seen.add(number)
                    waiting.append(number)
    return frozenset(groups[number][0].offset for number in seen)


def _groups(structs: Structs) -> Iterator[list[Block]]:
    """Each data-block with all that belongs to it."""
    group: list[Block] = []
    for block in structs.file.blocks:
        if block.code == "DATA":
            group.append(block)
            continue
        if group and len(group[0].code) == 2:
            yield group
        group = [block]
    if group and len(group[0].code) == 2:
        yield group


def _name(structs: Structs, block: Block) -> str:
    record = structs.record(block)
    return record.text("id.name") if record else ""


def _pointers(structs: Structs, block: Block) -> Iterator[int]:
    """Every address in a block that may lead on."""
    if block.struct == RAW:
        if block.size <= LARGEST_POINTER_LIST_BYTES:
            yield from _words(structs, block)
        return
    record = structs.record(block)
    offsets = structs.dna.pointers_in(record.layout) if record else ()
    if record is None or not offsets:
        return
    words = _words(structs, block)
    step, width = record.layout.size, structs.pointer.size
    for begin in range(0, block.size - step + 1, step):
        yield from (words[(begin + offset) // width] for offset in offsets)


def _words(structs: Structs, block: Block) -> tuple[int, ...]:
    order, code = structs.pointer.format[0], structs.pointer.format[-1]
    return struct.unpack_from(
        f"{order}{block.size // structs.pointer.size}{code}", structs.file.content, block.offset
    )
