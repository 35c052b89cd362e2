"""``renderbus task`` and ``renderbus download`` on a farm that renders."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.cli.runner import CommandLine, Event, interrupted_at
from tests.together.farms import FarmProcess, wait_for

pytestmark = pytest.mark.render

Scene = Callable[[str], Path]


def status_of(user: CommandLine, task: str) -> int:
    """A task's status by number."""
    return int(user.run("task", "show", task).events[0]["taskStatus"])


def test_a_finished_task_is_listed_shown_logged_downloaded_and_deleted(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    cube = scene("cube")
    rendered = user.run("render", cube, "--frames", "1-2", "--output", tmp_path / "out")
    task = str(rendered.last["task"])

    listed = user.run("task", "list", "--no-json")
    assert "cube.blend" in listed.out
    assert "2/2" in listed.out
    assert "done" in listed.out
    shown = user.run("task", "show", task, "--no-json")
    assert "1-2[1]: 2 of 2 frames done" in shown.out
    frames = user.run("task", "frames", task)
    assert [frame["frameStatus"] for frame in frames.events] == [4, 4]
    assert "ViewLayer" in user.run("task", "frames", task, "--no-json").out
    log = user.run("task", "log", task, "2", "--no-json")
    assert log.status == 0
    assert log.out.strip()
    assert user.run("task", "log", task, "2").events[0]["attempt"] == 1
    assert user.run("task", "log", task, "9").status == 66
    assert "< 1 s" in user.run("task", "frames", task, "--no-json").out
    assert user.run("task", "why", task, "--frame", "2").events[0]["reason"] == "It is done."
    assert user.run("task", "why", task, "--frame", "9").status == 66
    untouched = user.run("task", "restart", task)
    assert untouched.events == [{"event": "restarted", "tasks": []}]
    assert f"task {task} has no failed frames" in untouched.err

    again = user.run("download", task, "--output", tmp_path / "again")
    assert again.status == 0
    names = {path.name for path in Path(again.last["folder"]).iterdir()}
    assert names == {"shot_0001.png", "shot_0002.png"}
    assert user.run("download", task, "--output", tmp_path / "again").of("downloaded") == []
    shutil.rmtree(tmp_path / "again")
    people = user.run("download", task, "--output", tmp_path / "again", "--no-json")
    assert Path(people.out.strip()).is_dir()

    other = str(user.run("render", cube, "--frames", "1", "--output", tmp_path / "out").last["task"])
    assert user.run("task", "list", "--no-json").err == ""
    newest = user.run("task", "list", "--limit", "1", "--no-json")
    assert newest.err == "the newest 1 of 2 tasks; --limit shows more\n"
    assert user.run("task", "delete", task, other).status == 0
    assert user.run("task", "list").out == ""
    assert user.run("task", "show", task).status == 66


def test_a_task_is_stopped_started_and_aborted(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    cancelled = user.run(
        "render",
        scene("slow"),
        "--output",
        tmp_path / "out",
        on_event=interrupted_at("progress", signal.SIGINT),
    )
    task = str(cancelled.last["task"])
    assert status_of(user, task) == 10
    started = user.run("task", "start", task)
    assert (started.status, started.events) == (0, [{"event": "started", "tasks": [int(task)]}])
    wait_for(lambda: status_of(user, task) == 5, "it does not render again", 60)
    assert user.run("task", "stop", task).status == 0
    assert status_of(user, task) == 10
    last = user.run("task", "frames", task).events[-1]["frameIndex"]
    unwritten = user.run("task", "log", task, last, "--no-json")
    assert (unwritten.out, unwritten.err) == ("", f"nothing was written about frame {last} yet\n")
    aborted = user.run("task", "abort", task, "--no-json")
    assert (aborted.status, aborted.out, aborted.err) == (0, "", f"task {task} aborted\n")
    assert status_of(user, task) == 35


def test_failed_frames_are_rendered_again(
    cli: CommandLine, one_farm: FarmProcess, scene: Scene, tmp_path: Path
) -> None:
    trusted = cli.at(one_farm.as_user(tmp_path.name, allow_scripts=True))
    failed = trusted.run("render", scene("crash"), "--frames", "1", "--output", tmp_path / "out")
    assert failed.status == 2, failed.err
    task = str(failed.last["task"])

    def frame() -> Event:
        return trusted.run("task", "frames", task).events[0]

    before = frame()
    assert trusted.run("task", "restart", task).status == 0
    wait_for(lambda: frame()["attempt"] > before["attempt"], "it is not tried again", 60)
