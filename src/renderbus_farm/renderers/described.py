"""A renderer as the operator of a farm describes it, in a TOML file (docs/add-a-renderer.md).

Its number may be one of the operator's own, or that of an application that the farm knows and has no renderer
for.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from renderbus_farm.errors import BadSetting
from renderbus_farm.renderers.command import said_by
from renderbus_farm.renderers.job import (
    PLACEHOLDERS,
    CannotRender,
    Job,
    Template,
    filled,
    unknown_placeholders,
)
from renderbus_model.software import is_known


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says.

    Attributes:
        cg_id: the application's number.
        name: what lists call it.
        suffixes: of its scenes, without dots.
        program: a name on the search path, or a path relative to the file.
        arguments: for one frame; see ``job.Template``.
        tile_arguments: added for a part of a picture; without them tiles are refused.
        simulate_arguments: for a simulation, in place of ``arguments``; without them they are refused.
        crops: the picture of a part measures what the part does.
        version_arguments: make it print its version.
        version: where in that the version is: a regular expression with one group.
        progress: where in a line of its log the per cent are, likewise.
        complaint: where in a line the reason for a failure is; without it the last line counts.
        suffix: of its pictures, with the dot.
        engines: render engines that it has, as scenes name them.
        starts_in: ``output`` or ``scene``: the folder that it is started in.
        environment: variables that it needs.
    """

    cg_id: int
    name: str
    program: str
    arguments: Template
    suffixes: tuple[str, ...] = ()
    tile_arguments: Template = ()
    simulate_arguments: Template = ()
    crops: bool = True
    version_arguments: tuple[str, ...] = ("--version",)
    version: str = r"(\d+(?:\.\d+)+)"
    progress: str = r"(\d+(?:\.\d+)?) ?%"
    complaint: str = ""
    suffix: str = ""
    engines: tuple[str, ...] = ()
    starts_in: str = "output"
    environment: dict[str, str] = {}


class Described:
    """A command renderer made of a description; see ``command.Command``."""

    def __init__(self, description: Description, folder: Path) -> None:
        """``folder`` is that of the file."""
        self._it = description
        self._folder = folder
        self._progress = re.compile(description.progress)
        self._complaint = re.compile(description.complaint) if description.complaint else None

    @classmethod
    def read(cls, file: Path) -> Described:
        """Read a description.

        Raises:
            BadSetting: there is no such file, or something in it makes no sense.
        """
        try:
            found = msgspec.toml.decode(file.read_bytes(), type=Description)
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise BadSetting(str(file), "renderers", f"the description cannot be read: {error}") from error
        for name, why in _troubles(found):
            raise BadSetting(str(file), name, why)
        return cls(found, file.parent)

    @property
    def title(self) -> str:
        """What lists call it."""
        return self._it.name

    @property
    def cg_id(self) -> int:
        """The application's number."""
        return self._it.cg_id

    @property
    def engines(self) -> tuple[str, ...]:
        """Render engines that it has."""
        return self._it.engines

    @property
    def suffix(self) -> str:
        """Of its pictures, with the dot."""
        return self._it.suffix

    @property
    def tiles(self) -> bool:
        """It can render a part of a picture."""
        return bool(self._it.tile_arguments)

    @property
    def simulates(self) -> bool:
        """It can run simulations."""
        return bool(self._it.simulate_arguments)

    @property
    def crops(self) -> bool:
        """The picture of a part measures what the part does."""
        return self._it.crops

    def program(self) -> Path | None:
        """Beside the description, or on the search path."""
        beside = self._folder / self._it.program
        found = str(beside) if beside.is_file() else shutil.which(self._it.program)
        return Path(found).absolute() if found else None

    def version(self) -> str | None:
        """What the program says."""
        return self._said

    @cached_property
    def _said(self) -> str | None:
        program = self.program()
        found = program and re.search(self._it.version, said_by(program, self._it.version_arguments))
        return found[1] if found else None

    def arguments(self, job: Job) -> list[str]:
        """The description's, filled in."""
        if job.simulates and not self.simulates:
            raise CannotRender(f"{self.title} is not described to run simulations on this node")
        if job.box and not self.tiles:
            raise CannotRender(f"{self.title} cannot render a part of a picture; render without tiles")
        template = self._it.simulate_arguments if job.simulates else self._it.arguments
        return filled((*template, *(self._it.tile_arguments if job.box else ())), job)

    def working_folder(self, job: Job) -> Path:
        """As described."""
        return job.scene.parent if self._it.starts_in == "scene" else job.folder

    def environment(self, job: Job) -> dict[str, str]:  # noqa: ARG002  (others look at the job)
        """As described."""
        return dict(self._it.environment)

    def progress(self, line: str) -> float | None:
        """What the described place in a line says."""
        found = self._progress.search(line)
        try:
            return float(found[1]) if found else None
        except ValueError:
            return None

    def complaint(self, lines: Sequence[str]) -> str:
        """What the described place says, in the last line that has it."""
        found = [match[1] for line in lines if self._complaint and (match := self._complaint.search(line))]
        return found[-1] if found else ""


def _troubles(it: Description) -> list[tuple[str, str]]:
    """What in a description makes no sense, as name and reason."""
    found = []
    for name in ("version", "progress", "complaint"):
        text = getattr(it, name)
        try:
            if text and re.compile(text).groups != 1:
                found.append((name, f"{text!r}: expected a regular expression with one group"))
        except re.error as error:
            found.append((name, f"{text!r} is no regular expression: {error}"))
    for name in ("arguments", "tile_arguments", "simulate_arguments"):
        for unknown in unknown_placeholders(getattr(it, name)):
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            found.append((name, f"there is no {{{unknown}}}; known are {known}"))
    if not is_known(it.cg_id):
        found.append(("cg_id", f"{it.cg_id} is no application's number; your own are 9000 to 9999"))
    if it.starts_in not in ("output", "scene"):
        found.append(("starts_in", f"{it.starts_in!r} is neither output nor scene"))
    return found
