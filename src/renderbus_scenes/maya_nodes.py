"""Find where nodes begin in a Maya ASCII scene as Maya writes it, much faster than a pattern does.

Almost all of a large scene is numbers. The letter ``N`` of ``createNode`` stands in none of them, and C finds
a single byte at several gigabytes a second; a pattern looks at every byte on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from renderbus_scenes.unpack import Content

WINDOW_BYTES = 1 << 18
"""Looked through at a time: copied once, small enough to stay in the processor's cache."""

_COMMAND = b"\ncreateNode "
_LETTER, _BEFORE_LETTER = b"N", len(b"\ncreate")
_MANY_LETTERS, _FEW_NODES = 1000, 100
"""In one window: with more letters it is names and texts, where the whole word is found faster; with fewer
nodes it may be numbers again."""

_TYPE = re.compile(rb"[^\s;]*")

_NO_NODE = (
    *(b"connectAttr ", b"select ", b"relationship ", b"dataStructure ", b"//"),
    *(b"file ", b"requires ", b"currentUnit ", b"fileInfo "),
)
"""How lines begin that Maya writes behind or before all nodes."""


class NodeScan:
    """One walk over the nodes.

    Attributes:
        unwanted: types that are only counted; may grow while the nodes are walked over.
        count: nodes so far.
        last: where the last one begins.
        gaps: where something else stands between two nodes, from the beginning of the one to that of the
            other. Scenes as Maya writes them have none, those that were put together of several do.
    """

    def __init__(self, content: Content, start: int) -> None:
        self._view = memoryview(content)
        self._start = start
        self.unwanted: set[bytes] = set()
        self.count = 0
        self.last = start
        self.gaps: list[tuple[int, int]] = []

    def wanted(self) -> Iterator[tuple[bytes, int, int]]:
        """Type of each node that is not unwanted, where its statement begins, and where behind the type."""
        letters = True
        for base in range(max(0, self._start - 1), len(self._view), WINDOW_BYTES):
            # What begins in this window is read to its end, wherever that is.
            window = bytes(self._view[base : base + WINDOW_BYTES + _LONGEST_HEAD])
            if letters:
                places, letters = _by_letter(window)
            else:
                places = list(_by_word(window))
                letters = len(places) < _FEW_NODES
            self.count += len(places)
            for place in places:
                if self._is_behind_gap(window, place, base):
                    self.gaps.append((self.last, base + place))
                self.last = base + place
                first = place + len(_COMMAND)
                kind = window[first : window.find(b" ", first)]
                if kind not in self.unwanted:
                    found = _TYPE.match(window, first)
                    if found:
                        yield found[0], base + place, base + found.end()

    def _is_behind_gap(self, window: bytes, place: int, base: int) -> bool:
        """Whether the line before a node is one that Maya writes behind or before all nodes."""
        line = window.rfind(b"\n", 0, place) + 1
        return line > 0 and window.startswith(_NO_NODE, line) and base + place > self._start


_LONGEST_HEAD = 512  # bytes of a statement's beginning that may stand behind a window


def _by_letter(window: bytes) -> tuple[list[int], bool]:
    """Where ``\\ncreateNode `` begins in a window, and whether letters are rare in it."""
    end = min(len(window), WINDOW_BYTES + _BEFORE_LETTER)
    places: list[int] = []
    letters = 0
    at = window.find(_LETTER, _BEFORE_LETTER, end)
    while at >= 0:
        letters += 1
        if window.startswith(_COMMAND, at - _BEFORE_LETTER):
            places.append(at - _BEFORE_LETTER)
        at = window.find(_LETTER, at + 1, end)
    return places, letters < _MANY_LETTERS


def _by_word(window: bytes) -> Iterator[int]:
    end = min(len(window), WINDOW_BYTES + len(_COMMAND) - 1)
    at = window.find(_COMMAND, 0, end)
    while at >= 0:
        yield at
        at = window.find(_COMMAND, at + len(_COMMAND), end)
