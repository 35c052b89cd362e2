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

_UNUSABLE = "/unusable-path"  # where a path points that no file can have; nothing is ever laid out there
_TILE = {"<UDIM>": r"(?P<tile>[0-9]{4})", "<UVTILE>": r"u[0-9]+_v[0-9]+"}
_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")  # the last number of a name, which counts the frames
_TOLD_AT_MOST = 5


class MissingFile(msgspec.Struct, frozen=True):
    """A file that a scene names and that was not uploaded.

    Attributes:
        owner: the .blend that names it.
        what: data-block and path as written.
        why: what was looked for.
        target: the farm path where it was looked for.
    """

    owner: FarmPath
    what: str
    why: str
    target: str

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
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self._folders: set[str] = set()
        self._by_lower: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            folder, _, name = path.rpartition("/")
            self._names[folder].append(name)
            self._by_lower[path.lower()].append(path)
            while folder and folder not in self._folders:
                self._folders.add(folder)
                self._by_lower[folder.lower()].append(folder)
                folder = folder_of(folder)

    def find(self, wanted: str, reference: Reference) -> Match:
        """Where the files of a reference lie that means ``wanted``."""
        if wanted == _UNUSABLE:
            return Match(wanted, "has a path that no farm can store")
        if reference.names:
            return self._strip(wanted, reference.names)
        if reference.spread is Spread.FOLDER:
            # A folder of caches may still be empty: Blender makes it when it simulates.
            return Match(self._spelled(wanted) or wanted)
        if reference.spread is Spread.TILES:
            return self._tiles(wanted, reference.tiles)
        found = self._spelled(wanted)
        if found:
            return Match(found)
        if reference.spread is Spread.SEQUENCE:
            return self._sequence(wanted)
        return Match(wanted, f"was not uploaded (looked for {wanted})")

    def _spelled(self, wanted: str) -> str:
        choices = self._by_lower.get(wanted.lower(), [])
        if wanted in choices:
            return wanted
        return choices[0] if len(choices) == 1 else ""

    def _in_folder(self, wanted: str) -> tuple[str, list[str]]:
        folder = self._spelled(folder_of(wanted)) or folder_of(wanted)
        return folder, self._names.get(folder, [])

    def _strip(self, wanted: str, names: tuple[str, ...]) -> Match:
        folder, there = self._in_folder(wanted)
        return Match(
            f"{folder}/{names[0]}", _told([name for name in names if name not in set(there)], folder)
        )

    def _tiles(self, wanted: str, tiles: tuple[int, ...]) -> Match:
        folder, there = self._in_folder(wanted)
        name = wanted.rpartition("/")[2]
        if not any(mark in name for mark in _TILE):  # 2.8x wrote the first tile's own number
            name = re.sub(r"1001(?!.*1001)", "<UDIM>", name)
        found = [match for other in there if (match := _pattern(name).fullmatch(other))]
        if not found:
            return Match(wanted, f"was not uploaded (no file matches {folder}/{name})")
        have = {int(match["tile"]) for match in found if "tile" in match.groupdict()}
        lost = [name.replace("<UDIM>", str(tile)) for tile in tiles if have and tile not in have]
        return Match(f"{folder}/{wanted.rpartition('/')[2]}", _told(lost, folder))

    def _sequence(self, wanted: str) -> Match:
        folder, there = self._in_folder(wanted)
        name = wanted.rpartition("/")[2]
        number = _NUMBER.search(name)
        if number:
            before, after = re.escape(name[: number.start()]), re.escape(name[number.end() :])
            alike = re.compile(f"{before}[0-9]+{after}")
            if any(alike.fullmatch(other) for other in there):
                return Match(f"{folder}/{name}")
        return Match(wanted, f"was not uploaded (nothing of the sequence {wanted})")


def _pattern(name: str) -> re.Pattern[str]:
    text = re.escape(name)
    for mark, digits in _TILE.items():
        text = text.replace(re.escape(mark), digits, 1).replace(re.escape(mark), "[0-9]{4}")
    return re.compile(text)


def _told(names: list[str], folder: str) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _TOLD_AT_MOST} more" if len(names) > _TOLD_AT_MOST else ""
    were = "was" if len(names) == 1 else "were"
    return f"is not complete: {', '.join(names[:_TOLD_AT_MOST])}{more} of {folder} {were} not uploaded"
