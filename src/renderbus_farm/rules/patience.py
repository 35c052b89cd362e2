"""How long frames that no node can render have waited for one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

GIVES_UP_AFTER_S = 900.0
"""How long a farm waits unless its owner chose: a node that is restarted or updated is back by then."""

LONGEST_GAP_S = 15.0
"""Between two looks no more than this counts: a machine that slept, or whose clock was set, saw no node."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What has been waited for so far, in seconds by set of frames, and when that was looked at."""

    waited_s: Mapping[int, float] = field(default_factory=dict)
    looked_at: float | None = None

    def after(self, stuck: Collection[int], now: float) -> Patience:
        """These sets, and no others, fit no node now: whoever was helped in between begins anew."""
        gap_s = 0.0 if self.looked_at is None else min(LONGEST_GAP_S, max(0.0, now - self.looked_at))
        waited_s = {
            set_id: self.waited_s[set_id] + gap_s if set_id in self.waited_s else 0.0 for set_id in stuck
        }
        return Patience(waited_s, now)

    def without(self, set_ids: Collection[int]) -> Patience:
        """These sets are waited for no more; should they wait again, they begin anew."""
        left = {set_id: waited_s for set_id, waited_s in self.waited_s.items() if set_id not in set_ids}
        return Patience(left, self.looked_at)

    def over(self, limit_s: float) -> list[int]:
        """Those that have waited that long."""
        return [set_id for set_id, waited_s in self.waited_s.items() if waited_s >= limit_s]
