"""Read a Maya ASCII scene (.ma) of any age: jump to the statements that matter, leave the rest unread.

Source: a .ma file is MEL. Statements begin at the start of a line, a node's own with a tab; strings write
line breaks as ``\\n``, so that a line that begins with ``createNode`` is one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from renderbus_model.maya_scene import MayaScene
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_connections import any_of, connections, wanted_plugs
from renderbus_scenes.maya_facts import maya_scene
from renderbus_scenes.maya_files import EDITED
from renderbus_scenes.maya_header import add_header
from renderbus_scenes.maya_statements import attribute_value, words
from renderbus_scenes.maya_sweep import is_path
from renderbus_scenes.maya_text import LONGEST_TEXT_BYTES, CodePage
from renderbus_scenes.maya_values import Node, RawScene, Value, word_value
from renderbus_scenes.maya_wanted import (
    DEFAULT_NODES,
    NOT_SWEPT,
    OVERRIDES,
    SHORT_TEXTS,
    wanted_attributes,
)
from renderbus_scenes.unpack import Content

MOST_NODES = 1_000_000
"""Nodes that name files, cameras or layers; scenes have thousands."""

SCRIPT_BYTES = 400
"""Of a script that are kept."""

_HEADER_BYTES = 4096
_TAIL_BYTES = 4096

_VERSION = re.compile(rb"//Maya ASCII (\S+)")
_CODESET = re.compile(rb"//Codeset: *([^\s;]+)")
_FIRST = re.compile(rb"(?:createNode|select|requires|file)[ \t]")

_STATEMENT = (
    rb"(?:createNode\s+([^\s;]+)|select\s+-ne\s+:?\"?([^\s;\"]+)"
    rb"|(file|requires|fileInfo|currentUnit)\s)"
)
_TYPE, _SELECTED, _HEADER = 1, 2, 3  # groups
_OTHER_COMMAND = rb"(?=[a-z])(?!setAttr|addAttr|rename|lockNode)"
_LF_LINES = re.compile(rb"\n" + _STATEMENT), re.compile(rb"\n" + _OTHER_COMMAND)
_CR_LINES = re.compile(rb"\r" + _STATEMENT), re.compile(rb"\r" + _OTHER_COMMAND)
_ANYWHERE = (
    re.compile(rb"(?:[\r\n;]|^)[ \t]*" + _STATEMENT),
    re.compile(rb"[\r\n;][ \t]*" + _OTHER_COMMAND),
)
"""How statements are found, and where a node's own end. The last is for scenes that no Maya wrote, where
statements may stand behind blanks or share a line; a literal first byte makes the others fast."""

_NAME = re.compile(rb"(?:\s+-p(?:arent)?\s+\"[^\"]*\"|\s+-\w+)*?\s+-n(?:ame)?\s+\"([^\"]*)\"")
_FLAGS = rb"setAttr\s+(?:-\w+\s+(?:[^\s\"-]\S*\s+)?)*"
_PATH = re.compile(
    _FLAGS + rb'"[^".]*\.([^"]+)"\s+-type\s+"string"\s+"([^"/\\]{0,300}(?:/|\\\\)[^"]{1,4000})"'
)
_DEFAULT_VALUE = re.compile(rb"addAttr[^;]*?-sn\s+\"atv\"[^;]*?\s-dv\s+([^\s;]+)")
_EDIT = re.compile(
    rb"[\r\n]\s*2 \"([^\"]*)\"\s+\"("
    + "|".join(sorted(EDITED)).encode()
    + rb")\"\s*\"((?:[^\"\\]|\\.){0,5000})\""
)
_EDITED_TEXT = re.compile(r'\s*-type "string" "(.*)"\s*', re.DOTALL)


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
        self.raw = RawScene(
            version=version[1].decode("ascii", "replace") if version else "", codeset=self._page.written
        )
        self.at = 0
        self._statements, self._block_ends = self._line_ends()
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._known: dict[bytes, re.Pattern[bytes] | None] = {}

    def read(self) -> str:
        """Find every statement that matters; why it stopped before the end, "" for nothing."""
        raw, known = self.raw, self._known
        count = last = behind_nodes = 0
        for found in self._statements.finditer(self._content):
            kind = found[_TYPE]
            if kind is not None:
                count += 1
                if kind not in known:
                    known[kind] = self._pattern_for(kind)
                pattern = known[kind]
                if pattern is not None:
                    last = found.start()
                    self._made(kind, pattern, last, found.end())
            elif found[_SELECTED] is not None:
                behind_nodes = behind_nodes or found.start()
                self._selected(self._page.decode(found[_SELECTED]), found.end())
            else:
                self._header(found[_HEADER].decode(), found.end())
            if len(raw.nodes) > MOST_NODES:
                self.at = found.start()
                return f"has more than {MOST_NODES} nodes that name files, cameras or layers"
        raw.types = {kind.decode("ascii", "replace") for kind in known}
        raw.node_count = count
        # Maya writes connections behind all nodes; scenes that people put together keep no order.
        start = last if "cutIdentifier" in raw.file_info and last < behind_nodes else 0
        raw.connections += connections(self._content, start, wanted_plugs(raw), self._page)
        return ""

    def _line_ends(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """The patterns for scenes with this one's line ends."""
        first = _FIRST.search(self._content)
        before = self._content[first.start() - 1] if first and first.start() else _LF
        if before == _LF:
            return _LF_LINES
        return _CR_LINES if before == _CR else _ANYWHERE

    def _header(self, command: str, start: int) -> None:
        add_header(self.raw, command, list(words(self._content, start, self._end, self._page)))

    def _pattern_for(self, kind: bytes) -> re.Pattern[bytes] | None:
        """Which attributes of a type to read; None for a type that is left alone."""
        if not self._wanted:
            self._wanted = wanted_attributes(plugin for plugin, _, _ in self.raw.plugins)
        name = kind.decode("ascii", "replace")
        if name in self._wanted:
            return _attributes(self._wanted[name])
        return None if name in NOT_SWEPT else _PATH

    def _made(self, kind: bytes, pattern: re.Pattern[bytes], start: int, behind: int) -> None:
        """A node of a type that is wanted, or of a plug-in's."""
        block_end = self._block_end(behind)
        name = kind.decode("ascii", "replace")
        node = Node(name, name, offset=start)
        if pattern is _PATH:
            self._sweep(node, behind, block_end)
            if not node.values:
                return
        else:
            self._read_values(node, pattern, behind, block_end)
        if name == "reference":
            self._read_edits(behind, block_end)
            return
        named = _NAME.match(self._content, behind, block_end)
        if named:
            node.name = self._page.decode(named[1])
        if name in OVERRIDES and "atv" not in node.values:
            default = _DEFAULT_VALUE.search(self._content, behind, block_end)
            if default:
                node.values["atv"] = word_value(default[1].decode("ascii", "replace"))
        self.raw.nodes.append(node)

    def _selected(self, name: str, behind: int) -> None:
        wanted = DEFAULT_NODES.get(name)
        if wanted is None:
            return
        node = self.raw.defaults.setdefault(name, Node(name, name, offset=behind))
        self._read_values(node, _attributes(wanted), behind, self._block_end(behind))

    def _block_end(self, start: int) -> int:
        found = self._block_ends.search(self._content, start)
        return found.start() + 1 if found else self._end

    def _read_values(self, node: Node, pattern: re.Pattern[bytes], start: int, end: int) -> None:
        longest = SCRIPT_BYTES if node.type in SHORT_TEXTS else LONGEST_TEXT_BYTES
        for found in pattern.finditer(self._content, start, end):
            if not self._begins_statement(found.start()):
                continue
            value: Value | None
            if found[_WORD] is not None:
                value = word_value(found[_WORD].decode("ascii", "replace"))
            elif found[_STRING] is not None:
                value = self._page.decode(found[_STRING])
            else:
                value = attribute_value(self._content, found.end(), end, self._page, longest=longest)
            if value is not None:
                node.values[self._page.decode(found[_ATTRIBUTE])] = value

    def _sweep(self, node: Node, start: int, end: int) -> None:
        for found in _PATH.finditer(self._content, start, end):
            text = self._page.unquoted(found[2])
            if is_path(text) and self._begins_statement(found.start()):
                node.values[self._page.decode(found[1])] = text

    def _read_edits(self, start: int, end: int) -> None:
        for found in _EDIT.finditer(self._content, start, end):
            node, attribute = self._page.decode(found[1]), self._page.decode(found[2])
            value = self._page.unquoted(found[3])
            text = _EDITED_TEXT.fullmatch(value)
            self.raw.edits.append((node, attribute, text[1] if text else value.strip()))

    def _begins_statement(self, at: int) -> bool:
        """Whether only blanks stand between ``at`` and the end of a line or statement."""
        before = bytes(memoryview(self._content)[max(0, at - _INDENT) : at]).rstrip(b" \t")
        return not before or before.endswith((b"\n", b"\r", b";"))

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
_INDENT = 64  # blanks before a statement that are looked through; Maya writes one tab
_ATTRIBUTE, _WORD, _STRING = 1, 2, 3  # groups


@lru_cache(maxsize=512)
def _attributes(names: tuple[str, ...]) -> re.Pattern[bytes]:
    """Finds a ``setAttr`` of one of these attributes, with its value where that is plain: a word or a string
    without escapes.
    """
    spelled = any_of(names).encode() if names else rb"(?!)"
    return re.compile(
        _FLAGS
        + rb'"[^".]*\.((?:[\w\[\]:]+\.)*'
        + spelled
        + rb'(?:\[[\d:]+\])?)"'
        + rb'(?:\s+([^\s;"(){}-][^\s;"(){}]*)\s*;|\s+-type\s+"string"\s+"([^"\\\x80-\xff]{0,4000})"\s*;)?'
    )
