"""Where work runs: what the dispatcher asks of every kind of executor.

An executor is asked and never calls back, so a tick is a plain function that tests drive with a list.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Protocol

from renderbus_farm.rules.work import ChunkId, ChunkOrder, Node, Report


class NoSuchNode(ValueError):
    """An order names a node that this executor does not have; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"node {name!r} does not belong to this executor; ask nodes() again")
        self.name = name


class Executor(Protocol):
    """Starts and cancels chunks on nodes, and collects what the nodes report."""

    @property
    def nodes_outlive_farm(self) -> bool:
        """What an earlier farm on the same data started may still run, and report.

        If not, whoever makes the executor has ended it all, and what ended by itself before is reported by
        ``drain`` at once.
        """
        ...

    def nodes(self) -> list[Node]:
        """The nodes that can take work now; a node that is only just starting is not among them."""
        ...

    def start(self, order: ChunkOrder) -> None:
        """Hand a chunk to the node that the order names; a chunk that is known already is not started again.

        It returns at once. A node that dies under the chunk, or has died since ``nodes`` was asked, is
        reported as ``Failed`` with ``Fault.LOST``.

        Raises:
            NoSuchNode: no node of that name was ever here.
        """
        ...

    def cancel(self, chunk: ChunkId) -> None:
        """Give a chunk up: its render process is killed, and no report about it follows.

        A chunk that has ended, or was never here, is ignored.
        """
        ...

    def running(self) -> set[ChunkId]:
        """Chunks that were accepted and have not ended, those waiting on a node included.

        A chunk is in here until ``drain`` has handed out its last report, so a tick that drains first
        never takes a chunk whose report is on its way for a lost one.
        """
        ...

    def drain(self) -> list[Report]:
        """What has happened since the last call, in order; a chunk's last report is Finished or Failed."""
        ...

    def renewed(self) -> set[ChunkId]:
        """Chunks whose nodes said since the last call that they still have them."""
        ...

    def written(self, chunks: Set[ChunkId]) -> None:
        """The last reports of these chunks are in the database: their nodes need not keep them any more."""
        ...

    def log_so_far(self, chunk: ChunkId) -> bytes:
        """The end of what was printed for a chunk that renders; safe from any thread.

        Empty where it does not render yet or any more, or its node does not answer soon.
        """
        ...

    def close(self) -> None:
        """End every node and every process it started. Closing twice is harmless."""
        ...
