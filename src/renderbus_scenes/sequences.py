"""From one path for many files, and what a folder lists, to the files: UDIM tiles and frame sequences.

A token (``<UDIM>``, ``####``, ``%04d``) stands for a number. A path without one that the scene says stands
for many, ``wood.1001.tif`` or ``plate.0100.exr``, has its number in the last digits before the suffix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
    """

    found: str
    asked: str


def matching(name: str, listing: Iterable[str], spread: Spread, *, ignore_case: bool = False) -> list[Match]:
    """The files in ``listing`` (names without folders) that ``name`` stands for, in order.

    >>> [match.found for match in matching("oak.<UDIM>.png", ["oak.1001.png", "oak.0001.png"], Spread.TILES)]
    ['oak.1001.png']
    >>> [match.found for match in matching("a_007.exr", ["a_008.exr", "a_1.exr", "b.exr"], Spread.SEQUENCE)]
    ['a_008.exr', 'a_1.exr']
    """
    if spread is Spread.ONE:
        return [Match(entry, name) for entry in _same(name, listing, ignore_case)]
    before, number, after = _split(name, spread)
    if number is None:
        return [Match(entry, name) for entry in _same(name, listing, ignore_case)]
    flags = re.IGNORECASE if ignore_case else 0
    pattern = re.compile(f"{re.escape(before)}({number}){re.escape(after)}", flags)
    return [
        Match(entry, before + found[1] + after)
        for entry in sorted(listing)
        if (found := pattern.fullmatch(entry))
    ]


def differing_in_case(name: str, listing: Iterable[str]) -> str:
    """An entry that would be ``name`` if case did not matter, "" for none: a frequent slip, worth telling."""
    return next((entry for entry in listing if entry != name and entry.lower() == name.lower()), "")


def _same(name: str, listing: Iterable[str], ignore_case: bool) -> list[str]:
    entries = set(listing)
    if name in entries:
        return [name]
    other = differing_in_case(name, sorted(entries)) if ignore_case else ""
    return [other] if other else []


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
