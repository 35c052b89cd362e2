r"""The tree of a Clarisse project: blocks in braces, and attributes one to a line.

Source: ``Class {`` or ``type "name" {`` opens a block, ``}`` closes it, each at the end of its line as
Clarisse writes them; an attribute is ``name value value …``. Texts stand in double quotes, with
``\\`` and ``\"``.

Braces at ends of lines are enough for files that Clarisse wrote. A file where they do not add up (written by
hand, or a text over several lines) is read once more, brace by brace and text by text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from renderbus_scenes.unpack import Searchable

MOST_DEPTH = 512
"""Blocks in blocks; real projects have a dozen, window layouts thirty."""

LONGEST_HEADER_BYTES = 4096
PREFERENCES = b"#preferences"

_LINE_ENDS = (b"\n", b"\r")
# What is escaped outside a text is passed over, so that a text without an end is tried once.
_ALL_BRACES = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}]|\\.', re.DOTALL)
_ANIMATION = re.compile(rb"animation \{(?=[^{}]*\})")
_BREAKS = re.compile(rb"[\r\n]")
_ATTRIBUTE = re.compile(rb"[ \t]*([A-Za-z_][\w.]*)(?:\[[^\]\n]*\])?[ \t]+(?=[^\r\n{}])")
_TEXT = re.compile(rb'[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_WORD = re.compile(rb'[ \t]*([^\s"{}]+)')
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class NotInLines(Exception):
    """Braces at ends of lines do not add up."""


class TooDeep(Exception):
    """More blocks in blocks than ``MOST_DEPTH``; ``offset`` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


Piece: TypeAlias = tuple[int, bytes | None, int]
"""Where a stretch of attributes ends, the header of the block that opens behind it (``Context "scene"``; None
where a block closes), and where the next stretch begins."""


def pieces(data: Searchable, start: int, *, exact: bool) -> Iterator[Piece]:
    """The project in order; what follows the last brace is left out.

    Args:
        exact: heed every brace outside texts; else those at ends of lines only, which is faster.

    Raises:
        NotInLines: not ``exact``, and some brace is not where Clarisse writes it.
    """
    return _by_texts(data, start) if exact else _by_lines(data, start)


def _by_lines(data: Searchable, position: int) -> Iterator[Piece]:
    find, line_before = data.find, data.rfind
    opens, closes = find(b"{"), find(b"}")
    while True:
        if opens >= 0 and not 0 <= closes < opens:
            line = line_before(b"\n", position, opens) + 1 or position
            if opens - line > LONGEST_HEADER_BYTES:
                raise NotInLines
            header = bytes(data[line:opens]).strip()
            if data[opens + 1 : opens + 2] not in _LINE_ENDS or not header:
                if not _in_a_text(header):
                    raise NotInLines
                opens = find(b"{", opens + 1)
                continue
            if _in_a_text(header):
                raise NotInLines
            yield line, header, opens + 1
            position = opens + 1
            if header == PREFERENCES:  # a third of the file, of which one block matters
                yield from _preferences(data, position)
                position = max(find(b"\n}", position) + 2, position)
                opens, closes = find(b"{", position), find(b"}", position)
            else:
                opens = find(b"{", position)
        elif closes >= 0:
            line = line_before(b"\n", position, closes) + 1 or position
            if closes - line > LONGEST_HEADER_BYTES:
                raise NotInLines
            before = bytes(data[line:closes])
            if before and not before.isspace():
                if not _in_a_text(before):
                    raise NotInLines
            else:
                yield closes, None, closes + 1
                position = closes + 1
            closes = find(b"}", closes + 1)
        else:
            return


def _in_a_text(before: bytes) -> bool:
    """Whether what comes behind ``before`` on its line is part of a text, like that of ``"a.{frame}``."""
    return b'"' in before and (before.count(b'"') - before.count(b'\\"')) % 2 == 1


def _preferences(data: Searchable, position: int) -> Iterator[Piece]:
    """The settings for animation, and the end of the preferences: a brace that begins its line."""
    end = data.find(b"\n}", position)
    if end < 0:
        raise NotInLines
    found = _ANIMATION.search(data, position, end)
    if found:
        inner = data.find(b"}", found.end())
        yield found.start(), b"animation", found.end()
        yield inner, None, inner + 1
    yield end + 1, None, end + 2


def _by_texts(data: Searchable, position: int) -> Iterator[Piece]:
    for brace in _ALL_BRACES.finditer(data, position):
        if brace[0] not in (b"{", b"}"):
            continue
        at = brace.start()
        if brace[0] == b"}":
            yield at, None, at + 1
        else:
            line = max(data.rfind(b"\n", position, at) + 1, position)
            header = bytes(data[line : min(at, line + LONGEST_HEADER_BYTES)]).strip()
            yield line, header, at + 1
        position = at + 1


def attributes(data: Searchable, start: int, end: int) -> Iterator[tuple[str, list[str]]]:
    """The attributes in a stretch: name and values; bookkeeping lines (``#created``) are left out."""
    position = start
    while position < end:
        found = _ATTRIBUTE.match(data, position, end)
        if found:
            values, position = _values(data, found.end(), end)
            yield found[1].decode("utf-8", "surrogateescape"), values
        line_break = _BREAKS.search(data, position, end)
        position = line_break.end() if line_break else end


def attributes_with(word: bytes, data: Searchable, start: int, end: int) -> Iterator[tuple[str, list[str]]]:
    """Those of ``attributes`` whose name holds ``word``; the lines of the others are not looked at."""
    position = data.find(word, start, end)
    while position >= 0:
        line = max(data.rfind(b"\n", start, position) + 1, start)
        line = max(data.rfind(b"\r", line, position) + 1, line)
        found = _ATTRIBUTE.match(data, line, end)
        if found and position < found.end(1):
            values, after = _values(data, found.end(), end)
            yield found[1].decode("utf-8", "surrogateescape"), values
            position = max(position + 1, after)
        line_break = _BREAKS.search(data, position, end)
        position = data.find(word, line_break.end(), end) if line_break else -1


def _values(data: Searchable, position: int, end: int) -> tuple[list[str], int]:
    values: list[str] = []
    while True:
        text = _TEXT.match(data, position, end)
        found = text or _WORD.match(data, position, end)
        if not found or _BREAKS.search(data, position, found.start(1)):
            return values, position
        values.append(unescaped(found[1]) if text else found[1].decode("utf-8", "surrogateescape"))
        position = found.end()


def unescaped(raw: bytes) -> str:
    """A stored text without the backslashes that protect quotes and backslashes."""
    plain = _ESCAPED.sub(rb"\1", raw) if b"\\" in raw else raw
    return plain.decode("utf-8", "surrogateescape")
