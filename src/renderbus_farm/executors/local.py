"""Workers on this machine: one process each, replaced when it dies, gone when the farm is gone."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections import deque
from pathlib import Path

import msgspec

from renderbus_farm.executors.executor import NoSuchNode
from renderbus_farm.executors.messages import (
    BrokenPipeline,
    Drop,
    FromWorker,
    Ready,
    Sender,
    Take,
    from_worker,
    received,
)
from renderbus_farm.processes import FOLDER, MARKER, NODE, NotStarted, Process, sweep
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Fault, Finished, Node, Progress, Report
from renderbus_farm.worker_cache import CACHE_BYTES

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0  # a worker that cannot start must not fill the machine with attempts
_ENDS_WITHIN_S = 3.0  # it ends its render process and stores what it holds; then it is killed
_HOPELESS_AFTER = 3  # workers in a row that were never ready: the node is shown as one that can do nothing
_LAST_LINES = 8
_LOG_BYTES = 256 * 1024  # a worker's own log is read for its last lines, never more


class LocalExecutor:
    """Runs ``workers`` worker processes, each a node with one place to render and one to line up."""

    def __init__(
        self,
        data: Path,
        blobs_folder: Path,
        workers: int,
        changed: threading.Event,
        marker: str,
        *,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Start the workers; they are ready a second or two later.

        What an earlier farm on the same data left running is killed first: the caller holds the data's lock.

        Args:
            data: the farm's data folder; ours is ``nodes`` in it.
            changed: set when a node arrives, or a report other than progress.
            marker: put into the environment of every process.
            cache_bytes: what uploaded files may take on the disk of each node.
        """
        nodes = data / "nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        sweep({FOLDER: str(nodes)})
        self._inbox = _Inbox(changed)
        names = [f"node-{number}" for number in range(1, workers + 1)]
        for old in nodes.iterdir():
            if old.is_dir() and old.name not in names:
                shutil.rmtree(old, ignore_errors=True)
        marks = {MARKER: marker, FOLDER: str(nodes)}
        self._nodes = {
            name: _LocalNode(name, nodes / name, (str(blobs_folder), str(cache_bytes)), marks, self._inbox)
            for name in names
        }

    def nodes(self) -> list[Node]:
        """Those whose worker is up."""
        return [ready for node in self._nodes.values() if (ready := node.ready())]

    def start(self, order: ChunkOrder) -> None:
        """Hand a chunk to its node's worker; raises ``NoSuchNode``."""
        if order.node not in self._nodes:
            raise NoSuchNode(order.node)
        if self._inbox.expect(order):
            self._nodes[order.node].start(order)

    def cancel(self, chunk: ChunkId) -> None:
        """Kill its render process, or take it from the worker's line."""
        if node := self._inbox.forget(chunk):
            self._nodes[node].cancel(chunk)

    def running(self) -> set[ChunkId]:
        """Accepted, and its last report not yet drained."""
        return self._inbox.running()

    def drain(self) -> list[Report]:
        """What arrived since the last call."""
        return self._inbox.drain()

    def close(self) -> None:
        """End all workers at the same time."""
        for node in self._nodes.values():
            node.close()
        for node in self._nodes.values():
            node.join()


class _Inbox:
    """Which chunks are out, on which node, and what was reported about them."""

    def __init__(self, changed: threading.Event) -> None:
        self._lock = threading.Lock()
        self._changed = changed
        self._out: dict[ChunkId, str] = {}
        self._ended: set[ChunkId] = set()
        self._reports: deque[Report] = deque()

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

    def take(self, report: Report) -> None:
        """A report arrived; one about a chunk that was cancelled or has ended is dropped."""
        with self._lock:
            if report.id not in self._out or report.id in self._ended:
                return
            if isinstance(report, Finished | Failed):
                self._ended.add(report.id)
            self._reports.append(report)
        if not isinstance(report, Progress):  # written now and then; not worth a tick of its own
            self._changed.set()

    def lose(self, node: str, why: str) -> None:
        """The node's worker died: all its chunks with it."""
        with self._lock:
            lost = [chunk for chunk, on in self._out.items() if on == node and chunk not in self._ended]
        for chunk in lost:
            self.take(Failed(chunk, why, Fault.LOST))
        self._changed.set()

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
            for chunk in self._ended:
                self._out.pop(chunk, None)
            self._ended.clear()
            return reports


