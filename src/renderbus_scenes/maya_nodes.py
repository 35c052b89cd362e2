"""Find nodes in a Maya ASCII scene as Maya writes it, and do next to nothing for those that nobody wants.

Almost all of a large scene is numbers. The letter ``N`` of ``createNode`` stands in none of them, and C finds
a single byte at several gigabytes a second. Where there are many nodes one pattern passes over all that are
unwanted, so that Python only sees the others.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

from renderbus_scenes.maya_connections import any_of
from renderbus_scenes.unpack import Content

WINDOW_BYTES = 1 << 16
"""Looked through at a time: copied once, small enough to stay in the processor's cache."""

COMMAND = b"\ncreateNode "
_LETTER, _BEFORE_LETTER = b"N", len(b"\ncreate")
_MANY_LETTERS, _FEW_NODES = 50, 5
"""In one window: with more letters it is names and texts, where a pattern is faster; with fewer nodes it may
be numbers again."""

_MANY_MISSES = 2000
"""Nodes that Python saw in vain, until a pattern is made that knows their types: that takes milliseconds."""

_KIND = re.compile(rb" *([^\s;]+)")

_OTHER = rb"onnectAttr |urrentUnit )|select |file(?:Info)? |requires )"
_OTHER_LINE = re.compile(rb"\n(?:c(?:" + _OTHER)
"""How lines begin that Maya writes behind or before all nodes, and that say something of interest."""
_NEAR = 4096
"""Bytes before a node in which such a line is looked for, where nodes are few."""


class NodeScan:
    """Walks over nodes that stand one behind the other, until something else follows.

    Attributes:
        count: nodes so far.
        others: after a walk: where something else begins. Scenes as Maya writes them have it behind all nodes
            only, those that were put together of several between two, too.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._view = memoryview(content)
        self._unwanted: set[bytes] = set()
        self._misses = 0
        self._pattern = _passing_over(())
        self._letters = False
        self._base, self._window = 0, b""
        self.count = 0
        self.others = 0

    def leave_out(self, kind: bytes) -> None:
        """Nodes of this type need not be told any more: they are only counted."""
        self._unwanted.add(kind)

    def wanted(self, start: int) -> Iterator[tuple[bytes, int, int]]:
        """The nodes from ``start`` on, where one begins: type, beginning of its statement, end of type."""
        at, self.others = start, start + 1
        while at < len(self._view):
            window, first = self._from(at)
            places = _by_letter(window, first) if self._letters else None
            if places is not None:
                stopped = yield from self._of_places(window, places, start)
            else:
                stopped = yield from self._of_pattern(window, first)
            if stopped:
                return
            at = self._base + len(window)

    def _from(self, at: int) -> tuple[bytes, int]:
        """A window with this place, and where it is there; it ends with a line, so that no command is cut."""
        if not self._base <= at < self._base + len(self._window):
            window = bytes(self._view[at : at + WINDOW_BYTES])
            cut = window.rfind(b"\n", 1) if at + WINDOW_BYTES < len(self._view) else 0
            self._base, self._window = at, window[:cut] if cut > 0 else window
        return self._window, at - self._base

    def _of_places(
        self, window: bytes, places: list[int], start: int
    ) -> Generator[tuple[bytes, int, int], None, bool]:
        """Nodes at these places; whether something else stands before one."""
        base = self._base
        for place in places:
            if base + place > start and self._is_behind_other(base + place):
                self._letters = False
                return True
            self.count += 1
            self.others = base + place + 1
            found = _KIND.match(window, place + len(COMMAND))
            if found and found[1] not in self._unwanted:
                yield found[1], base + place, base + found.end()
        return False

    def _is_behind_other(self, place: int) -> bool:
        """Whether a line shortly before a node is one that Maya writes behind or before all nodes."""
        return _OTHER_LINE.search(self._content, max(self.others, place - _NEAR), place) is not None

    def _of_pattern(self, window: bytes, first: int) -> Generator[tuple[bytes, int, int], None, bool]:
        """Nodes in the window from ``first`` on that are not left out; whether something else follows."""
        if self._misses > _MANY_MISSES:
            self._misses = 0
            self._pattern = _passing_over(self._unwanted)
        base = self._base
        for found in self._pattern.finditer(window, first):
            kind = found[1]
            if kind is None:
                self.count += window.count(COMMAND, first, found.start())
                self.others = base + found.start()
                return True
            if kind in self._unwanted:
                self._misses += 1
            else:
                yield kind, base + found.start(), base + found.end()
        count = window.count(COMMAND, first)
        self.count += count
        self.others = base + len(window)
        self._letters = count < _FEW_NODES and window.count(_LETTER) < _MANY_LETTERS
        return False


def _passing_over(kinds: Iterable[bytes]) -> re.Pattern[bytes]:
    """Finds nodes of all but these types, and lines that Maya writes behind or before all nodes.

    A literal first byte, and few alternatives behind it, make it fast.
    """
    unwanted = [kind.decode("latin-1") for kind in kinds]
    passed = rb"(?!%s(?![^\s;]))" % any_of(unwanted).encode("latin-1") if unwanted else b""
    return re.compile(rb"\n(?:c(?:reateNode +%s([^\s;]+)|" % passed + _OTHER)


def _by_letter(window: bytes, first: int) -> list[int] | None:
    """Where ``\\ncreateNode `` begins in a window; None where letters are too many."""
    places: list[int] = []
    letters = 0
    at = window.find(_LETTER, first + _BEFORE_LETTER)
    while at >= 0:
        letters += 1
        if window.startswith(COMMAND, at - _BEFORE_LETTER):
            places.append(at - _BEFORE_LETTER)
        if letters > _MANY_LETTERS:
            return None
        at = window.find(_LETTER, at + 1)
    return places
