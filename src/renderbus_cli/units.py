"""What a task's rows are: frames, chunks of several, or tiles and the frames made of them.

Told by ``frameIndex`` alone: ``7`` is a frame, ``2-4[1]`` a chunk, ``7-2`` the second tile of frame 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from renderbus_model.frames import BadFrameRange, parse_frames

_TILE = re.compile(r"(?P<frame>-?[0-9]+)-(?P<tile>[0-9]+)")
_NOUNS = {
    "frame": ("frame", "frames"),
    "chunk": ("chunk", "chunks"),
    "tile": ("tile or frame", "tiles and frames"),
}


def frames_of(index: str) -> frozenset[int]:
    """The frames of a unit: of ``7``, of the chunk ``2-4[1]``, or of the second tile of frame 7, ``7-2``."""
    if tile := _TILE.fullmatch(index):
        return frozenset({int(tile["frame"])})
    try:
        return frozenset(parse_frames(index))
    except BadFrameRange:
        return frozenset()  # of a kind that this program does not know


def unit_of(indexes: Iterable[str]) -> str:
    """What a task's counts count, by some of its units: ``frame``, ``chunk`` or ``tile``.

    >>> unit_of(["1", "2"]), unit_of(["1-4[1]", "5"]), unit_of(["1-1", "1-2", "1"])
    ('frame', 'chunk', 'tile')
    """
    found = "frame"
    for index in indexes:
        if _TILE.fullmatch(index):
            return "tile"
        if len(frames_of(index)) > 1:
            found = "chunk"
    return found


def unit_words(index: str) -> str:
    """A unit as people read it.

    >>> unit_words("7"), unit_words("7-2"), unit_words("2-4[1]")
    ('7', '7 tile 2', '2-4[1]')
    """
    tile = _TILE.fullmatch(index)
    return f"{tile['frame']} tile {tile['tile']}" if tile else index


def counted(number: int, unit: str) -> str:
    """So many units, in words.

    >>> counted(1, "frame"), counted(2, "chunk"), counted(10, "tile")
    ('1 frame', '2 chunks', '10 tiles and frames')
    """
    one, many = _NOUNS.get(unit, _NOUNS["frame"])
    return f"{number} {one if number == 1 else many}"
