"""Units that are lined up on a node and could begin at once on another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from renderbus_farm.rules.heads import Head, Running, fits
from renderbus_farm.rules.shares import Division, InUse
from renderbus_farm.rules.work import ChunkId, Node


@dataclass(frozen=True, slots=True)
class LinedUp:
    """A frame that waits on its node for another one there to end."""

    chunk: ChunkId
    head: Head
    node: str


def recall(
    lined_up: Iterable[LinedUp],
    nodes: Sequence[Node],
    running: Iterable[Running],
    division: Division | None = None,
) -> list[LinedUp]:
    """Frames to take back because a node that renders nothing could begin with them now.

    A second place keeps a node busy between two frames; at the end of a task, or when a node comes late, it
    would keep a frame waiting behind another while a whole machine has nothing to do. Frames that go
    together stay together, no task comes to more nodes than its limit allows, and nothing is taken back that
    could not begin elsewhere for lack of a limit.
    """
    running = list(running)
    busy = Counter(run.node for run in running)
    here = Counter((run.task_id, run.node) for run in running)
    in_use = InUse(division or Division(), running)
    idle = [node for node in nodes if node.places > 0 and not busy[node.name]]
    chosen: list[LinedUp] = []
    for waiting in sorted(lined_up, key=lambda entry: (-busy[entry.node], entry.chunk)):
        head = waiting.head
        free = next((node for node in idle if fits(head, node)), None)
        if free is None or busy[waiting.node] < 2:  # the last one begins as soon as anywhere
            continue
        if head.takes and in_use.short(head):
            continue
        if head.together > 1 and here[head.task_id, waiting.node] > 1:
            continue
        if head.limit and len({name for task_id, name in here if task_id == head.task_id}) >= head.limit:
            continue
        chosen.append(waiting)
        idle.remove(free)
        busy[waiting.node] -= 1
        here[head.task_id, free.name] += 1
        in_use.add(head.account_id, free.name, head.takes, 0)
    return chosen
