"""From one path for many files, and what a folder lists, to the files: UDIM tiles and frame sequences.

A token (``<UDIM>``, ``####``, ``%04d``, ``$F4``, ``<f4>``) stands for a number, and there may be a few; what
differs from wedge to wedge stands for any text. A path without one that the scene says stands for many,
``wood.1001.tif`` or ``plate.0100.exr``, has its number in the last digits before the suffix.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from renderbus_model.scene import Spread

_TILE = r"(?:100[1-9]|10[1-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3})"  # 1001 to 9999
_TOKENS = re.compile(
    r"(?P<udim><udim>|%\(udim\)d|_mapid_)|(?P<uvtile><uvtile>)|%0?(?P<printf>[0-9]{0,2})d|(?P<hashes>#+)"
    r"|\$\{?(?P<before>[0-9]?)s?ff?(?P<after>[0-9]?)(?:\}|(?![a-z0-9_]))"  # Houdini's $F4, Clarisse's $4F
    r"|<f(?:rame)?(?P<maya>[0-9]?)>|\{frame(?::0?(?P<python>[0-9]{0,2})d?)?\}"
    r"|(?P<any>`@[\w.]+`|\$\{?(?:wedge\w*|slice\w*)\}?|\$\(\w+\))",
    re.IGNORECASE,
)
MOST_TOKENS = 3
"""In one name; further ones stand for themselves. Each multiplies the ways in which a name can match."""

_LAST_DIGITS = re.compile(r"[0-9]+(?=[^0-9]*$)")


@dataclass(frozen=True, slots=True)
class Match:
    """A file that a path stands for.

    Attributes:
        found: its name as the folder lists it.
        asked: its name as the scene would ask for it; differs in case at most.
        number: the text that stands for the token, "" where the path names one file.
    """

    found: str
    asked: str
    number: str = ""


class Listing:
    """What a folder holds: the names in it, without folders, in any order."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._by_lower = sorted((name.lower(), name) for name in self._names)

    def matching(self, name: str, spread: Spread = Spread.ONE, *, ignore_case: bool = False) -> list[Match]:
        """The entries that ``name`` stands for, in order.

        >>> oak = Listing(["oak.1002.png", "oak.1001.png", "oak.0001.png"])
        >>> [match.found for match in oak.matching("oak.<UDIM>.png", Spread.TILES)]
        ['oak.1001.png', 'oak.1002.png']
        >>> [match.found for match in Listing(["a_8.exr", "a_b.exr"]).matching("a_07.exr", Spread.SEQUENCE)]
        ['a_8.exr']
        """
        parts = () if spread is Spread.ONE else _parts(name, spread)
        if len(parts) < 2:
            return [Match(entry, name) for entry in self._same(name, ignore_case)]
        flags = re.IGNORECASE if ignore_case else 0
        literal = [re.escape(part) for part in parts[::2]]
        numbers = [f"({number})" for number in parts[1::2]]
        pattern = re.compile("".join(map("".join, zip(literal, [*numbers, ""], strict=True))), flags)
        return [
            Match(entry, _asked(parts, found.groups()), found[1])
            for entry in self._beginning_with(parts[0])
            if (found := pattern.fullmatch(entry))
        ]

    def differing_in_case(self, name: str) -> str:
        """An entry that would be ``name`` if case did not matter, "" for none: a frequent slip."""
        lower = name.lower()
        alike = (entry for entry in self._beginning_with(name) if entry.lower() == lower and entry != name)
        return next(alike, "")

    def _same(self, name: str, ignore_case: bool) -> list[str]:
        if name in self._names:
            return [name]
        other = self.differing_in_case(name) if ignore_case else ""
        return [other] if other else []

    def _beginning_with(self, start: str) -> Iterator[str]:
        lower = start.lower()
        for position in range(bisect_left(self._by_lower, (lower, "")), len(self._by_lower)):
            key, name = self._by_lower[position]
            if not key.startswith(lower):
                return
            yield name


def _parts(name: str, spread: Spread) -> tuple[str, ...]:
    """In turn what stands in the name and a pattern for a number; one part where it holds no number."""
    parts: list[str] = []
    position = 0
    for token in islice(_TOKENS.finditer(name), MOST_TOKENS):
        parts += [name[position : token.start()], _number(token)]
        position = token.end()
    if parts:
        return (*parts, name[position:])
    stem, dot, _ = name.rpartition(".")
    digits = _LAST_DIGITS.search(stem if dot else name)
    if digits is None:
        return (name,)
    return name[: digits.start()], _TILE if spread is Spread.TILES else "[0-9]+", name[digits.end() :]


def _asked(parts: tuple[str, ...], numbers: tuple[str, ...]) -> str:
    """The name as the scene asks for it, with the numbers of one file."""
    return "".join(map("".join, zip(parts[::2], (*numbers, ""), strict=True)))


def _number(token: re.Match[str]) -> str:
    if token["udim"]:
        return _TILE
    if token["uvtile"]:
        return "u[0-9]+_v[0-9]+"
    if token["any"]:
        return ".*?"
    widths = (token["printf"], token["before"], token["after"], token["maya"], token["python"])
    width = len(token["hashes"] or "") or max(int(text or 1) for text in widths)
    return f"-?[0-9]{{{max(width, 1)},}}"
