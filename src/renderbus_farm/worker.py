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
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.blobs.contents import Contents
from renderbus_farm.blobs.packs import PackReader
from renderbus_farm.pictures import BadPicture
from renderbus_farm.processes import NotStarted
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.renderers.session import Hello, Rendered
from renderbus_farm.rules.watch import Limits
from renderbus_farm.rules.work import (
    ChunkId,
    ChunkOrder,
    Damage,
    Failed,
    Fault,
    Finished,
    Node,
    Progress,
    Renewed,
    Report,
    Started,
)
from renderbus_farm.rules.work import Stage as StageOfTask
from renderbus_farm.spool import Spool
from renderbus_farm.worker_cache import CACHE_BYTES, FileCache
from renderbus_farm.worker_layout import CannotLayOut, Layout, Layouts
from renderbus_farm.worker_machine import processor_name
from renderbus_farm.worker_merge import CannotMerge, fetched, merged
from renderbus_farm.worker_results import put_bytes, stored_results, unread_textures
from renderbus_farm.worker_session import RenderEnded
from renderbus_farm.worker_stage import Attempt, CannotRender
from renderbus_farm.worker_stages import Stages
from renderbus_model.frames import format_frames
from renderbus_model.pieces import Digest

PLACES = 2
"""One chunk renders and one is lined up, so that no frame waits for the farm."""

REPORTS = "reports"
"""The folder, in that of a node, of reports that its farm has not written down yet."""

IDLE_AFTER_S = 600.0
"""An open scene that nobody asked for so long gives its memory back."""

LONGEST_LIVE_BYTES = 256 * 1024
"""Of the log of a frame that renders: what somebody who looks on is shown."""

_FINISHER_BEHIND = 2  # frames that may wait to be stored; beyond that rendering waits, not memory
_NICE_FINISHER = 10  # storing must not take the processor from the frame that renders meanwhile


