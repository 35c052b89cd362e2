"""The render process of a renderer that is a program: it stays, and starts the program frame by frame.

Started as ``python -I -m renderbus_farm.renderers.inside_command PARENT NAMED SCRATCH READABLE...``;
``NAMED`` is what ``catalogue.command_named`` knows the program by. It speaks the words of ``session``. What
it starts is confined as it is itself, and gone when its frame is.
"""

from __future__ import annotations

import faulthandler
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec

from renderbus_farm.processes import adopt_orphans, die_with_parent
from renderbus_farm.renderers.catalogue import command_named
from renderbus_farm.renderers.command import Command
from renderbus_farm.renderers.confine import confine
from renderbus_farm.renderers.inside import Wire
from renderbus_farm.renderers.job import CannotRender, Job
from renderbus_farm.renderers.run import Ended, run
from renderbus_farm.renderers.session import Open, Quit, Render, Simulate, Word
from renderbus_farm.rules import tiles
from renderbus_farm.rules.tiles import Box
from renderbus_farm.rules.work import Tile
from renderbus_model.frame_sets import RenderChoice

_PROGRESS_STEP_PERCENT = 0.5
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and bytes that are no UTF-8 as Python holds them."""


class _Died(Exception):
    """The program was killed by a signal."""


class Program:
    """The program in this process's care, and the scene that it is given."""

    def __init__(self, wire: Wire, command: Command, program: Path) -> None:
        self._wire = wire
        self._command = command
        self._program = program
        self._scene = Path()
        self._files = Path()
        self._told = 0.0

    def open(self, word: Open) -> dict[str, Any]:
        """The scene of the next frames, which the program opens anew for each; the facts of ``Opened``."""
        self._scene, self._files = Path(word.scene), Path(word.files)
        return {"files": []}

    def render(self, word: Render) -> dict[str, Any]:
        """Render a frame; the facts of ``Rendered``."""
        choice, folder = word.choice, Path(word.folder)
        box = _box(word.tile, choice) if word.tile else None
        caches = Path(word.caches) if word.caches else None
        self._run(self._job(choice, folder, (word.number, word.number, 1), caches, box))
        pictures, extras = _written(folder, word.number)
        if not pictures:
            raise CannotRender("the program ended well and wrote no picture; its log may say why")
        width, height = choice.width, choice.height
        facts: dict[str, Any] = {"pictures": pictures, "extras": extras, "box": None}
        if box and self._command.crops:
            width, height = box[2] - box[0], box[3] - box[1]
        elif box:
            facts["box"] = box
        return {**facts, "width": width if height else 0, "height": height if width else 0}

    def simulate(self, word: Simulate) -> dict[str, Any]:
        """Run a simulation from its first frame to its last; the facts of ``Rendered``."""
        folder = Path(word.folder)
        caches = Path(word.caches) if word.caches else None
        self._run(self._job(word.choice, folder, (word.first, word.last, word.step), caches, simulates=True))
        files = _files(folder)
        if not files:
            raise CannotRender("the simulation ended well and wrote no file; its log may say why")
        return {"pictures": [], "extras": files, "width": 0, "height": 0}

    def _job(
        self,
        choice: RenderChoice,
        folder: Path,
        frames: tuple[int, int, int],
        caches: Path | None,
        box: Box | None = None,
        simulates: bool = False,
    ) -> Job:
        return Job(
            scene=self._scene,
            files=self._files,
            folder=folder,
            first=frames[0],
            last=frames[1],
            step=frames[2],
            simulates=simulates,
            layer=choice.layer,
            camera=choice.camera,
            engine=choice.engine,
            image_format=choice.image_format,
            width=choice.width,
            height=choice.height,
            samples=choice.samples,
            box=box,
            caches=caches,
            settings=dict(choice.settings),
        )

    def _run(self, job: Job) -> None:
        command = [str(self._program), *self._command.arguments(job)]
        environment = {**os.environ, **self._command.environment(job)}
        self._told = 0.0
        place = self._command.working_folder(job)
        ended = run(command, place, environment, self._see, lambda: self._confine(job))
        if ended.status < 0:
            raise _Died(self._failure(ended))
        if ended.status:
            raise CannotRender(self._failure(ended))

    def _confine(self, job: Job) -> None:
        """The program sees this task's files and writes this frame's: others of the node lie beside them."""
        caches = [str(job.caches)] if job.caches else []
        readable = [*_lies_at(self._program), str(job.files.parent), *caches]
        confine(readable, [str(job.folder), os.environ.get("TMPDIR", str(job.folder))])

    def _see(self, line: str) -> None:
        percent = self._command.progress(line)
        if percent is not None and percent >= self._told + _PROGRESS_STEP_PERCENT:
            self._told = percent
            self._wire.say("progress", percent=min(99.0, percent))

    def _failure(self, ended: Ended) -> str:
        reason = self._command.complaint(ended.last_lines) or "\n".join(ended.last_lines[-3:])
        return f"{self._program.name} {ended.how}" + (f": {reason}" if reason else " and said nothing")


