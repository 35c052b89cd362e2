"""POV-Ray 3.7: the program ``povray``, started once for each frame.

A worked example of a renderer (docs/add-a-renderer.md). Source of the options:
https://www.povray.org/documentation/3.7.0/r3_2.html
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from renderbus_farm.renderers.command import said_by
from renderbus_farm.renderers.job import CannotRender, Job
from renderbus_model.software import Application

_VERSION = re.compile(r"POV-Ray (\d+(?:\.\d+)+)")
_PROGRESS = re.compile(r"Rendered \d+ of \d+ pixels \((\d+)%\)")
_COMPLAINT = re.compile(r"(?:Parse Error|Fatal error[^:]*): (.+?)(?= File '| Fatal error| Render failed|$)")
_RADIOSITY = re.compile(rb'/\*.*?\*/|//[^\n]*|"[^"\n]*"|(?P<block>\bradiosity\s*\{)', re.DOTALL)
_FORMATS = {"": "N", "PNG": "N", "png": "N", "OPEN_EXR": "E", "exr": "E"}
"""Letters of the output switch ``+F``: N is PNG with 8 bits, 16 with ``N16``; E is OpenEXR."""

_SUFFIXES = {"N": ".png", "E": ".exr"}
_LONGEST_NAME_BYTES = 200  # 3.7.0 of Debian 12 is killed by SIGABRT from 205 on

WIDTH, HEIGHT = 800, 600
"""Pixels where nobody says any: a scene has no size of its own, and the program's default fits a stamp."""


class PovRay:
    """See ``command.Command``."""

    cg_id = int(Application.POVRAY)
    engines: tuple[str, ...] = ()
    suffix = ""
    tiles = True
    simulates = False
    crops = False  # what a part leaves out is black, in a picture of full size

    def program(self) -> Path | None:
        """On the search path."""
        found = shutil.which("povray")
        return Path(found) if found else None

    def version(self) -> str | None:
        """What the program says."""
        return self._version

    @cached_property
    def _version(self) -> str | None:
        program = self.program()
        found = program and _VERSION.search(said_by(program, ["--version"]))
        return found[1] if found else None

    def arguments(self, job: Job) -> list[str]:
        """One frame, as a picture, without a window and without waiting for anybody."""
        letter = _FORMATS.get(job.image_format)
        if letter is None:
            raise CannotRender(
                f"POV-Ray is not asked for pictures of format {job.image_format}: choose png or exr"
            )
        width, height = job.width or WIDTH, job.height or HEIGHT
        arguments = [
            f"+I{_quoted(_checked_name(job))}",  # found in the folder that +L names
            f"+O{job.picture.name}{_SUFFIXES[letter]}",
            f"+L{_quoted(str(job.scene.parent))}",
            f"+W{width}",
            f"+H{height}",
            f"+F{letter}",
            *("-D", "-P", "+V"),  # no window, no pause; tell how far it is
        ]
        arguments += _clock(job)
        if job.samples:
            # +AM2 follows edges, +R is the depth of that: its square is the most samples of a pixel.
            arguments += ["+A", "+AM2", f"+R{max(1, min(9, round(job.samples**0.5)))}"]
        if job.box:
            if _gathers_light(job):
                raise CannotRender(
                    f"scene {job.scene.name!r} cannot be rendered in tiles: radiosity gathers light over the "
                    "whole picture, so tiles would show seams; render without tiles, or switch it off"
                )
            left, top, right, bottom = job.box  # POV-Ray counts from 1, the last included
            arguments += [f"+SC{left + 1}", f"+SR{top + 1}", f"+EC{right}", f"+ER{bottom}"]
        return arguments

    def working_folder(self, job: Job) -> Path:
        """The one that it may write to by its own rules (``povray.conf``: ``read+write = .``)."""
        return job.folder

    def environment(self, job: Job) -> dict[str, str]:
        """Its own rules let it read what lies below the home folder: the task's files."""
        return {"HOME": str(job.files)}

    def progress(self, line: str) -> float | None:
        """``Rendered 4096 of 76800 pixels (5%)``."""
        found = _PROGRESS.search(line)
        return float(found[1]) if found else None

    def complaint(self, lines: Sequence[str]) -> str:
        """What the parser did not understand; its sentences are broken into lines of 80 letters."""
        found = list(dict.fromkeys(_COMPLAINT.findall(" ".join(line.strip() for line in lines))))
        return "; ".join(found[:-1] or found)  # the last one only says that it cannot go on


def _gathers_light(job: Job) -> bool:
    """Some scene file of the task has a block ``radiosity``; one in a comment or a text does not count."""
    files = (path for path in job.files.rglob("*") if path.suffix.lower() in (".pov", ".inc"))
    contents = (path.read_bytes() for path in files if path.is_file())
    return any(
        found["block"]
        for content in contents
        if b"radiosity" in content
        for found in _RADIOSITY.finditer(content)
    )


def _checked_name(job: Job) -> str:
    """The scene's name without its folder: a long path here overruns a buffer, and the program ends."""
    name = job.scene.name
    if len(os.fsencode(name)) > _LONGEST_NAME_BYTES:
        raise CannotRender(
            f"the scene's name has {len(os.fsencode(name))} bytes, more than the {_LONGEST_NAME_BYTES} that "
            "POV-Ray bears: rename it"
        )
    return name


def _quoted(path: str) -> str:
    """An option's value ends at a space unless it stands in quotes; there is no way to write both kinds."""
    if not path.isascii():  # it reads neither an option with other letters nor a folder that it names
        raise CannotRender(f"POV-Ray takes no letters beyond ASCII in a path: {path}; rename it")
    for quote in "\"'":
        if quote not in path:
            return f"{quote}{path}{quote}"
    raise CannotRender(f"POV-Ray cannot be told a path with both kinds of quotes: {path}; rename it")


def _clock(job: Job) -> list[str]:
    """The frame's number, and the clock as it stands then.

    ``clock`` goes from its first to its last value over the frames of the animation: those that the scene's
    .ini names, else those of the task.
    """

    def told(name: str, otherwise: float) -> float:
        try:
            return float(job.settings.get(name) or otherwise)
        except ValueError:
            return otherwise

    first = told("initial_frame", told("start", job.first))
    last = told("final_frame", told("end", job.first))
    begin, end = told("initial_clock", 0.0), told("final_clock", 1.0)
    share = (job.first - first) / (last - first) if last > first else 0.0
    clock = f"{begin + (end - begin) * share:.12g}"
    # The first frame of a range that begins with this clock; in a range of one frame it would be no number.
    here = job.first
    return [f"+KFI{here}", f"+KFF{here + 1}", f"+SF{here}", f"+EF{here}", f"+KI{clock}", f"+KF{clock}"]
