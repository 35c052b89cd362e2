"""Make large Maya scenes out of small ones, the way production makes them: everything is imported many times.

    python benchmarks/enlarge_maya.py 1000 big.ma a.ma b.ma …   # about 1000 MB of Maya ASCII
    python benchmarks/enlarge_maya.py 1000 big.mb a.mb b.mb …   # the same in Maya binary

What is in a scene once (header, startup cameras, render settings, layers, the interface's state) stays in it
once. All other nodes and the connections among them are copied under new names until the size is reached.
With ``--dense`` each mesh is made ``DENSER`` times denser first: the meshes of small scenes have a few
vertices, those of large ones are what makes them large.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

DENSER = 400
"""How often the vertices, edges and faces of a mesh are repeated in dense scenes."""

_PLACE = b"\x01"
"""Stands where a copy's number goes; no scene holds it."""

_ONCE = (
    rb"createNode (?:script|renderLayer|renderLayerManager|displayLayer|displayLayerManager|lightLinker"
    rb"|reference|shapeEditorManager|poseInterpolatorManager|nodeGraphEditorInfo|renderSetup\w*|\w*[cC]ollection\w*"
    rb"|\w*Override|simpleSelector|lightEditor|lightItem|group)[ \n]"
)
_SHARED = re.compile(rb"createNode \w+ -s ")
_NAME = re.compile(rb'-n "([^"]+)"')
_MESH_DATA = re.compile(rb'\tsetAttr[^";]*"\.(?:vt|ed|fc|n)\[[^;]*;\n')
_CONNECTION = re.compile(rb'connectAttr "([^".]+)(\.[^"]*)" "([^".]+)(\.[^"]*)"([^;]*;\n)')


def main(arguments: Sequence[str]) -> int:
    """Write the scene that the command line asks for."""
    dense = "--dense" in arguments
    places = [argument for argument in arguments if argument != "--dense"]
    if len(places) < 3:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    size, target, *sources = places
    paths, size_bytes = [Path(source) for source in sources], int(size) * 1_000_000
    ascii_scene = enlarge_dense if dense else enlarge_ascii
    enlarge = enlarge_binary if target.endswith(".mb") else ascii_scene
    enlarge(paths, Path(target), size_bytes)
    return 0


def enlarge_dense(sources: Sequence[Path], target: Path, size: int) -> None:
    """Write one Maya ASCII scene of about ``size`` bytes with meshes that are ``DENSER`` times denser."""
    enlarge_ascii(sources, target, size, denser=DENSER)


