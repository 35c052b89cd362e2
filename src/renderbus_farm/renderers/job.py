"""What a program that renders one frame is told: the scene, the folder, the frame and the choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from renderbus_farm.rules.tiles import Box


class CannotRender(Exception):
    """The frame cannot be rendered as asked, wherever it is tried."""


@dataclass(frozen=True, slots=True)
class Job:
    """One start of a program. Numbers that are 0 and texts that are empty mean "as the scene says".

    Attributes:
        scene: the scene on this node.
        files: the folder that holds the task's files, each at its farm path.
        folder: an empty folder for what it writes.
        caches: what simulations wrote for this scene, None for nothing.
        first, last, step: the frames; of a frame that renders, the first is the last.
        simulates: it writes caches instead of pictures.
        width, height: of the whole picture, in pixels.
        box: the part of the picture to render, None for the whole.
        settings: what else task.json says about the layer, by name.
    """

    scene: Path
    files: Path
    folder: Path
    first: int
    last: int
    step: int = 1
    simulates: bool = False
    layer: str = ""
    camera: str = ""
    engine: str = ""
    image_format: str = ""
    width: int = 0
    height: int = 0
    samples: int = 0
    box: Box | None = None
    caches: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def picture(self) -> Path:
        """Where the picture goes, without its suffix."""
        return self.folder / "picture"


_NAMES: dict[str, Callable[[Job], object]] = {
    "scene": lambda job: job.scene,
    "files": lambda job: job.files,
    "folder": lambda job: job.folder,
    "output": lambda job: job.picture,
    "caches": lambda job: job.caches or "",
    "frame": lambda job: job.first,
    "first": lambda job: job.first,
    "last": lambda job: job.last,
    "step": lambda job: job.step,
    "layer": lambda job: job.layer,
    "camera": lambda job: job.camera,
    "engine": lambda job: job.engine,
    "format": lambda job: job.image_format,
    "width": lambda job: job.width or "",
    "height": lambda job: job.height or "",
    "samples": lambda job: job.samples or "",
    "left": lambda job: job.box[0] if job.box else "",
    "top": lambda job: job.box[1] if job.box else "",
    "right": lambda job: job.box[2] if job.box else "",
    "bottom": lambda job: job.box[3] if job.box else "",
}
_CHOSEN = ("layer", "camera", "engine", "format", "settings")
"""What users choose: words that must not become options of the program."""

PLACEHOLDERS = (*_NAMES, "settings.NAME")

_PLACEHOLDER = re.compile(r"\{([a-z]+)(?:\.(\w+))?\}")

_OPTION = re.compile(r"-(?![\d.])")  # and no negative number

Template = tuple[str | tuple[str, ...], ...]
"""Arguments with placeholders in braces; those of an inner list are left out where one of them is empty."""


def unknown_placeholders(template: Template) -> list[str]:
    """Names in braces that mean nothing."""
    parts = [part for each in template for part in ((each,) if isinstance(each, str) else each)]
    named = [found for part in parts for found in _PLACEHOLDER.findall(part)]
    return [name for name, member in named if (name != "settings" if member else name not in _NAMES)]


def filled(template: Template, job: Job) -> list[str]:
    """The arguments for a job.

    Raises:
        CannotRender: what was chosen would be read as an option, or cannot be said to a program.

    >>> job = Job(Path("/s/a.tiny"), Path("/s"), Path("/out"), 7, 7, width=64)
    >>> filled(("{scene}", "-f{frame}", ("-w", "{width}"), ("-h", "{height}")), job)
    ['/s/a.tiny', '-f7', '-w', '64']
    """
    arguments: list[str] = []
    for each in template:
        if isinstance(each, str):
            arguments.append(_filled(each, job)[0])
            continue
        parts = [_filled(part, job) for part in each]
        if all(is_told for _, is_told in parts):
            arguments += [text for text, _ in parts]
    return arguments


def _filled(part: str, job: Job) -> tuple[str, bool]:
    """A part with its placeholders replaced, and whether all of them had a value."""
    values: list[str] = []

    def value(found: re.Match[str]) -> str:
        name, member = found.groups()
        values.append(job.settings.get(member, "") if member else str(_NAMES[name](job)))
        if name in _CHOSEN and found.start() == 0 and _OPTION.match(values[-1]):
            raise CannotRender(f"{member or name} {values[-1]!r} begins as an option of the program does")
        if "\0" in values[-1]:
            raise CannotRender(f"{member or name} holds a character that no program can be told")
        return values[-1]

    text = _PLACEHOLDER.sub(value, part)
    return text, all(values)
