"""The render process of a node with the scene that is open in it, kept from one chunk to the next."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from renderbus_farm.processes import NotStarted
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.renderers.session import Hello, Open, Opened, Refused, Render, Rendered, Simulate
from renderbus_farm.rules.watch import Limits, says_out_of_memory
from renderbus_farm.rules.work import ChunkOrder, Fault
from renderbus_farm.rules.work import Stage as StageOfTask
from renderbus_farm.worker_layout import Layout
from renderbus_farm.worker_session import AttemptLog, RenderEnded, RenderProcess
from renderbus_model.pieces import Digest

_CONFUSED = "the render process said something else than was asked; see the log"


class CannotRender(Exception):
    """The render process is there, and has no picture; ``fault`` says what was at fault."""

    def __init__(self, why: str, fault: Fault = Fault.SCENE) -> None:
        super().__init__(why)
        self.fault = fault


@dataclass
class Attempt:
    """One chunk on its way through a worker: what is wanted, where its files go, what was said about it."""

    order: ChunkOrder
    folder: Path
    log: AttemptLog = field(default_factory=AttemptLog)
    layout: Layout | None = None
    caches: Path | None = None
    began: float = 0.0
    frame_began: float = 0.0

    def begin_frame(self) -> None:
        """The render process takes up the next frame; the first one's time holds the opening of the scene."""
        self.frame_began = time.monotonic()
        self.began = self.began or self.frame_began

    def seconds(self) -> float:
        """Since the render process took it up."""
        return time.monotonic() - self.began if self.began else 0.0

    def frame_seconds(self) -> float:
        """The same for its present frame."""
        return time.monotonic() - self.frame_began if self.frame_began else 0.0

    def deadline(self) -> float | None:
        """When the time of its present frame is over, on the monotonic clock."""
        return self.frame_began + self.order.time_limit_s if self.order.time_limit_s else None

    def folder_of(self, number: int) -> Path:
        """Where the files of one of its frames go."""
        return self.folder / str(number)


@dataclass(frozen=True)
class _OpenScene:
    """What must be the same for a scene to stay open; missing files were judged when it was opened."""

    account: int
    inputs: Digest
    scene: str
    allow_scripts: bool
    allow_missing: bool


