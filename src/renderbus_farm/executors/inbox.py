"""What nodes report to an executor, until its farm asks for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable

from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Fault, Finished, Progress, Report


class Inbox:
    """Which chunks are out, on which node, and what was reported about them."""

    def __init__(self, changed: threading.Event) -> None:
        self._lock = threading.Lock()
        self._changed = changed
        self._out: dict[ChunkId, str] = {}
        self._ended: set[ChunkId] = set()
        self._unwritten: dict[ChunkId, str] = {}  # drained, and not in the database yet
        self._reports: deque[Report] = deque()
        self._renewed: set[ChunkId] = set()

    def expect(self, order: ChunkOrder) -> bool:
        """From now on reports about this chunk count; False when it is out already."""
        with self._lock:
            if order.id in self._out:
                return False
            self._out[order.id] = order.node
            return True

    def forget(self, chunk: ChunkId) -> str | None:
        """From now on reports about it do not count; the node that has it."""
        with self._lock:
            self._reports = deque(report for report in self._reports if report.id != chunk)
            self._ended.discard(chunk)
            return self._out.pop(chunk, None)

    def find(self, reports: Iterable[Finished | Failed], node: str) -> None:
        """These were kept from the time of an earlier farm, which knew what they are about."""
        with self._lock:
            for report in reports:
                self._out[report.id] = node
                self._ended.add(report.id)
                self._reports.append(report)
        self._changed.set()

    def take(self, report: Report) -> bool:
        """A report arrived; one about a chunk that was cancelled or has ended is dropped.

        Returns:
            False where nobody wants to hear of that chunk any more.
        """
        with self._lock:
            if report.id not in self._out or report.id in self._ended:
                return report.id in self._out or report.id in self._unwritten
            if isinstance(report, Finished | Failed):
                self._ended.add(report.id)
            self._reports.append(report)
        if not isinstance(report, Progress):  # written now and then; not worth a tick of its own
            self._changed.set()
        return True

    def renew(self, chunks: Collection[ChunkId]) -> None:
        """A node still has these."""
        with self._lock:
            self._renewed.update(chunks)

    def renewed(self) -> set[ChunkId]:
        """Those since the last call, but for what was cancelled meanwhile."""
        with self._lock:
            renewed, self._renewed = self._renewed, set()
            return renewed & self._out.keys()

    def lose(self, node: str, why: str) -> None:
        """The node's worker died: all its chunks with it."""
        with self._lock:
            lost = [chunk for chunk, on in self._out.items() if on == node and chunk not in self._ended]
        for chunk in lost:
            self.take(Failed(chunk, why, Fault.LOST))
        self._changed.set()

    def node_of(self, chunk: ChunkId) -> str | None:
        """Where it is."""
        with self._lock:
            return self._out.get(chunk)

    def tell(self) -> None:
        """A node came or went."""
        self._changed.set()

    def running(self) -> set[ChunkId]:
        with self._lock:
            return set(self._out)

    def drain(self) -> list[Report]:
        with self._lock:
            reports = list(self._reports)
            self._reports.clear()
            self._unwritten |= {chunk: node for chunk in self._ended if (node := self._out.pop(chunk, ""))}
            self._ended.clear()
            return reports

    def written(self, chunks: Iterable[ChunkId]) -> dict[ChunkId, str]:
        """What was drained of these is in the database: the nodes that reported it."""
        with self._lock:
            return {chunk: node for chunk in chunks if (node := self._unwritten.pop(chunk, ""))}
