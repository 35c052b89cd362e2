"""``renderbus render`` from a scene to pictures, and every way that it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.together.cli.runner import CommandLine, Event, away_after_upload, interrupted_at, python_without
from tests.together.farms import FarmProcess, wait_for

from renderbus_farm.data_folder import DataFolder

pytestmark = pytest.mark.render

Scene = Callable[[str], Path]


def files_in(folder: str | Path) -> set[str]:
    """Names of all files in and below a folder."""
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def test_each_frame_is_rendered_and_downloaded(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    cube = scene("cube")
    ended = user.run("render", cube, "--output", tmp_path / "out", on_event=away_after_upload(cube.parent))
    assert ended.status == 0, ended.err
    assert ended.last["event"] == "finished"
    folder = Path(ended.last["folder"])
    assert folder.parent == tmp_path / "out"
    assert folder.name.endswith("_cube")
    assert files_in(folder) == {f"shot_000{number}.png" for number in range(1, 5)}
    assert {event["path"] for event in ended.of("downloaded")} == {str(path) for path in folder.iterdir()}
    assert [event["status"] for event in ended.of("frame")] == ["done"] * 4
    with Image.open(folder / "shot_0001.png") as picture:
        assert picture.size == (32, 32)


def test_what_was_chosen_is_rendered_instead_of_what_the_scene_says(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    blind = scene("blind")
    chosen = [
        "--frames",
        "2,4",
        "--camera",
        "Camera",
        "--resolution",
        "48x16",
        "--format",
        "exr",
        "--samples",
        "2",
    ]
    ended = user.run(
        "render", blind, *chosen, "--output", tmp_path / "out", on_event=away_after_upload(blind.parent)
    )
    assert ended.status == 0, ended.err
    assert files_in(ended.last["folder"]) == {"shot_0002.exr", "shot_0004.exr"}


def test_names_in_any_script_render_and_never_reach_a_terminal_raw(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    names = scene("照明 é")
    ended = user.run("render", names, "--frames", "1", "--no-json", "--output", tmp_path / "aus gabe")
    assert ended.status == 0, ended.err
    folder = ended.out.strip()
    assert Path(folder).name.endswith("照明 é")
    assert len(files_in(folder)) == 1
    assert "\x1b" not in ended.err
    assert "\x07" not in ended.err


def test_a_missing_texture_stops_before_anything_is_uploaded(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    textured = scene("textured")
    (textured.parent / "textures" / "wood.png").unlink()
    ended = user.run("render", textured, "--output", tmp_path / "out")
    assert ended.status == 65
    assert "//textures/wood.png" in ended.err
    assert "wood" in ended.of("analysed")[0]["missing"][0]["node"]
    assert "Nothing was uploaded" in ended.err
    assert user.run("task", "list").out == ""


def test_a_missing_texture_may_be_allowed(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    textured = scene("textured")
    (textured.parent / "textures" / "wood.png").unlink()
    ended = user.run("render", textured, "--allow-missing", "--frames", "1", "--output", tmp_path / "out")
    assert ended.status == 0, ended.err
    assert len(files_in(ended.last["folder"])) == 1


def test_a_texture_travels_with_its_scene(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    textured = scene("textured")
    ended = user.run(
        "render",
        textured,
        "--frames",
        "1",
        "--output",
        tmp_path / "out",
        on_event=away_after_upload(textured.parent),
    )
    assert ended.status == 0, ended.err
    assert ended.of("uploading")[-1]["files_total"] == 2


def test_a_texture_that_has_moved_renders_from_where_the_user_says(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    textured = scene("textured")
    (textured.parent / "textures").rename(tmp_path / "library")
    chosen = ("--frames", "1", "--output", tmp_path / "out", "--search", tmp_path / "library")
    ended = user.run("render", textured, *chosen)
    assert ended.status == 0, ended.err
    assert ended.of("analysed")[0]["missing"] == []
    assert len(files_in(ended.last["folder"])) == 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_cancels_cleanly(
    user: CommandLine, scene: Scene, tmp_path: Path, sent: signal.Signals
) -> None:
    ended = user.run(
        "render", scene("slow"), "--output", tmp_path / "out", on_event=interrupted_at("progress", sent)
    )
    assert ended.status == 3
    task = ended.last["task"]
    assert ended.last["status"] == "stopped"
    assert f"task {task} is stopped" in ended.of("note")[-1]["text"]
    assert files_in(tmp_path / "out") == set()
    assert [event["taskStatus"] for event in user.run("task", "list").events] == [10]


def test_an_interrupt_before_the_task_was_submitted_says_so(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    ended = user.run(
        "render",
        scene("slow"),
        "--output",
        tmp_path / "out",
        on_event=interrupted_at("analysed", signal.SIGINT),
    )
    assert ended.status == 3
    assert ended.last["event"] == "finished"


def test_two_interrupts_end_the_program_at_once(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    ended = user.run(
        "render",
        scene("slow"),
        "--output",
        tmp_path / "out",
        on_event=interrupted_at("progress", signal.SIGINT, signal.SIGTERM),
    )
    assert ended.status == 3
    assert "Traceback" not in ended.err
    task = str(ended.of("submitted")[0]["task"])
    assert user.run("task", "abort", task).status == 0  # it may not have been told: others want the worker


def test_a_wait_may_end_before_the_task_and_its_pictures_be_fetched_later(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    ended = user.run("render", scene("slow"), "--timeout", "0.2", "--output", tmp_path / "out")
    assert ended.status == 1
    task = ended.last["task"]
    assert f"renderbus download {task}" in ended.of("note")[-1]["text"]
    assert user.run("task", "stop", str(task)).status == 0
    later = user.run("download", str(task), "--output", tmp_path / "later")
    assert later.status == 0
    assert "has no pictures yet" in later.of("note")[0]["text"]


def test_after_its_test_frames_a_task_suspends_and_goes_on_when_started(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    ended = user.run("render", scene("cube"), "--test-frames", "100", "--output", tmp_path / "out")
    task = str(ended.last["task"])
    assert ended.status == 4, ended.err
    assert files_in(ended.last["folder"]) == {"shot_0001.png"}
    assert user.run("task", "start", task).status == 0

    def done() -> bool:
        return bool(user.run("task", "show", task).events[0]["taskStatus"] == 25)

    wait_for(done, "the task does not end", 60)
    later = user.run("download", task, "--output", tmp_path / "out")
    assert later.status == 0
    assert len(files_in(later.last["folder"])) == 4


def test_a_renderer_that_crashes_fails_its_frame_with_a_reason(
    cli: CommandLine, one_farm: FarmProcess, scene: Scene, tmp_path: Path
) -> None:
    trusted = cli.at(one_farm.as_user(f"{tmp_path.name} trusted", allow_scripts=True))
    crash = scene("crash")
    ended = trusted.run("render", crash, "--frames", "1-2", "--output", tmp_path / "out")
    assert ended.status == 2, ended.err
    failed = ended.of("frame")
    assert [event["status"] for event in failed] == ["failed"] * 2
    assert all(event["error"] for event in failed)
    people = trusted.run("render", crash, "--frames", "1", "--no-json", "--output", tmp_path / "out")
    assert people.status == 2
    assert "frame 1" in people.err
    assert failed[0]["error"].splitlines()[0][:40] in people.err


def test_a_renderer_that_hangs_is_given_up_with_a_reason(
    cli: CommandLine, one_farm: FarmProcess, scene: Scene, tmp_path: Path
) -> None:
    trusted = cli.at(one_farm.as_user(tmp_path.name, allow_scripts=True))
    ended = trusted.run(
        "render", scene("hang"), "--frames", "1", "--frame-timeout", "2", "--output", tmp_path / "out"
    )
    assert ended.status == 2, ended.err
    frame = ended.of("frame")[0]
    assert frame["status"] == "timed out"
    assert "2 s" in frame["error"]


def test_a_task_that_no_worker_can_render_is_given_up(
    cli: CommandLine, scene: Scene, data: Path, tmp_path: Path
) -> None:
    without_blender = replace(cli, python=python_without("bpy", tmp_path / "venv"))
    ended = without_blender.run("render", scene("cube"), "--data", data, "--output", tmp_path / "out")
    assert ended.status == 5
    assert ended.of("waits")[-1]["possible"] is False
    reason = ended.of("waits")[-1]["reasons"][0]
    assert "Blender" in reason
    assert reason in ended.of("note")[-1]["text"]  # which stays on a screen, where the live display goes
    tasks = without_blender.run("task", "list", "--data", data).events
    assert [event["taskStatus"] for event in tasks] == [10]


def test_a_terminal_gets_a_live_display_and_its_cursor_back(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    ended = user.having(TERM="xterm", COLUMNS="100").run_in_terminal(
        "render", scene("textured"), "--output", tmp_path / "out"
    )
    assert ended.status == 0
    assert "analysed   textured.blend" in ended.out
    assert "uploaded   2 files" in ended.out
    assert "rendering" in ended.out
    assert "done       4 of 4 frames" in ended.out
    assert ended.out.rindex("\x1b[?25h") > ended.out.rindex("\x1b[?25l")
    assert str(tmp_path / "out") in ended.out.splitlines()[-1]


def test_when_nobody_reads_the_lines_any_more_the_task_is_stopped(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    with user.start("render", scene("slow"), "--output", tmp_path / "out") as process:
        assert process.stdout is not None
        assert '"analysed"' in process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 3
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert [event["taskStatus"] for event in user.run("task", "list").events] in ([], [10])


def test_what_is_told_for_bug_reports_holds_no_secrets(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    ended = user.having(RENDERBUS_DEBUG="1").run(
        "render", scene("cube"), "--frames", "1", "--output", tmp_path / "out"
    )
    assert ended.status == 0
    assert "DEBUG" in ended.err
    assert user.environment["RAYVISION_API_KEY"] not in ended.err
    assert "/blobs/" not in ended.err


def test_a_farm_that_dies_is_told_and_its_task_goes_on_with_the_next_one(
    cli: CommandLine, scene: Scene, data: Path, tmp_path: Path
) -> None:
    def kill_farm(event: Event, _process: object) -> None:
        running = DataFolder(data).running()
        if event["event"] == "submitted" and running is not None:
            os.kill(running.pid, signal.SIGKILL)

    ended = cli.run("render", scene("cube"), "--data", data, "--output", tmp_path / "out", on_event=kill_farm)
    assert ended.status == 69
    task = str(ended.of("submitted")[0]["task"])
    assert f"renderbus download {task}" in ended.err

    def done() -> bool:
        return bool(cli.run("task", "show", task, "--data", data).events[0]["taskStatus"] == 25)

    wait_for(done, "the task does not go on", 90)
    later = cli.run("download", task, "--data", data, "--output", tmp_path / "out")
    assert len(files_in(later.last["folder"])) == 4