class _LocalNode:
    """One worker process and its successors.

    Its thread starts them and lives until the node is closed: the parent-death signal of a process follows
    the thread that started it.
    """

    def __init__(
        self, name: str, folder: Path, storage: tuple[str, str], marks: dict[str, str], inbox: _Inbox
    ) -> None:
        self._name = name
        self._folder = folder
        self._storage = storage  # folder of the blobs, size of the cache
        self._marks = {**marks, NODE: name}
        self._inbox = inbox
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._node: Node | None = None
        self._process: Process | None = None
        self._sender: Sender | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._keep, name=name, daemon=True)
        self._thread.start()

    def ready(self) -> Node | None:
        """What the worker said it can do; None while there is none."""
        with self._lock:
            return self._node

    def start(self, order: ChunkOrder) -> None:
        """Send an order; a worker that is down loses it at once."""
        if not self._send(Take(order)):
            why = f"node {self._name} has no worker at the moment"
            self._inbox.take(Failed(order.id, why, Fault.LOST))

    def cancel(self, chunk: ChunkId) -> None:
        """Send a cancel; a worker that is down has nothing to cancel."""
        self._send(Drop(chunk))

    def close(self) -> None:
        """Let the worker end, without waiting for it."""
        self._closing.set()
        with self._lock:
            self._node = None
            if self._process and not self._process.input.closed:
                self._process.input.close()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def _send(self, message: Take | Drop) -> bool:
        with self._lock:
            sender = None if self._closing.is_set() else self._sender
        try:
            if sender:
                sender.send(message)
        except (OSError, ValueError):  # it is dying, or has just been closed: its end is seen by the thread
            return False
        return sender is not None

    def _keep(self) -> None:
        pause_s, failures = _FIRST_PAUSE_S, 0
        while not self._closing.is_set():
            if self._try_one_life():
                pause_s, failures = _FIRST_PAUSE_S, 0
            else:
                failures += 1
            if failures == _HOPELESS_AFTER:
                self._give_up_hope()
            if self._closing.wait(pause_s):
                break
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _try_one_life(self) -> bool:
        """``_one_life``; a full disk or a lost folder costs the node its chunks, not its thread."""
        try:
            return self._one_life()
        except OSError as error:
            log.exception("worker cannot be kept", extra={"node": self._name})
            with self._lock:
                process, self._process = self._process, None
                self._node = self._sender = None
            if process:
                process.end()
                process.close()
            self._inbox.lose(self._name, f"the worker of {self._name} cannot run: {error}")
            return False

    def _give_up_hope(self) -> None:
        """Show the node without an application, so that what waits for it is told why; it is tried on."""
        log.error("worker does not start", extra={"node": self._name, "why": self._last_lines()})
        with self._lock:
            self._node = Node(self._name, places=0, ram_gb=0.0, applications={})
        self._inbox.tell()

    def _one_life(self) -> bool:
        """From a worker's start to its end; whether it was ever ready."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "worker.log").open("wb") as told:
            try:
                process = Process(self._command(), self._folder, self._marks, told)
            except NotStarted as error:
                told.write(f"{error}\n".encode())
                return False
        with self._lock:
            self._process, self._sender = process, Sender(process.input)
            if self._closing.is_set():
                process.input.close()
        was_ready = self._listen(process)
        if self._closing.is_set():
            process.wait(_ENDS_WITHIN_S)
        with self._lock:
            self._sender = self._process = None
            self._node = None if was_ready else self._node  # one that shows despair shows it on
        how = process.end()
        process.close()
        # Its render process died with it; what a scene's scripts started may not have.
        sweep({FOLDER: self._marks[FOLDER], NODE: self._name})
        if not self._closing.is_set():
            self._inbox.lose(self._name, f"the worker of {self._name} {how}{self._last_lines()}")
        return was_ready

    def _command(self) -> list[str]:
        module = "renderbus_farm.executors.worker_process"
        facts = [self._name, str(self._folder), *self._storage, str(os.getpid())]
        return [sys.executable, "-I", "-m", module, *facts]

    def _listen(self, process: Process) -> bool:
        was_ready = False
        try:
            while content := received(process.output):
                was_ready = self._heard(from_worker.decode(content)) or was_ready
        except (BrokenPipeline, msgspec.DecodeError, OSError):
            process.kill()
        return was_ready

    def _heard(self, message: FromWorker) -> bool:
        if not isinstance(message, Ready):
            self._inbox.take(message)
            return False
        with self._lock:
            self._node = None if self._closing.is_set() else message.node
        self._inbox.tell()
        return True

    def _last_lines(self) -> str:
        try:
            with (self._folder / "worker.log").open("rb") as told:
                told.seek(max(0, told.seek(0, os.SEEK_END) - _LOG_BYTES))
                lines = told.read().decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
        except OSError as error:
            return f"; its log cannot be read: {error}"
        return "; its last lines:\n" + "\n".join(lines) if lines else ""
