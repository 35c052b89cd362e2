"""Where an analysis is kept: a folder of its own in the workspace."""

from __future__ import annotations

import os
import time
from pathlib import Path


def absolute(path: str | os.PathLike[str]) -> str:
    """The path from the root on."""
    # Not resolved: the farm keeps a scene under the path it was named by, links included.
    return os.path.abspath(path)  # noqa: PTH100


def new_folder(workspace: Path) -> Path:
    """A folder of its own, named by the time (unix seconds); a second one in it gets a number too."""
    mark = str(int(time.time()))
    number = 0
    while True:
        folder = workspace / (f"{mark}_{number}" if number else mark)
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder
