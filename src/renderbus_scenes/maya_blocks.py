"""Statements of a Maya ASCII scene about one node, one default node, or the file: read into ``RawScene``."""

from __future__ import annotations

import re
from functools import lru_cache

from renderbus_scenes.maya_connections import any_of
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
from renderbus_scenes.unpack import Content, searchable

SCRIPT_BYTES = 400
"""Of a script that are kept."""

_NAME = re.compile(rb"(?:\s+-p(?:arent)?\s+\"[^\"]*\"|\s+-\w+)*?\s+-n(?:ame)?\s+\"([^\"]*)\"")
# Inside a string a quote stands behind a backslash, so that what follows here is never the text of a script.
# Every repetition that may begin anew at each command is bounded: a stranger's file must not take hours.
_FLAGS = rb"setAttr\s[^\"\\;]{0,400}"
_PATH = re.compile(rb'-type\s+"string"\s+"([^"/\\]{0,300}(?:/|\\\\)[^"]{1,4000})"')
_PATH_OF = re.compile(_FLAGS + rb'"[^".]*\.([^"]+)"\s+')
_LONGEST_NAME = 1000  # bytes of a setAttr before its value
_INTERFACE = "uiConfigurationScriptNode"  # windows as they were: a large text that a farm never runs
_LINE = re.compile(rb"(?:[^\r\n]{0,1000}|[^;]{0,8000});[ \t]*[\r\n]")
_DEFAULT_VALUE = re.compile(rb"addAttr[^;\"]{0,80}-sn\s+\"atv\"[^;]{0,300}?\s-dv\s+([^\s;]+)")
_EDIT = re.compile(
    rb"[\r\n][ \t]*2 \"([^\"]*)\"\s+\"("
    + "|".join(sorted(EDITED)).encode()
    + rb")\"\s*\"((?:[^\"\\]|\\.){0,5000})\""
)
_EDITED_TEXT = re.compile(r'\s*-type "string" "(.*)"\s*', re.DOTALL)


class Blocks:
    """Reads blocks of statements.

    Attributes:
        raw: where what they say goes.
    """

    def __init__(
        self, content: Content, page: CodePage, raw: RawScene, block_ends: re.Pattern[bytes]
    ) -> None:
        self.raw = raw
        self._content = content
        self._searchable = searchable(content)
        self._end = len(content)
        self._page = page
        self._block_ends = block_ends
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._known: dict[bytes, re.Pattern[bytes] | None] = {}
        self._headers: set[tuple[str, bytes]] = set()

    @property
    def types(self) -> set[str]:
        """The types of all nodes that were asked about."""
        return {kind.decode("ascii", "replace") for kind in self._known}

    def header(self, command: str, start: int) -> None:
        """A statement of the header; its words begin at ``start``. One that was read before adds nothing."""
        line = _LINE.match(self._content, start)
        text = command, line[0] if line else b""
        if text not in self._headers:
            if line:
                self._headers.add(text)
            add_header(self.raw, command, list(words(self._content, start, self._end, self._page)))

    def is_wanted(self, kind: bytes) -> bool:
        """Whether nodes of a type are read, or swept for paths."""
        if kind not in self._known:
            self._known[kind] = self._pattern_for(kind)
        return self._known[kind] is not None

    def node(self, kind: bytes, start: int, behind: int) -> None:
        """A node whose type is wanted; ``behind`` is where its type ends."""
        pattern = self._known[kind]
        if pattern is not None:
            self._made(kind, pattern, start, behind)

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
        name = kind.decode("ascii", "replace")
        node = Node(name, name, offset=start)
        named = _NAME.match(self._content, behind)
        if named:
            node.name = self._page.decode(named[1])
        if node.name == _INTERFACE:
            return
        block_end = self._block_end(behind)
        self._read_values(node, pattern, behind, block_end)
        if pattern is _PATH and not node.values:
            return
        if name == "reference":
            self._read_edits(behind, block_end)
            return
        if name in OVERRIDES and "atv" not in node.values:
            default = _DEFAULT_VALUE.search(self._content, behind, block_end)
            if default:
                node.values["atv"] = word_value(default[1].decode("ascii", "replace"))
        self.raw.nodes.append(node)

    def selected(self, name: str, behind: int) -> None:
        """A node that every scene has, and that is only selected."""
        wanted = DEFAULT_NODES.get(name)
        if wanted is None:
            return
        node = self.raw.defaults.setdefault(name, Node(name, name, offset=behind))
        self._read_values(node, _attributes(wanted), behind, self._block_end(behind))

    def _block_end(self, start: int) -> int:
        found = self._block_ends.search(self._content, start)
        return found.start() + 1 if found else self._end

    def _read_values(self, node: Node, pattern: re.Pattern[bytes], start: int, end: int) -> None:
        if pattern is _PATH:
            self._sweep(node, start, end)
            return
        longest = SCRIPT_BYTES if node.type in SHORT_TEXTS else LONGEST_TEXT_BYTES
        for found in pattern.finditer(self._content, start, end):
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
            earliest = max(start, found.start() - _LONGEST_NAME)
            at = self._searchable.rfind(b"setAttr", earliest, found.start())
            of = _PATH_OF.fullmatch(self._content, at, found.start()) if at >= 0 else None
            text = self._page.unquoted(found[1])
            if of and is_path(text):
                node.values[self._page.decode(of[1])] = text

    def _read_edits(self, start: int, end: int) -> None:
        for found in _EDIT.finditer(self._content, start, end):
            node, attribute = self._page.decode(found[1]), self._page.decode(found[2])
            value = self._page.unquoted(found[3])
            text = _EDITED_TEXT.fullmatch(value)
            self.raw.edits.append((node, attribute, text[1] if text else value.strip()))


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