class Stage:
    """At most one render process. All of it is for one thread, which must live as long as the worker; but
    ``kill`` is safe from any."""

    def __init__(
        self, renderer: Renderer, scratch: Path, scenes: Path, marks: Mapping[str, str], limits: Limits
    ) -> None:
        self._renderer = renderer
        self._scratch = scratch
        self._scenes = scenes
        self._marks = marks
        self._limits = limits
        self._lock = threading.Lock()
        self._process: RenderProcess | None = None
        self._open: _OpenScene | None = None
        self._account: int | None = None
        self._ran_scripts = False
        self._over = False

    @property
    def has_scene(self) -> bool:
        """A scene is open, and takes memory."""
        return self._open is not None

    @property
    def is_running(self) -> bool:
        """There is a process."""
        return self._process is not None

    def memory_bytes(self) -> int:
        """What the process and its children hold; 0 where there is none."""
        return self._process.memory_bytes() if self._process else 0

    @property
    def open_inputs(self) -> str:
        """The manifest whose scene is open; empty for none. Safe from any thread."""
        opened = self._open
        return opened.inputs if opened else ""

    def warm(self) -> Hello | None:
        """Have a render process stand ready; None when it cannot start here, which is printed."""
        if self._renderer.version() is None:
            return None
        try:
            hello = self._started()
        except (NotStarted, RenderEnded) as error:
            print(f"no render process: {error}", flush=True)
            self.clear(kindly=False)
            return None
        if not hello.confined:
            print(
                "this kernel has no Landlock: scenes are held to their files by their paths alone", flush=True
            )
        return hello

    def render(
        self,
        attempt: Attempt,
        number: int,
        layout: Layout,
        wanted: Callable[[], bool],
        progress: Callable[[float], None],
    ) -> Rendered:
        """Render a frame of a chunk; its time limit counts from when the process takes it up.

        Args:
            wanted: asked once a process is there; from then on a cancel must ``kill``.

        Raises:
            CannotRender: the scene or the choice does not allow it.
            NotStarted, RenderEnded: no process, or it ended meanwhile, also because its time was over.
        """
        order = attempt.order
        process = self._process_for(order)
        if not wanted():
            raise CannotRender("cancelled")
        attempt.begin_frame()
        self._open_for(attempt, process, layout)
        answer = process.ask(
            _word(attempt, number), attempt.log, progress, order.time_limit_s, attempt.deadline()
        )
        if isinstance(answer, Rendered):
            return answer
        raise _refusal(answer, process)

    def kill(self, for_good: bool = False) -> None:
        """Kill the process now; ``for_good`` also the one that is just starting."""
        with self._lock:
            self._over = self._over or for_good
            if self._process:
                self._process.kill()

    def clear(self, kindly: bool) -> None:
        """End the process; ``kindly`` lets it end by itself first."""
        with self._lock:
            process, self._process = self._process, None
        self._open = self._account = None
        self._ran_scripts = False
        if process:
            process.end(kindly)

    def _started(self) -> Hello:
        process = RenderProcess(
            self._renderer, self._scratch, self._scenes, self._marks, os.getpid(), self._limits
        )
        with self._lock:
            self._process = process
            if self._over:
                process.kill()
        return process.hello()

    def _process_for(self, order: ChunkOrder) -> RenderProcess:
        # A process that has held a scene of one account never sees one of another.
        is_anothers = self._account not in (None, order.account)
        # A scene whose scripts ran may have left anything behind in its process.
        ran_others = self._ran_scripts and self._open != _open_scene(order)
        if is_anothers or ran_others:
            self.clear(kindly=True)
        if self._process is None or not self._process.alive():
            self.clear(kindly=False)
            self._started()
        assert self._process is not None
        self._account = order.account
        return self._process

    def _open_for(self, attempt: Attempt, process: RenderProcess, layout: Layout) -> None:
        order = attempt.order
        wanted = _open_scene(order)
        if self._open == wanted:
            return
        self._open = None
        self._ran_scripts |= order.allow_scripts  # also where it is refused then
        scene, lacking = str(layout.path(order.scene)), dict(self._renderer.lacking())
        word = Open(scene, order.allow_scripts, str(layout.files), lacking)
        answer = process.ask(word, attempt.log, lambda _: None, order.time_limit_s, attempt.deadline())
        if not isinstance(answer, Opened):
            raise _refusal(answer, process)
        missing = layout.missing_for(order.scene, answer.files, answer.lost_libraries)
        lines = [file.line(order.scene) for file in missing]
        for line in lines:
            attempt.log.note(line)
        if lines and not order.allow_missing:
            raise CannotRender("\n".join(lines))
        self._open = wanted


def _refusal(answer: object, process: RenderProcess) -> CannotRender:
    """Why there is no picture: in the renderer's words, sorted by what they are about."""
    if not isinstance(answer, Refused):
        return CannotRender(_CONFUSED)
    if answer.died:
        return CannotRender(answer.message, process.fault_of_death(answer.message))
    return CannotRender(answer.message, Fault.MEMORY if says_out_of_memory(answer.message) else Fault.SCENE)


def _word(attempt: Attempt, number: int) -> Render | Simulate:
    """A frame, or for a simulation all of them at once: each follows from the one before."""
    order = attempt.order
    folder, caches = str(attempt.folder_of(number)), str(attempt.caches or "")
    if order.stage is not StageOfTask.SIMULATE:
        return Render(number, order.choice, folder, order.allow_missing, order.tile, caches)
    first, last = order.numbers[0], order.numbers[-1]
    step = order.numbers[1] - first if len(order.numbers) > 1 else 1
    return Simulate(first, last, step, order.choice, folder, caches)


def _open_scene(order: ChunkOrder) -> _OpenScene:
    return _OpenScene(order.account, order.inputs, order.scene, order.allow_scripts, order.allow_missing)
