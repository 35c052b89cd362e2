"""Nodes without a process: they do what they are told, or render nothing in no time.

Tests tell each chunk how it ends; benchmarks measure what the farm itself costs.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from renderbus_farm.executors.executor import NoSuchNode
from renderbus_farm.rules.work import (
    ChunkId,
    ChunkOrder,
    Damage,
    Failed,
    Fault,
    Finished,
    Node,
    Output,
    Progress,
    Report,
    Started,
)
from renderbus_model.pieces import digest_of

PICTURE = digest_of(b"picture")
"""What every simulated renderer paints."""


class SimulatedNodes:
    """An executor in the process: each chunk ends as a test says.

    Attributes:
        all_nodes: may be changed at any time.
        silent: names of nodes that renew no lease.
        forgotten: chunks whose reports are in the database.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.all_nodes = list(nodes)
        self.orders: dict[ChunkId, ChunkOrder] = {}
        self.history: list[ChunkOrder] = []
        self.cancelled: list[ChunkId] = []
        self.reports: list[Report] = []
        self.nodes_outlive_farm = False
        self.silent: set[str] = set()
        self.forgotten: set[ChunkId] = set()

    def nodes(self) -> list[Node]:
        return list(self.all_nodes)

    def start(self, order: ChunkOrder) -> None:
        if order.node not in {node.name for node in self.all_nodes}:
            raise NoSuchNode(order.node)
        self.orders[order.id] = order
        self.history.append(order)

    def cancel(self, chunk: ChunkId) -> None:
        self.cancelled.append(chunk)
        self.orders.pop(chunk, None)

    def running(self) -> set[ChunkId]:
        return {
            *self.orders,
            *(report.id for report in self.reports if isinstance(report, Finished | Failed)),
        }

    def drain(self) -> list[Report]:
        reports, self.reports = self.reports, []
        return reports

    def renewed(self) -> set[ChunkId]:
        """Nodes renew at every look, but for those that are silent."""
        return {chunk for chunk, order in self.orders.items() if order.node not in self.silent}

    def written(self, chunks: Set[ChunkId]) -> None:
        self.forgotten |= chunks

    def log_so_far(self, chunk: ChunkId) -> bytes:
        """What its renderer has written."""
        return f"Sample 1 of {chunk.frame_id}".encode() if chunk in self.orders else b""

    def close(self) -> None:
        self.orders.clear()

    def began(self, chunk: ChunkId) -> None:
        """The render process begins with it."""
        self.reports.append(Started(chunk, self.orders[chunk].node))

    def progressed(self, chunk: ChunkId, percent: float) -> None:
        """It is so far."""
        self.reports.append(Progress(chunk, percent))

    def finish(
        self, chunk: ChunkId, *, seconds: float = 2.0, path: str | None = None, flags: tuple[str, ...] = ()
    ) -> None:
        """It is rendered; its picture is named as the order says."""
        order = self.orders.pop(chunk)
        made = [path] if path else [f"{order.output.replace('####', f'{n:04d}')}.png" for n in order.numbers]
        outputs = tuple(Output(name, PICTURE, len(b"picture")) for name in made)
        self.reports.append(Finished(chunk, outputs, seconds, thumbnail=PICTURE, flags=flags))

    def fail(
        self,
        chunk: ChunkId,
        error: str = "no camera",
        fault: Fault = Fault.SCENE,
        damage: Damage | None = None,
    ) -> None:
        """It is over without a picture."""
        del self.orders[chunk]
        self.reports.append(Failed(chunk, error, fault, 1.0, damage=damage))

    def finish_all(self) -> None:
        """Everything is rendered."""
        for chunk in sorted(self.orders):
            self.finish(chunk)

    def forget(self, chunk: ChunkId) -> None:
        """It is gone without a word."""
        del self.orders[chunk]


class InstantNodes(SimulatedNodes):
    """Nodes whose renderer does nothing: a chunk begins and ends at once.

    Attributes:
        rendered: how many have ended.
        at_once: how many end at a look, None for all.
    """

    def __init__(self, nodes: Sequence[Node], at_once: int | None = None) -> None:
        super().__init__(nodes)
        self.at_once = at_once
        self.rendered = 0

    def start(self, order: ChunkOrder) -> None:
        self.orders[order.id] = order

    def drain(self) -> list[Report]:
        for chunk in list(self.orders)[: self.at_once]:
            self.began(chunk)
            self.finish(chunk, seconds=0.0)
            self.rendered += 1
        return super().drain()

    def written(self, chunks: Set[ChunkId]) -> None:
        pass
