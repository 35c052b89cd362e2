"""What dispatcher, executors and workers tell each other: a node, an order for a chunk, a report about it.

All of it is plain data that can be sent to another process or machine.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from renderbus_model.frame_sets import RenderChoice
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, PlacedPiece


class ChunkId(msgspec.Struct, frozen=True, order=True):
    """One try at a frame: what is running is known by frame and attempt, never by the frame alone."""

    frame_id: int
    attempt: int


class Fault(str, Enum):
    """What was at fault when an attempt made no usable picture; it decides who tries again, and where."""

    SCENE = "scene"
    """The renderer refused or failed: the scene's own, until another node says otherwise."""
    NODE = "node"
    """The node could not do its part: no space, a file of its own that is damaged, no renderer."""
    LOST = "lost"
    """The render process or its node died under the attempt."""
    TIME = "time"
    """Longer than the time limit of a frame."""
    STUCK = "stuck"
    """Neither progress, output nor processor time for too long."""
    MEMORY = "memory"
    """Ended for lack of memory."""
    INPUTS = "inputs"
    """Bytes that the task's owner uploaded are damaged, or gone: every node finds them so."""
    PICTURE = "picture"
    """The renderer said that all is well; the picture says otherwise."""


class Stage(str, Enum):
    """What a chunk does for its task."""

    RENDER = "render"
    MERGE = "merge"
    """Puts the tiles of a frame together."""
    SIMULATE = "simulate"
    """Writes the caches that later frames read."""


class Tile(msgspec.Struct, frozen=True):
    """A part of a picture: ``index`` from 0 of ``count``, counted from the top left corner.

    ``kind`` is ``block`` (a grid as square as ``count`` allows) or ``strip`` (full width, one below another).
    """

    index: int
    count: int
    kind: str


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
        holds: manifests of inputs whose files lie in its cache, the one that is open included.
        plugins: names of the plug-ins it has, None where it does not say.
        is_open: the manifest whose scene its render process holds open, empty for none.
        lacking: render engines that it cannot run although it has their application, with the reason.
    """

    name: str
    places: int
    ram_gb: float
    applications: dict[int, str]
    engines: frozenset[str] = frozenset()
    model: str = ""
    gpus: int = 0
    holds: frozenset[Digest] = frozenset()
    is_open: str = ""
    plugins: frozenset[str] | None = None
    lacking: dict[str, str] = {}


class Output(msgspec.Struct, frozen=True):
    """A file that a chunk made: path below the task's output folder, and the blob that holds it."""

    path: str
    digest: Digest
    size_bytes: int


class ChunkOrder(msgspec.Struct, frozen=True):
    """Everything a worker needs to render a chunk.

    Attributes:
        inputs: digest of the manifest of the task's files, itself kept as a blob.
        scene: farm path of the scene, among the manifest's files.
        numbers: its frames, rendered one after another.
        output: pattern of the picture below the task's output folder, ``#`` for digits.
        time_limit_s: a frame is given up after this many seconds of rendering; None for no limit.
        allow_scripts: Python inside the scene may run.
        allow_missing: files that the scene names may be absent.
        tile: the part of the picture to render, None for the whole; of a chunk that merges how its parts lie.
        parts: what a chunk that merges puts together, tile by tile; ``numbers`` is then one frame.
        memory_gb: memory that it has shown to need, 0 where nothing is known.
        account: whose it is; what one account's scene was open in never holds another's.
    """

    id: ChunkId
    node: str
    task_id: int
    cg_id: int
    scene: FarmPath
    inputs: Digest
    choice: RenderChoice
    numbers: tuple[int, ...]
    output: str
    time_limit_s: int | None = None
    allow_scripts: bool = False
    allow_missing: bool = False
    stage: Stage = Stage.RENDER
    tile: Tile | None = None
    parts: tuple[Output, ...] = ()
    memory_gb: int = 0
    account: int = 0


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
    flags: tuple[str, ...] = ()


class Damage(msgspec.Struct, frozen=True):
    """Stored bytes that a node found damaged or gone: a piece, or where that is None the whole blob."""

    path: str
    digest: Digest
    piece: PlacedPiece | None = None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """No usable picture. ``error`` is one or a few lines for the user, ``fault`` says what was at fault.

    With ``Fault.INPUTS``, ``damage`` is what was found.
    """

    id: ChunkId
    error: str
    fault: Fault = Fault.SCENE
    seconds: float = 0.0
    log: Digest | None = None
    damage: Damage | None = None


class Renewed(msgspec.Struct, frozen=True, tag=True):
    """A node renews the leases of all that it has. It is answered with ``number``, which counts up.

    Attributes:
        holds, is_open: as of ``Node``, but now.
    """

    number: int
    chunks: tuple[ChunkId, ...]
    holds: frozenset[Digest] = frozenset()
    is_open: str = ""


Report = Started | Progress | Finished | Failed
