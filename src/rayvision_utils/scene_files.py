"""The files that a scene and its libraries name: found on disk, or missing and by whom.

A folder is listed once, however many references lead into it; nothing is looked up one by one.
"""

from __future__ import annotations

import mmap
import os
import posixpath
import stat
import sys
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from rayvision_utils.disk import Asset, Disk
from rayvision_utils.places import NotOnThisMachine, place_of
from rayvision_utils.whereabouts import Habits, places
from renderbus_model.any_scene import AnyScene
from renderbus_model.paths import BadPath, FarmPath, farm_path
from renderbus_model.scene import Kind, Reference, SceneFacts, Spread
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read_as
from renderbus_scenes.unpack import Content

_Facts = TypeVar("_Facts", bound=AnyScene)

MAPPED_FROM_BYTES = 64 << 20
"""From this size on a file is mapped instead of read, so that a raw scene of gigabytes is not copied."""


HERE = Habits(windows=sys.platform == "win32")
"""This machine, with no other place to look in."""


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A reference that leads to no file.

    Attributes:
        library: path here of the library that holds the reference, "" for the scene itself.
        why: what was looked for, as the end of a sentence.
    """

    reference: Reference
    library: str
    why: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A reference, and what it led to.

    Attributes:
        library: path here of the library that holds the reference, "" for the scene itself.
        found: the files here, absolute.
        why: what is missing, as the end of a sentence; "" where nothing is that the scene needs.
        how: how it was found where the path itself does not lead, "" where it does.
    """

    reference: Reference
    library: str
    found: tuple[str, ...]
    why: str
    how: str = ""


@dataclass(slots=True)
class SceneFiles:
    """What a scene names, libraries within libraries included.

    Attributes:
        looked_up: every reference that is read when the scene renders, in file order.
        assets: by farm path, in the order found; the scene itself is not among them.
        unresolved: references that could not be looked for, because variables in them have no value here.
        not_followed: files that name further ones and could not be looked into, as sentences.
        libraries: what the scene needs of each library, by its path here.
    """

    looked_up: list[LookedUp] = field(default_factory=list)
    assets: dict[FarmPath, Asset] = field(default_factory=dict)
    missing: list[MissingFile] = field(default_factory=list)
    unresolved: list[MissingFile] = field(default_factory=list)
    not_followed: list[str] = field(default_factory=list)
    libraries: dict[str, AnyScene] = field(default_factory=dict)


def read_scene(path: str, only: Collection[str] | None = None) -> SceneFacts:
    """What a Blender scene on disk holds; ``only`` as in ``renderbus_scenes.reader.read``.

    Raises:
        BadScene, OSError: see ``read_scene_as``.
    """
    return read_scene_as(SceneFacts, path, only)


def read_scene_as(kind: type[_Facts], path: str, only: Collection[str] | None = None) -> _Facts:
    """What a scene of one application on disk holds.

    Raises:
        BadScene: see ``renderbus_scenes.reader.read_as``.
        OSError: it cannot be opened.
    """
    return read_as(kind, content_of(path), Path(path).name, only=only)


def content_of(path: str) -> Content:
    """The bytes of a scene: read, or mapped where they are many.

    Raises:
        BadScene: it is no ordinary file.
        OSError: it cannot be opened.
    """
    name = Path(path).name
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):  # before it is opened: a named pipe would keep us waiting
        raise BadScene(name, "is a folder" if stat.S_ISDIR(status.st_mode) else "is no ordinary file")
    with Path(path).open("rb") as file:
        if status.st_size < MAPPED_FROM_BYTES:
            return file.read()
        # Not closed by hand: an error that is on its way up still refers to the mapped bytes.
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def find_files(scene: str, facts: SceneFacts, habits: Habits = HERE) -> SceneFiles:
    """Look for everything that a scene names, and follow its libraries; circles among them are harmless.

    Of a library counts what the data-blocks lead to that are linked from it.

    Args:
        scene: absolute path of the scene.
        facts: what it holds.
        habits: how paths are read here, and where to look for what is not where its path says.
    """
    disk = _Places(habits)
    libraries = _Libraries(disk, scene, facts)
    libraries.follow()
    files = SceneFiles(libraries=dict(libraries.facts))
    for path, held in {scene: facts, **libraries.facts}.items():
        for reference, owner in _looked_up(held, path, scene):
            assets, why, how = disk.look_for(reference, owner)
            unreadable = libraries.unreadable.get(assets[0].local) if assets else None
            for asset in assets:
                files.assets.setdefault(asset.server, asset)
            library = path if path != scene else ""
            lost = (why if not reference.optional else "") or unreadable or ""
            if lost and _is_read(reference, held):
                files.missing.append(MissingFile(reference, library, unreadable or why))
            else:
                lost = ""
            here = tuple(each.local for each in assets)
            files.looked_up.append(LookedUp(reference, library, here, lost, how))
    files.assets.pop(farm_path(scene), None)
    return files


