"""The worker: renders one chunk after another on one node.

Three threads share the work. Whoever owns the worker hands it orders and cancels. The *renderer* thread lays
files out and talks to the render process; it lives as long as the worker, because its children die with it.
The *finisher* checks, stores and reports what was rendered, while the next frame renders already.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.pictures import BadPicture
from renderbus_farm.processes import NotStarted
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.renderers.session import Hello, Open, Opened, Refused, Render, Rendered
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Finished, Node, Progress, Report, Started
from renderbus_farm.worker_layout import CannotLayOut, Layout, Layouts
from renderbus_farm.worker_results import put_bytes, stored_results
from renderbus_farm.worker_session import AttemptLog, RenderProcess, RenderProcessDied, TookTooLong
from renderbus_model.pieces import Digest

PLACES = 2
"""One chunk renders and one is lined up, so that no frame waits for the farm."""

IDLE_AFTER_S = 600.0
"""An open scene that nobody asked for so long gives its memory back."""

_FINISHER_BEHIND = 2  # frames that may wait to be stored; beyond that rendering waits, not memory
_NICE_FINISHER = 10  # storing must not take the processor from the frame that renders meanwhile


class _CannotRender(Exception):
    """The chunk fails for a reason the user can do something about."""


@dataclass
class _Try:
    """One chunk on its way through the worker."""

    order: ChunkOrder
    folder: Path
    log: AttemptLog = field(default_factory=AttemptLog)
    layout: Layout | None = None
    began: float = 0.0

    def seconds(self) -> float:
        """Since the render process took it up."""
        return time.monotonic() - self.began if self.began else 0.0

    def deadline(self) -> float | None:
        """When its time is over, on the monotonic clock."""
        return self.began + self.order.time_limit_s if self.order.time_limit_s else None


@dataclass(frozen=True)
class _OpenScene:
    """Which scene the render process holds open."""

    inputs: Digest
    scene: str
    allow_scripts: bool
    allow_missing: bool


class Worker:
    """Renders the chunks it is given, in order, and reports each one's fate exactly once unless cancelled."""

    def __init__(
        self,
        name: str,
        folder: Path,
        blobs: Blobs,
        renderer: Renderer,
        marks: Mapping[str, str],
        report: Callable[[Report], None],
        ready: Callable[[Node], None],
        idle_after_s: float = IDLE_AFTER_S,
    ) -> None:
        """Start the threads.

        Args:
            folder: the node's own; nobody else writes there.
            marks: set in the environment of every process.
            report: called from the worker's threads.
            ready: called once, when the render process has said hello or cannot start.
        """
        self._name = name
        self._folder = folder
        self._blobs = blobs
        self._renderer = renderer
        self._marks = dict(marks)
        self._report = report
        self._ready = ready
        self._idle_after_s = idle_after_s
        self._layouts = Layouts(folder / "scenes", blobs)
        self._scratch = folder / "render"
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._wake = threading.Condition()
        self._orders: deque[ChunkOrder] = deque()
        self._current: ChunkId | None = None
        self._ending = False
        self._process: RenderProcess | None = None
        self._open: _OpenScene | None = None
        self._done: queue.Queue[Callable[[], None] | None] = queue.Queue(_FINISHER_BEHIND)
        self._finisher = threading.Thread(target=self._finish_all, name="finisher", daemon=True)
        self._rendering = threading.Thread(target=self._render_all, name="renderer", daemon=True)
        self._finisher.start()
        self._rendering.start()

    def start(self, order: ChunkOrder) -> None:
        """Line a chunk up."""
        with self._wake:
            self._orders.append(order)
            self._wake.notify()

    def cancel(self, chunk: ChunkId) -> None:
        """Drop a chunk; one that renders ends with its process."""
        with self._wake:
            self._orders = deque(order for order in self._orders if order.id != chunk)
            if self._current == chunk:
                self._current = None
                if self._process:
                    self._process.kill()

    def close(self) -> None:
        """End the render process at once and the threads with it."""
        with self._wake:
            self._ending = True
            self._orders.clear()
            self._current = None
            if self._process:
                self._process.kill()
            self._wake.notify()
        self._rendering.join()
        self._finisher.join()

    # the renderer thread

    def _render_all(self) -> None:
        self._ready(self._node(self._warm()))
        while order := self._next():
            chunk = _Try(order, self._scratch / f"{order.id.frame_id}-{order.id.attempt}")
            self._render(chunk)
            with self._wake:
                self._current = None
        self._end_process()
        self._done.put(None)

    def _warm(self) -> Hello | None:
        """A render process that stands ready; None when it cannot start here."""
        if self._renderer.version() is None:
            return None
        try:
            hello = self._started()
        except (NotStarted, RenderProcessDied, TookTooLong) as error:
            print(f"no render process on {self._name}: {error}", flush=True)
            return None
        if not hello.confined:
            print(
                "this kernel has no Landlock: scenes are held to their files by their paths alone", flush=True
            )
        return hello

    def _node(self, hello: Hello | None) -> Node:
        applications = {self._renderer.cg_id: hello.version} if hello else {}
        ram_gb = psutil.virtual_memory().total / 1e9
        engines = frozenset(hello.engines if hello else ())
        return Node(self._name, PLACES, round(ram_gb, 1), applications, engines)

    def _next(self) -> ChunkOrder | None:
        with self._wake:
            while not self._ending:
                if self._orders:
                    order = self._orders.popleft()
                    self._current = order.id
                    return order
                if not self._wake.wait(self._idle_after_s) and self._open:
                    break
            if self._ending:
                return None
        self._end_process()
        self._warm()
        return self._next()

    def _render(self, chunk: _Try) -> None:
        order = chunk.order
        try:
            chunk.layout = self._layouts.of(order.inputs)
            self._report(Started(order.id, self._name))
            chunk.log.note(f"frame {order.number} of {order.scene}, attempt {order.id.attempt}, {self._name}")
            rendered = self._rendered(chunk)
        except (RenderProcessDied, NotStarted) as error:
            self._forget_process()
            self._fail(chunk, str(error), lost=True)
            self._warm()
        except TookTooLong as error:
            self._forget_process()
            self._fail(chunk, str(error), timed_out=True)
            self._warm()
        except (_CannotRender, CannotLayOut) as error:
            self._fail(chunk, str(error))
        else:
            seconds = chunk.seconds()
            chunk.log.note(f"rendered in {seconds:.2f} s")
            self._done.put(lambda: self._finish(chunk, rendered, seconds))

    def _rendered(self, chunk: _Try) -> Rendered:
        layout, order = chunk.layout, chunk.order
        assert layout is not None
        if order.scene in layout.unreadable:
            raise _CannotRender(f"the scene cannot be read: {layout.unreadable[order.scene]}")
        if not layout.path(order.scene).exists():
            raise _CannotRender(f"the scene {order.scene} is not among the task's files; upload it again")
        chunk.folder.mkdir(parents=True, exist_ok=True)
        process = self._process_for(order)
        self._check_wanted(order)
        chunk.began = time.monotonic()
        self._opened(chunk, process, layout)
        answer = process.ask(
            Render(order.number, order.choice, str(chunk.folder), order.allow_missing),
            chunk.log,
            lambda percent: self._report(Progress(order.id, percent)),
            order.time_limit_s,
            chunk.deadline(),
        )
        if isinstance(answer, Rendered):
            return answer
        raise _CannotRender(
            answer.message if isinstance(answer, Refused) else "the render process is confused"
        )

    def _check_wanted(self, order: ChunkOrder) -> None:
        """From here on a cancel kills the render process; one that came before is noticed here."""
        with self._wake:
            if self._current != order.id:
                raise _CannotRender("cancelled")

    def _process_for(self, order: ChunkOrder) -> RenderProcess:
        # A scene whose scripts ran may have left anything behind in its process.
        if self._open and self._open.allow_scripts and self._open != _open_scene(order):
            self._end_process()
        if self._process is None or not self._process.alive():
            self._end_process()
            self._started()
        assert self._process is not None
        return self._process

    def _opened(self, chunk: _Try, process: RenderProcess, layout: Layout) -> None:
        order = chunk.order
        wanted = _open_scene(order)
        if self._open == wanted:
            return
        self._open = None
        word = Open(str(layout.path(order.scene)), order.allow_scripts)
        answer = process.ask(word, chunk.log, lambda _: None, order.time_limit_s, chunk.deadline())
        if not isinstance(answer, Opened):
            why = answer.message if isinstance(answer, Refused) else "the render process is confused"
            raise _CannotRender(why)
        missing = layout.missing_for(order.scene, answer.files)
        lines = [file.line(order.scene) for file in missing]
        for line in lines:
            chunk.log.note(line)
        if lines and not order.allow_missing:
            raise _CannotRender("\n".join(lines))
        self._open = wanted

    def _started(self) -> Hello:
        process = RenderProcess(
            self._renderer, self._scratch, self._folder / "scenes", self._marks, os.getpid()
        )
        with self._wake:
            self._process = process
            ending = self._ending
        if ending:
            process.kill()
        return process.hello()

    def _forget_process(self) -> None:
        with self._wake:
            process, self._process = self._process, None
        self._open = None
        if process:
            process.end(kindly=False)

    def _end_process(self) -> None:
        with self._wake:
            process, self._process = self._process, None
            ending = self._ending
        self._open = None
        if process:
            process.end(kindly=not ending)

    def _fail(self, chunk: _Try, error: str, *, lost: bool = False, timed_out: bool = False) -> None:
        with self._wake:
            cancelled = self._current != chunk.order.id
        if not cancelled:
            chunk.log.note(error)
            seconds = chunk.seconds()
            self._done.put(lambda: self._report_failed(chunk, error, seconds, lost, timed_out))

    # the finisher thread

    def _finish_all(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE_FINISHER)
        while finish := self._done.get():
            finish()

    def _finish(self, chunk: _Try, rendered: Rendered, seconds: float) -> None:
        order = chunk.order
        try:
            results = stored_results(self._blobs, chunk.folder, rendered, order.output, order.number)
        except (BadPicture, OSError) as error:
            chunk.log.note(str(error))
            self._report_failed(chunk, str(error), seconds, lost=False, timed_out=False)
            return
        for output in results.outputs:
            chunk.log.note(f"{output.path}, {output.size_bytes} bytes")
        log = self._stored_log(chunk)
        self._report(Finished(order.id, results.outputs, seconds, log, results.thumbnail))
        shutil.rmtree(chunk.folder, ignore_errors=True)

    def _report_failed(self, chunk: _Try, error: str, seconds: float, lost: bool, timed_out: bool) -> None:
        error = self._plain(chunk, error.encode("utf-8", "replace")).decode("utf-8", "replace")
        log = self._stored_log(chunk)
        self._report(Failed(chunk.order.id, error, seconds, log, lost=lost, timed_out=timed_out))
        shutil.rmtree(chunk.folder, ignore_errors=True)

    def _stored_log(self, chunk: _Try) -> Digest | None:
        content = self._plain(chunk, chunk.log.content())
        with contextlib.suppress(OSError):  # a full disk must not hide the error that the log is about
            return put_bytes(self._blobs, content)
        return None

    def _plain(self, chunk: _Try, text: bytes) -> bytes:
        """Without this node's folders."""
        if chunk.layout:
            text = chunk.layout.plain(text)
        return text.replace(os.fsencode(chunk.folder), b"").replace(os.fsencode(self._folder), b"")


def _open_scene(order: ChunkOrder) -> _OpenScene:
    return _OpenScene(order.inputs, order.scene, order.allow_scripts, order.allow_missing)
