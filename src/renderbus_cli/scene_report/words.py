"""A report for people: what renders, what it needs by kind, and what is missing, in red."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator

from renderbus_cli.scene_report.shape import File, Frames, SceneReport
from renderbus_cli.show import plain, red, size, table
from renderbus_model.scene import on_one_line

MOST_LISTED = 20
"""Lines of one list; the JSON object has all."""


def print_report(scene: str, report: SceneReport, seconds: float, *, disk: bool) -> None:
    """Print it on stdout; ``disk`` tells that files were looked for."""
    import click

    if report.application:
        for line in _head(scene, report, seconds):
            click.echo(plain(line))
    _print_what_renders(report)
    _print_files(report, disk=disk)
    for number, line in enumerate(_told(report)):
        click.echo(line if number else f"\n{line}")


def _head(scene: str, report: SceneReport, seconds: float) -> Iterator[str]:
    saved = " ".join(filter(None, [report.application, report.version]))
    licence = f" ({report.license} licence)" if report.license not in (None, "commercial") else ""
    yield f"{scene}: {saved}{licence}, read in {seconds:.2f} s"
    facts = {
        "renderer": report.renderer,
        "frames": _frames(report.frames),
        "size": f"{report.resolution[0]} x {report.resolution[1]}" if report.resolution else None,
        "fps": None if report.fps is None else f"{report.fps:g}",
        "output": report.output and (report.output.path or report.output.prefix),
        "format": report.output and report.output.format,
        "cameras": ", ".join(each.name for each in report.cameras if each.renderable is not False),
        "plug-ins": ", ".join(
            " ".join(filter(None, [each.name, each.version]))
            for each in report.plugins
            if each.used is not False
        ),
    }
    for name, value in facts.items():
        if value:
            yield f"  {name:9} {value}"


def _frames(frames: Frames | None) -> str | None:
    if frames is None or frames.start is None or frames.end is None:
        return None
    step = f", every {frames.step:g}" if frames.step not in (None, 1) else ""
    return f"{frames.start:g} to {frames.end:g}{step}"


def _print_table(columns: list[str], rows: list[list[str]], right: list[str] | None = None) -> None:
    """A table behind an empty line; nothing for no rows."""
    import click

    if rows:
        click.echo()
        table(columns, rows[:MOST_LISTED], right=right or [])
    if len(rows) > MOST_LISTED:
        click.echo(f"and {len(rows) - MOST_LISTED} more; --json lists them all")


def _print_what_renders(report: SceneReport) -> None:
    if report.layers:
        rows = [[each.name, each.kind, "yes" if each.renderable else "no"] for each in report.layers]
        _print_table(["layer", "kind", "renders"], rows)
    if report.drivers:
        rows = [
            [each.node, each.type, each.frames, each.camera or "", each.output or "", _state(each.bypassed)]
            for each in report.drivers
        ]
        _print_table(["driver", "type", "frames", "camera", "output", "renders"], rows)
    if report.images:
        rows = [
            [each.name, each.frames or "", ", ".join(layer.name for layer in each.layers), each.output or ""]
            for each in report.images
        ]
        _print_table(["image", "frames", "layers", "output"], rows)
    if len(report.scenes) > 1:
        rows = [
            [
                each.name,
                each.engine,
                _frames(each.frames) or "",
                each.camera or "",
                ", ".join(each.view_layers),
            ]
            for each in report.scenes
        ]
        _print_table(["scene", "engine", "frames", "camera", "view layers"], rows)


def _state(bypassed: bool) -> str:
    return "no" if bypassed else "yes"


def _print_files(report: SceneReport, *, disk: bool) -> None:
    """How many files of each kind, how large, and how many are missing."""
    kinds: dict[str, list[File]] = defaultdict(list)
    for file in report.files:
        if file.role == "input":
            kinds[file.kind].append(file)
    rows = []
    for kind, files in sorted(kinds.items()):
        there = {path for file in files for path in file.resolved}
        missing = sum(file.missing for file in files)
        rows.append(
            [kind, str(len(files)), str(len(there)), size(sum(map(_size, there))), str(missing or "")]
        )
    columns = ["files", "named", "found", "size", "missing"]
    if rows:
        shown = len(columns) if disk else 2
        _print_table(columns[:shown], [row[:shown] for row in rows], columns[1:])


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 (paths are texts here, and there may be many thousands)
    except OSError:
        return 0


_PATH_BEGINS = ": '"  # in the text of a finding about a file, behind the node


def _as_finding(file: File) -> str:
    """How the finding about a missing file ends, from its path on."""
    inside = f" in library {file.library}" if file.library else ""
    return on_one_line(f"{file.path}'{inside} {file.why}")


def _told(report: SceneReport) -> Iterator[str]:
    """Missing files with who names them, then the other findings; errors and what is missing in red."""
    missing = [file for file in report.files if file.missing]
    for file in missing[:MOST_LISTED]:
        inside = f" in {file.library}" if file.library else ""
        line = f"missing  {file.path} ({file.kind} of {file.node}{inside}) {file.why or ''}"
        yield red(plain(line.rstrip()))
    if len(missing) > MOST_LISTED:
        yield red(f"missing  and {len(missing) - MOST_LISTED} more; --json lists them all")
    if missing:
        yield "         Put them in place, name folders to look in with --search, or map drives with --map."
    told = {_as_finding(file) for file in missing}
    others = [each for each in report.problems if each.text.partition(_PATH_BEGINS)[2] not in told]
    for problem in others[:MOST_LISTED]:
        line = plain(f"{problem.level:8} {problem.text} [{problem.code}]")
        yield red(line) if problem.level == "error" else line
    if len(others) > MOST_LISTED:
        yield f"         and {len(others) - MOST_LISTED} more findings; --json lists them all"
