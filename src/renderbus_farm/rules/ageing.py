"""How long heads have waited, so that nothing waits for ever however much comes that goes before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from renderbus_farm.rules.heads import Head, HeadKey, key_of

OVERDUE_AFTER_S = 1800.0
"""A head that got nothing for so long goes before all others, whatever their level."""

YIELDS_FOR_S = 120.0
"""How long a head may be passed over by one of its own rank for which a node holds the scene open."""


@dataclass(frozen=True, slots=True)
class Ages:
    """Since when each head waits for its next unit, in seconds since 1970.

    It is not kept over a restart: then all begin anew, and are overdue after the same time.
    """

    since: Mapping[HeadKey, float] = field(default_factory=dict)

    def seen(self, heads: Iterable[Head], now: float) -> Ages:
        """These heads wait, and no others. A clock that was set back has nobody wait longer."""
        since = self.since
        return Ages({key: min(now, since.get(key, now)) for key in map(key_of, heads)})

    def served(self, heads: Iterable[Head], now: float) -> Ages:
        """These heads got something: they begin anew."""
        return Ages({**self.since, **{key_of(head): now for head in heads}})

    def of(self, head: Head, now: float) -> float:
        """How long it has waited, in seconds."""
        return now - self.since.get(key_of(head), now)