def _looked_up(facts: SceneFacts, path: str, scene: str) -> Iterator[tuple[Reference, str]]:
    """What the .blend at ``path`` reads, and from which .blend's folder its relative paths start."""
    for reference in facts.inputs:
        yield reference, path
    for cache in facts.disk_caches:
        owner = scene if cache.folder_of_scene else path
        yield cache.reference(Path(owner).name), owner


def _is_read(reference: Reference, facts: SceneFacts) -> bool:
    """Whether Blender opens the file: not a library of which the scene only holds packed copies (5.0 on)."""
    return reference.kind is not Kind.LIBRARY or any(link.library == reference.path for link in facts.links)


class _Libraries:
    """What a scene needs of its libraries, and those of theirs.

    Attributes:
        facts: by the library's path here, in the order found.
        unreadable: why a library could not be read, by its path.
    """

    def __init__(self, disk: _Places, scene: str, facts: SceneFacts) -> None:
        self.facts: dict[str, SceneFacts] = {}
        self.unreadable: dict[str, str] = {}
        self._disk = disk
        self._scene = scene
        self._wanted: dict[str, frozenset[str]] = {}
        self._waiting = deque([(scene, facts)])

    def follow(self) -> None:
        """Read each library, and once more when another one asks for further parts of it."""
        while self._waiting:
            path, facts = self._waiting.popleft()
            for reference in facts.inputs:
                if reference.kind is Kind.LIBRARY:
                    assets, *_ = self._disk.look_for(reference, path)
                    names = frozenset(link.name for link in facts.links if link.library == reference.path)
                    if assets and assets[0].local != self._scene:
                        self._read(assets[0].local, names)

    def _read(self, path: str, names: frozenset[str]) -> None:
        before = self._wanted.get(path, frozenset())
        if path in self.unreadable or (path in self.facts and names <= before):
            return
        self._wanted[path] = before | names
        try:
            self.facts[path] = read_scene(path, self._wanted[path])
        except (BadScene, OSError) as error:
            self.unreadable[path] = f"cannot be read: {_reason(error)}"
            return
        self._waiting.append((path, self.facts[path]))


def _reason(error: BadScene | OSError) -> str:
    return error.why if isinstance(error, BadScene) else error.strerror or str(error)


class _Places:
    """Where the files of references lie: where the path says, or where the user lets us look."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._disk = Disk(habits.windows, habits.root)

    def look_for(self, reference: Reference, owner: str) -> tuple[list[Asset], str, str]:
        """The files of a reference in the scene ``owner``, what is missing of them, and how they were found.

        The latter two are "" for nothing, and for where the path says.
        """
        windows = self._habits.windows
        folder = _folder(owner)
        try:
            if reference.library:
                folder = _folder(place_of(self._meant(reference.library), folder, windows=windows))
            place = place_of(self._meant(reference.path), folder, windows=windows)
            assets, why = self._disk.look_at(reference, place)
        except NotOnThisMachine as error:
            assets, why = [], error.why
        except BadPath as error:
            return [], f"has a path that no farm can keep: {error}", ""
        if why:
            found, how = self._elsewhere(reference, folder)
            if found:
                return found, "", how
        return assets, why, ""

    def _meant(self, path: str) -> str:
        return path if path.startswith("//") else self._habits.meant(path)  # "//" is Blender's own mark

    def _elsewhere(self, reference: Reference, folder: str) -> tuple[list[Asset], str]:
        """The files where a mapping or a folder of the search list has them all.

        The farm gets them under the path that the scene asks for, where rendering looks for them.
        """
        if not (self._habits.mapping or self._habits.search):
            return [], ""
        written = reference.path
        relative = written.startswith("//")
        asked = posixpath.normpath(f"{folder}/{written.lstrip('/')}") if relative else written
        named = written.lstrip("/") if relative else written
        whole = reference.spread is Spread.FOLDER
        for place in places(named, folder, self._habits, beside=False):
            if not place.how:
                continue
            try:
                found, why = self._disk.look_at(reference, place.path)
                here = farm_path(place.path if whole else _folder(place.path))
                there = farm_path(asked if whole else _folder(asked.replace("\\", "/")))
            except BadPath:
                continue
            if found and not why:
                return [replace(each, server=_below(there, here, each.server)) for each in found], place.how
        return [], ""


def _below(there: FarmPath, here: FarmPath, path: FarmPath) -> FarmPath:
    """A path below ``here`` at the same place below ``there``."""
    return farm_path(there.rstrip("/") + path[len(here.rstrip("/")) :])


def _folder(path: str) -> str:
    return os.path.dirname(path)  # noqa: PTH120  (text: a Path would drop the ".." that links need)
