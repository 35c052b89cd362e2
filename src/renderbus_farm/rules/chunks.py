"""How many units a node gets in one go, so that they fill the time that a task asks for."""

from __future__ import annotations

MOST_TOGETHER = 1000


def units_together(target_s: float, rendered: int, seconds: float) -> int:
    """Units that fill ``target_s``, by what the task's units took on average so far; one while nobody knows.

    >>> units_together(60, rendered=10, seconds=50), units_together(60, rendered=0, seconds=0)
    (12, 1)
    """
    if not rendered or seconds <= 0:
        return 1
    return max(1, min(MOST_TOGETHER, round(target_s * rendered / seconds)))
