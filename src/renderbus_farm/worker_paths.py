"""From a path as a scene writes it to the uploaded file that it means."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from renderbus_model.paths import BadPath, FarmPath, checked_farm_path, farm_path, is_absolute_anywhere
from renderbus_model.scene import Reference, Spread
from renderbus_scenes.sequences import Listing
from renderbus_scenes.sequences import Match as Found

_UNUSABLE = "/unusable-path"  # where a path points that no file can have; nothing is ever laid out there
_TOLD_AT_MOST = 5


class MissingFile(msgspec.Struct, frozen=True):
    """A file that a scene names and that was not uploaded.

    Attributes:
        owner: the .blend that names it.
        what: data-block and path as written.
        why: what was looked for.
        target: the farm path where it was looked for.
        is_library: it is another .blend.
    """

    owner: FarmPath
    what: str
    why: str
    target: str
    is_library: bool = False

    def line(self, scene: FarmPath) -> str:
        """One line for the user of ``scene``."""
        within = "" if self.owner == scene else f" in {self.owner}"
        return f"{self.what}{within} {self.why}"


@dataclass(frozen=True, slots=True)
class Match:
    """Where a scene shall look, as farm path (a pattern stays one); ``why`` says what is missing there."""

    path: str
    why: str = ""


def folder_of(path: str) -> str:
    """The folder of a farm path, without a slash at its end."""
    return path.rstrip("/").rpartition("/")[0]


def farm_location(reference: Reference, folder: str) -> str:
    """The farm path that a reference means, in a .blend that lies in ``folder``; not yet that it exists.

    >>> from renderbus_model.scene import Kind
    >>> wood = Reference("wood", "Image", "name", "//..\\\\tex\\\\wood.png", Kind.TEXTURE)
    >>> farm_location(wood, "/D/shots/010")
    '/D/shots/tex/wood.png'
    """
    if reference.library:
        folder = folder_of(_absolute(reference.library, folder))
    return _absolute(reference.path, folder)


def _absolute(path: str, folder: str) -> str:
    # Blender's own mark for "beside this file" comes before everything that looks like a network path.
    relative = path.startswith("//") or not is_absolute_anywhere(path)
    if relative:
        path = f"{folder}/{path.removeprefix('//')}".replace("\\", "/")
    elif not path.startswith("/"):
        path = path.replace("\\", "/")
    try:
        if re.match(r"[A-Za-z]:/", path):
            return farm_path(path[:3] + _normal(path[3:]).lstrip("/"))
        return checked_farm_path(_normal(path))
    except BadPath:
        return _UNUSABLE


def _normal(path: str) -> str:
    """Without ``..``; what would lead above the root stays below it, as on every file system."""
    return posixpath.normpath("/" + path.lstrip("/"))


class FoundFiles:
    """The uploaded files, by folder; letter case is forgiven where that leaves one choice."""

    def __init__(self, paths: Iterable[FarmPath]) -> None:
        names: defaultdict[str, list[str]] = defaultdict(list)
        self._by_lower: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            folder, _, name = path.rpartition("/")
            names[folder].append(name)
            self._by_lower[path.lower()].append(path)
            while folder and folder not in self._by_lower[folder.lower()]:
                self._by_lower[folder.lower()].append(folder)
                folder = folder_of(folder)
        self._listings = {folder: Listing(entries) for folder, entries in names.items()}

    def find(self, wanted: str, reference: Reference) -> Match:
        """Where the files of a reference lie that means ``wanted``."""
        if wanted == _UNUSABLE:
            return Match(wanted, "has a path that no farm can store")
        folder, _, name = wanted.rpartition("/")
        folder = self._spelled(folder) or folder
        if reference.names:
            lost = [other for other in reference.names if not self._matching(folder, other)]
            return Match(f"{folder}/{reference.names[0]}", _told(lost, folder))
        if reference.spread is Spread.FOLDER:
            # A folder of caches may still be empty: Blender makes it when it simulates.
            return Match(self._spelled(wanted) or wanted)
        if reference.spread is not Spread.ONE and (found := self._matching(folder, name, reference.spread)):
            return Match(f"{folder}/{name}", _told(_lost_tiles(found, reference.tiles), folder))
        if spelled := self._spelled(wanted):
            return Match(spelled)
        if reference.spread is not Spread.ONE:
            return Match(wanted, f"was not uploaded (nothing matches {wanted})")
        return Match(wanted, f"was not uploaded (looked for {wanted})")

    def _spelled(self, wanted: str) -> str:
        choices = self._by_lower.get(wanted.lower(), [])
        if wanted in choices:
            return wanted
        return choices[0] if len(choices) == 1 else ""

    def _matching(self, folder: str, name: str, spread: Spread = Spread.ONE) -> list[Found]:
        # Case is not forgiven inside a pattern: Blender puts the numbers in, and would not find the file.
        return self._listings[folder].matching(name, spread) if folder in self._listings else []


def _lost_tiles(found: list[Found], tiles: Iterable[int]) -> list[str]:
    if not found[0].number.isdigit():
        return []
    have = {match.number for match in found}
    before, _, after = found[0].asked.rpartition(found[0].number)
    return [f"{before}{tile}{after}" for tile in tiles if str(tile) not in have]


def _told(names: list[str], folder: str) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _TOLD_AT_MOST} more" if len(names) > _TOLD_AT_MOST else ""
    were = "was" if len(names) == 1 else "were"
    return f"is not complete: {', '.join(names[:_TOLD_AT_MOST])}{more} of {folder} {were} not uploaded"
