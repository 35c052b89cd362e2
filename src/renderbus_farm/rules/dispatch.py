"""Which waiting units go to which nodes (docs/dispatch.md says it for users).

First what has waited too long, then test frames, accounts that lack what they were promised, the higher
level, the account with the least for its weight, the task with the fewest units, the older task. A unit is
passed over only by one of its own rank whose scene a node holds open, and only for a short while.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from renderbus_farm.rules.ageing import OVERDUE_AFTER_S, YIELDS_FOR_S, Ages
from renderbus_farm.rules.heads import Assignment, Head, Running
from renderbus_farm.rules.places import Places
from renderbus_farm.rules.shares import Division, InUse, too_much
from renderbus_farm.rules.work import Node

_Rank = tuple[object, ...]


def assign(
    heads: Sequence[Head],
    nodes: Sequence[Node],
    running: Iterable[Running],
    division: Division | None = None,
    ages: Ages | None = None,
    now: float = 0.0,
) -> list[Assignment]:
    """Who renders what, best first; the same arguments give the same answer.

    A node without a free place gets nothing, no task is on more nodes than its limit, no account and no limit
    passes its ceiling, and nothing waits that fits a free place and may have it. Units that go together take
    their node's places together: it may then have more units than places, and gets nothing new until it has
    fewer.
    """
    heads = [head for head in heads if head.waiting > 0]
    return _Round(_in_order(heads), nodes, list(running), division or Division(), ages or Ages(), now).made()


def _in_order(heads: Sequence[Head]) -> list[Head]:
    """The heads without those of sequential tasks that are not next."""
    following: dict[int, Head] = {}
    for head in heads:
        if head.sequential:
            first = following.setdefault(head.task_id, head)
            if _place(head) < _place(first):
                following[head.task_id] = head
    return [head for head in heads if not head.sequential or following[head.task_id] is head]


def _place(head: Head) -> tuple[object, ...]:
    """Where a head stands in its task."""
    again = (head.memory_gb, *sorted(head.avoid)) if head.again else ()
    return not head.priority, not head.again, head.set_id, head.unit_type, again


class _Round:
    """One look at the queue, from its heads to what was given out."""

    def __init__(
        self,
        heads: Sequence[Head],
        nodes: Sequence[Node],
        running: Collection[Running],
        division: Division,
        ages: Ages,
        now: float,
    ) -> None:
        self._heads = heads
        self._places = Places(nodes, running, {head.inputs for head in heads if head.inputs})
        self._use = InUse(division, running)
        self._of_task = Counter(run.task_id for run in running)
        self._where: dict[int, set[str]] = defaultdict(set)
        for run in running:
            self._where[run.task_id].add(run.node)
        self._left = [head.waiting for head in heads]
        self._waited_s = [ages.of(head, now) for head in heads]
        self._with_inputs: dict[str, list[int]] = defaultdict(list)
        for index, head in enumerate(heads):
            if head.inputs:
                self._with_inputs[head.inputs].append(index)
        self._saved_up: set[str] = set()  # limits that an overdue head waits for
        self._made: list[Assignment] = []

    def made(self) -> list[Assignment]:
        """All that is given out."""
        if not self._places.free:
            return []
        queue = [(self._rank(index), index) for index in range(len(self._heads))]
        heapq.heapify(queue)
        while queue and self._places.free:
            rank, index = heapq.heappop(queue)
            if not self._left[index]:
                continue
            if rank != (current := self._rank(index)):  # it, or another of its task, was served since
                heapq.heappush(queue, (current, index))
                continue
            node = self._node_for(index)
            if node is None:
                self._save_up(index)
                continue
            self._give(self._instead(index, node), node)
            if self._left[index]:
                heapq.heappush(queue, (self._rank(index), index))
        return self._made

    def _rank(self, index: int) -> _Rank:
        head, waited_s = self._heads[index], self._waited_s[index]
        overdue = waited_s >= OVERDUE_AFTER_S
        return (
            not overdue,
            -waited_s if overdue else 0.0,
            *self._class_of(head),
            self._use.weighed(head.account_id),
            self._of_task[head.task_id],
            head.task_id,
            _place(head),
        )

    def _class_of(self, head: Head) -> tuple[bool, bool, int]:
        return not head.priority, not self._use.lacks_guarantee(head.account_id), -head.level

    def _units(self, index: int) -> int:
        """How many of the head's units may go together now."""
        head = self._heads[index]
        if head.sequential and self._of_task[head.task_id]:
            return 0
        together = 1 if head.sequential else max(1, head.together)
        return min(self._left[index], together, self._use.left(head.account_id))

    def _node_for(self, index: int) -> str | None:
        head = self._heads[index]
        if not self._units(index) or self._spared(head):
            return None
        among = self._among(head)
        return self._places.best(head) if among is None else self._places.best_among(head, among)

    def _spared(self, head: Head) -> bool:
        return bool(self._saved_up) and any(name in self._saved_up for name, _ in head.takes)

    def _among(self, head: Head) -> Collection[str] | None:
        """The only nodes that the head may come to, None for all."""
        own = self._where[head.task_id]
        among = own if head.limit and len(own) >= head.limit else None
        if head.takes and (short := self._use.short(head)):
            holders = self._use.holders(head, short)
            among = holders if among is None else among & holders
        return among

    def _save_up(self, index: int) -> None:
        """What an overdue head lacks is given to nobody else until there is enough of it."""
        head = self._heads[index]
        if self._waited_s[index] < OVERDUE_AFTER_S or not head.takes or self._spared(head):
            return
        if (
            self._units(index)
            and not too_much(head, self._use.division.limits)
            and self._places.fits_any(head)
        ):
            self._saved_up.update(self._use.short(head))

    def _instead(self, index: int, node: str) -> int:
        """A head of the same rank whose scene the node holds open, or else this one."""
        head = self._heads[index]
        open_ = self._places.open_on(node)
        if head.inputs in open_ or self._waited_s[index] >= YIELDS_FOR_S:
            return index
        others = [
            (self._rank(other), other)
            for inputs in open_
            for other in self._with_inputs.get(inputs, ())
            if self._left[other] and self._may_pass(other, head, node)
        ]
        return min(others)[1] if others else index

    def _may_pass(self, index: int, head: Head, node: str) -> bool:
        other = self._heads[index]
        if self._class_of(other) != self._class_of(head) or not self._places.fits(other, node):
            return False
        if not self._units(index) or self._spared(other):
            return False
        among = self._among(other)
        return among is None or node in among

    def _give(self, index: int, node: str) -> None:
        head, units = self._heads[index], self._units(index)
        self._made.append(Assignment(head, node, units))
        self._places.fill(node, head, units)
        self._use.add(head.account_id, node, head.takes, units)
        self._of_task[head.task_id] += units
        self._where[head.task_id].add(node)
        self._left[index] -= units
        self._waited_s[index] = 0.0
