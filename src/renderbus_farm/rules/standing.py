"""Which nodes are trusted with work: one that fails several tasks is set aside, and forgiven after a time.

A mark stands for a task that failed through a node: by the node's own word, or because another node rendered
what this one could not. A broken scene that fails everywhere marks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from renderbus_farm.rules.work import Fault, Node

MOST_MARKS = 3
"""Different tasks that failed through a node before it is set aside."""

MARKS_HOLD_S = 3600.0
ASIDE_S = 600.0
LONGEST_ASIDE_S = 4 * 3600.0
"""Each further time is twice as long, up to this."""

FORGOTTEN_AFTER_S = 24 * 3600.0
"""A node without a mark for so long has never been set aside."""

AT_ONCE = frozenset({Fault.NODE})
"""Faults that mark a node by themselves."""

IF_RENDERED_ELSEWHERE = frozenset({Fault.SCENE, Fault.PICTURE, Fault.LOST, Fault.STUCK})
"""Faults that mark a node once another one has rendered the same unit."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held against a node; times in seconds since 1970.

    Attributes:
        marks: when each task failed through it.
        aside_until: it gets no new work before.
        times: how often it was set aside.
    """

    marks: Mapping[int, float] = field(default_factory=dict)
    aside_until: float | None = None
    times: int = 0

    def marked(self, task_id: int, now: float) -> Standing:
        """The task failed through this node: it may be set aside for that, and then begins with no marks."""
        newest = max((*self.marks.values(), self.aside_until or 0.0))
        times = 0 if now - newest > FORGOTTEN_AFTER_S else self.times
        kept = {task: at for task, at in self.marks.items() if abs(now - at) <= MARKS_HOLD_S}
        marks = {**kept, task_id: now}
        if len(marks) < MOST_MARKS:
            return replace(self, marks=marks, times=times)
        wait_s = min(LONGEST_ASIDE_S, ASIDE_S * 2 ** min(times, 10))
        return Standing({}, now + wait_s, times + 1)

    def is_aside(self, now: float) -> bool:
        """It gets no new work now. Longer than ever given means that the clock was set back: it does."""
        return self.aside_until is not None and now < self.aside_until <= now + LONGEST_ASIDE_S


def trusted(nodes: Sequence[Node], aside: Mapping[str, float]) -> list[Node]:
    """The nodes, those in ``aside`` without places. A farm that would be left with none trusts them all."""
    if all(node.name in aside for node in nodes):
        return list(nodes)
    return [msgspec.structs.replace(node, places=0) if node.name in aside else node for node in nodes]


def set_aside(aside: Mapping[str, float], now: float) -> list[str]:
    """Why these nodes get nothing new, a sentence for each; ``aside`` says until when.

    >>> set_aside({"w-01": 1600.0}, 1000.0)
    ['Node w-01 gets no new work for 10 min: several tasks failed on it that others rendered.']
    """
    return [
        f"Node {name} gets no new work for {max(0.0, until - now) / 60:.0f} min: "
        "several tasks failed on it that others rendered."
        for name, until in sorted(aside.items())
    ]
