"""Where a result goes on this machine: always inside the folder the user named, whatever the farm says."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rayvision_sync.exception import RefusedPath, UnusableFolder
from renderbus_model.paths import LONGEST_PART_BYTES, BadPath, checked_farm_path

_WINDOWS_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE
)
_WINDOWS_REFUSED = re.compile(r'[<>:"|?*]')
PART_SUFFIX = ".part"


def output_parts(path: str, strip: str = "", *, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """The folders and the name of a result below the user's folder.

    Args:
        path: the farm's path of it, ``18164087_scene/l_ayer2/0001.png``.
        strip: what to leave out at the front, ``18164087_scene``; where it is the whole path, only the file's
            name stays.
        windows: make names that Windows refuses or gives a meaning to (``nul.png``, ``a:b``) into others.

    >>> output_parts("18_s/beauty/0001.png"), output_parts("18_s/beauty/0001.png", "18_s")
    (('18_s', 'beauty', '0001.png'), ('beauty', '0001.png'))

    Raises:
        RefusedPath: absolute, or it leads out of a folder on one system or another.
    """
    if path.startswith("/"):
        raise RefusedPath(path, "the farm sent an absolute path for a result")
    if "\\" in path:
        raise RefusedPath(path, "the farm sent a path with a backslash, a separator on Windows")
    try:
        parts = checked_farm_path(path)[1:].split("/")
    except BadPath as error:
        raise RefusedPath(path, f"the farm sent a path that {error.why}") from error
    front = [part for part in strip.split("/") if part not in ("", ".")]
    if front and parts[: len(front)] == front:
        parts = parts[len(front) :] or parts[-1:]
    return tuple(_windows_name(part) for part in parts) if windows else tuple(parts)


def _windows_name(name: str) -> str:
    """A name Windows takes as a plain file's."""
    name = _WINDOWS_REFUSED.sub(lambda found: f"%{ord(found[0]):02X}", name)
    if name[-1] in ". ":
        name = f"{name[:-1]}%{ord(name[-1]):02X}"
    return f"_{name}" if _WINDOWS_RESERVED.fullmatch(name) else name


IGNORES_CASE = sys.platform in ("win32", "darwin")


def refuse_shared(places: Iterable[tuple[str, Sequence[str]]], *, ignore_case: bool = IGNORES_CASE) -> None:
    """Two results must not overwrite each other, nor one be the folder of the other.

    Args:
        places: the farm's path of each, and its parts here.

    Raises:
        RefusedPath: two results have one place.
    """
    files: dict[tuple[str, ...], str] = {}
    folders: dict[tuple[str, ...], str] = {}
    for path, parts in places:
        key = tuple(part.casefold() for part in parts) if ignore_case else tuple(parts)
        other = files.setdefault(key, path)
        if other != path:
            raise RefusedPath(path, f"would be the same file here as {other!r}; download to other folders")
        for depth in range(1, len(key)):
            folders.setdefault(key[:depth], path)
    for key, path in files.items():
        if key in folders:
            raise RefusedPath(path, f"would be a file and the folder of {folders[key]!r} at once")


def part_name(name: str, digest: str) -> str:
    """What a file is called while it is not whole: ``name.part``, or by digest where that is too long."""
    part = name + PART_SUFFIX
    return part if len(os.fsencode(part)) <= LONGEST_PART_BYTES else digest[:40] + PART_SUFFIX


class Folder:
    """The folder that results go to. Links inside it are followed only while they stay inside.

    Raises:
        UnusableFolder: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        _make(path, parents=True)
        self.path = path
        self._real = path.resolve(strict=True)
        self._safe: set[Path] = set()

    def place(self, parts: Sequence[str]) -> Path:
        """The path of a result; the folders on the way are made.

        Raises:
            RefusedPath: a link on the way leads out of this folder.
            UnusableFolder: a folder cannot be made, e.g. since a file has its name.
        """
        here = self.path
        for part in parts[:-1]:
            here = here / part
            if here not in self._safe:
                _make(here)
                if not here.resolve(strict=True).is_relative_to(self._real):
                    raise RefusedPath(str(here), f"is a link that leads out of {self.path}; remove it")
                self._safe.add(here)
        return here / parts[-1]


def _make(folder: Path, *, parents: bool = False) -> None:
    try:
        folder.mkdir(parents=parents, exist_ok=True)
    except OSError as error:
        raise UnusableFolder(folder, error.strerror or str(error)) from error
