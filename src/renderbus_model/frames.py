"""Frame ranges as artists write them: ``1-10[1]`` is frames 1 to 10, every frame.

The step is task.json's notation; lists are joined by commas (``1,3-4[1]``). Frames may be negative.
Priority frames (``pre_frames``) put three switches in front: first, middle and last frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_RANGE = re.compile(r"(?P<start>-?[0-9]+)(?:-(?P<end>-?[0-9]+))?(?:\[(?P<step>[0-9]+)\])?")
_SWITCHES = re.compile(r"(?P<first>[01])(?P<middle>[01])(?P<last>[01])(?::(?P<list>.*))?")

LONGEST_NUMBER = 9
MOST_FRAMES = 1_000_000
"""More frames than this in one list is a slip of the keyboard, and would fill the farm's memory."""


class BadFrameRange(ValueError):
    """A frame range makes no sense; ``text`` is how it was written."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"frame range {text!r}: {why}")
        self.text = text


@dataclass(frozen=True, slots=True)
class FrameRange:
    """The frames ``start, start+step, …`` that do not pass ``end``."""

    start: int
    end: int
    step: int = 1

    def __post_init__(self) -> None:
        if self.step < 1:
            raise BadFrameRange(str(self), "the step must be 1 or more")
        if self.end < self.start:
            raise BadFrameRange(str(self), "ends before it starts")
        if (self.end - self.start) // self.step >= MOST_FRAMES:
            raise BadFrameRange(str(self), f"has more than {MOST_FRAMES} frames")

    @classmethod
    def parse(cls, text: str) -> FrameRange:
        """Read ``start-end[step]``; the step may be left out, and ``7`` is one frame.

        >>> FrameRange.parse("1-10[4]")
        FrameRange(start=1, end=10, step=4)

        Raises:
            BadFrameRange: not of that form, or no frame in it.
        """
        found = _RANGE.fullmatch(text.strip())
        if not found:
            raise BadFrameRange(text, "expected start-end[step], e.g. 1-10[1]")
        if any(len(number or "") > LONGEST_NUMBER for number in found.groups()):
            raise BadFrameRange(text, f"a number of more than {LONGEST_NUMBER} digits is no frame")
        start = int(found["start"])
        end = start if found["end"] is None else int(found["end"])
        step = 1 if found["step"] is None else int(found["step"])
        return cls(start, end, step)

    def numbers(self) -> range:
        """Every frame number, in order."""
        return range(self.start, self.end + 1, self.step)

    def __str__(self) -> str:
        return f"{self.start}-{self.end}[{self.step}]"


def parse_frames(text: str) -> tuple[int, ...]:
    """The frame numbers of ``1,3-4[1],10-20[5]``, in the order written, each once.

    >>> parse_frames("1,3-5[2],3")
    (1, 3, 5)

    Raises:
        BadFrameRange: a part is not of the form ``start-end[step]``, there are none, or too many; frames
            that are named again count again.
    """
    numbers: dict[int, None] = {}
    count = 0
    for part in text.split(","):
        frames = FrameRange.parse(part).numbers()
        count += len(frames)
        if count > MOST_FRAMES:
            raise BadFrameRange(text[:80], f"has more than {MOST_FRAMES} frames")
        numbers.update(dict.fromkeys(frames))
    return tuple(numbers)


def format_frames(numbers: Iterable[int]) -> str:
    """Frame numbers as the shortest list of ranges, in ascending order.

    >>> format_frames([1, 2, 3, 10, 12, 14, 20])
    '1-3[1],10-14[2],20'
    """
    parts: list[str] = []
    run: list[int] = []
    for number in sorted(set(numbers)):
        if len(run) >= 2 and number - run[-1] != run[1] - run[0]:
            # A run of two is cheaper as one number and a chance for the next one to fit better.
            parts.append(_part(run) if len(run) > 2 else str(run[0]))
            run = [] if len(run) > 2 else run[1:]
        run.append(number)
    parts.extend([_part(run)] if len(run) > 2 else _pair(run))
    return ",".join(parts)


def _pair(run: list[int]) -> list[str]:
    if len(run) == 2 and run[1] - run[0] == 1:
        return [_part(run)]
    return [str(number) for number in run]


def _part(run: list[int]) -> str:
    return str(FrameRange(run[0], run[-1], run[1] - run[0]))


@dataclass(frozen=True, slots=True)
class PriorityFrames:
    """Which frames are rendered before all others: ``pre_frames`` of task.json.

    Attributes:
        first, middle, last: that frame of the task's range.
        listed: further frames by number; those outside the task's range are ignored.
    """

    first: bool = False
    middle: bool = False
    last: bool = False
    listed: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> PriorityFrames:
        """Read ``000``, ``100`` or ``010:1,3-4[1]``.

        Raises:
            BadFrameRange: not three switches of 0 or 1, or a bad list behind the colon.
        """
        found = _SWITCHES.fullmatch(text.strip() or "000")
        if not found:
            raise BadFrameRange(text, "expected three switches and a list, e.g. 100 or 000:1,3-4[1]")
        listed = parse_frames(found["list"]) if found["list"] else ()
        return cls(found["first"] == "1", found["middle"] == "1", found["last"] == "1", listed)

    def __or__(self, other: PriorityFrames) -> PriorityFrames:
        """What either of them chooses."""
        return PriorityFrames(
            self.first or other.first,
            self.middle or other.middle,
            self.last or other.last,
            tuple(dict.fromkeys(self.listed + other.listed)),
        )

    def of(self, numbers: tuple[int, ...]) -> frozenset[int]:
        """Those of ``numbers`` that come first; the middle of an even count is the earlier one.

        >>> sorted(PriorityFrames.parse("101:4").of((1, 2, 3, 4, 5)))
        [1, 4, 5]
        """
        if not numbers:
            return frozenset()
        chosen = set(self.listed) & set(numbers)
        chosen.update(
            number
            for wanted, number in (
                (self.first, numbers[0]),
                (self.middle, numbers[(len(numbers) - 1) // 2]),
                (self.last, numbers[-1]),
            )
            if wanted
        )
        return frozenset(chosen)
