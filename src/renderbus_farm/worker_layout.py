"""A task's files laid out on a node, so that a scene sees the files of its task and nothing else.

Every file lies at its farm path below the layout's folder. Scenes and their libraries are not linked but
rewritten: each path they hold, whatever it looked like on the user's machine, becomes an absolute path inside
the layout, before Blender opens anything.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.blobs.contents import SEND_AGAIN, Damaged
from renderbus_farm.blobs.packs import PackMissing
from renderbus_farm.rules.work import Damage
from renderbus_farm.worker_cache import FileCache, link_or_copy
from renderbus_farm.worker_paths import FoundFiles, MissingFile, farm_location, folder_of
from renderbus_model.paths import FarmPath, is_absolute_anywhere
from renderbus_model.pieces import Digest, FileEntry, Manifest, WrongDigest, digest_of, digest_of_stream
from renderbus_model.scene import Kind, Reference, Role
from renderbus_scenes.blender import repath
from renderbus_scenes.povray import repath as repath_pov

LAYOUTS_KEPT = 3
"""So many are kept for the next chunk of the same files; users go back and forth between a few scenes."""

_BLEND = re.compile(r".*\.blend[0-9]*", re.IGNORECASE)
_POV = re.compile(r".*\.(?:pov|inc)", re.IGNORECASE)
_LIST = FarmPath("/the list of its files")
_SHORT = "s"  # folder of short names, for paths that do not fit into a scene's fixed fields


class CannotLayOut(Exception):
    """The files of a task cannot be laid out on this node; ``damage`` is what of them is damaged or gone."""

    def __init__(self, why: str, damage: Damage | None = None) -> None:
        super().__init__(why)
        self.damage = damage


class _Facts(msgspec.Struct, frozen=True):
    """What is kept beside a layout: what was found missing while it was made."""

    missing: tuple[MissingFile, ...]
    unreadable: dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a task on this node.

    Attributes:
        files: the folder below which each file lies at its farm path.
        missing: files that its scenes name and that were not uploaded.
        unreadable: scenes that could not be read and were therefore left out, with the reason.
    """

    files: Path
    missing: tuple[MissingFile, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)

    def path(self, farm: FarmPath) -> Path:
        """Where a file lies."""
        return self.files / farm.lstrip("/")

    def missing_for(
        self, scene: FarmPath, files: Iterable[str], lost_libraries: Iterable[str]
    ) -> list[MissingFile]:
        """The missing files that matter to ``scene``: its own, and those that its libraries really use.

        Args:
            files: absolute paths that the opened scene names, the loaded parts of its libraries included.
            lost_libraries: absolute paths of libraries that it missed something from.
        """
        used, lost = set(files), set(lost_libraries)

        def matters(file: MissingFile) -> bool:
            place = f"{self.files}{file.target}"
            return place in lost if file.is_library else file.owner == scene or place in used

        return [file for file in self.missing if matters(file)]

    def plain(self, log: bytes) -> bytes:
        """A log without this node's folders: what remains are farm paths."""
        return log.replace(os.fsencode(self.files), b"")


