"""Variables in paths: ``$HIP``, ``${JOB}``, ``%USERPROFILE%``, ``~``. Pure: their values are handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

MOST_ROUNDS = 8
"""Variables whose values hold variables are followed this often; circles end here."""

LONGEST_PATH = 4096

_TOO_LONG = "x" * (LONGEST_PATH + 1)
_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)\}|\$(?P<plain>[A-Za-z_]\w*)|%(?P<windows>[A-Za-z_]\w*)%")
_STANDS_FOR_MANY = re.compile(r"[0-9]*S?FF?[0-9]?|T|N|SLICE\w*|WEDGE\w*")


class Expanded(NamedTuple):
    """A path with values in place of its variables, and the names of those that have none."""

    path: str
    unknown: tuple[str, ...]


def expanded(path: str, values: Mapping[str, str]) -> Expanded:
    """Put values in place; frame tokens (``$F4``) and unknown variables stay.

    >>> expanded("$JOB/tex/${SHOT}.$F4.exr", {"JOB": "/show", "SHOT": "s010"})
    Expanded(path='/show/tex/s010.$F4.exr', unknown=())
    >>> expanded("$STUDIO/a.exr", {})
    Expanded(path='$STUDIO/a.exr', unknown=('STUDIO',))
    """
    unknown: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"] or found["windows"]
        if _STANDS_FOR_MANY.fullmatch(name):
            return found[0]
        if len(values.get(name, _TOO_LONG)) > LONGEST_PATH:
            unknown[name] = None
            return found[0]
        return values[name]

    for _ in range(MOST_ROUNDS):
        unknown.clear()
        before, path = path, _VARIABLE.sub(value, path)
        if path == before or len(path) > LONGEST_PATH:
            break
    if path == "~" or path.startswith(("~/", "~\\")):
        if "HOME" in values:
            path = values["HOME"] + path[1:]
        else:
            unknown["HOME"] = None
    return Expanded(path[:LONGEST_PATH], tuple(unknown))
