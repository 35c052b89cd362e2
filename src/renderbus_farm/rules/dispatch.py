"""Which waiting frames go to which nodes, and why one still waits.

Test frames first, then the task's level, then the task with the fewest frames running, then the older task.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from renderbus_farm.rules.lifecycle import Counts
from renderbus_farm.rules.work import ChunkId, Node
from renderbus_model.software import Application
from renderbus_model.statuses import TASK_WORDS, TaskStatus


@dataclass(frozen=True, slots=True)
class Head:
    """Frames of a task that are alike for the scheduler, and how many of them wait.

    Attributes:
        set_id: the set of frames that differ in nothing but their number.
        priority: its test frames, or (False) its others.
        level: ``taskUserLevel``; the higher goes first.
        engine: render engine, empty for any.
        limit: most frames of the task that may run at once, 0 for no limit.
    """

    task_id: int
    set_id: int
    priority: bool
    cg_id: int
    waiting: int
    engine: str = ""
    level: int = 50
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """A frame that takes a place: of which task, on which node."""

    task_id: int
    node: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One frame of a head goes to a node; which one is settled when it is claimed."""

    head: Head
    node: str


def fits(head: Head, node: Node) -> bool:
    """The node could render these frames if nothing else ran on it."""
    return head.cg_id in node.applications and (not head.engine or head.engine in node.engines)


def assign(heads: Sequence[Head], nodes: Sequence[Node], running: Iterable[Running]) -> list[Assignment]:
    """Who renders what, best first; the same arguments give the same answer.

    No node gets more than it has places for, no task more than its limit, and nothing waits that fits a
    free place.
    """
    running = list(running)
    places = _Places(nodes, Counter(run.node for run in running))
    of_task = Counter(run.task_id for run in running)
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
        if head.limit and of_task[head.task_id] >= head.limit:
            continue
        node = places.take(head)
        if node is None:
            continue
        made.append(Assignment(head, node))
        of_task[head.task_id] += 1
        left[index] -= 1
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
        self._by_kind: dict[tuple[int, str], list[tuple[int, str]]] = {}

    def take(self, head: Head) -> str | None:
        """Take a place for a frame of ``head``; None when no node that fits is free."""
        queue = self._by_kind.get((head.cg_id, head.engine))
        if queue is None:
            queue = [(self._busy[name], name) for name, node in self._nodes.items() if fits(head, node)]
            heapq.heapify(queue)
            self._by_kind[head.cg_id, head.engine] = queue
        while queue:
            busy, name = heapq.heappop(queue)
            if busy != self._busy[name]:  # taken for another kind of frame since
                heapq.heappush(queue, (self._busy[name], name))
            elif busy < self._nodes[name].places:
                self._busy[name] += 1
                self.free -= 1
                heapq.heappush(queue, (busy + 1, name))
                return name
        return None


@dataclass(frozen=True, slots=True)
class LinedUp:
    """A frame that waits on its node for another one there to end."""

    chunk: ChunkId
    head: Head
    node: str


def recall(lined_up: Iterable[LinedUp], nodes: Sequence[Node], running: Iterable[Running]) -> list[LinedUp]:
    """Frames to take back because a node that renders nothing could begin with them now.

    A second place keeps a node busy between two frames; at the end of a task, or when a node comes late, it
    would keep a frame waiting behind another while a whole machine has nothing to do.
    """
    busy = Counter(run.node for run in running)
    idle = [node for node in nodes if node.places > 0 and not busy[node.name]]
    chosen: list[LinedUp] = []
    for waiting in sorted(lined_up, key=lambda entry: (-busy[entry.node], entry.chunk)):
        free = next((node for node in idle if fits(waiting.head, node)), None)
        if free is not None and busy[waiting.node] > 1:  # another one stays there
            chosen.append(waiting)
            idle.remove(free)
            busy[waiting.node] -= 1
    return chosen


def free_places(nodes: Sequence[Node], running: Iterable[Running]) -> int:
    """How many more frames the nodes take now."""
    return _Places(nodes, Counter(run.node for run in running)).free