class Layouts:
    """The layouts of a node; for one thread."""

    def __init__(self, folder: Path, blobs: Blobs, cache: FileCache) -> None:
        self._folder = folder
        self._blobs = blobs
        self._cache = cache
        self._verified: set[Digest] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for unfinished in folder.glob("*.new"):
            shutil.rmtree(unfinished)

    def of(self, inputs: Digest) -> Layout:
        """The layout of a manifest's files, made if it is not there yet.

        Raises:
            CannotLayOut: a blob is missing or damaged, paths contradict each other, or the disk is full.
        """
        folder = self._folder / inputs
        facts = folder / "facts.json"
        try:
            if not facts.exists():
                self._make(inputs, folder)
                self._remove_old()
            os.utime(folder)
            found = msgspec.json.decode(facts.read_bytes(), type=_Facts)
        except (OSError, msgspec.DecodeError) as error:
            raise CannotLayOut(f"the task's files cannot be laid out on this node: {error}") from error
        except (BlobMissing, WrongDigest) as error:
            raise _not_stored(FileEntry(_LIST, inputs, 0), error) from error
        return Layout(folder / "files", found.missing, found.unreadable)

    def kept(self) -> frozenset[Digest]:
        """The manifests whose files are laid out."""
        return frozenset(Digest(path.name) for path in self._folder.iterdir() if path.suffix != ".new")

    def _make(self, inputs: Digest, folder: Path) -> None:
        with self._blobs.get(inputs) as stream:
            content = stream.read()
        if digest_of(content) != inputs:
            raise WrongDigest(inputs, digest_of(content))
        manifest = Manifest.decode(content)
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        try:
            facts = _Making(new, folder, manifest, self._blobs, self._cache, self._verified).make()
            (new / "facts.json").write_bytes(msgspec.json.encode(facts))
            shutil.rmtree(folder, ignore_errors=True)  # one without facts was never finished
            new.rename(folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def _remove_old(self) -> None:
        layouts = [path for path in self._folder.iterdir() if path.suffix != ".new"]
        layouts.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for old in layouts[LAYOUTS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _not_stored(entry: FileEntry, error: Exception) -> CannotLayOut:
    """A file of the task is not what was uploaded, or not there."""
    piece = error.piece if isinstance(error, Damaged) else None
    if isinstance(error, PackMissing):
        piece = next((one for one in entry.pieces if one.pack == error.name), None)
    # Where each piece is right and they make another file, nothing that is stored is damaged.
    damage = Damage(entry.path, entry.digest, piece) if piece or not entry.pieces else None
    why = str(error) if isinstance(error, Damaged) else f"file {entry.path}: {error}; {SEND_AGAIN}"
    return CannotLayOut(f"the task's files are not all on the farm: {why}", damage)


class _Making:
    """One layout while it is made in ``new``; paths in scenes are those of ``final``."""

    def __init__(
        self,
        new: Path,
        final: Path,
        manifest: Manifest,
        blobs: Blobs,
        cache: FileCache,
        verified: set[Digest],
    ) -> None:
        self._new = new / "files"
        self._shorts = new / _SHORT
        self._final = final
        self._manifest = manifest
        self._blobs = blobs
        self._cache = cache
        self._verified = verified
        self._missing: dict[MissingFile, None] = {}
        self._unreadable: dict[str, str] = {}
        self._short_of: dict[str, str] = {}

    def make(self) -> _Facts:
        """Write every file, scenes last: by then it is known which of them cannot be read."""
        self._new.mkdir(parents=True)
        scenes: dict[FarmPath, bytes] = {}
        for entry in self._manifest.files:
            self._take(entry, scenes)
        found = FoundFiles([entry.path for entry in self._manifest.files])
        for path, content in scenes.items():
            self._write_scene(path, content, found)
        return _Facts(tuple(self._missing), self._unreadable)

    def _take(self, entry: FileEntry, scenes: dict[FarmPath, bytes]) -> None:
        try:
            if _BLEND.fullmatch(entry.path) or _POV.fullmatch(entry.path):
                scenes[entry.path] = self._scene_content(entry)
            else:
                self._link(entry)
        except (BlobMissing, PackMissing, Damaged, WrongDigest) as error:
            raise _not_stored(entry, error) from error

    def _scene_content(self, entry: FileEntry) -> bytes:
        if entry.pieces:
            return self._cache.path(entry).read_bytes()
        with self._blobs.get(entry.digest) as stream:
            content = stream.read()
        if digest_of(content) != entry.digest:
            raise WrongDigest(entry.digest, digest_of(content))
        return content

    def _link(self, entry: FileEntry) -> None:
        target = self._new / entry.path.lstrip("/")
        if entry.pieces:
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(self._cache.path(entry), target)
            return
        self._blobs.link(entry.digest, target)
        if entry.digest in self._verified:
            return
        with target.open("rb") as stream:
            digest, _ = digest_of_stream(stream)
        if digest != entry.digest:
            raise WrongDigest(entry.digest, digest)
        self._verified.add(digest)

    def _write_scene(self, owner: FarmPath, content: bytes, found: FoundFiles) -> None:
        rewrite, resolve = (
            (repath_pov, self._resolve_pov) if _POV.fullmatch(owner) else (repath, self._resolve)
        )
        try:
            rewritten = rewrite(content, lambda reference: resolve(owner, reference, found), owner)
        except ValueError as error:  # BadScene, or a path in it that cannot be replaced
            self._unreadable[owner] = str(error)
            return
        target = self._new / owner.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(rewritten)

    def _resolve(self, owner: FarmPath, reference: Reference, found: FoundFiles) -> bytes | None:
        """Where the scene shall look instead; None leaves what is written: output goes where a chunk says."""
        if reference.role is Role.OUTPUT:
            return None
        wanted = farm_location(reference, folder_of(owner))
        match = found.find(wanted, reference)
        if match.why and reference.kind is not Kind.AUDIO:  # a picture does without its sound
            node = f"{reference.node_type.lower()} {reference.node!r}"
            what = f"{reference.kind.value} {reference.path!r} of {node}"
            is_library = reference.kind is Kind.LIBRARY
            self._missing[MissingFile(owner, what, match.why, match.path, is_library)] = None
        return self._fitting(match.path, reference.capacity)

    def _resolve_pov(self, owner: FarmPath, reference: Reference, found: FoundFiles) -> bytes | None:
        """POV-Ray finds relative paths by itself, from the folder of the scene that it renders."""
        return self._resolve(owner, reference, found) if is_absolute_anywhere(reference.path) else None

    def _fitting(self, path: str, capacity: int) -> bytes:
        target = os.fsencode(f"{self._final}/files{path}")
        if not capacity or len(target) <= capacity:
            return target
        folder, _, name = path.rstrip("/").rpartition("/")
        if folder not in self._short_of:
            self._short_of[folder] = str(len(self._short_of))
            self._shorts.mkdir(exist_ok=True)
            (self._shorts / self._short_of[folder]).symlink_to(f"{self._final}/files{folder}")
        return os.fsencode(f"{self._final}/{_SHORT}/{self._short_of[folder]}/{name}")
