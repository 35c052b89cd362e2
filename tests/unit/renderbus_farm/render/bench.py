"""A worker to try things on: files go into its blobs, orders in, reports out."""

from __future__ import annotations

import io
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.processes import FOLDER, MARKER
from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.rules.work import (
    ChunkId,
    ChunkOrder,
    Failed,
    Fault,
    Finished,
    Node,
    Progress,
    Report,
    Started,
)
from renderbus_farm.worker import Worker
from renderbus_model.frame_sets import RenderChoice
from renderbus_model.paths import FarmPath, farm_path
from renderbus_model.pieces import Digest, FileEntry, Manifest, digest_of

PATIENCE_S = 60.0

Pixel = tuple[int, int, int]
RED, GREEN, BLUE, YELLOW, NOTHING = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 0, 0)


def wait_until(condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Come back once the condition holds; fail when it never does."""
    ticks = threading.Event()
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited for long enough"
        ticks.wait(0.02)


class Store:
    """Blobs, and manifests of files that were somewhere once."""

    def __init__(self, folder: Path, originals: Path, was_at: Path) -> None:
        """``originals`` are the files' new place; scenes name them where they ``was_at``."""
        self.folder = folder
        self.originals = originals
        self.was_at = was_at
        self.blobs = LocalBlobs(folder)

    def farm(self, name: str) -> FarmPath:
        """The farm path of one of the original files."""
        return farm_path(str(self.was_at / name))

    def manifest(self, *names: str, elsewhere: dict[str, str] | None = None) -> Digest:
        """The manifest of original files; ``elsewhere`` gives some of them another farm path."""
        placed = {self.farm(name): name for name in names}
        placed.update({FarmPath(path): name for path, name in (elsewhere or {}).items()})
        entries = [
            FileEntry(path, *self.blobs.put_file(self.originals / name)) for path, name in placed.items()
        ]
        content = Manifest.of(entries).encode()
        self.blobs.put(digest_of(content), io.BytesIO(content))
        return digest_of(content)

    def read(self, digest: Digest | None) -> bytes:
        """A blob's bytes."""
        assert digest is not None
        with self.blobs.get(digest) as stream:
            return stream.read()

    def squares(self, finished: Finished, output: int = 0) -> list[Pixel]:
        """The colours in the middle of the squares of a picture, left to right."""
        with Image.open(io.BytesIO(self.read(finished.outputs[output].digest))) as picture:
            shown = picture.convert("RGBA")
            middles = [
                shown.getpixel((x, picture.height // 2)) for x in range(4, picture.width, picture.height)
            ]
        return [pixel[:3] for pixel in middles if isinstance(pixel, tuple)]


@dataclass
class Bench:
    """A worker in this process; only its render process is another one."""

    store: Store
    folder: Path
    idle_after_s: float = 600.0
    renderer: Renderer = field(default_factory=BlenderModule)
    renderers: Sequence[Renderer] = ()

    def __post_init__(self) -> None:
        self.reports: queue.Queue[Report] = queue.Queue()
        self.ready: queue.Queue[Node] = queue.Queue()
        self._frames = 0
        self.marks = {MARKER: f"bench {self.folder}", FOLDER: str(self.folder)}
        self.worker = Worker(
            "bench",
            self.folder,
            self.store.blobs,
            LocalPacks(self.folder / "packs"),
            self.renderers or [self.renderer],
            self.marks,
            self.reports.put,
            self.ready.put,
            self.idle_after_s,
        )

    def order(self, scene: str, inputs: Digest, number: int = 1, **more: Any) -> ChunkOrder:
        """Start a frame of an original scene; what is chosen beyond the scene goes into ``more``."""
        self._frames += 1
        names = RenderChoice.__struct_fields__
        chosen = {"scene_name": "Main", "view_layers": ()}
        chosen.update({name: more.pop(name) for name in names if name in more})
        order = ChunkOrder(
            id=ChunkId(self._frames, 1),
            node="bench",
            task_id=1,
            cg_id=more.pop("cg_id", 2007),
            scene=self.store.farm(scene),
            inputs=inputs,
            choice=RenderChoice(**chosen),  # type: ignore[arg-type]  # its fields, by name
            numbers=more.pop("numbers", (number,)),
            output=more.pop("output", "shot_####"),
            **more,
        )
        self.worker.start(order)
        return order

    def end_of(self, order: ChunkOrder) -> Finished | Failed:
        """Its last report; what was said before is left out."""
        while True:
            report = self.reports.get(timeout=PATIENCE_S)
            if report.id == order.id and isinstance(report, Finished | Failed):
                return report

    def begun(self, order: ChunkOrder) -> None:
        """Wait until samples of it are done."""
        while True:
            report = self.reports.get(timeout=PATIENCE_S)
            if report.id == order.id:
                assert isinstance(report, Started | Progress), report
                if isinstance(report, Progress) and report.percent > 0:
                    return

    def render(self, scene: str, inputs: Digest, number: int = 1, **more: Any) -> Finished | Failed:
        """Render a frame and wait for its end."""
        return self.end_of(self.order(scene, inputs, number, **more))

    def squares(self, scene: str, inputs: Digest, number: int = 1, **more: Any) -> list[Pixel]:
        """The colours of a frame that must succeed."""
        ended = self.render(scene, inputs, number, **more)
        assert isinstance(ended, Finished), ended
        return self.store.squares(ended)

    def error(self, scene: str, inputs: Digest, number: int = 1, **more: Any) -> str:
        """What is said about a frame that must fail for good."""
        ended = self.render(scene, inputs, number, **more)
        assert isinstance(ended, Failed), ended
        assert ended.fault not in (Fault.LOST, Fault.TIME)
        return ended.error

    def log(self, ended: Finished | Failed) -> str:
        """The log of an attempt."""
        return self.store.read(ended.log).decode()