def _box(tile: Tile, choice: RenderChoice) -> Box:
    width, height = choice.width, choice.height
    if not (width and height):
        raise CannotRender("a frame is cut into tiles by its size, which nobody chose; choose a resolution")
    if tiles.too_small(tile.count, tile.kind, width, height):
        raise CannotRender(f"a picture of {width}x{height} pixels has no {tile.count} tiles")
    return tiles.box(tile.index, tile.count, tile.kind, width, height)


def _written(folder: Path, number: int) -> tuple[list[str], list[str]]:
    """Pictures and other files; a frame number that the program put behind the picture's name goes."""
    pictures = []
    numbered = re.compile(rf"picture[._-]?-?0*{abs(number)}")
    for name in _files(folder):
        path = folder / name
        if path.parent == folder and name.startswith("picture"):
            if numbered.fullmatch(path.stem):
                path = path.rename(path.with_stem("picture"))
            pictures.append(path.name)
    return pictures, [name for name in _files(folder) if name not in pictures]


def _files(folder: Path) -> list[str]:
    """All plain files below a folder, by their names in it; links are left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = [str(path.relative_to(folder)) for path in found]
    for name in names:
        if _NO_TEXT.search(name):  # neither can it be delivered, nor said in a word
            raise CannotRender(f"the program wrote a file of a name that is no text: {name!a}")
    return names


def _lies_at(program: Path) -> tuple[str, ...]:
    """What of the disk a program is: itself, what lies beside it, and the same where it is a link."""
    there = program.resolve()
    return str(program), str(program.parent), str(there), str(there.parent)


def _answer(asked: Word, wire: Wire, program: Program) -> None:
    try:
        if isinstance(asked, Open):
            wire.answer("opened", **program.open(asked))
        elif isinstance(asked, Simulate):
            wire.answer("rendered", **program.simulate(asked))
        elif isinstance(asked, Render):
            wire.answer("rendered", **program.render(asked))
    except _Died as error:
        wire.answer("refused", message=str(error), died=True)
    except CannotRender as error:
        wire.answer("refused", message=str(error))
    except OSError as error:
        traceback.print_exc()
        wire.answer("refused", message=f"the program could not be run: {error}")


def main(arguments: list[str]) -> None:
    """Serve the worker until it says quit or has gone."""
    named, scratch, *readable = arguments
    wire = Wire()
    faulthandler.enable()
    adopt_orphans()
    command = command_named(named)
    program = command.program()
    if program is None:
        wire.answer("refused", message="its program is no longer on this node")
        return
    confined = confine([*readable, *_lies_at(program)], [scratch])
    engines = list(command.engines)
    wire.answer("hello", version=command.version() or "", engines=engines, confined=confined)
    serving = Program(wire, command, program)
    for words in wire.words():
        asked = msgspec.convert(words, Word)
        if isinstance(asked, Quit):
            return
        _answer(asked, wire, serving)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    main(sys.argv[2:])
