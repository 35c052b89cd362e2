"""How a farm is divided: accounts with weights, guarantees and ceilings, and things there are few of.

A share is counted in units at once, those included that are lined up on a node. A limit, such as ``maya = 5``
for five licences, is counted in nodes, as licence servers count machines: a node takes what the most
demanding of its units takes, and gives it back with the last of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from renderbus_farm.rules.heads import Head, Running
from renderbus_farm.rules.refusals import BadValue
from renderbus_model.software import title_of

MOST_WEIGHT = 1e6
MOST_UNITS = 10_000_000

_LIMIT = re.compile(r"(?P<name>[^=\s](?:[^=]{0,98}[^=\s])?)\s*=\s*(?P<count>[0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Share:
    """What an account gets of a farm.

    Attributes:
        weight: twice the weight is twice the units at once where accounts compete.
        at_least: units at once that it is served before accounts that have their own guarantee; nothing
            that renders is taken away for it.
        at_most: units at once that it never passes, None for no ceiling.
    """

    weight: float = 1.0
    at_least: int = 0
    at_most: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.weight <= MOST_WEIGHT:
            raise BadValue(f"weight {self.weight}: expected a number above 0, up to {MOST_WEIGHT:.0f}")
        if not 0 <= self.at_least <= MOST_UNITS:
            raise BadValue(f"at least {self.at_least}: expected 0 to {MOST_UNITS} units at once")
        if self.at_most is not None and not self.at_least <= self.at_most <= MOST_UNITS:
            raise BadValue(
                f"at most {self.at_most}: expected {self.at_least} (what it gets at least) to {MOST_UNITS}"
            )


EQUAL = Share()


def read_limit(text: str) -> tuple[str, int] | None:
    """The name of a limit and how many there are of it; None where it does not say so.

    >>> read_limit("Maya = 5"), read_limit("maya")
    (('maya', 5), None)
    """
    found = _LIMIT.fullmatch(text.strip())
    return (found["name"].lower(), int(found["count"])) if found else None


def read_limits(texts: Iterable[str]) -> dict[str, int]:
    """All that make sense, by name."""
    return dict(limit for limit in map(read_limit, texts) if limit)


@dataclass(frozen=True, slots=True)
class Division:
    """What a farm's owner has laid down; an account that is not named has an equal share.

    Attributes:
        shares: by account.
        limits: how many there are of each name; of others there are enough.
    """

    shares: Mapping[int, Share] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)

    def of(self, account_id: int) -> Share:
        return self.shares.get(account_id, EQUAL)


class InUse:
    """What is in use at a moment: units by account, limits by node. It grows while work is given out."""

    def __init__(self, division: Division, running: Iterable[Running]) -> None:
        self.division = division
        self.units: Counter[int] = Counter()
        self._on_node: dict[str, Counter[str]] = defaultdict(Counter)
        self._taken: Counter[str] = Counter()
        for run in running:
            self.add(run.account_id, run.node, run.takes, 1)

    def add(self, account_id: int, node: str, takes: Iterable[tuple[str, int]], units: int) -> None:
        """Units of an account begin on a node."""
        self.units[account_id] += units
        for name, count in takes:
            more = count - self._on_node[node][name]
            if more > 0:
                self._on_node[node][name] = count
                self._taken[name] += more

    def taken(self, name: str) -> int:
        """How many of this limit are in use."""
        return self._taken[name]

    def left(self, account_id: int) -> int:
        """Units that the account may have besides."""
        at_most = self.division.of(account_id).at_most
        return MOST_UNITS if at_most is None else max(0, at_most - self.units[account_id])

    def lacks_guarantee(self, account_id: int) -> bool:
        """The account has less than was promised to it."""
        return self.units[account_id] < self.division.of(account_id).at_least

    def weighed(self, account_id: int) -> float:
        """Units of the account by its weight: who has the least goes first."""
        return self.units[account_id] / self.division.of(account_id).weight

    def short(self, head: Head) -> list[str]:
        """Limits of which a node that holds none of them could not take what the head needs."""
        limits = self.division.limits
        return [
            name for name, count in head.takes if name in limits and self._taken[name] + count > limits[name]
        ]

    def holders(self, head: Head, names: Iterable[str]) -> set[str]:
        """Nodes that hold enough of these limits, or could take the rest."""
        limits = self.division.limits
        wanted = dict(head.takes)
        found: set[str] | None = None
        for name in names:
            free = limits[name] - self._taken[name]
            holding = {
                node
                for node, held in self._on_node.items()
                if held[name] and wanted[name] - held[name] <= free
            }
            found = holding if found is None else found & holding
        return found or set()


def taken_by(
    cg_id: int, engine: str, plugins: Iterable[str], asked: Mapping[str, int], names: Collection[str]
) -> tuple[tuple[str, int], ...]:
    """How many of each limit that the farm knows a node takes for a unit.

    One of each that is called like the unit's application, engine or plug-ins, and what its task asks for
    itself; upper and lower case are one.

    >>> taken_by(2000, "arnold", ["mtoa"], {"NAS": 2}, {"maya", "nas", "mtoa"})
    (('maya', 1), ('mtoa', 1), ('nas', 2))
    """
    wanted = dict.fromkeys((title_of(cg_id).lower(), engine.lower(), *(each.lower() for each in plugins)), 1)
    for name, count in asked.items():
        wanted[name.lower()] = max(count, wanted.get(name.lower(), 0))
    return tuple(sorted((name, count) for name, count in wanted.items() if name in names))


def too_much(head: Head, limits: Mapping[str, int]) -> str:
    """What the head takes more of than there is in all, in words; "" where it takes no more.

    >>> too_much(Head(1, 1, False, 2000, 1, takes=(("maya", 6),)), {"maya": 5})
    'it takes 6 of maya, and the farm has 5 in all'
    """
    for name, count in head.takes:
        if name in limits and count > limits[name]:
            return f"it takes {count} of {name}, and the farm has {limits[name]} in all"
    return ""
