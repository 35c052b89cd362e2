"""Local paths: where the farm keeps them, what is below a folder, where what has no other place goes."""

from __future__ import annotations

import os
import re
import sys
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


def exists_or_create(folder: str | Path) -> bool:
    """Make a folder, and those above it, where it is not there yet; always True.

    >>> exists_or_create(f"{folder}/a/b")
    True
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    return True
