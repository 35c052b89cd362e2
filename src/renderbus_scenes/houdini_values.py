r"""Parameters and channels as a Houdini scene stores them.

Source: a ``.parm`` member has a line for each parameter, ``name TAB [ take TAB locks=n ] TAB ( TAB value TAB
… ) ``. A value is bare or in double quotes, over many lines if need be; both escape ``"`` and ``\``. A driven
one is ``[ channel TAB last result ] ``; its formula is in the member ``.chn``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from renderbus_scenes.houdini_archive import Member

LONGEST_VALUE_BYTES = 1 << 20
"""A parameter line beyond this is text that somebody pasted, and is read up to here."""

_QUOTED = rb'"([^"\\]*(?:\\.[^"\\]*)*)"'
_VALUE = re.compile(
    rb"\[ (?P<channel>[^\t\n]+)\t(?:" + _QUOTED.replace(b"(", b"(?P<last_text>", 1)
    + rb"|(?P<last>[^\t\n]*?)) \] ?\t|" + _QUOTED.replace(b"(", b"(?P<text>", 1)
    + rb"\t|(?P<end>\))|(?P<bare>[^\t\n]*)\t",
    re.DOTALL,
)  # fmt: skip
_LINE = re.compile(rb"\n([^\t\n]+)\t\[ [0-9]+\tlocks=[^\]\n]*\]\t\(\t")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CHANNEL = re.compile(rb"\n    channel ([^\s{]+) \{")
_FORMULA = b"expr = "
_TEXT = re.compile(_QUOTED, re.DOTALL)
_LANGUAGE = re.compile(rb" language = ([a-z]+)\Z")


class Value(NamedTuple):
    """One component of a parameter: its text, unescaped, and the channel that drives it ("" for none)."""

    text: str
    channel: str = ""


class Parameter(NamedTuple):
    """A parameter's name and components."""

    name: str
    values: tuple[Value, ...]


class Formula(NamedTuple):
    """What drives a channel, and whether it is written in Python."""

    text: str
    python: bool


def parameter(member: Member, name: str) -> tuple[Value, ...]:
    """The components of one parameter of a ``.parm`` member, none when it is not there."""
    start = b"\n" + name.encode("utf-8", "surrogateescape") + b"\t[ "
    position = member.data.find(start, member.start, member.end)
    line = _LINE.match(member.data, position, member.end) if position >= 0 else None
    return tuple(_values(member, line.end())) if line else ()


def parameters_with(wanted: re.Pattern[bytes], member: Member) -> Iterator[Parameter]:
    """The parameters in whose text ``wanted`` occurs, each once, in order; the others are never parsed.

    Each byte is visited a fixed number of times, whatever they are: a match without a line break between it
    and what was handled before belongs to the same line.
    """
    data, handled = member.data, member.start
    for match in wanted.finditer(data, member.start, member.end):
        position = match.start()
        if position < handled:
            continue
        begin = data.rfind(b"\n", handled, position)
        line = _LINE.match(data, begin, member.end) if begin >= 0 else None
        if line is None:  # inside a text of many lines
            mark = data.rfind(b"\tlocks=", handled, position)
            begin = data.rfind(b"\n", handled, mark) if mark >= 0 else -1
            line = _LINE.match(data, begin, member.end) if begin >= 0 else None
        if line is None:
            handled = position
            continue
        yield Parameter(decoded(line[1]), tuple(_values(member, line.end())))
        handled = _end_of(member, line.end(), position)


def _end_of(member: Member, start: int, position: int) -> int:
    """Where the next parameter begins, or just behind ``position`` when there is none."""
    following = member.data.find(b"\tlocks=", max(start, position), member.end)
    end = member.data.rfind(b"\n", start, following) if following >= 0 else member.end
    return max(end, position + 1)


def _values(member: Member, position: int) -> Iterator[Value]:
    limit = min(member.end, position + LONGEST_VALUE_BYTES)
    while (found := _VALUE.match(member.data, position, limit)) and found["end"] is None:
        if found["channel"] is not None:
            last = found["last_text"] if found["last_text"] is not None else found["last"]
            yield Value(unescaped(last), decoded(found["channel"]))
        else:
            yield Value(unescaped(found["bare"] if found["text"] is None else found["text"]))
        position = found.end()


def channels(member: Member) -> dict[str, Formula | None]:
    """What drives each channel of a ``.chn`` member: None where keyframes do, or several formulas in turn."""
    starts = list(_CHANNEL.finditer(member.data, member.start, member.end))
    ends = [*(each.start() for each in starts[1:]), member.end]
    return {
        decoded(each[1]): _formula(member, each.end(), end) for each, end in zip(starts, ends, strict=False)
    }


def _formula(member: Member, start: int, end: int) -> Formula | None:
    data, position = member.data, start
    found: list[Formula] = []
    while (at := data.find(_FORMULA, position, end)) >= 0:
        begin = at + len(_FORMULA)
        text = _TEXT.match(data, begin, end)
        line_end = data.find(b"\n", text.end() if text else begin, end)
        position = line_end if line_end >= 0 else end
        rest = bytes(data[text.end() if text else begin : position]).rstrip().removesuffix(b"}").rstrip()
        language = _LANGUAGE.search(rest)
        is_python = language is not None and language[1] == b"python"
        bare = rest[: language.start()] if language else rest
        found.append(Formula(unescaped(text[1] if text else bare), is_python))
        if len(found) > 1:
            return None
    return found[0] if found else None


def unescaped(raw: bytes) -> str:
    """A stored text without the backslashes that protect quotes and backslashes."""
    return decoded(_ESCAPED.sub(rb"\1", raw) if b"\\" in raw else raw)


def decoded(raw: bytes) -> str:
    """UTF-8; other bytes survive as surrogates."""
    return raw.decode("utf-8", "surrogateescape")
