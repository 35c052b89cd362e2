"""What happens while a command runs: shown to people, or printed as one JSON line each for programs.

docs/cli.md lists them for those who read the lines. The last line of a command is ``finished`` or ``error``.
"""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """One thing that happened; its JSON member ``event`` names it."""


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the scene names and that is not there; ``why`` says what was looked for."""

    node: str
    path: str
    kind: str = ""
    library: str = ""
    why: str = ""


class Farm(Event, frozen=True, kw_only=True, tag="farm"):
    """The farm that is spoken to; ``embedded`` is one that this program starts by itself."""

    url: str
    embedded: bool


class Analysed(Event, frozen=True, kw_only=True, tag="analysed"):
    """The scene was read. ``tips`` are warnings, a sentence each."""

    scene: str
    seconds: float
    files: int
    size_bytes: int
    missing: list[Missing]
    tips: list[str]


class Uploading(Event, frozen=True, kw_only=True, tag="uploading"):
    """How far the upload is.

    Attributes:
        bytes_known: what was stored already and needs no sending.
        bytes_read, bytes_to_read: what was read here to learn that, of all; at first only this grows.
        seconds_left: None while nothing is sent.
    """

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    bytes_known: int
    bytes_read: int
    bytes_per_s: float
    bytes_to_read: int = 0
    seconds_left: float | None = None


class Submitted(Event, frozen=True, kw_only=True, tag="submitted"):
    """The farm has the task."""

    task: int


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that renders now."""

    frame: str
    layer: str
    camera: str
    percent: float


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """Units so far; ``seconds_left`` is None until there is something to judge by.

    ``unit`` says what is counted: ``frame``, ``chunk``, or ``tile`` for tiles and the frames made of them.
    """

    done: int
    failed: int
    total: int
    running: list[Running]
    seconds_left: float | None = None
    unit: str = "frame"


class FrameEnded(Event, frozen=True, kw_only=True, tag="frame"):
    """A frame is ``done``, ``failed`` or ``timed out``; ``error`` is the renderer's.

    ``flags`` says what is odd about the pictures of one that is done: ``black``, ``not a number``.
    """

    id: int
    frame: str
    layer: str
    camera: str
    status: str
    seconds: int
    error: str = ""
    flags: str = ""


class Downloaded(Event, frozen=True, kw_only=True, tag="downloaded"):
    """A picture is complete on this machine; ``path`` is absolute."""

    path: str


class Waits(Event, frozen=True, kw_only=True, tag="waits"):
    """Why nothing renders now; ``possible`` is false when no worker of the farm ever could."""

    possible: bool
    reasons: list[str]


class Said(Event, frozen=True, kw_only=True, tag="note"):
    """A sentence for people that has no other event."""

    text: str


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """The last line: how it ended. ``folder`` is where the pictures are, "" when there are none.

    The counts are of what ``unit`` says, as in ``Progress``.
    """

    exit: int
    status: str
    task: int
    folder: str
    frames_done: int
    frames_failed: int
    frames_total: int
    files: int
    seconds: float
    unit: str = "frame"


class Uploaded(Event, frozen=True, kw_only=True, tag="uploaded"):
    """The last line of ``upload``; ``task`` is 0 where only files were sent, no documents."""

    exit: int
    status: str
    task: int
    files: int
    bytes_sent: int
    bytes_known: int
    seconds: float


class Verified(Event, frozen=True, kw_only=True, tag="verified"):
    """The last line of ``verify``: how many files are right, and the paths of those that are not."""

    exit: int
    status: str
    task: int
    folder: str
    right: int
    missing: list[str]
    different: list[str]
    seconds: float


class Failed(Event, frozen=True, kw_only=True, tag="error"):
    """The last line when a command could not do its work."""

    exit: int
    message: str
