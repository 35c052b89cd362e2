"""``AnalyzeBlender``: task.json, asset.json, upload.json and tips.json of a .blend file, without Blender.

>>> analysis = AnalyzeBlender("/projects/shot.blend", "5.0", project_name="Film")  # doctest: +SKIP
>>> analysis.analyse()  # doctest: +SKIP
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from rayvision_blender.constants import ENGINES, MOVIES, PACKAGE_NAME, RETIRED_ENGINES
from rayvision_blender.scene_document import picture_format, scene_document
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.exception import tips_code
from rayvision_utils.findings import content_findings
from rayvision_utils.scene_files import SceneFiles, find_files
from renderbus_model.scene import Scene, SceneFacts
from renderbus_model.software import Application

_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


class AnalyzeBlender(AnalyzeBase[SceneFacts]):
    """Analyses a Blender scene of any age; see ``AnalyzeBase`` for attributes and methods."""

    PACKAGE: ClassVar[str] = PACKAGE_NAME
    APPLICATION: ClassVar[Application] = Application.BLENDER
    KIND: ClassVar[type[SceneFacts]] = SceneFacts

    def why_not_rendered(self, facts: SceneFacts) -> str:
        """A file without scenes, as libraries may be, renders nothing."""
        return "" if facts.scenes else "holds no scene that could be rendered"

    def facts_when_chosen(self, facts: SceneFacts, scene_name: str | None) -> SceneFacts:
        """The same, with the chosen scene as the one that renders."""
        return replace(facts, active_scene=scene_name or facts.active_scene)

    def find_files(self, facts: SceneFacts) -> SceneFiles:
        """See ``rayvision_utils.scene_files.find_files``."""
        return find_files(self.cg_file, facts, self.habits)

    def scene_info(self, facts: SceneFacts) -> dict[str, Any]:
        """One entry per scene and view layer, see ``scene_document``."""
        return scene_document(facts)

    def findings(self, facts: SceneFacts) -> list[tuple[str, str]]:
        """What is to be told about the scene that renders, and about drivers anywhere in the file."""
        found = list(_version_findings(facts.version, self.software_version))
        if facts.big_endian:
            why = "open it in Blender 2.8 to 4.x and save it again"
            found.append((tips_code.BIG_ENDIAN, f"the scene was saved on a big-endian machine: {why}"))
        scene = facts.scene(facts.active_scene)
        if scene:
            found += _scene_findings(scene)
        return [*found, *content_findings(facts)]


def _version_findings(saved: str, chosen: str) -> Iterator[tuple[str, str]]:
    """A tip where the first two numbers of both versions differ."""
    wanted = _VERSION.search(chosen)
    known = _VERSION.search(saved)
    if wanted and known and (int(wanted[1]), int(wanted[2] or 0)) != (int(known[1]), int(known[2] or 0)):
        yield tips_code.VERSION_DIFFERS, f"the scene was saved by Blender {saved}, chosen is {chosen}"


def _scene_findings(scene: Scene) -> Iterator[tuple[str, str]]:
    if scene.engine in RETIRED_ENGINES:
        why = "Blender has it no longer since 2.80; choose Cycles and save the scene again"
        yield tips_code.RENDERER_UNSUPPORTED, f"scene {scene.name!r} uses the engine {scene.engine}: {why}"
    elif scene.engine not in ENGINES:
        why = "it does not come with Blender; choose Cycles and save the scene again"
        yield tips_code.RENDERER_UNSUPPORTED, f"scene {scene.name!r} uses the engine {scene.engine}: {why}"
    if not (scene.camera or scene.camera_switches or scene.edits):
        yield tips_code.NO_CAMERA, f"scene {scene.name!r} has no camera; choose one in its properties"
    if scene.format in MOVIES:
        instead = f"frames are rendered one by one, as {picture_format(scene)}"
        yield tips_code.MOVIE_AS_PICTURES, f"scene {scene.name!r} writes a movie ({scene.format}): {instead}"
    if scene.end < scene.start:
        why = f"ends at frame {scene.end}, before it starts at {scene.start}"
        yield tips_code.NO_FRAMES, f"scene {scene.name!r} {why}: only frame {scene.start} is rendered"
    if not any(layer.enabled for layer in scene.view_layers):
        why = "no view layer that is on for rendering; switch one on, or choose a layer"
        yield tips_code.NO_LAYER_ON, f"scene {scene.name!r} has {why}"