def enlarge_ascii(sources: Sequence[Path], target: Path, size: int, *, denser: int = 1) -> None:
    """Write one Maya ASCII scene of about ``size`` bytes; the first source gives what is there once."""
    first, *others = [_Parts(source.read_bytes().replace(b"\r\n", b"\n"), denser) for source in sources]
    copied = [first, *others]
    with target.open("wb") as file:
        file.write(first.header + first.nodes_once)
        half = sum(len(part.nodes) + len(part.connections) for part in copied) or 1
        copies = max(1, (size - file.tell() - len(first.selected) - len(first.connections_once)) // half)
        for number in range(copies):
            for index, part in enumerate(copied):
                file.write(part.nodes.replace(_PLACE, b"_%d_%d" % (index, number)))
        file.write(first.selected + first.connections_once)
        for number in range(copies):
            for index, part in enumerate(copied):
                file.write(part.connections.replace(_PLACE, b"_%d_%d" % (index, number)))
        file.write(b"// End of %s\n" % target.name.encode())


class _Parts:
    """A scene taken apart; ``nodes`` and ``connections`` are those to copy, with places for the number."""

    def __init__(self, content: bytes, denser: int = 1) -> None:
        first = content.index(b"\ncreateNode ") + 1
        select = content.find(b"\nselect -ne ", first) + 1 or len(content)
        connect = re.compile(rb"^(?:connectAttr|relationship|dataStructure) ", re.M).search(content, select)
        end = content.rfind(b"// End of ")
        tail = connect.start() if connect else end
        self.header = content[:first]
        self.selected = content[select:tail]
        blocks = re.split(rb"^(?=createNode )", content[first:select], flags=re.M)[1:]
        once = [block for block in blocks if _SHARED.match(block) or re.match(_ONCE, block)]
        many = [block for block in blocks if not (_SHARED.match(block) or re.match(_ONCE, block))]
        self.nodes_once = b"".join(once)
        names = {found[1] for block in many if (found := _NAME.search(block.partition(b"\n")[0]))}
        self.nodes = b"".join(_denser(_renamed(block, names), denser) for block in many)
        made = list(_connections(content[tail:end], names))
        self.connections = b"".join(line for line in made if _PLACE in line)
        self.connections_once = b"".join(line for line in made if _PLACE not in line)


def _renamed(block: bytes, names: set[bytes]) -> bytes:
    line, newline, rest = block.partition(b"\n")
    line = re.sub(rb'(-[np] ")([^"]+)"', lambda found: _with_place(found[1], found[2], names) + b'"', line)
    return line + newline + rest


def _denser(block: bytes, times: int) -> bytes:
    if times == 1 or not block.startswith(b"createNode mesh "):
        return block
    return _MESH_DATA.sub(lambda found: found[0] * times, block)


def _with_place(before: bytes, name: bytes, names: set[bytes]) -> bytes:
    return before + name + (_PLACE if name.rpartition(b"|")[2] in names else b"")


def _connections(tail: bytes, names: set[bytes]) -> Iterator[bytes]:
    for found in _CONNECTION.finditer(tail):
        source, out, target, into, rest = found.groups()
        yield b'connectAttr "%s%s" "%s%s"%s' % (
            _with_place(b"", source, names), out, _with_place(b"", target, names), into, rest,
        )  # fmt: skip


def enlarge_binary(sources: Sequence[Path], target: Path, size: int) -> None:
    """Write one Maya binary scene of at least ``size`` bytes from the 64-bit ones among the sources."""
    contents = [source.read_bytes() for source in sources]
    first, *others = [content for content in contents if content.startswith(b"FOR8")]
    last_node = max(end for start, end in _chunks(first) if _is_node(first, start))
    many = [
        content[start:end]
        for content in (first, *others)
        for start, end in _chunks(content)
        if _is_node(content, start) and content[start + 16 : start + 20] not in _ONCE_IN_BINARY
    ]
    with target.open("wb") as file:
        file.write(first[:last_node])
        number = 0
        while file.tell() < size:
            number += 1
            for chunk in many:
                file.write(_renamed_chunk(chunk, b"_%d" % number))
        file.write(first[last_node:])
        whole = file.tell()
        file.seek(8)
        file.write(struct.pack(">Q", whole - 16))


_ONCE_IN_BINARY = frozenset({b"SCRP", b"RNDL", b"RNLM", b"DCAM", b"RLLK"})


def _is_node(content: bytes, start: int) -> bool:
    kind = content[start + 16 : start + 20]
    return content[start : start + 4] == b"FOR8" and kind not in (b"HEAD", b"SLCT")


def _chunks(content: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each chunk within the root of a 64-bit file."""
    at = 20
    while at + 16 <= len(content):
        size = struct.unpack_from(">Q", content, at + 8)[0]
        group = content[at : at + 4] in (b"FOR8", b"LIS8", b"CAT8", b"PRO8")
        end = at + 16 + size + (0 if group else -size % 8)
        yield at, end
        at = end


def _renamed_chunk(chunk: bytes, suffix: bytes) -> bytes:
    """A node's group under a longer name."""
    size = struct.unpack_from(">Q", chunk, 28)[0]
    contents = chunk[36 : 36 + size]
    rest = chunk[36 + size + -size % 8 :]
    name_end = contents.index(b"\0", 1)
    longer = contents[:name_end] + suffix + contents[name_end:]
    leaf = b"CREA\0\0\0\0" + struct.pack(">Q", len(longer)) + longer + b"\0" * (-len(longer) % 8)
    body = chunk[16:20] + leaf + rest
    return chunk[:8] + struct.pack(">Q", len(body)) + body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
