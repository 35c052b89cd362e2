"""Workers on this machine: one process each, replaced when it dies, gone when the farm is gone."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Set
from pathlib import Path

import msgspec

from renderbus_farm.executors.executor import NoSuchNode
from renderbus_farm.executors.inbox import Inbox
from renderbus_farm.executors.local_node import LocalNode
from renderbus_farm.processes import FOLDER, MARKER, sweep
from renderbus_farm.renderers.catalogue import Choice
from renderbus_farm.rules.watch import Limits
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Node, Report
from renderbus_farm.spool import Spool
from renderbus_farm.worker import REPORTS
from renderbus_farm.worker_cache import CACHE_BYTES

_LOOKS_EVERY_S = 1.0  # whether workers have been silent for too long


class LocalExecutor:
    """Runs ``workers`` worker processes, each a node with one place to render and one to line up."""

    nodes_outlive_farm = False

    def __init__(
        self,
        data: Path,
        blobs_folder: Path,
        workers: int,
        changed: threading.Event,
        marker: str,
        *,
        cache_bytes: int = CACHE_BYTES,
        renderers: Choice = Choice(),  # noqa: B008  (frozen)
        limits: Limits = Limits(),  # noqa: B008  (frozen)
        answers: threading.Event | None = None,
        ended: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Start the workers; they are ready a second or two later.

        What an earlier farm on the same data left running is killed first: the caller holds the data's lock.

        Args:
            data: the farm's data folder; ours is ``nodes`` in it.
            changed: set when a node arrives, or a report other than progress.
            marker: put into the environment of every process.
            cache_bytes: what uploaded files may take on the disk of each node.
            renderers: what the operator chose beside our own.
            limits: what a render process may do.
            answers: set when the farm answers. Workers beyond the number of processors are started only then:
                they would keep it from that.
            ended: told the process id of each worker that has ended, which may have been storing something.
        """
        nodes = data / "nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        sweep({FOLDER: str(nodes)})
        self._inbox = Inbox(changed)
        names = [f"node-{number}" for number in range(1, workers + 1)]
        self._folder = nodes
        for old in sorted(path for path in nodes.iterdir() if path.is_dir()):
            # What ended while no farm was there to be told. Nothing can be added: all workers are dead.
            self._inbox.find(Spool(old / REPORTS).kept(), old.name)
            if old.name not in names:
                _leave_reports(old)
        marks = {MARKER: marker, FOLDER: str(nodes)}
        chosen = (msgspec.json.encode(value).decode() for value in (renderers, limits))
        facts = (str(blobs_folder), str(cache_bytes), *chosen)
        at_once = threading.Event()
        at_once.set()
        begins = [at_once] * (os.cpu_count() or 1) + [answers or at_once] * workers
        self._nodes = {
            name: LocalNode(name, nodes / name, facts, marks, self._inbox, begin, ended)
            for name, begin in zip(names, begins, strict=False)
        }
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="nodes", daemon=True)
        self._watcher.start()

    def nodes(self) -> list[Node]:
        """Those whose worker is up, and not silent."""
        return [ready for node in self._nodes.values() if (ready := node.ready())]

    def start(self, order: ChunkOrder) -> None:
        """Hand a chunk to its node's worker; raises ``NoSuchNode``."""
        if order.node not in self._nodes:
            raise NoSuchNode(order.node)
        if self._inbox.expect(order):
            self._nodes[order.node].start(order)

    def cancel(self, chunk: ChunkId) -> None:
        """Kill its render process, or take it from the worker's line."""
        if name := self._inbox.forget(chunk):
            Spool(self._folder / name / REPORTS).forget(chunk)
            if node := self._nodes.get(name):
                node.cancel(chunk)

    def running(self) -> set[ChunkId]:
        """Accepted, and its last report not yet drained."""
        return self._inbox.running()

    def drain(self) -> list[Report]:
        """What arrived since the last call."""
        return self._inbox.drain()

    def renewed(self) -> set[ChunkId]:
        """What workers have, by their word since the last call."""
        return self._inbox.renewed()

    def written(self, chunks: Set[ChunkId]) -> None:
        """Remove the reports that nodes kept of them, an earlier farm's nodes included."""
        for chunk, name in self._inbox.written(chunks).items():
            Spool(self._folder / name / REPORTS).forget(chunk)
            if name not in self._nodes:
                _leave_reports(self._folder / name)

    def log_so_far(self, chunk: ChunkId) -> bytes:
        """Ask its worker."""
        name = self._inbox.node_of(chunk)
        node = self._nodes.get(name) if name else None
        return node.log_so_far(chunk) if node else b""

    def _watch(self) -> None:
        while not self._closing.wait(_LOOKS_EVERY_S):
            for node in self._nodes.values():
                node.look(time.monotonic())

    def close(self) -> None:
        """End all workers at the same time."""
        self._closing.set()
        self._watcher.join()
        for node in self._nodes.values():
            node.close()
        for node in self._nodes.values():
            node.join()


def _leave_reports(folder: Path) -> None:
    """Remove the folder of a node that is no more, but for reports that are not in the database yet."""
    if Spool(folder / REPORTS).kept():
        for left in folder.iterdir():
            if left.name != REPORTS:
                shutil.rmtree(left, ignore_errors=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
