"""From what a reader found to the report; which application it is decides how."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rayvision_utils.scene_files import SceneFiles
from renderbus_cli.scene_report.blender import blender_report
from renderbus_cli.scene_report.clarisse import clarisse_report
from renderbus_cli.scene_report.files import files_as_written, files_looked_up, links_within
from renderbus_cli.scene_report.houdini import houdini_report
from renderbus_cli.scene_report.maya import maya_report
from renderbus_cli.scene_report.povray import povray_report
from renderbus_cli.scene_report.shape import Problem, SceneReport
from renderbus_model.any_scene import AnyScene
from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_model.maya_scene import MayaScene
from renderbus_model.povray_scene import PovrayScene
from renderbus_model.tip_codes import ERROR_CODES


def report_of(
    facts: AnyScene,
    files: SceneFiles | None,
    findings: Iterable[tuple[str, str]],
) -> SceneReport:
    """The whole report.

    Args:
        files: what the references led to; None when the disk was left alone.
        findings: code and text of each tip.
    """
    named = facts.references
    scene = _scene(facts)
    further = links_within(files.looked_up, scene.references) if files else []
    return msgspec.structs.replace(
        scene,
        references=[*scene.references, *further],
        files=files_looked_up(named, files.looked_up) if files else files_as_written(named),
        problems=problems_of(findings),
    )


def problems_of(findings: Iterable[tuple[str, str]]) -> list[Problem]:
    """Findings with their levels, errors first."""
    found = [
        Problem(code=code, level="error" if code in ERROR_CODES else "warning", text=text)
        for code, text in findings
    ]
    return sorted(found, key=lambda each: each.level)


def _scene(facts: AnyScene) -> SceneReport:
    if isinstance(facts, MayaScene):
        return maya_report(facts)
    if isinstance(facts, HoudiniScene):
        return houdini_report(facts)
    if isinstance(facts, ClarisseScene):
        return clarisse_report(facts)
    if isinstance(facts, PovrayScene):
        return povray_report(facts)
    return blender_report(facts)


def exit_status(report: SceneReport) -> int:
    """0 for a clean scene, 1 when there are warnings, 2 when there are errors."""
    levels = {each.level for each in report.problems}
    return 2 if "error" in levels else 1 if levels else 0


def schema() -> bytes:
    """docs/analyse.schema.json: the JSON schema of the report."""
    made = msgspec.json.schema(SceneReport)
    return msgspec.json.format(msgspec.json.encode(made, order="sorted"), indent=2) + b"\n"
