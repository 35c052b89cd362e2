"""Which waiting frames go to which nodes.

Test frames first, then the task's level, then the task with the fewest frames running, then the older task.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from renderbus_farm.rules.work import ChunkId, Node
from renderbus_model.statuses import FrameType


@dataclass(frozen=True, slots=True)
class Head:
    """Frames of a task that are alike for the scheduler, and how many of them wait.

    Attributes:
        set_id: the set of frames that differ in nothing but their number.
        priority: its test frames, or (False) its others.
        level: ``taskUserLevel``; the higher goes first.
        engine: render engine, empty for any.
        limit: most nodes that may render the task at once, 0 for no limit.
        together: frames that one node gets in one go.
        ram_gb: memory that a node must have, 0 for any.
        gpus: graphics cards that it must render with, 0 for any.
        avoid: nodes that shall not render them, since they failed there.
        memory_gb: memory that their node should have, more than the task asks; 0 for nothing more.
        unit_type: ``frameType`` of its frames.
        anywhere: the farm has no other nodes than those to avoid, so any that fits will do.
    """

    task_id: int
    set_id: int
    priority: bool
    cg_id: int
    waiting: int
    engine: str = ""
    level: int = 50
    limit: int = 0
    together: int = 1
    ram_gb: int = 0
    gpus: int = 0
    avoid: frozenset[str] = frozenset()
    memory_gb: int = 0
    unit_type: int = FrameType.MAIN
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A frame that takes a place: of which task, on which node."""

    task_id: int
    node: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Frames of a head go to a node; which ones is settled when they are claimed."""

    head: Head
    node: str
    frames: int = 1


def fits(head: Head, node: Node) -> bool:
    """The node could render these frames if nothing else ran on it."""
    able = head.cg_id in node.applications and (not head.engine or head.engine in node.engines)
    # Memory is known by its round name: a machine of 66.6 GB is sold as one of 67.
    able = able and head.ram_gb <= math.ceil(node.ram_gb) and head.gpus <= node.gpus
    return able and (head.anywhere or node.name not in head.avoid)


def assign(heads: Sequence[Head], nodes: Sequence[Node], running: Iterable[Running]) -> list[Assignment]:
    """Who renders what, best first; the same arguments give the same answer.

    A node without a free place gets nothing, no task is on more nodes than its limit, and nothing waits that
    fits a free place. Frames that go together take their node's places together: it may then have more
    frames than places, and gets nothing new until it has fewer.
    """
    running = list(running)
    places = _Places(nodes, Counter(run.node for run in running))
    of_task = Counter(run.task_id for run in running)
    where: dict[int, set[str]] = defaultdict(set)
    for run in running:
        where[run.task_id].add(run.node)
    left = {index: head.waiting for index, head in enumerate(heads) if head.waiting > 0}
    queue = [(_rank(heads[index], of_task), index) for index in left]
    heapq.heapify(queue)
    made: list[Assignment] = []
    while queue and places.free:
        rank, index = heapq.heappop(queue)
        head = heads[index]
        if rank != (current := _rank(head, of_task)):  # another head of the task was served since
            heapq.heappush(queue, (current, index))
            continue
        frames = min(left[index], max(1, head.together))
        full = head.limit > 0 and len(where[head.task_id]) >= head.limit
        node = places.take_among(head, where[head.task_id], frames) if full else places.take(head, frames)
        if node is None:
            continue
        made.append(Assignment(head, node, frames))
        of_task[head.task_id] += frames
        where[head.task_id].add(node)
        left[index] -= frames
        if left[index]:
            heapq.heappush(queue, (_rank(head, of_task), index))
    return made


def _rank(head: Head, of_task: Mapping[int, int]) -> tuple[bool, int, int, int, int]:
    return (not head.priority, -head.level, of_task.get(head.task_id, 0), head.task_id, head.set_id)


class _Places:
    """The free places of all nodes; the least busy node that fits is taken first."""

    def __init__(self, nodes: Sequence[Node], busy: Mapping[str, int]) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._busy = {name: busy.get(name, 0) for name in self._nodes}
        self.free = sum(max(0, node.places - self._busy[node.name]) for node in nodes)
        self._by_kind: dict[tuple[int, str, int, int, frozenset[str]], list[tuple[int, str]]] = {}

    def take(self, head: Head, frames: int) -> str | None:
        """Take places for frames of ``head``; None when no node that fits is free."""
        shunned = frozenset() if head.anywhere else head.avoid
        kind = (head.cg_id, head.engine, head.ram_gb, head.gpus, shunned)
        queue = self._by_kind.get(kind)
        if queue is None:
            queue = [(self._busy[name], name) for name, node in self._nodes.items() if fits(head, node)]
            heapq.heapify(queue)
            self._by_kind[kind] = queue
        while queue:
            busy, name = heapq.heappop(queue)
            if busy != self._busy[name]:  # taken for another kind of frame since
                heapq.heappush(queue, (self._busy[name], name))
            elif busy < self._nodes[name].places:
                self._fill(name, frames)
                heapq.heappush(queue, (self._busy[name], name))
                return name
        return None

    def take_among(self, head: Head, names: Collection[str], frames: int) -> str | None:
        """The same on one of these nodes."""
        free = [
            (self._busy[name], name)
            for name in names
            if name in self._nodes
            and self._busy[name] < self._nodes[name].places
            and fits(head, self._nodes[name])
        ]
        if not free:
            return None
        _, name = min(free)
        self._fill(name, frames)
        return name

    def _fill(self, name: str, frames: int) -> None:
        self.free -= min(frames, self._nodes[name].places - self._busy[name])
        self._busy[name] += frames


@dataclass(frozen=True, slots=True)
class LinedUp:
    """A frame that waits on its node for another one there to end."""

    chunk: ChunkId
    head: Head
    node: str


def recall(lined_up: Iterable[LinedUp], nodes: Sequence[Node], running: Iterable[Running]) -> list[LinedUp]:
    """Frames to take back because a node that renders nothing could begin with them now.

    A second place keeps a node busy between two frames; at the end of a task, or when a node comes late, it
    would keep a frame waiting behind another while a whole machine has nothing to do. Frames that go
    together stay together, and no task comes to more nodes than its limit allows.
    """
    running = list(running)
    busy = Counter(run.node for run in running)
    here = Counter((run.task_id, run.node) for run in running)
    idle = [node for node in nodes if node.places > 0 and not busy[node.name]]
    chosen: list[LinedUp] = []
    for waiting in sorted(lined_up, key=lambda entry: (-busy[entry.node], entry.chunk)):
        head = waiting.head
        free = next((node for node in idle if fits(head, node)), None)
        if free is None or busy[waiting.node] < 2:  # the last one begins as soon as anywhere
            continue
        if head.together > 1 and here[head.task_id, waiting.node] > 1:
            continue
        if head.limit and len({name for task_id, name in here if task_id == head.task_id}) >= head.limit:
            continue
        chosen.append(waiting)
        idle.remove(free)
        busy[waiting.node] -= 1
        here[head.task_id, free.name] += 1
    return chosen


def wished(heads: Iterable[Head], nodes: Sequence[Node]) -> list[Head]:
    """The heads with those of their wishes that the farm can meet at all.

    A unit that failed goes to a node where it has not, and that has the memory it needs; where the farm has
    no such node, busy or free, to any that fits.
    """
    return [_wished(head, nodes) for head in heads]


def _wished(head: Head, nodes: Sequence[Node]) -> Head:
    if not head.memory_gb and not head.avoid:
        return head
    more = replace(head, ram_gb=max(head.ram_gb, head.memory_gb))
    wishes = (more, replace(more, anywhere=True), head)
    met = (wish for wish in wishes if any(node.places and fits(wish, node) for node in nodes))
    return next(met, replace(head, anywhere=True))


def free_places(nodes: Sequence[Node], running: Iterable[Running]) -> int:
    """How many more frames the nodes take now."""
    return _Places(nodes, Counter(run.node for run in running)).free


def possible(heads: Sequence[Head], nodes: Sequence[Node]) -> list[Head]:
    """Those heads that some node, busy or free, could render."""
    return [head for head in heads if any(fits(head, node) for node in nodes)]
