"""What owners may change of a task after it was submitted: level, time, nodes, hardware."""

from __future__ import annotations

import re
from collections.abc import Sequence

from renderbus_farm.rules.refusals import BadValue

LOWEST_LEVEL, HIGHEST_LEVEL = 0, 100
MOST_NODES = 1_000_000
LONGEST_S = 2**31 - 1

_SIZE = re.compile(r"([0-9]{1,6})(?:\.[0-9]*)?\s*(?:G|GB|GIB)?", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,4}")


def checked_level(level: int) -> int:
    """A task's level; the published ones are 50 and 60.

    Raises:
        BadValue: out of range.
    """
    return _within("taskUserLevel", level, LOWEST_LEVEL, HIGHEST_LEVEL, "50 is usual, 60 is urgent")


def checked_node_limit(limit: int) -> int:
    """Most nodes at once, 0 for no limit.

    Raises:
        BadValue: out of range.
    """
    return _within("taskLimit", limit, 0, MOST_NODES, "0 is without a limit")


def checked_time_limit(seconds: int) -> int | None:
    """How long a task may render, None for no limit.

    Raises:
        BadValue: out of range.
    """
    return _within("overTime", seconds, 0, LONGEST_S, "in seconds, 0 is without a limit") or None


def ram_gb_of(text: str | None) -> int:
    """``64GB`` as a number; 0 for nothing.

    >>> ram_gb_of("64GB"), ram_gb_of("128"), ram_gb_of(None)
    (64, 128, 0)

    Raises:
        BadValue: no size.
    """
    stripped = (text or "").strip()
    if not stripped:
        return 0
    found = _SIZE.fullmatch(stripped)
    if not found:
        raise BadValue(f"ram {stripped[:40]!r}: expected a size such as 64GB")
    return int(found[1])


def gpu_count_of(text: str | None) -> int:
    """Graphics cards that a node must have; 0 for nothing.

    Raises:
        BadValue: no number.
    """
    stripped = (text or "").strip()
    if not stripped:
        return 0
    if not _COUNT.fullmatch(stripped):
        raise BadValue(f"gpuNum {stripped[:40]!r}: expected a number of graphics cards")
    return int(stripped)


def least(several: Sequence[int]) -> int:
    """What the most modest of the chosen kinds has: any of them will do. 0 when none is chosen."""
    return min(several, default=0)


def _within(name: str, value: int, lowest: int, highest: int, hint: str) -> int:
    if not lowest <= value <= highest:
        raise BadValue(f"{name} {value}: expected {lowest} to {highest} ({hint})")
    return value
