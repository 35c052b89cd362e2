"""The words between a worker and a render process that stays open, as JSON lines.

A worker says ``Open``, ``Render``, ``Simulate`` or ``Quit`` on the process's standard input and hears
``Hello`` once, then for each ``Open`` either ``Opened`` or ``Refused``, for each of the next two any number
of ``Progressed`` and then ``Rendered`` or ``Refused``, on its standard output. Everything else that the
process prints is its log.
"""

from __future__ import annotations

import msgspec

from renderbus_farm.rules.work import Tile
from renderbus_model.frame_sets import RenderChoice

END_OF_LOG = "\x00renderbus: end of log "
"""Begins the line that the process writes into its log before each answer: with the answer's number the
worker knows that it has read the whole log of what was answered."""


class Open(msgspec.Struct, frozen=True, tag_field="word", tag="open"):
    """Open this scene in place of the one that is open.

    Attributes:
        files: the folder of all its task's files.
        lacking: engines that must not be asked for on this machine, with the reason.
    """

    scene: str
    allow_scripts: bool
    files: str = ""
    lacking: dict[str, str] = {}


class Render(msgspec.Struct, frozen=True, tag_field="word", tag="render"):
    """Render one frame of the open scene, or a tile of it, into ``folder``, an empty folder.

    ``caches`` is the folder with what simulations wrote for this scene; empty for none.
    """

    number: int
    choice: RenderChoice
    folder: str
    allow_missing: bool = False
    tile: Tile | None = None
    caches: str = ""


class Simulate(msgspec.Struct, frozen=True, tag_field="word", tag="simulate"):
    """Run a simulation of the open scene from its first frame to its last; its caches go into ``folder``."""

    first: int
    last: int
    step: int
    choice: RenderChoice
    folder: str
    caches: str = ""


class Quit(msgspec.Struct, frozen=True, tag_field="word", tag="quit"):
    """End."""


Word = Open | Render | Simulate | Quit


class Hello(msgspec.Struct, frozen=True, tag_field="word", tag="hello"):
    """The process is ready: version of the application, engines and graphics cards it can render with.

    ``engines`` are those of the application; what this machine lacks for some of them is not taken off.
    """

    version: str
    engines: tuple[str, ...]
    confined: bool = False
    graphics_cards: tuple[str, ...] = ()


class Opened(msgspec.Struct, frozen=True, tag_field="word", tag="opened"):
    """The scene is open.

    Attributes:
        files: absolute paths of all files that the loaded data-blocks name.
        lost_libraries: those of libraries from which data-blocks should have come that are not there. (A
            library that is missing may be no loss: Blender 5.0 packs copies of what it links.)
    """

    files: tuple[str, ...]
    lost_libraries: tuple[str, ...] = ()


class Progressed(msgspec.Struct, frozen=True, tag_field="word", tag="progress"):
    """How much of the frame is done, in per cent."""

    percent: float


class Rendered(msgspec.Struct, frozen=True, tag_field="word", tag="rendered"):
    """The frame's files lie in its folder.

    Attributes:
        pictures: names of the finished pictures, one but for stereo scenes.
        extras: what File Output nodes of the compositor wrote, relative to the folder.
        width, height: what the pictures must measure; 0 where the scene crops them to a border, and where
            only the scene knows.
        box: the part of the pictures that was rendered, where they are of full size all the same: left, top,
            right, bottom.
    """

    pictures: tuple[str, ...]
    extras: tuple[str, ...]
    width: int
    height: int
    box: tuple[int, int, int, int] | None = None


class Refused(msgspec.Struct, frozen=True, tag_field="word", tag="refused"):
    """The scene cannot be opened, or the frame cannot be rendered, for this reason.

    ``died``: a program that the process had started for it was killed, as ``message`` tells.
    """

    message: str
    died: bool = False


Answer = Hello | Opened | Progressed | Rendered | Refused

_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def line_of(word: Word) -> bytes:
    """A word as the line that says it."""
    return msgspec.json.encode(word) + b"\n"


def answer_of(line: bytes) -> Answer:
    """What a line of the process says.

    Raises:
        msgspec.DecodeError: it is no answer.
    """
    return _answers.decode(line)
