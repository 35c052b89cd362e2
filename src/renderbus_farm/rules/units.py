"""Units: what a node renders in one go. One frame, several in equal steps, or a tile of one frame.

Frames are put into units when a task is submitted (``frames_per_task``, ``tiles``); a row of the table
``frame`` is a unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from renderbus_model.statuses import FrameType

TILE_FOLDER = ".tiles"
"""Tiles are made below this folder of a task's results, and never listed."""


class Unit(NamedTuple):
    """The frames ``number``, ``number + step``, … up to ``last``; ``tile`` counts from 1, 0 is all of it."""

    number: int
    last: int
    step: int
    tile: int
    type: FrameType


@dataclass(frozen=True, slots=True)
class Cut:
    """How the frames of a set are put into units.

    Attributes:
        together: frames of one unit at most.
        tiles: parts of each picture; above 1 every one is a unit.
        main, first: types of its units, and of those with test frames.
    """

    together: int = 1
    tiles: int = 1
    main: FrameType = FrameType.MAIN
    first: FrameType = FrameType.PRIORITY


MERGES = Cut(main=FrameType.MAIN_MERGE, first=FrameType.PRIORITY_MERGE)
"""One unit a frame, that puts its tiles together."""


def units(numbers: Sequence[int], first: Collection[int], cut: Cut) -> Iterator[Unit]:
    """Every frame in exactly one unit (of ``tiles`` units each), in the order of ``numbers``.

    A test frame is a unit of its own. Other frames go together where they follow one another in the list
    with one step; they never reach over a test frame.

    >>> [(unit.number, unit.last) for unit in units(range(1, 11), {5}, Cut(together=3))]
    [(1, 3), (4, 4), (5, 5), (6, 8), (9, 10)]
    """
    for run in _runs(numbers, first, cut.together):
        kind = cut.first if run[0] in first else cut.main
        step = run[1] - run[0] if len(run) > 1 else 1
        for tile in range(1, cut.tiles + 1) if cut.tiles > 1 else (0,):
            yield Unit(run[0], run[-1], step, tile, kind)


def count(numbers: Sequence[int], first: Collection[int], cut: Cut) -> int:
    """How many units that makes."""
    return max(1, cut.tiles) * sum(1 for _ in _runs(numbers, first, cut.together))


def _runs(numbers: Sequence[int], first: Collection[int], most: int) -> Iterator[Sequence[int]]:
    if most <= 1:
        for number in numbers:
            yield (number,)
        return
    run: list[int] = []
    for number in numbers:
        if run and not (number not in first and _goes_on(run, number, most) and run[0] not in first):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _goes_on(run: list[int], number: int, most: int) -> bool:
    step = number - run[-1]
    return len(run) < most and step > 0 and (len(run) == 1 or step == run[1] - run[0])


def frame_index(number: int, last: int, step: int, tile: int) -> str:
    """``frameIndex`` as published: ``7``, ``2-4[1]``, and ``7-2`` for the second tile of frame 7.

    >>> frame_index(7, 7, 1, 0), frame_index(2, 4, 1, 0), frame_index(7, 7, 1, 2)
    ('7', '2-4[1]', '7-2')
    """
    if tile:
        return f"{number}-{tile}"
    return str(number) if last == number else f"{number}-{last}[{step}]"