class Worker:
    """Renders the chunks it is given, in order, and reports each one's end exactly once unless cancelled."""

    def __init__(
        self,
        name: str,
        folder: Path,
        blobs: Blobs,
        packs: PackReader,
        renderers: Sequence[Renderer],
        marks: Mapping[str, str],
        report: Callable[[Report], None],
        ready: Callable[[Node], None],
        idle_after_s: float = IDLE_AFTER_S,
        cache_bytes: int = CACHE_BYTES,
        limits: Limits = Limits(),  # noqa: B008  (frozen)
    ) -> None:
        """Start the threads.

        Args:
            folder: the node's own; nobody else writes there.
            renderers: the best for an application first.
            marks: set in the environment of every process.
            report: called from the worker's threads.
            cache_bytes: how much of the disk uploaded files may take here.
            limits: what a render process may do.
            ready: called once, when the render process has said hello or cannot start.
        """
        self._name = name
        self._folder = folder
        self._blobs = blobs
        self._report = report
        self._ready = ready
        self._idle_after_s = idle_after_s
        self._scratch = folder / "render"
        shutil.rmtree(self._scratch, ignore_errors=True)
        cache = FileCache(folder / "files", Contents(blobs, packs), cache_bytes)
        self._layouts = Layouts(folder / "scenes", blobs, cache)
        self._stages = Stages(renderers, self._scratch, folder / "scenes", dict(marks), limits)
        self._wake = threading.Condition()
        self._orders: deque[ChunkOrder] = deque()
        self._current: ChunkId | None = None
        self._attempt: Attempt | None = None
        self._held: set[ChunkId] = set()
        self._holds = self._layouts.kept()
        self._spool = Spool(folder / REPORTS)
        self._open_inputs = ""
        self.told_anew = threading.Event()
        self._ending = False
        self._done: queue.Queue[Callable[[], None] | None] = queue.Queue(_FINISHER_BEHIND)
        self._finisher = threading.Thread(target=self._finish_all, name="finisher", daemon=True)
        self._rendering = threading.Thread(target=self._render_all, name="renderer", daemon=True)
        self._finisher.start()
        self._rendering.start()

    def start(self, order: ChunkOrder) -> None:
        """Line a chunk up."""
        with self._wake:
            self._held.add(order.id)
            self._orders.append(order)
            self._wake.notify()

    def cancel(self, chunk: ChunkId) -> None:
        """Drop a chunk; one that renders ends with its process."""
        with self._wake:
            self._held.discard(chunk)
            self._orders = deque(order for order in self._orders if order.id != chunk)
            if self._current == chunk:
                self._current = None
                self._stages.kill()

    def give_up(self, why: str) -> None:
        """Kill what renders and drop what is lined up: the farm will have given it to others.

        What is rendered already and only has to be stored is still reported; a farm that has given it up
        does not listen.
        """
        with self._wake:
            lost = [*self._orders]
            self._orders.clear()
            chunks = [order.id for order in lost]
            if self._current:
                chunks.insert(0, self._current)
                self._current = None
                self._stages.kill()
        for chunk in chunks:
            self._tell(Failed(chunk, why, Fault.LOST))

    def renewal(self, number: int) -> Renewed:
        """What it has now."""
        with self._wake:
            return Renewed(number, tuple(self._held), self._holds, self._stages.open_inputs)

    def log_so_far(self, chunk: ChunkId) -> bytes:
        """The end of what was printed for the chunk that renders; empty for any other."""
        attempt = self._attempt
        if attempt is None or attempt.order.id != chunk or not self._wanted(chunk):
            return b""
        return self._plain(attempt, attempt.log.content()[-LONGEST_LIVE_BYTES:])

    def close(self) -> None:
        """End the render process at once and the threads with it."""
        with self._wake:
            self._ending = True
            self._orders.clear()
            self._current = None
            self._stages.kill(for_good=True)
            self._wake.notify()
        self._rendering.join()
        self._finisher.join()

    # the renderer thread

    def _render_all(self) -> None:
        self._ready(self._node(self._stages.warm()))
        while order := self._next():
            name = f"{order.id.frame_id}-{order.id.attempt}"
            self._attempt = Attempt(order, self._stages.scratch_for(order) / name)
            self._render(self._attempt)
            with self._wake:
                self._current = None
            self._stages.give_back()
        self._stages.clear(kindly=False)
        self._done.put(None)

    def _node(self, hello: Hello | None) -> Node:
        applications = self._stages.applications(hello)
        ram_gb = psutil.virtual_memory().total / 1e9
        engines = self._stages.engines(hello)
        return Node(
            self._name,
            PLACES,
            round(ram_gb, 1),
            applications,
            engines,
            ", ".join(hello.graphics_cards if hello else ()) or processor_name(),
            gpus=len(hello.graphics_cards) if hello else 0,
            holds=self._holds,
            lacking=self._stages.lacking(),
        )

    def _next(self) -> ChunkOrder | None:
        with self._wake:
            while not self._ending:
                if self._orders:
                    order = self._orders.popleft()
                    self._current = order.id
                    return order
                if not self._wake.wait(self._idle_after_s) and self._stages.has_scene:
                    break
            if self._ending:
                return None
        self._stages.clear(kindly=True)
        self._stages.warm()
        return self._next()

    def _render(self, attempt: Attempt) -> None:
        try:
            rendered = self._rendered(attempt)
        except (RenderEnded, NotStarted) as error:
            self._stages.end_of(attempt.order)
            self._fail(attempt, str(error), error.fault if isinstance(error, RenderEnded) else Fault.NODE)
            self._stages.warm()
        except CannotLayOut as error:
            fault = Fault.INPUTS if error.damage else Fault.SCENE
            self._fail(attempt, str(error), fault, error.damage)
        except CannotRender as error:
            self._fail(attempt, str(error), error.fault)
        except CannotMerge as error:
            self._fail(attempt, str(error), Fault.NODE)
        except OSError as error:
            self._fail(attempt, f"node {self._name} cannot write its files: {error}", Fault.NODE)
        else:
            seconds = attempt.seconds()
            self._done.put(lambda: self._finish(attempt, rendered, seconds))

    def _rendered(self, attempt: Attempt) -> dict[int, Rendered]:
        """Render its frames one after another: what each of them left in its folder."""
        order = attempt.order
        which = format_frames(order.numbers)
        attempt.log.note(f"frame {which} of {order.scene}, attempt {order.id.attempt}, {self._name}")
        if order.stage is StageOfTask.MERGE:
            return self._merged(attempt)
        layout = attempt.layout = self._layouts.of(order.inputs)
        self._holds = self._layouts.kept()
        if order.scene in layout.unreadable:
            raise CannotRender(f"the scene cannot be read: {layout.unreadable[order.scene]}")
        if not layout.path(order.scene).exists():
            raise CannotRender(f"the scene {order.scene} is not among the task's files; upload it again")
        self._report(Started(order.id, self._name))
        self._lay_out_caches(attempt)
        # A simulation is one piece of work, whatever its frames.
        numbers = order.numbers[:1] if order.stage is StageOfTask.SIMULATE else order.numbers
        rendered = {number: self._frame(attempt, layout, number) for number in numbers}
        damaged = [] if order.allow_missing else unread_textures(attempt.log.content())
        if damaged:
            raise CannotRender(
                "\n".join(f"texture '{path}' is no picture that the renderer can read" for path in damaged)
            )
        return rendered

    def _merged(self, attempt: Attempt) -> dict[int, Rendered]:
        order = attempt.order
        number = order.numbers[0]
        attempt.folder_of(number).mkdir(parents=True, exist_ok=True)
        self._report(Started(order.id, self._name))
        attempt.begin_frame()
        return {number: merged(self._blobs, order, attempt.folder_of(number))}

    def _lay_out_caches(self, attempt: Attempt) -> None:
        """What simulations wrote for this scene, where the renderer may read it."""
        attempt.folder.mkdir(parents=True, exist_ok=True)
        if attempt.order.parts:
            attempt.caches = attempt.folder / "caches"
            for part in attempt.order.parts:
                fetched(self._blobs, part, attempt.caches / part.path.rpartition("/")[0])

    def _frame(self, attempt: Attempt, layout: Layout, number: int) -> Rendered:
        order = attempt.order
        attempt.folder_of(number).mkdir(parents=True, exist_ok=True)
        share = 1 / (1 if order.stage is StageOfTask.SIMULATE else len(order.numbers))
        before = 100 * share * order.numbers.index(number)
        rendered = self._stages.render(
            attempt,
            number,
            layout,
            lambda: self._wanted(order.id),
            lambda percent: self._report(Progress(order.id, before + share * percent)),
        )
        if self._stages.open_inputs != self._open_inputs:
            self._open_inputs = self._stages.open_inputs
            self.told_anew.set()  # the farm likes to send here what is open here
        attempt.log.note(f"frame {number} rendered in {attempt.frame_seconds():.2f} s")
        return rendered

    def _wanted(self, chunk: ChunkId) -> bool:
        with self._wake:
            return self._current == chunk

    def _fail(
        self, attempt: Attempt, error: str, fault: Fault = Fault.SCENE, damage: Damage | None = None
    ) -> None:
        if self._wanted(attempt.order.id):
            seconds = attempt.seconds()
            self._done.put(lambda: self._report_failed(attempt, error, seconds, fault, damage))
        else:
            shutil.rmtree(attempt.folder, ignore_errors=True)

    # the finisher thread

    def _finish_all(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE_FINISHER)
        while finish := self._done.get():
            finish()

    def _finish(self, attempt: Attempt, rendered: Mapping[int, Rendered], seconds: float) -> None:
        order = attempt.order
        try:
            results = [
                stored_results(self._blobs, attempt.folder_of(number), found, order.output, number)
                for number, found in rendered.items()
            ]
        except BadPicture as error:
            self._report_failed(attempt, str(error), seconds, Fault.PICTURE)
            return
        except OSError as error:
            self._report_failed(attempt, f"node {self._name}: {error}", seconds, Fault.NODE)
            return
        outputs = tuple(output for frame in results for output in frame.outputs)
        for output in outputs:
            attempt.log.note(f"{output.path}, {output.size_bytes} bytes")
        log = self._stored_log(attempt)
        # A part of a picture may be dark; what was put together is looked at again.
        is_whole = order.tile is None or order.stage is StageOfTask.MERGE
        odd = frozenset[str]().union(*(frame.flags for frame in results)) if is_whole else ()
        self._tell(Finished(order.id, outputs, seconds, log, results[0].thumbnail, tuple(sorted(odd))))
        shutil.rmtree(attempt.folder, ignore_errors=True)

    def _tell(self, report: Finished | Failed) -> None:
        """The last report of a chunk: it is kept until the farm has written it down."""
        with self._wake:
            self._held.discard(report.id)
        self._spool.keep(report)
        self._report(report)

    def _report_failed(
        self, attempt: Attempt, error: str, seconds: float, fault: Fault, damage: Damage | None = None
    ) -> None:
        error = self._plain(attempt, error.encode("utf-8", "replace")).decode("utf-8", "replace")
        attempt.log.note(error)
        log = self._stored_log(attempt)
        self._tell(Failed(attempt.order.id, error, fault, seconds, log, damage))
        shutil.rmtree(attempt.folder, ignore_errors=True)

    def _stored_log(self, attempt: Attempt) -> Digest | None:
        content = self._plain(attempt, attempt.log.content())
        with contextlib.suppress(OSError):  # a full disk must not hide the error that the log is about
            return put_bytes(self._blobs, content)
        return None

    def _plain(self, attempt: Attempt, text: bytes) -> bytes:
        """Without this node's folders."""
        if attempt.layout:
            text = attempt.layout.plain(text)
        return text.replace(os.fsencode(attempt.folder), b"").replace(os.fsencode(self._folder), b"")
