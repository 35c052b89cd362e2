"""The free places of all nodes, and which of them suits a head best.

A node that does nothing comes before one that would line the unit up; among equals, one whose render process
holds the scene open, then one that has its files, then one whose open scene nobody else waits for.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from renderbus_farm.rules.heads import Head, Kind, Running, fits, kind_of
from renderbus_farm.rules.work import Node

_Entry = tuple[int, bool, str]  # units on the node, whether others wait for the scene it holds open, its name

_ANY, _OPEN, _HOLDS = "any", "open", "holds"


class Places:
    """Grows fuller while work is given out.

    Args:
        wanted: manifests of all that waits.
    """

    def __init__(
        self, nodes: Sequence[Node], running: Iterable[Running], wanted: Collection[str] = frozenset()
    ) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._busy: Counter[str] = Counter()
        self._open: dict[str, set[str]] = {
            node.name: {node.is_open} if node.is_open else set() for node in nodes
        }
        for run in running:
            if run.node in self._nodes:
                self._busy[run.node] += 1
                if run.inputs:
                    self._open[run.node].add(run.inputs)
        self._opened: dict[str, set[str]] = defaultdict(set)
        self._held: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            for inputs in self._open[node.name]:
                self._opened[inputs].add(node.name)
            for inputs in node.holds:
                self._held[inputs].add(node.name)
        self._others_want = {name: not open_.isdisjoint(wanted) for name, open_ in self._open.items()}
        self.free = sum(max(0, node.places - self._busy[node.name]) for node in nodes)
        self._queues: dict[tuple[Kind, str, str], list[_Entry]] = {}
        self._of_inputs: dict[str, list[tuple[Kind, str, str]]] = defaultdict(list)

    def best(self, head: Head) -> str | None:
        """The free node that suits the head best; None where none that fits is free."""
        found = [(self._first(head, _ANY), 2)]
        if head.inputs:
            found += [(self._first(head, _OPEN), 0), (self._first(head, _HOLDS), 1)]
        ranked = [(entry[0], suits, entry) for entry, suits in found if entry is not None]
        return min(ranked)[2][2] if ranked else None

    def best_among(self, head: Head, names: Collection[str]) -> str | None:
        """The same among these nodes."""
        free = [
            (self._busy[name], head.inputs not in self._open[name], name)
            for name in names
            if self.is_free(name) and fits(head, self._nodes[name])
        ]
        return min(free)[2] if free else None

    def is_free(self, name: str) -> bool:
        """The node has a free place."""
        return name in self._nodes and self._busy[name] < self._nodes[name].places

    def fits(self, head: Head, name: str) -> bool:
        """The head fits this node."""
        return fits(head, self._nodes[name])

    def fits_any(self, head: Head) -> bool:
        """It fits some node that takes work, busy or free."""
        return any(node.places > 0 and fits(head, node) for node in self._nodes.values())

    def open_on(self, name: str) -> Collection[str]:
        """Manifests of the scenes that the node holds open, or will."""
        return self._open[name]

    def fill(self, name: str, head: Head, units: int) -> None:
        """Units of the head go there."""
        self.free -= min(units, self._nodes[name].places - self._busy[name])
        self._busy[name] += units
        if head.inputs and head.inputs not in self._open[name]:
            self._open[name].add(head.inputs)
            self._opened[head.inputs].add(name)
            for key in self._of_inputs[head.inputs]:
                heapq.heappush(self._queues[key], self._entry(name))

    def _entry(self, name: str) -> _Entry:
        return self._busy[name], self._others_want[name], name

    def _first(self, head: Head, which: str) -> _Entry | None:
        """The first free node of a queue. What was filled since it was queued takes its new place first."""
        queue = self._queue(head, which)
        while queue:
            entry = queue[0]
            name = entry[2]
            if not self.is_free(name):
                heapq.heappop(queue)
            elif entry[0] != self._busy[name]:
                heapq.heapreplace(queue, self._entry(name))
            elif fits(head, self._nodes[name]):
                return entry
            else:  # it opened the scene since, for a head that wants less of its node
                heapq.heappop(queue)
        return None

    def _queue(self, head: Head, which: str) -> list[_Entry]:
        key = (kind_of(head), which, "" if which == _ANY else head.inputs)
        if key not in self._queues:
            names: Collection[str] = self._nodes
            if which != _ANY:
                names = (self._opened if which == _OPEN else self._held).get(head.inputs, ())
            entries = [self._entry(name) for name in names if fits(head, self._nodes[name])]
            heapq.heapify(entries)
            self._queues[key] = entries
            if which == _OPEN:
                self._of_inputs[head.inputs].append(key)
        return self._queues[key]


def free_places(nodes: Sequence[Node], running: Iterable[Running]) -> int:
    """How many more units the nodes take now."""
    busy = Counter(run.node for run in running)
    return sum(max(0, node.places - busy[node.name]) for node in nodes)
