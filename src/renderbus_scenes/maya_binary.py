"""Read a Maya binary scene (.mb), 32 and 64 bit: the same facts as of a .ma file.

Source: real files of 2009 to 2024. Groups of nodes that name nothing are jumped over.
"""

from __future__ import annotations

import re
import struct

from renderbus_model.maya_scene import MayaScene, SceneReference
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_connections import CONNECTED
from renderbus_scenes.maya_facts import frames_per_second, maya_scene
from renderbus_scenes.maya_header import MOST_REFERENCES
from renderbus_scenes.maya_iff import BadChunk, Chunk, Iff
from renderbus_scenes.maya_sweep import LONGEST_PATH, is_path
from renderbus_scenes.maya_text import LONGEST_TEXT_BYTES, CodePage
from renderbus_scenes.maya_values import Node, RawScene, Value
from renderbus_scenes.maya_wanted import (
    DEFAULT_NODES,
    NOT_SWEPT,
    SHORT_TEXTS,
    wanted_attributes,
)
from renderbus_scenes.unpack import Content

MOST_NODES = 1_000_000
"""Nodes that name files, cameras or layers; scenes have thousands."""

SCRIPT_BYTES = 400
"""Of a script that are kept."""

TYPES = {
    b"XFRM": "transform",
    b"DCAM": "camera",
    b"SRCA": "stereoRigCamera",
    b"DMSH": "mesh",
    b"RTFT": "file",
    b"PSDT": "psdFileTex",
    b"RTMV": "movie",
    b"DIPL": "imagePlane",
    b"AUDI": "audio",
    b"RNDL": "renderLayer",
    b"RNLM": "renderLayerManager",
    b"REFN": "reference",
    b"CCHF": "cacheFile",
    b"DSKC": "diskCache",
    b"SCRP": "script",
    b"DEXP": "expression",
    b"BRSH": "brush",
    b"DYGL": "dynGlobals",
    b"GPUC": "gpuCache",
}
"""Node types by tag. Those of plug-ins have numbers, which the file's own list of plug-ins explains."""

_TICKS = {4: 6000, 8: 141_120_000}
"""Units of time in a second, where the file does not say: by the size of its numbers."""

_TIMES = {("defaultRenderGlobals", "fs"), ("defaultRenderGlobals", "ef")}
"""Attributes that hold a time: whole numbers of ticks instead of doubles."""

_NODE_TYPE = re.compile(r"-(?:nodeType|nt)\s+\"([^\"]*)\"")
_CONNECTED = frozenset(CONNECTED)
_UNITS = {b"LUNI": "l", b"AUNI": "a", b"TUNI": "t"}
_LINEAR = {
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "km": "kilometer",
    "in": "inch",
    "ft": "foot",
}
_ANGLES = {"deg": "degree", "rad": "radian"}


def is_maya_binary(head: bytes) -> bool:
    """Whether a file that begins so is a Maya binary scene."""
    return (head[:4], head[8:12]) == (b"FOR4", b"Maya") or (head[:4], head[16:20]) == (b"FOR8", b"Maya")


def read_maya_binary(content: Content, name: str = "") -> MayaScene:
    """What a .mb file holds.

    Raises:
        BadScene: it is none, is damaged or cut off, or claims more than the limits allow.
    """
    try:
        iff = Iff(content)
    except BadChunk as error:
        raise BadScene(name, f"is no Maya binary scene: it {error.why}", offset=error.offset) from error
    reader = _Reader(iff)
    try:
        reader.read()
    except BadChunk as error:
        why = f"is damaged or cut off: it {error}"
        raise BadScene(name, why, offset=error.offset, partial=maya_scene(reader.raw)) from error
    if iff.claimed_end > len(iff.content):
        why = f"is cut off: it has {len(iff.content)} bytes and should have {iff.claimed_end}"
        raise BadScene(name, why, offset=len(iff.content), partial=maya_scene(reader.raw))
    return maya_scene(reader.raw)