def possible(heads: Sequence[Head], nodes: Sequence[Node]) -> list[Head]:
    """Those heads that some node, busy or free, could render."""
    return [head for head in heads if any(fits(head, node) for node in nodes)]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task does not render now.

    Attributes:
        can_go_on: false when all that is left of the task fits no node of the farm, busy or free. A farm
            without a node says nothing about what it can do: its nodes may be starting.
        reasons: one sentence each, in English.
    """

    can_go_on: bool
    reasons: tuple[str, ...]


def explain(
    status: TaskStatus,
    counts: Counts,
    heads: Sequence[Head],
    nodes: Sequence[Node],
    running: Sequence[Running],
) -> Why:
    """Why the task of these heads waits; ``running`` is what takes places on the whole farm."""
    if status not in (TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING):
        return Why(True, (_WORDS.get(status, f"The task's status is {TASK_WORDS[status][1]}."),))
    reasons: list[str] = []
    if counts.rendering:
        reasons.append(f"{_frames(counts.rendering)} on the nodes now.")
    if counts.held:
        reasons.append(f"{_frames(counts.held)} held until the test frames have ended and you say go on.")
    waiting = [head for head in heads if head.waiting > 0]
    doable = possible(waiting, nodes)
    reasons += [_impossible(head, nodes) for head in waiting if head not in doable]
    if doable:
        reasons += _why_busy(doable, nodes, running)
    can_go_on = bool(doable or counts.rendering or not waiting or not nodes)
    return Why(can_go_on, tuple(dict.fromkeys(reasons)))


def _why_busy(heads: Sequence[Head], nodes: Sequence[Node], running: Sequence[Running]) -> Iterable[str]:
    head = heads[0]
    waiting = sum(head.waiting for head in heads)
    of_task = sum(run.task_id == head.task_id for run in running)
    if head.limit and of_task >= head.limit:
        yield f"{_frames(waiting)} waiting: the task's limit of {head.limit} at once is reached."
        return
    taken = Counter(run.node for run in running)
    fitting = [node for node in nodes if any(fits(head, node) for head in heads)]
    if any(taken[node.name] < node.places for node in fitting):
        yield f"{_frames(waiting)} waiting: a node is free and takes the next one at once."
        return
    others = len({run.task_id for run in running} - {head.task_id})
    busy = f"all places on the {len(fitting)} node(s) that can render them are taken"
    yield f"{_frames(waiting)} waiting: {busy}" + (f", also by {others} other task(s)." if others else ".")


def _impossible(head: Head, nodes: Sequence[Node]) -> str:
    if not nodes:
        return f"{_frames(head.waiting)} waiting: the farm has no node that is ready."
    title = Application(head.cg_id).title if head.cg_id in set(Application) else f"application {head.cg_id}"
    with_application = [node for node in nodes if head.cg_id in node.applications]
    if not with_application:
        return f"{_frames(head.waiting)} waiting: no node of the farm has {title}; install it on one."
    engines = sorted(set().union(*(node.engines for node in with_application)))
    return (
        f"{_frames(head.waiting)} waiting: no node of the farm renders with {head.engine}; "
        f"its nodes with {title} have {', '.join(engines) or 'no engine'}."
    )


def _frames(count: int) -> str:
    return "1 frame is" if count == 1 else f"{count} frames are"


_WORDS = {
    TaskStatus.ANALYSE: "The task was not submitted yet.",
    TaskStatus.STOP: "The task was stopped; start it to go on.",
    TaskStatus.ARREARAGE_STOP: "The task was stopped for lack of funds.",
    TaskStatus.TIME_OUT_STOP: "The task took longer than its task_stop_time; start it to go on.",
    TaskStatus.FINISHED: "Every frame is done.",
    TaskStatus.FINISHED_HAS_FAILED: "Every frame has ended, some failed; restart those to try again.",
    TaskStatus.FAILED: "Every frame failed; read a frame's log, then restart them.",
    TaskStatus.ABANDON: "The task was aborted.",
    TaskStatus.FINISHED_TEST: "The test frames have ended; the others wait for full speed or a start.",
}
