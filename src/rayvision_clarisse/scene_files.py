"""The files of a Clarisse project and of the projects it refers to, on this machine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from rayvision_utils.documents import forward
from rayvision_utils.look_up import LookUp
from rayvision_utils.scene_files import LookedUp, MissingFile, SceneFiles, read_scene_as
from rayvision_utils.usd_layers import follow_layers
from rayvision_utils.whereabouts import Habits
from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.paths import farm_path
from renderbus_model.scene import Kind, Reference
from renderbus_scenes.errors import BadScene

MOST_LEVELS = 64
"""References in references; deeper ones are told and not followed."""

MOST_PROJECTS = 10_000


@dataclass(slots=True)
class ProjectFiles:
    """What a project and those it refers to name.

    Attributes:
        circles: references that lead back to a project that refers to them, as sentences.
    """

    files: SceneFiles = field(default_factory=SceneFiles)
    circles: list[str] = field(default_factory=list)


def variables_of(path: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What variables mean in the project at ``path``."""
    here = forward(path)
    folder = os.path.dirname(here)  # noqa: PTH120  (text: a Path would drop the ".." that links need)
    return {**environ, "PDIR": folder, "PNAME": PurePath(here).stem}


def find_files(
    scene: ClarisseScene, path: str, habits: Habits, environ: Mapping[str, str] = os.environ
) -> ProjectFiles:
    """Look for everything that the project at ``path`` reads, and follow its references to projects.

    A project is read once, however often it is referred to; one that refers to itself, over others or
    not, is told.
    """
    found = ProjectFiles()
    looking = LookUp(habits)
    waiting: deque[tuple[str, ClarisseScene, tuple[str, ...]]] = deque([(path, scene, (path,))])
    while waiting:
        owner, facts, way = waiting.popleft()
        variables = variables_of(owner, environ)
        library = "" if owner == path else owner
        for reference in facts.inputs:
            answer = looking.find(reference, variables["PDIR"], variables)
            why = "" if reference.optional or answer.unknown else answer.why
            if answer.unknown and not reference.optional:
                found.files.unresolved.append(MissingFile(reference, library, answer.why))
            for asset in answer.assets:
                found.files.assets.setdefault(asset.server, asset)
            places = tuple(asset.local for asset in answer.assets)
            if reference.kind is Kind.REFERENCE and places and reference_is_project(reference):
                why = _follow(found, reference, places[0], way, waiting) or why
            if why:
                found.files.missing.append(MissingFile(reference, library, why))
            found.files.looked_up.append(LookedUp(reference, library, places, why, answer.how))
    follow_layers(found.files, looking, variables_of(path, environ))
    found.files.assets.pop(farm_path(path), None)
    return found


def reference_is_project(reference: Reference) -> bool:
    """Whether the file is one that this package reads."""
    return reference.path.lower().endswith((".project", ".render"))


def _follow(
    found: ProjectFiles,
    reference: Reference,
    place: str,
    way: tuple[str, ...],
    waiting: deque[tuple[str, ClarisseScene, tuple[str, ...]]],
) -> str:
    """Read the project at ``place`` and put it in line: why that is not possible, "" when it is."""
    if place in way:
        names = " -> ".join(PurePath(each).name for each in (*way[way.index(place) :], place))
        found.circles.append(f"{reference}: leads in a circle ({names})")
        return ""
    if place in found.files.libraries:
        return ""
    if len(way) >= MOST_LEVELS or len(found.files.libraries) >= MOST_PROJECTS:
        return f"is more than {MOST_LEVELS} references deep, and was not followed"
    try:
        facts = read_scene_as(ClarisseScene, place)
    except BadScene as error:
        return f"cannot be read: {error.why}"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    found.files.libraries[place] = facts
    waiting.append((place, facts, (*way, place)))
    return ""
