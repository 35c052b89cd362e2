"""A worker process of this machine and its successors: started, listened to, given up when it is silent."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import structs

from renderbus_farm.executors.inbox import Inbox
from renderbus_farm.executors.messages import (
    BrokenPipeline,
    Drop,
    FromWorker,
    Kept,
    Ready,
    Sender,
    Show,
    SoFar,
    Take,
    from_worker,
    received,
)
from renderbus_farm.processes import FOLDER, NODE, NotStarted, Process, sweep
from renderbus_farm.rules.leases import LEASE_S, SILENT_S, OwnTime
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Fault, Finished, Node, Renewed
from renderbus_farm.spool import Spool
from renderbus_farm.worker import REPORTS

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0  # a worker that cannot start must not fill the machine with attempts
_ENDS_WITHIN_S = 3.0  # it ends its render process and stores what it holds; then it is killed
_HOPELESS_AFTER = 3  # workers in a row that were never ready: the node is shown as one that can do nothing
_LOG_WITHIN_S = 2.0  # somebody looks at a page; a worker answers at once or hangs
_LAST_LINES = 8
_LOG_BYTES = 256 * 1024  # a worker's own log is read for its last lines, never more


class LocalNode:
    """One worker process and its successors.

    Its thread starts them and lives until the node is closed: the parent-death signal of a process follows
    the thread that started it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        facts: tuple[str, ...],
        marks: dict[str, str],
        inbox: Inbox,
        begins: threading.Event,
        ended: Callable[[int], None],
    ) -> None:
        """``begins`` is set when its first worker may start; ``ended`` is told of each that has ended."""
        self._begins = begins
        self._ended = ended
        self._name = name
        self._folder = folder
        self._facts = facts  # folder of the blobs, size of the cache, choice of renderers, limits
        self._marks = {**marks, NODE: name}
        self._inbox = inbox
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._spool = Spool(folder / REPORTS)
        self._time = OwnTime()
        self._heard_now = False
        self._heard_at = 0.0  # in our own time
        self._node: Node | None = None
        self._process: Process | None = None
        self._sender: Sender | None = None
        self._asked: dict[ChunkId, list[queue.SimpleQueue[bytes]]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._keep, name=name, daemon=True)
        self._thread.start()

    def ready(self) -> Node | None:
        """What the worker said it can do; None while there is none, or it is silent."""
        with self._lock:
            return None if self._silent_s() >= SILENT_S else self._node

    def _silent_s(self) -> float:
        return 0.0 if self._sender is None else self._time.lived_s - self._heard_at

    def look(self, now: float) -> None:
        """Kill a worker that was silent for too long: stopped, swapped out, or hanging in the kernel."""
        with self._lock:
            self._time = self._time.after(now)
            if self._heard_now or self._node is None:  # one that is starting has nothing to render yet
                self._heard_at, self._heard_now = self._time.lived_s, False
            silent = self._process if self._silent_s() >= LEASE_S else None
        if silent:
            log.warning("worker is silent", extra={"node": self._name, "why": f"nothing for {LEASE_S:.0f} s"})
            silent.kill()

    def start(self, order: ChunkOrder) -> None:
        """Send an order; a worker that is down loses it at once."""
        if not self._send(Take(order)):
            why = f"node {self._name} has no worker at the moment"
            self._inbox.take(Failed(order.id, why, Fault.LOST))

    def cancel(self, chunk: ChunkId) -> None:
        """Send a cancel; a worker that is down has nothing to cancel."""
        self._send(Drop(chunk))

    def log_so_far(self, chunk: ChunkId) -> bytes:
        """What its worker tells soon enough; nothing where it is down, or silent."""
        answer: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            waits = self._asked.setdefault(chunk, [])
            waits.append(answer)
        try:
            return answer.get(timeout=_LOG_WITHIN_S) if self._send(Show(chunk)) else b""
        except queue.Empty:
            return b""
        finally:
            with self._lock:
                waits.remove(answer)
                if not waits:
                    self._asked.pop(chunk, None)

    def _answer(self, message: SoFar) -> None:
        with self._lock:
            for answer in self._asked.get(message.chunk, ()):
                answer.put(message.log)

    def close(self) -> None:
        """Let the worker end, without waiting for it."""
        self._closing.set()
        self._begins.set()
        with self._lock:
            self._node = None
            if self._process and not self._process.input.closed:
                self._process.input.close()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def _send(self, message: Take | Drop | Kept | Show) -> bool:
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
        self._begins.wait()
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
            self._lose(f"the worker of {self._name} cannot run: {error}")
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
        self._ended(process.pid)
        # Its render process died with it; what a scene's scripts started may not have.
        sweep({FOLDER: self._marks[FOLDER], NODE: self._name})
        if not self._closing.is_set():
            self._lose(f"the worker of {self._name} {how}{self._last_lines()}")
        return was_ready

    def _lose(self, why: str) -> None:
        """Its worker is dead: what it had written down and could not say counts, the rest is lost."""
        for report in self._spool.kept():
            if not self._inbox.take(report):
                self._spool.forget(report.id)
        self._inbox.lose(self._name, why)

    def _command(self) -> list[str]:
        module = "renderbus_farm.executors.worker_process"
        facts = [self._name, str(self._folder), *self._facts, str(os.getpid())]
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
        self._heard_now = True
        if isinstance(message, Ready):
            with self._lock:
                self._node = None if self._closing.is_set() else message.node
            self._inbox.tell()
        elif isinstance(message, Renewed):
            self._renew(message)
        elif isinstance(message, SoFar):
            self._answer(message)
        elif not self._inbox.take(message) and isinstance(message, Finished | Failed):
            self._spool.forget(message.id)  # given up meanwhile
        return isinstance(message, Ready)

    def _renew(self, message: Renewed) -> None:
        self._inbox.renew(message.chunks)
        with self._lock:
            if self._node:
                self._node = structs.replace(self._node, holds=message.holds, is_open=message.is_open)
        self._send(Kept(message.number))

    def _last_lines(self) -> str:
        try:
            with (self._folder / "worker.log").open("rb") as told:
                told.seek(max(0, told.seek(0, os.SEEK_END) - _LOG_BYTES))
                lines = told.read().decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
        except OSError as error:
            return f"; its log cannot be read: {error}"
        return "; its last lines:\n" + "\n".join(lines) if lines else ""
