"""The render processes of a node, one for each application that was asked for: few, of bounded memory.

Only one of them renders at a time. The others keep the scene that they hold open for the next chunk of it,
until they are too many, too large, or nobody asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from renderbus_farm.renderers.catalogue import installed
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.renderers.session import Hello, Rendered
from renderbus_farm.rules.watch import Limits
from renderbus_farm.rules.work import ChunkOrder
from renderbus_farm.worker_layout import Layout
from renderbus_farm.worker_stage import Attempt, CannotRender, Stage
from renderbus_model.software import title_of

MOST_OPEN = 2
"""So many render processes stay open beside the one that renders; a node rarely goes between more scenes."""

MOST_OF_MEMORY = 0.5
"""A render process that holds more than this share of the machine's memory ends when its chunk is done."""

LEAST_FREE = 0.15
"""Below this share of free memory, those that do not render give theirs back."""


class Stages:
    """All of it is for one thread, which must live as long as the worker; but ``kill`` is safe from any."""

    def __init__(
        self,
        renderers: Sequence[Renderer],
        scratch: Path,
        scenes: Path,
        marks: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self._renderers = renderers
        self._scratch = scratch
        self._scenes = scenes
        self._marks = marks
        self._limits = limits
        self._looking = threading.Lock()
        self._installed: dict[int, Renderer] | None = None
        self._lock = threading.Lock()
        self._stages: dict[int, Stage] = {}  # used last stands last
        self._over = False

    @property
    def has_scene(self) -> bool:
        """Some scene is open, and takes memory."""
        return any(stage.has_scene for stage in self._stages.values())

    @property
    def open_inputs(self) -> str:
        """The manifest whose scene the process used last holds open; empty for none. Safe from any thread."""
        with self._lock:
            return next((stage.open_inputs for stage in reversed(self._stages.values())), "")

    def scratch_for(self, order: ChunkOrder) -> Path:
        """The folder that the order's render process may write to."""
        return self._scratch / str(order.cg_id)

    def warm(self) -> Hello | None:
        """Have the render process stand ready that is the slowest to start: Blender's, where there is one."""
        first = next((each for each in self._renderers if each.warms and each.version() is not None), None)
        if first is None or self._first_for(first.cg_id) is not first:
            return None
        looking = threading.Thread(target=self.lacking, name="look for renderers")  # asks programs meanwhile
        looking.start()
        hello = self._stage(first).warm()
        looking.join()
        return hello

    def applications(self, hello: Hello | None) -> dict[int, str]:
        """Versions of what can be rendered here, by application; ``hello`` is what ``warm`` heard.

        One that should be warm and is not cannot start here.
        """
        found: dict[int, str] = {}
        for cg_id, renderer in self._found().items():
            version = (hello.version if hello else None) if renderer.warms else renderer.version()
            if version:
                found[cg_id] = version
        return found

    def engines(self, hello: Hello | None) -> frozenset[str]:
        """Render engines of all of them that this machine can run."""
        known = [engine for renderer in self._found().values() for engine in renderer.engines]
        return frozenset((*known, *(hello.engines if hello else ()))) - self.lacking().keys()

    def lacking(self) -> dict[str, str]:
        """Render engines that some of them would have and this machine cannot run, with the reason."""
        return {engine: why for each in self._found().values() for engine, why in each.lacking().items()}

    def render(
        self,
        attempt: Attempt,
        number: int,
        layout: Layout,
        wanted: Callable[[], bool],
        progress: Callable[[float], None],
    ) -> Rendered:
        """See ``Stage.render``; other applications' processes may give way to it.

        Raises:
            CannotRender: also where there is no renderer for the application.
        """
        cg_id = attempt.order.cg_id
        if cg_id not in self._found():
            raise CannotRender(f"this node has no renderer for {title_of(cg_id)}")
        stage = self._stage(self._found()[cg_id])
        self._make_room(keep=cg_id)
        return stage.render(attempt, number, layout, wanted, progress)

    def kill(self, for_good: bool = False) -> None:
        """Kill every process now; ``for_good`` also those that are just starting."""
        with self._lock:
            self._over = self._over or for_good
            for stage in self._stages.values():
                stage.kill(for_good)

    def clear(self, kindly: bool) -> None:
        """End every process."""
        for stage in self._stages.values():
            stage.clear(kindly)

    def end_of(self, order: ChunkOrder) -> None:
        """End the process that had this order, which has failed it."""
        if stage := self._stages.get(order.cg_id):
            stage.clear(kindly=False)

    def give_back(self) -> None:
        """End what holds too much memory to be kept for a chunk that may come."""
        total = psutil.virtual_memory().total
        for stage in self._stages.values():
            if stage.memory_bytes() > MOST_OF_MEMORY * total:
                stage.clear(kindly=True)

    def _first_for(self, cg_id: int) -> Renderer:
        """The one that renders an application's scenes: an operator's own comes before ours."""
        return installed(each for each in self._renderers if each.cg_id == cg_id)[cg_id]

    def _found(self) -> dict[int, Renderer]:
        with self._looking:
            if self._installed is None:
                self._installed = installed(self._renderers)
            return self._installed

    def _stage(self, renderer: Renderer) -> Stage:
        cg_id = renderer.cg_id
        with self._lock:
            stage = self._stages.pop(cg_id, None) or Stage(
                renderer, self._scratch / str(cg_id), self._scenes, self._marks, self._limits
            )
            if self._over:
                stage.kill(for_good=True)
            self._stages[cg_id] = stage
        return stage

    def _make_room(self, keep: int) -> None:
        others = [stage for cg_id, stage in self._stages.items() if cg_id != keep and stage.is_running]
        for stage in others[: max(0, len(others) - MOST_OPEN)]:
            stage.clear(kindly=True)
        for stage in others:
            memory = psutil.virtual_memory()
            if memory.available > LEAST_FREE * memory.total:
                return
            stage.clear(kindly=True)