class _Reader:
    """One pass over a scene; ``raw`` is what was found so far."""

    def __init__(self, iff: Iff) -> None:
        self._iff = iff
        self._content = iff.content
        # No code page is stored: UTF-8 first, then bytes survive as they are.
        self._page = CodePage("UTF-8")
        self.raw = RawScene(container=iff.form)
        self._types = dict(TYPES)
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._types_seen: set[bytes] = set()
        self._unwanted: set[bytes] = set()
        self._paths: set[str] = set()
        self._ticks = float(_TICKS[8 if iff.form == "FOR8" else 4])

    def read(self) -> None:
        """Read every chunk that matters.

        Raises:
            BadChunk: the file is damaged.
        """
        try:
            for chunk in self._iff.below_root(self._unwanted):
                if chunk.kind == b"HEAD":
                    self._head(chunk)
                elif chunk.kind == b"SLCT":
                    self._selected(chunk)
                elif chunk.kind == b"CONS":
                    self._connections(chunk)
                elif chunk.tag == b"FRDI":
                    self._reference(chunk)
                elif chunk.kind == b"FREF":
                    self._file(chunk)
                elif chunk.kind:
                    self._node(chunk)
        finally:
            self.raw.node_count += self._iff.skipped
            self.raw.types = {self._types.get(tag, "") for tag in self._types_seen} - {""}

    def _strings(self, chunk: Chunk) -> list[str]:
        """Texts that end with a zero byte each."""
        raw = bytes(self._content[chunk.start : min(chunk.end, chunk.start + LONGEST_TEXT_BYTES)])
        return [self._page.decode(part) for part in raw.split(b"\0")]

    def _head(self, group: Chunk) -> None:
        for chunk in self._iff.inside(group):
            if chunk.tag == b"VERS":
                self.raw.version = self._strings(chunk)[0].split(" ")[0]
            elif chunk.tag in _UNITS:
                word = self._strings(chunk)[0]
                self.raw.units[_UNITS[chunk.tag]] = _LINEAR.get(word, _ANGLES.get(word, word))
            elif chunk.tag == b"TDUR":
                ticks = self._strings(chunk)[0]
                self._ticks = float(ticks) if ticks.isdecimal() and int(ticks[:18]) > 0 else self._ticks
            elif chunk.tag == b"FINF":
                key, *value = self._strings(chunk)
                self.raw.file_info[key] = value[0] if value else ""
            elif chunk.tag == b"PLUG":
                self._plugin(chunk)

    def _plugin(self, chunk: Chunk) -> None:
        """Name, version, flags; then each node type with the four bytes that stand for it in this file."""
        raw = bytes(self._content[chunk.start : min(chunk.end, chunk.start + LONGEST_TEXT_BYTES)])
        name, _, rest = raw.partition(b"\0")
        version, _, rest = rest.partition(b"\0")
        flags, _, rest = rest.partition(b"\0")
        types = _NODE_TYPE.findall(self._page.decode(flags))
        while b"\0" in rest:
            kind, _, rest = rest.partition(b"\0")
            if len(rest) >= 4 and kind:
                self._types[rest[:4]] = self._page.decode(kind)
            rest = rest[4:]
        self.raw.plugins.append((self._page.decode(name), self._page.decode(version), tuple(types)))

    def _reference(self, chunk: Chunk) -> None:
        """``FRDI``: depth, path and namespace; at its end reference node, options, and the file's type."""
        depth = int.from_bytes(self._content[chunk.start : chunk.start + 4], "big")
        fields = self._strings(Chunk(chunk.tag, b"", chunk.start + 4, chunk.end))
        if fields[-1] == "":
            del fields[-1]
        if len(fields) >= _FIELDS_OF_REFERENCE and fields[0] and len(self.raw.scenes) < MOST_REFERENCES:
            path, space, node, options, file_type = *fields[:2], *fields[-3:]
            loaded = "-dr 1" not in options
            self._paths.add(path)
            self.raw.scenes.append(SceneReference(path, space, node, depth or 1, loaded, file_type))

    def _file(self, group: Chunk) -> None:
        """``FREF``, one for each reference that is loaded, the path first; scenes of old have only these."""
        for chunk in self._iff.inside(group):
            path = self._text(chunk.start, min(chunk.end, chunk.start + LONGEST_PATH))
            new = path and path not in self._paths
            if chunk.tag == b"FREF" and new and len(self.raw.scenes) < MOST_REFERENCES:
                self._paths.add(path)
                self.raw.scenes.append(SceneReference(path, "", ""))

    def _node(self, group: Chunk) -> None:
        """A node: read when its type is wanted, swept for paths when it belongs to a plug-in."""
        if bytes(self._content[group.start : group.start + 4]) != b"CREA":
            return
        self.raw.node_count += 1
        self._types_seen.add(group.kind)
        kind = self._types.get(group.kind)
        if kind is None or kind in NOT_SWEPT:
            self._unwanted.add(group.kind)
            return
        if not self._wanted:
            self._wanted = wanted_attributes(plugin for plugin, _, _ in self.raw.plugins)
        wanted = self._wanted.get(kind)
        if wanted is None and kind in TYPES.values():
            return
        if len(self.raw.nodes) >= MOST_NODES:
            raise BadChunk(
                group.start, f"has more than {MOST_NODES} nodes that name files, cameras or layers"
            )
        node = Node(kind, kind, offset=group.start)
        self._read_values(node, group, None if wanted is None else frozenset(wanted))
        if wanted is None and not node.values:
            return
        self.raw.nodes.append(node)

    def _selected(self, group: Chunk) -> None:
        chunks = self._iff.inside(group)
        first = next(chunks, None)
        if first is None or first.tag != b"SLCT":
            return
        name = self._strings(first)[0].removeprefix(":")
        wanted = DEFAULT_NODES.get(name)
        if wanted is not None:
            node = self.raw.defaults.setdefault(name, Node(name, name, offset=group.start))
            self._read_values(node, group, frozenset(wanted))

    def _read_values(self, node: Node, group: Chunk, wanted: frozenset[str] | None) -> None:
        """The attributes of a node; without ``wanted`` every text that is a path."""
        content = self._content
        longest = SCRIPT_BYTES if node.type in SHORT_TEXTS else LONGEST_TEXT_BYTES
        for chunk in self._iff.inside(group):
            if chunk.tag == b"CREA":
                node.name = self._text(chunk.start + 1, chunk.end)  # behind a byte of flags
                continue
            if chunk.tag not in _VALUES:
                continue
            head = bytes(content[chunk.start : min(chunk.end, chunk.start + _LONGEST_NAME)])
            attribute, zero, _ = head.partition(b"\0")
            start = chunk.start + len(attribute) + 2  # a zero byte, and a byte of flags
            if not zero or start > chunk.end:
                continue
            name = self._page.decode(attribute)
            if wanted is None:
                if chunk.tag == b"STR " and chunk.end - start <= LONGEST_PATH:
                    text = self._text(start, chunk.end)
                    if is_path(text):
                        node.values[name] = text
            elif name.rpartition(".")[2].partition("[")[0] in wanted:
                end = min(chunk.end, start + longest)
                value = self._value(chunk.tag, start, end, (node.name, name) in _TIMES)
                if value is not None:
                    node.values[name] = value

    def _value(self, tag: bytes, start: int, end: int, is_time: bool) -> Value | None:
        if tag == b"STR ":
            return self._text(start, end)
        if tag == b"STR#":
            texts = bytes(self._content[start + 4 : end]).split(b"\0")
            return tuple(self._page.decode(text) for text in texts if text)
        size = end - start
        if is_time or size == _SMALL:
            return self._frame(int.from_bytes(self._content[start:end], "big", signed=True), is_time)
        if size != _DOUBLE.size:
            return None
        number: float = _DOUBLE.unpack_from(self._content, start)[0]
        return number

    def _frame(self, ticks: int, is_time: bool) -> float | None:
        """A time as a frame number, in the scene's unit of time."""
        fps = frames_per_second(self.raw.units.get("t", "film"))
        return ticks * fps / self._ticks if is_time and fps else None

    def _text(self, start: int, end: int) -> str:
        return self._page.decode(bytes(self._content[start:end]).partition(b"\0")[0])

    def _connections(self, group: Chunk) -> None:
        for part in self._iff.inside(group):
            if part.kind != b"CONN":
                continue
            for chunk in self._iff.inside(part):
                if chunk.tag != b"CWFL":
                    continue
                raw = bytes(self._content[chunk.start + 1 : min(chunk.end, chunk.start + LONGEST_PATH)])
                source, _, rest = raw.partition(b"\0")
                target = self._page.decode(rest.partition(b"\0")[0])
                if target.partition(".")[2].partition(".")[0].partition("[")[0] in _CONNECTED:
                    self.raw.connections.append((self._page.decode(source), target))


_VALUES = frozenset({b"STR ", b"STR#", b"DBLE"})
_FIELDS_OF_REFERENCE = 5
_DOUBLE = struct.Struct(">d")
_SMALL = 4  # bytes of a time in files of old
_LONGEST_NAME = 1024  # bytes of an attribute's name, indexes included
