"""What dispatcher, executors and workers tell each other: a node, an order for a chunk, a report about it.

All of it is plain data that can be sent to another process or machine.
"""

from __future__ import annotations

import msgspec

from renderbus_model.frame_sets import RenderChoice
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest


class ChunkId(msgspec.Struct, frozen=True, order=True):
    """One try at a frame: what is running is known by frame and attempt, never by the frame alone."""

    frame_id: int
    attempt: int


class Node(msgspec.Struct, frozen=True):
    """A machine's place to render.

    Attributes:
        name: unique on the farm.
        places: how many chunks it takes at once, those waiting on the node included. A node with one
            render process takes two, so that it never waits for the farm between two frames.
        ram_gb: memory of the machine.
        applications: version by application id (``cg_id``).
        engines: render engines it can run, e.g. ``CYCLES``.
        model: name of its processor, or of its graphics cards where it renders with them.
        gpus: graphics cards that it renders with.
    """

    name: str
    places: int
    ram_gb: float
    applications: dict[int, str]
    engines: frozenset[str] = frozenset()
    model: str = ""
    gpus: int = 0


class ChunkOrder(msgspec.Struct, frozen=True):
    """Everything a worker needs to render a chunk.

    Attributes:
        inputs: digest of the manifest of the task's files, itself kept as a blob.
        scene: farm path of the scene, among the manifest's files.
        output: pattern of the picture below the task's output folder, ``#`` for digits.
        time_limit_s: the frame is given up after this many seconds of rendering; None for no limit.
        allow_scripts: Python inside the scene may run.
        allow_missing: files that the scene names may be absent.
    """

    id: ChunkId
    node: str
    task_id: int
    cg_id: int
    scene: FarmPath
    inputs: Digest
    choice: RenderChoice
    number: int
    output: str
    time_limit_s: int | None = None
    allow_scripts: bool = False
    allow_missing: bool = False


class Output(msgspec.Struct, frozen=True):
    """A file that a chunk made: path below the task's output folder, and the blob that holds it."""

    path: str
    digest: Digest
    size_bytes: int


class Started(msgspec.Struct, frozen=True, tag=True):
    """The render process began with the chunk (it may have waited on its node before)."""

    id: ChunkId
    node: str


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far a chunk is, in per cent."""

    id: ChunkId
    percent: float


class Finished(msgspec.Struct, frozen=True, tag=True):
    """The pictures are stored. ``seconds`` is render time; ``log`` and ``thumbnail`` are blobs."""

    id: ChunkId
    outputs: tuple[Output, ...]
    seconds: float
    log: Digest | None = None
    thumbnail: Digest | None = None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """No usable picture. ``error`` is one or a few lines for the user.

    Attributes:
        lost: the render process or its node died under the chunk; another try may succeed.
        timed_out: the frame took longer than its time limit.
    """

    id: ChunkId
    error: str
    seconds: float = 0.0
    log: Digest | None = None
    lost: bool = False
    timed_out: bool = False


Report = Started | Progress | Finished | Failed
