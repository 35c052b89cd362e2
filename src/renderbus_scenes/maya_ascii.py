"""Read a Maya ASCII scene (.ma) of any age: jump to the statements that matter, leave the rest unread.

Source: a .ma file is MEL. Statements begin at the start of a line, a node's own with a tab; strings write
line breaks as ``\\n``, so that a line that begins with ``createNode`` is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from renderbus_model.maya_scene import MayaScene
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_blocks import Blocks
from renderbus_scenes.maya_connections import connections, wanted_plugs
from renderbus_scenes.maya_facts import maya_scene
from renderbus_scenes.maya_nodes import COMMAND, NodeScan
from renderbus_scenes.maya_text import CodePage
from renderbus_scenes.maya_values import RawScene
from renderbus_scenes.unpack import Content

MOST_NODES = 1_000_000
"""Nodes that name files, cameras or layers; scenes have thousands."""

_HEADER_BYTES = 4096
_TAIL_BYTES = 4096

_VERSION = re.compile(rb"//Maya ASCII (\S+)")
_CODESET = re.compile(rb"//Codeset: *([^\s;]+)")
_FIRST = re.compile(rb"(?:createNode|select|requires|file)[ \t]")
_FIRST_NODE = re.compile(rb"\ncreateNode ")

_STATEMENT = (
    rb"(?:c(?:onnectAttr\s(?:\"|-[^\"\\;]{1,100}\"):?(renderLayerManager\.[^\"]{0,100})\"\s+\"([^\"]*)\""
    rb"|reateNode\s+([^\s;]+)|urrentUnit\s)|select\s+-ne\s+:?\"?([^\s;\"]+)|(file|requires|fileInfo)\s)"
)
_LAYER, _LAYER_INTO, _TYPE, _SELECTED, _HEADER = 1, 2, 3, 4, 5
"""Groups. Every layer alive hangs on the node of the first."""
_OTHER_COMMAND = rb"(?=[a-z])(?!setAttr|addAttr|rename|lockNode)"
_LF_LINES = re.compile(rb"\n" + _STATEMENT), re.compile(rb"\n" + _OTHER_COMMAND)
_CR_LINES = re.compile(rb"\r" + _STATEMENT), re.compile(rb"\r" + _OTHER_COMMAND)
_ANYWHERE = (
    re.compile(rb"(?:[\r\n;]|^)[ \t]*" + _STATEMENT),
    re.compile(rb"[\r\n;][ \t]*" + _OTHER_COMMAND),
)
"""How statements are found, and where a node's own end. The last is for scenes that no Maya wrote, where
statements may stand behind blanks or share a line; a literal first byte makes the others fast."""
_MAGIC = re.compile(rb"(?:\xef\xbb\xbf)?(?://[^\r\n]*[\r\n]+){0,3}?//Maya ASCII ")


def is_maya_ascii(head: bytes) -> bool:
    """Whether a file that begins so is a Maya ASCII scene; now and then the code page comes first."""
    return _MAGIC.match(head) is not None


def read_maya_ascii(content: Content, name: str = "") -> MayaScene:
    """What a .ma file holds.

    A file that lacks its closing comment, but ends between two statements, is read as far as it goes and
    marked as not complete: people write such scenes, too.

    Raises:
        BadScene: it is none, ends within a statement, or claims more than the limits allow.
    """
    reader = _Reader(content)
    why = reader.read() or reader.cut_off()
    scene = maya_scene(reader.raw)
    if why:
        raise BadScene(name, why, offset=reader.at, partial=scene)
    return scene if reader.is_closed() else scene.as_partial()


class _Reader:
    """One pass over a scene.

    Attributes:
        raw: what was found so far.
        at: how far that is.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._end = len(content)
        head = bytes(memoryview(content)[:_HEADER_BYTES])
        version = _VERSION.search(head)
        codeset = _CODESET.search(head)
        self._page = CodePage(codeset[1].decode("ascii", "replace") if codeset else None)
        self._version = version[1].decode("ascii", "replace") if version else ""
        self._statements, self._block_ends = self._line_ends()
        self.at = 0
        self._begin()

    def _begin(self) -> None:
        self.raw = RawScene(version=self._version, codeset=self._page.written)
        self._blocks = Blocks(self._content, self._page, self.raw, self._block_ends)

    def read(self) -> str:
        """Find every statement that matters; why it stopped before the end, "" for nothing."""
        first = _FIRST_NODE.search(self._content) if self._statements is _LF_LINES[0] else None
        if first:
            at, why = self._read_others(0)
            # Only Maya writes this, and Maya writes header, nodes, settings, connections in this order; in a
            # file that somebody put together of several, too.
            if "cutIdentifier" in self.raw.file_info:
                others = [(0, at)]
                scan = NodeScan(self._content)
                while at < self._end and not why:
                    why = self._read_nodes(scan, at)
                    if not why:
                        at, why = self._read_others(scan.others)
                        others.append((scan.others, at))
                self.raw.node_count += scan.count
                return why or self._connect(others)
            self._begin()
        _, why = self._read_others(0, to_nodes=False)
        return why or self._connect([(0, self._end)])

    def _read_nodes(self, scan: NodeScan, start: int) -> str:
        """Nodes that stand one behind the other, from ``start`` on."""
        blocks = self._blocks
        for kind, at, behind in scan.wanted(start):
            if blocks.is_wanted(kind):
                blocks.node(kind, at, behind)
            else:
                scan.leave_out(kind)
            if len(self.raw.nodes) > MOST_NODES:
                return self._too_many(at)
        return ""

    def _read_others(self, start: int, *, to_nodes: bool = True) -> tuple[int, str]:
        """Whatever statements stand there, up to a node as Maya writes it or to the end; where that is."""
        blocks = self._blocks
        for found in self._statements.finditer(self._content, start):
            kind = found[_TYPE]
            if kind is not None:
                if to_nodes and found[0].startswith(COMMAND):
                    return found.start(), ""
                self.raw.node_count += 1
                if blocks.is_wanted(kind):
                    blocks.node(kind, found.start(), found.end())
            elif found[_SELECTED] is not None:
                blocks.selected(self._page.decode(found[_SELECTED]), found.end())
            elif found[_LAYER] is None:
                blocks.header(found[_HEADER].decode() if found[_HEADER] else "currentUnit", found.end())
            else:
                link = self._page.decode(found[_LAYER]), self._page.decode(found[_LAYER_INTO])
                self.raw.connections.append(link)
            if len(self.raw.nodes) > MOST_NODES:
                return found.start(), self._too_many(found.start())
        return self._end, ""

    def _connect(self, regions: Iterable[tuple[int, int]]) -> str:
        """The connections, once the nodes are known; always "", which is that nothing is wrong."""
        self.raw.types = self._blocks.types
        names = wanted_plugs(self.raw)
        for start, end in regions if names else ():
            self.raw.connections += connections(self._content, start, end, names, self._page)
        return ""

    def _too_many(self, at: int) -> str:
        self.at = at
        return f"has more than {MOST_NODES} nodes that name files, cameras or layers"

    def _line_ends(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """The patterns for scenes with this one's line ends."""
        first = _FIRST.search(self._content)
        before = self._content[first.start() - 1] if first and first.start() else _LF
        if before == _LF:
            return _LF_LINES
        return _CR_LINES if before == _CR else _ANYWHERE

    def is_closed(self) -> bool:
        """Whether the comment is there that Maya writes last."""
        return b"// End of " in self._tail()

    def cut_off(self) -> str:
        """What is wrong with the end of the file, "" for nothing."""
        tail = self._tail().rstrip(b" \t\r\n\0")
        last_line = re.split(rb"[\r\n]", tail)[-1]
        if self.is_closed() or tail.endswith((b";", b"}")) or last_line.startswith(b"//"):
            return ""
        self.at = self._end
        return "is cut off: it ends within a statement; expected a semicolon and `// End of` with the name"

    def _tail(self) -> bytes:
        return bytes(memoryview(self._content)[max(0, self._end - _TAIL_BYTES) :])


_LF, _CR = ord("\n"), ord("\r")
