"""From one path for many files, and what a folder lists, to the files: UDIM tiles and frame sequences.

A token (``<UDIM>``, ``####``, ``%04d``) stands for a number. A path without one that the scene says stands
for many, ``wood.1001.tif`` or ``plate.0100.exr``, has its number in the last digits before the suffix.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from renderbus_model.scene import Spread

_TILE = r"(?:100[1-9]|10[1-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3})"  # 1001 to 9999
_TOKENS = re.compile(
    r"(?P<udim><udim>|%\(udim\)d)|(?P<uvtile><uvtile>)|%0?(?P<width>[0-9]{0,2})d|(?P<hashes>#+)",
    re.IGNORECASE,
)
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
        before, number, after = (name, None, "") if spread is Spread.ONE else _split(name, spread)
        if number is None:
            return [Match(entry, name) for entry in self._same(name, ignore_case)]
        flags = re.IGNORECASE if ignore_case else 0
        pattern = re.compile(f"{re.escape(before)}({number}){re.escape(after)}", flags)
        return [
            Match(entry, before + found[1] + after, found[1])
            for entry in self._beginning_with(before)
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


def _split(name: str, spread: Spread) -> tuple[str, str | None, str]:
    """What stands before the number, a pattern for the number (None without one), and what stands behind."""
    token = _TOKENS.search(name)
    if token:
        return name[: token.start()], _number(token), name[token.end() :]
    stem, dot, _ = name.rpartition(".")
    digits = _LAST_DIGITS.search(stem if dot else name)
    if digits is None:
        return name, None, ""
    number = _TILE if spread is Spread.TILES else "[0-9]+"
    return name[: digits.start()], number, name[digits.end() :]


def _number(token: re.Match[str]) -> str:
    if token["udim"]:
        return _TILE
    if token["uvtile"]:
        return "u[0-9]+_v[0-9]+"
    width = len(token["hashes"]) if token["hashes"] else int(token["width"] or 1)
    return f"-?[0-9]{{{width},}}"
