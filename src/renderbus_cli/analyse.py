"""``analyse``: what a scene holds and needs, told before anything is sent anywhere."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from renderbus_cli import options

if TYPE_CHECKING:
    from rayvision_api.exception import AnalyzeError
    from renderbus_cli.scene_report.shape import SceneReport


@click.command()
@click.argument("scene", type=click.Path(exists=True, path_type=Path))
@options.json_option
@click.option("--no-disk", is_flag=True, help="Look for no file: tell only what the scene says.")
@options.where_files_are
def analyse(
    scene: Path, as_json: bool, no_disk: bool, search: tuple[Path, ...], mapping: dict[str, str]
) -> int:
    """Tell what SCENE holds and needs; nothing is sent anywhere.

    Scenes of Maya, Houdini, Clarisse, Blender and POV-Ray are read without these programs. Ends with status 0
    for a clean scene, 1 when there are warnings, 2 when there are errors.
    """
    from renderbus_cli.scene_report.build import exit_status
    from renderbus_cli.scene_report.words import print_report
    from renderbus_cli.show import json_line, print_line

    began = time.monotonic()
    folders = [str(each.absolute()) for each in search]
    report = read_report(scene.absolute(), disk=not no_disk, search=folders, mapping=mapping)
    if as_json:
        print_line(json_line(report))
    else:
        print_report(scene.name, report, time.monotonic() - began, disk=not no_disk)
    return exit_status(report)


def read_report(
    scene: Path, *, disk: bool = True, search: list[str] | None = None, mapping: dict[str, str] | None = None
) -> SceneReport:
    """The report of a scene; one that cannot be read has a problem that says so, and what was read before.

    Args:
        scene: absolute path.
        disk: look for the files that it names.
        search: further folders to look in.
        mapping: beginnings of paths, and what to put in their place.
    """
    from rayvision_utils.choose_analyzer import analyzer_for
    from rayvision_utils.exception.exception import AnalyseFailError, CGFileNameIllegalError
    from renderbus_cli.scene_report.build import report_of

    with tempfile.TemporaryDirectory(prefix="renderbus-") as folder:
        try:
            # No version is asked for: which one renders is chosen later.
            analysis = analyzer_for(scene)(str(scene), "", workspace=folder)
            analysis.search, analysis.mapping = search or [], mapping or {}
            if not disk:
                facts = analysis.analyse_cg_file()
                return report_of(facts, None, _without_choices(analysis.findings(facts)))
            analysis.analyse()
        except (AnalyseFailError, CGFileNameIllegalError) as error:
            return _unreadable(error)
        found = [(code, text) for code, texts in analysis.tips_info.items() for text in texts]
        if analysis.facts is None:
            raise AssertionError("an analysis that has ended holds what it found")
        return report_of(analysis.facts, analysis.files, _without_choices(found))


def _without_choices(findings: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The findings but for plug-ins not chosen: nothing is chosen here, and the report lists them all."""
    from rayvision_utils.exception.tips_code import PLUGIN_NOT_CHOSEN

    return [(code, text) for code, text in findings if code != PLUGIN_NOT_CHOSEN]


def _unreadable(error: AnalyzeError) -> SceneReport:
    from rayvision_utils.exception.tips_code import SCENE_UNREADABLE
    from renderbus_cli.scene_report.build import problems_of, report_of
    from renderbus_cli.scene_report.shape import SceneReport
    from renderbus_scenes.errors import BadScene

    told = [(SCENE_UNREADABLE, str(error))]
    cause = error.__cause__
    if isinstance(cause, BadScene) and cause.partial is not None:
        return report_of(cause.partial, None, told)
    return SceneReport(problems=problems_of(told), complete=False)
