"""The files of a POV-Ray scene and of what it includes, on this machine.

Relative paths start from the scene's folder, also in included files: there POV-Ray looks while it renders.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import PurePath

from rayvision_utils.look_up import LookUp
from rayvision_utils.scene_files import LookedUp, MissingFile, SceneFiles, content_of
from rayvision_utils.whereabouts import Habits
from renderbus_model.paths import farm_path
from renderbus_model.povray_scene import PovrayScene
from renderbus_model.scene import Kind
from renderbus_scenes.errors import BadScene
from renderbus_scenes.povray import read_pov

MOST_INCLUDES = 10_000


def find_files(scene: PovrayScene, path: str, habits: Habits) -> SceneFiles:
    """Look for everything that the scene at ``path`` reads, and follow what it includes; each file once."""
    found = SceneFiles()
    looking = LookUp(habits)
    folder = os.path.dirname(path)  # noqa: PTH120  (text: a Path would drop the ".." that links need)
    waiting = deque([(path, scene)])
    while waiting:
        owner, facts = waiting.popleft()
        library = "" if owner == path else owner
        for reference in facts.inputs:
            answer = looking.find(reference, folder, {})
            why = "" if reference.optional else answer.why
            for asset in answer.assets:
                found.assets.setdefault(asset.server, asset)
            places = tuple(asset.local for asset in answer.assets)
            if reference.kind is Kind.REFERENCE and places:
                included = _included(found, places[0], path)
                if isinstance(included, PovrayScene):
                    waiting.append((places[0], included))
                why = why or (included if isinstance(included, str) else "")
            if why:
                found.missing.append(MissingFile(reference, library, why))
            found.looked_up.append(LookedUp(reference, library, places, why, answer.how))
    found.assets.pop(farm_path(path), None)
    return found


def _included(found: SceneFiles, place: str, scene: str) -> PovrayScene | str:
    """What an included file holds, the first time; else "", or why it cannot be read."""
    if place == scene or place in found.libraries:
        return ""
    if len(found.libraries) >= MOST_INCLUDES:
        return f"is one of more than {MOST_INCLUDES} included files, and was not followed"
    try:
        facts = read_pov(content_of(place), PurePath(place).name)
    except BadScene as error:
        return f"cannot be read: {error.why}"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    found.libraries[place] = facts
    return facts
