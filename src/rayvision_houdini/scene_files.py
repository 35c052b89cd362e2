"""The files of a Houdini scene on this machine, and asset.json as the published package writes it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

from rayvision_api.utils import files_below
from rayvision_utils.disk import Asset
from rayvision_utils.documents import forward
from rayvision_utils.look_up import LookUp
from rayvision_utils.scene_files import LookedUp, MissingFile, SceneFiles, content_of
from rayvision_utils.usd_layers import follow_layers
from rayvision_utils.whereabouts import Habits
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_model.paths import farm_path
from renderbus_model.scene import Reference
from renderbus_scenes.houdini import read_expanded, read_hip
from renderbus_scenes.houdini_archive import license_of
from renderbus_scenes.reader import read_as

MOST_FRAMES = 100_000
"""Of all ROPs together; beyond that, every frame of a sequence counts."""


def read_at(path: str, also: Collection[str] = ()) -> HoudiniScene:
    """The scene at a path: a file, or the folder of an expanded one; ``also`` as in ``read_hip``.

    Raises:
        BadScene: it is no Houdini scene, or damaged.
        OSError: it cannot be opened.
    """
    name = PurePath(path).name
    if Path(path).is_dir():
        files = {forward(os.path.relpath(each, path)): each for each in files_below(path)}
        return read_expanded(files, lambda member: Path(files[member]).read_bytes(), name)
    content = content_of(path)
    if license_of(bytes(memoryview(content)[:6])) is None:
        return read_as(HoudiniScene, content, name)  # says what it is instead
    return read_hip(content, name, also=also)


def frames_needed(scene: HoudiniScene) -> frozenset[int]:
    """The frames that are rendered; empty where that says nothing about what is read."""
    rendering = [driver for driver in scene.drivers if driver.purpose.writes_pictures and not driver.bypassed]
    ranges = [range(driver.start, driver.end + 1, driver.step) for driver in rendering]
    if not ranges or sum(map(len, ranges)) > MOST_FRAMES:
        return frozenset()
    return frozenset().union(*ranges)


def variables_of(scene: HoudiniScene, path: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What variables mean: the environment, then what the scene sets, then where it lies now."""
    here = forward(path)
    return {
        **environ,
        **scene.variables,
        "HIP": os.path.dirname(here),  # noqa: PTH120  (text: a Path would drop the ".." that links need)
        "HIPFILE": here,
        "HIPNAME": PurePath(here).stem,
    }


def find_files(
    scene: HoudiniScene, path: str, habits: Habits, environ: Mapping[str, str] = os.environ
) -> SceneFiles:
    """Look for everything that the scene at ``path`` reads. What no value is known for is not missing."""
    variables = variables_of(scene, path, environ)
    look_up = LookUp(habits, frames_needed(scene))
    files = SceneFiles()
    for reference in scene.inputs:
        answer = look_up.find(reference, variables["HIP"], variables, saved_in=scene.hip)
        for asset in answer.assets:
            files.assets.setdefault(asset.server, asset)
        why = "" if reference.optional or answer.unknown else answer.why
        if answer.unknown and not reference.optional:
            files.unresolved.append(MissingFile(reference, "", answer.why))
        if why:
            files.missing.append(MissingFile(reference, "", why))
        found = tuple(asset.local for asset in answer.assets)
        files.looked_up.append(LookedUp(reference, "", found, why, answer.how))
    follow_layers(files, look_up, variables)
    files.assets.pop(farm_path(path), None)
    if Path(path).is_dir():
        for each in files_below(path):
            asset = Asset(each, farm_path(forward(each)), Path(each).stat().st_mtime)
            files.assets.setdefault(asset.server, asset)
    return files


def asset_document(files: SceneFiles) -> dict[str, dict[str, Any]]:
    """``Normal`` and ``Miss``: by node, the value as written and the files it leads to.

    A node's second file parameter and those after it are listed under ``node/parameter``. A sequence that is
    there in part is in both.
    """
    document: dict[str, dict[str, Any]] = {"Normal": {}, "Miss": {}}
    for each in files.looked_up:
        if not each.found and not each.why:
            continue
        if each.found or not each.why:
            _enter(document["Normal"], each.reference, [forward(path) for path in each.found])
        if each.why:
            _enter(document["Miss"], each.reference, [])
    return document


def _enter(part: dict[str, Any], reference: Reference, files: list[str]) -> None:
    key = reference.node or reference.path
    part[f"{key}/{reference.attribute}" if key in part else key] = [reference.path, files]
