"""Local paths: where the farm keeps them, what is below a folder, where what has no other place goes."""

from __future__ import annotations

import itertools
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rayvision_api.exception import TYPE_ERROR, RayvisionError
from renderbus_model.paths import BadPath, farm_path

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def convert_path(path: str | os.PathLike[str]) -> str:
    """Where the farm keeps a local file.

    >>> convert_path("D:/a/b.c"), convert_path("/home/ann/b.c")
    ('/D/a/b.c', '/home/ann/b.c')

    Raises:
        RayvisionError: 1000003, it is no path, is relative, or cannot be kept by the farm.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise RayvisionError(TYPE_ERROR, f"expected a path, got {type(path).__name__}")
    try:
        return farm_path(os.fspath(path))
    except BadPath as error:
        raise RayvisionError(TYPE_ERROR, str(error)) from error


def files_below(folder: str) -> Iterator[str]:
    """Every file below a folder, by name; links to folders are followed, but not in circles.

    A folder that cannot be read gives nothing.

    >>> [path.rpartition("/")[2] for path in files_below(folder)]
    ['shot.blend', 'task.json', 'upload.json']
    """
    yield from _files_below(folder, frozenset())


def _files_below(folder: str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(folder)  # noqa: PTH116  (a Path would change the spelling of what is listed)
        itself = (status.st_dev, status.st_ino)
        if itself in above:
            return
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files_below(entry.path, above | {itself})
        else:
            yield entry.path


def forward(path: str) -> str:
    """A path with forward slashes.

    >>> forward("D:/tex\\\\a.png"), forward("/tex/a.png")
    ('D:/tex/a.png', '/tex/a.png')
    """
    # Only Windows paths use the backslash as separator; on Linux it is an ordinary character.
    return path.replace("\\", "/") if os.sep == "\\" or _WINDOWS.match(path) else path


def home_folder() -> Path:
    """``$HOME/renderfarm_sdk`` (``%USERPROFILE%`` on Windows): what has no other place.

    >>> home_folder().name
    'renderfarm_sdk'
    """
    home = os.environ.get("USERPROFILE" if sys.platform == "win32" else "HOME") or str(Path.home())
    return Path(home, "renderfarm_sdk")


def new_folder(workspace: str | Path) -> Path:
    """A folder of its own, named by the time (unix seconds); a second one in it gets a number too.

    >>> new_folder(folder) == new_folder(folder)
    False
    """
    exists_or_create(workspace)
    mark = str(int(time.time()))
    for number in itertools.count():
        folder = Path(workspace, f"{mark}_{number}" if number else mark)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("there is always a next number")


def absolute(path: str | os.PathLike[str]) -> str:
    """The path from the root on.

    >>> absolute("/shots/../shot.blend")
    '/shot.blend'
    """
    # Not resolved: the farm keeps a scene under the path it was named by, links included.
    return os.path.abspath(path)  # noqa: PTH100


def exists_or_create(folder: str | Path) -> bool:
    """Make a folder, and those above it, where it is not there yet; always True.

    >>> exists_or_create(f"{folder}/a/b")
    True
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    return True
