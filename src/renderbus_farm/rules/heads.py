"""What waits and what renders, as the scheduler sees it: never single frames, but heads of tasks."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from renderbus_farm.rules.work import Node
from renderbus_model.statuses import FrameType

_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Head:
    """Units of a task that are alike for the scheduler, and how many of them wait.

    Attributes:
        set_id: the set of frames that differ in nothing but their number.
        priority: its test frames, or (False) its others.
        level: ``taskUserLevel``; the higher goes first.
        engine: render engine, empty for any.
        limit: most nodes that may render the task at once, 0 for no limit.
        together: units that one node gets in one go.
        ram_gb: memory that a node must have, 0 for any.
        gpus: graphics cards that it must render with, 0 for any.
        avoid: nodes where they failed, and that are not to have them while another fits.
        memory_gb: memory that their node should have, more than the task asks; 0 for nothing more.
        ruled_out: those nodes that do not get them (``wished`` says which).
        unit_type: ``frameType`` of its units.
        account_id: whose task it is.
        takes: how many of each named limit a node takes that renders one of them.
        version: of the application that the scene was made with; empty for any.
        plugins: names of the plug-ins that the scene needs.
        inputs: the manifest of the task's files, by which nodes say what they hold.
        sequential: one unit of the task at a time.
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
    account_id: int = 0
    takes: tuple[tuple[str, int], ...] = ()
    version: str = ""
    plugins: tuple[str, ...] = ()
    inputs: str = ""
    sequential: bool = False
    ruled_out: frozenset[str] = frozenset()

    @property
    def again(self) -> bool:
        """Its units failed before."""
        return bool(self.avoid or self.memory_gb)


HeadKey = tuple[int, int, int, frozenset[str]]


def key_of(head: Head) -> HeadKey:
    """What tells a head from all others, however many of its units wait."""
    return head.set_id, head.unit_type, head.memory_gb, head.avoid


Kind = tuple[object, ...]


def kind_of(head: Head) -> Kind:
    """All that decides which nodes a head fits."""
    needs = (head.cg_id, head.version, head.engine, head.plugins, head.ram_gb, head.gpus)
    return (*needs, head.ruled_out)


@dataclass(frozen=True, slots=True)
class Running:
    """A unit that takes a place: of which task, account and manifest, where, with how many of each limit."""

    task_id: int
    node: str
    account_id: int = 0
    takes: tuple[tuple[str, int], ...] = ()
    inputs: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Units of a head go to a node; which ones is settled when they are claimed."""

    head: Head
    node: str
    frames: int = 1


def fits(head: Head, node: Node) -> bool:
    """The node could render these units if nothing else ran on it."""
    return not why_not(head, node)


def why_not(head: Head, node: Node) -> str:
    """The first thing that the node lacks, empty where it lacks nothing.

    An application opens scenes of its own version and of older ones. Plug-ins are held against a node only
    where it says which ones it has.
    """
    installed = node.applications.get(head.cg_id)
    if installed is None:
        return "application"
    if head.version and series(head.version) > series(installed):
        return "version"
    if head.engine and head.engine not in node.engines:
        return "engine"
    if head.plugins and node.plugins is not None and not set(head.plugins) <= node.plugins:
        return "plugins"
    # Memory is known by its round name: a machine of 66.6 GB is sold as one of 67.
    if head.ram_gb > math.ceil(node.ram_gb):
        return "memory"
    if head.gpus > node.gpus:
        return "graphics cards"
    return "trust" if node.name in head.ruled_out else ""


@lru_cache(maxsize=1000)
def series(version: str) -> tuple[int, ...]:
    """The numbers that say whether another version opens a scene: 5.0 of 5.0.1.

    >>> series("Blender 5.0.1"), series("2018"), series("new")
    ((5, 0), (2018,), ())
    """
    found = _NUMBERS.search(version)
    return tuple(int(part) for part in found[0].split(".")[:2]) if found else ()


def possible(heads: Sequence[Head], nodes: Sequence[Node]) -> list[Head]:
    """Those heads that some node, busy or free, could render."""
    return [head for head in heads if any(fits(head, node) for node in nodes)]


def wished(heads: Iterable[Head], nodes: Sequence[Node]) -> list[Head]:
    """The heads with those of their wishes that the farm can meet at all.

    A unit that failed goes to a node where it has not, and that has the memory it needs; where the farm has
    no such node that takes work, busy or free, to any that fits.
    """
    return [_wished(head, nodes) if head.again else head for head in heads]


def _wished(head: Head, nodes: Collection[Node]) -> Head:
    more = replace(head, ram_gb=max(head.ram_gb, head.memory_gb))
    wishes = (replace(more, ruled_out=head.avoid), more, replace(head, ruled_out=head.avoid))
    met = (wish for wish in wishes if any(node.places and fits(wish, node) for node in nodes))
    return next(met, head)
