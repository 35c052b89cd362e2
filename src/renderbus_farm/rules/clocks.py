"""Time limits are counted in time that the farm lived through, whatever the machine's clock says meanwhile.

A clock that is set, a machine that sleeps and a farm that is not there take nothing of a task's time: the
moments that its limits count from are moved along.
"""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_DRIFT_S = 5.0
"""Two clocks of one machine differ by less between two looks, unless one was set or stood still."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The machine's clock (seconds since 1970) beside one that is never set, at the same moment."""

    wall: float
    steady: float

    def jumped_s(self, later: Clocks) -> float:
        """How far the machine's clock was set on until then; below 0 when it was set back.

        >>> Clocks(1000.0, 10.0).jumped_s(Clocks(4610.0, 20.0))
        3600.0
        >>> Clocks(1000.0, 10.0).jumped_s(Clocks(1010.2, 20.0))
        0.0
        """
        drift_s = (later.wall - self.wall) - (later.steady - self.steady)
        return drift_s if abs(drift_s) > LARGEST_DRIFT_S else 0.0


def moved(clock_from: float, by_s: float, now: float) -> float:
    """From when a time limit counts once the clock has jumped: never from a time to come."""
    return min(clock_from + by_s, now)
