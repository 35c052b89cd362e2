"""The words between a worker and a render process that stays open, as JSON lines.

A worker says ``Open``, ``Render`` or ``Quit`` on the process's standard input and hears ``Hello`` once, then
for each ``Open`` either ``Opened`` or ``Refused``, for each ``Render`` any number of ``Progressed`` and then
``Rendered`` or ``Refused``, on its standard output. Everything else that the process prints is its log.
"""

from __future__ import annotations

import msgspec

from renderbus_model.frame_sets import RenderChoice

END_OF_LOG = "\x00renderbus: end of log "
"""Begins the line that the process writes into its log before each answer: with the answer's number the
worker knows that it has read the whole log of what was answered."""


class Open(msgspec.Struct, frozen=True, tag_field="word", tag="open"):
    """Open this scene in place of the one that is open."""

    scene: str
    allow_scripts: bool


class Render(msgspec.Struct, frozen=True, tag_field="word", tag="render"):
    """Render one frame of the open scene into ``folder``, an empty folder."""

    number: int
    choice: RenderChoice
    folder: str
    allow_missing: bool = False


class Quit(msgspec.Struct, frozen=True, tag_field="word", tag="quit"):
    """End."""


Word = Open | Render | Quit


class Hello(msgspec.Struct, frozen=True, tag_field="word", tag="hello"):
    """The process is ready: version of the application, and engines that it can render with."""

    version: str
    engines: tuple[str, ...]
    confined: bool = False


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
        width, height: what the pictures must measure; 0 where the scene crops them to a border.
    """

    pictures: tuple[str, ...]
    extras: tuple[str, ...]
    width: int
    height: int


class Refused(msgspec.Struct, frozen=True, tag_field="word", tag="refused"):
    """The scene cannot be opened, or the frame cannot be rendered, for this reason."""

    message: str


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
