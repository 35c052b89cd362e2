"""Statements of Maya ASCII: the words of one, and the value that a ``setAttr`` gives.

Source: a .ma file is MEL: words, strings in double quotes, ``( "part" + "part" )``, a semicolon at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from renderbus_scenes.maya_text import LONGEST_TEXT_BYTES, CodePage
from renderbus_scenes.maya_values import Value, word_value
from renderbus_scenes.unpack import Content

MOST_WORDS = 100_000
"""Of one statement; what follows is not read. A list of files has thousands."""

_WORD = re.compile(rb'[\s(){},+]*(?:(")|(;)|([^\s;"(){},]+))')


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a statement; ``quoted`` tells strings from words."""

    text: str
    quoted: bool = False


def words(
    content: Content, start: int, end: int, page: CodePage, *, longest: int = LONGEST_TEXT_BYTES
) -> Iterator[Word]:
    """The words from ``start`` to the semicolon, or to ``end``.

    Args:
        longest: bytes of a string that are kept; nothing is read behind a longer one.
    """
    at = start
    for _ in range(MOST_WORDS):
        found = _WORD.match(content, at, end)
        if found is None or found[2] is not None:
            return
        if found[3] is not None:
            yield Word(page.decode(found[3]))
            at = found.end()
            continue
        limit = min(end, found.end() + longest)
        close = page.closing_quote(content, found.end(), limit)
        if close < 0 and limit == end:  # cut off: a part of a path is none
            return
        last = limit if close < 0 else close
        yield Word(page.unquoted(bytes(content[found.end() : last])), quoted=True)
        if close < 0:
            return
        at = close + 1


def attribute_value(
    content: Content, start: int, end: int, page: CodePage, *, longest: int = LONGEST_TEXT_BYTES
) -> Value | None:
    """What a ``setAttr`` sets, given where its words behind the attribute's name begin.

    None for a statement that sets only flags, and for vectors, matrices and other data.
    """
    said = words(content, start, end, page, longest=longest)
    first = next(said, None)
    if first is None:
        return None
    if first.quoted:
        return first.text
    if first.text not in ("-type", "-typ"):
        return None if first.text.startswith("-") and not _is_number(first.text) else word_value(first.text)
    kind = next(said, Word("")).text
    if kind == "string":
        return "".join(word.text for word in said if word.quoted)
    if kind == "stringArray":
        return tuple(word.text for word in said if word.quoted)
    return None


def _is_number(text: str) -> bool:
    return isinstance(word_value(text), float)
