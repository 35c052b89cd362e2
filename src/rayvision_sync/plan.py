"""What must move, and where it goes: worked out from names alone, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rayvision_sync.exception import RefusedPath
from rayvision_sync.places import output_parts, part_name, refuse_shared
from renderbus_model.paths import BadPath, FarmPath, checked_farm_path
from renderbus_model.wire.transfer import OutputFile


def planned_upload(files: Iterable[tuple[str | Path, str]]) -> dict[FarmPath, str]:
    """Which local file each farm path shall be; where a farm path comes twice, the later file holds.

    Raises:
        RefusedPath: a farm path leads out of its place, or a local path is none.
    """
    wanted: dict[FarmPath, str] = {}
    for local, path in files:
        try:
            wanted[checked_farm_path(path)] = str(local)
        except BadPath as error:
            raise RefusedPath(path, error.why) from error
        if not str(local) or "\0" in str(local):
            raise RefusedPath(str(local), "is no path of a file here")
    return wanted


@dataclass(frozen=True, slots=True)
class Placed:
    """A result and its place below the user's folder; ``part`` is its name while it is not whole."""

    output: OutputFile
    parts: tuple[str, ...]
    part: str


def planned_download(outputs: Iterable[OutputFile], strip: str) -> list[Placed]:
    """Where each result goes; ``strip`` is left out at the front of the paths.

    Raises:
        RefusedPath: a place outside the folder, or one place for two results.
    """
    places = [(output, output_parts(output.path, strip)) for output in outputs]
    refuse_shared((output.path, parts) for output, parts in places)
    taken = {parts for _, parts in places}
    placed = []
    for output, parts in places:
        part = part_name(parts[-1], output.digest)
        while (*parts[:-1], part) in taken:  # somebody's result is really called x.png.part
            part = f"_{part}"
        placed.append(Placed(output, parts, part))
    return placed
