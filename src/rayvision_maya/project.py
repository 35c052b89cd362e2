"""The project folder of a Maya scene, and the scenes that it refers to: read from disk."""

from __future__ import annotations

import os
from pathlib import Path

from rayvision_maya.places import Project
from renderbus_scenes.maya_workspace import FILE_NAME, LARGEST_BYTES, parse_rules

DEEPEST_FOLDER = 64
"""Folders above a scene that are looked at for a project."""


def project_of(scene: str, given: str | None, once: tuple[str, ...] = (), root: str = "") -> Project:
    """The project of a scene: the folder ``given``, else the nearest project above it, else its own folder.

    Args:
        scene: absolute path of the scene.
        once: project folders that the scene's paths show.
        root: nothing above this folder is looked at.
    """
    folder = os.path.dirname(scene)  # noqa: PTH120  (text: a Path would drop the ".." that links need)
    if given:
        folder = os.path.abspath(given)  # noqa: PTH100  (as above)
    else:
        above = Path(folder)
        for candidate in (above, *above.parents)[:DEEPEST_FOLDER]:
            if root and not candidate.is_relative_to(root):
                break
            if (candidate / FILE_NAME).is_file():
                folder = str(candidate)
                break
    return Project(folder, _rules(Path(folder, FILE_NAME)), once)


def _rules(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            return parse_rules(file.read(LARGEST_BYTES).decode("utf-8", "surrogateescape"))
    except OSError:
        return {}
