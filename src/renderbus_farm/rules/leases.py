"""How long a node may be silent before what it renders counts as lost, and in whose time that is counted."""

from __future__ import annotations

from dataclasses import dataclass

RENEW_S = 5.0
"""How often a worker renews the leases of what it has."""

LEASE_S = 15.0
"""How long a lease holds: three renewals. Both sides count it, each for itself: the worker from when it sent
the renewal that was answered, its farm from when that came in. So a worker gives up before its farm does."""

SILENT_S = 1.5 * RENEW_S
"""A node that missed a renewal gets nothing new to render."""

LONGEST_GAP_S = 5.0
"""Between two looks no more than this counts."""


@dataclass(frozen=True, slots=True)
class OwnTime:
    """Seconds that someone has really watched: leases are counted in these.

    A farm that was stopped, whose machine slept or whose clock was set, saw nothing of its nodes meanwhile
    and has no right to hold the time against them.
    """

    lived_s: float = 0.0
    looked_at: float | None = None

    def after(self, now: float) -> OwnTime:
        """The same at the look at ``now``, on whatever clock the caller has.

        >>> OwnTime().after(100.0).after(101.5).after(5000.0).lived_s
        6.5
        """
        gap_s = 0.0 if self.looked_at is None else min(LONGEST_GAP_S, max(0.0, now - self.looked_at))
        return OwnTime(self.lived_s + gap_s, now)
