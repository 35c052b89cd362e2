"""Chunks, tiles, layers and what comes first, from the command line to the pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from tests.together.cli.runner import CommandLine

pytestmark = pytest.mark.render

Scene = Callable[[str], Path]


def pictures(folder: Path) -> dict[str, bytes]:
    """Pixels of all pictures below a folder, by their path in it."""
    found = {path: path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    return {name: Image.open(path).convert("RGBA").tobytes() for path, name in sorted(found.items())}


def test_chunks_and_tiles_make_the_pictures_that_single_frames_make(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    cube = scene("cube")
    made, counts, people = {}, {}, {}
    for name, options in {
        "alone": (),
        "chunks": ("--frames-per-task", "2"),
        "blocks": ("--tiles", "4"),
        "strips": ("--tiles", "3", "--tiles-type", "strip"),
    }.items():
        out = tmp_path / name
        done = user.run("render", cube, "--frames", "1-2", "--output", out, *options)
        assert done.status == 0, done.err
        made[name] = pictures(Path(done.last["folder"]))
        counts[name] = (done.last["frames_done"], done.last["unit"])
        task = str(done.last["task"])
        people[name] = user.run("task", "show", task, "--no-json").out
        assert user.run("download", task, "--output", out).last["unit"] == done.last["unit"]
    assert len(made["alone"]) == 2
    assert made["chunks"] == made["blocks"] == made["strips"] == made["alone"]
    assert counts == {
        "alone": (2, "frame"),
        "chunks": (1, "chunk"),
        "blocks": (10, "tile"),
        "strips": (8, "tile"),
    }
    assert "1-2[1]: 1 of 1 chunk done" in people["chunks"]
    assert "1-2[1]: 10 of 10 tiles and frames done" in people["blocks"]
    assert "1 tile 3" in user.run("task", "frames", task, "--no-json").out


def test_each_layer_is_a_task_whose_pictures_come_with_the_others(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    layers = scene("muti_layer_test")
    done = user.run("render", layers, "--frames", "1-2", "--layered", "--output", tmp_path / "out")
    assert done.status == 0, done.err
    shell = str(done.last["task"])
    assert len(pictures(Path(done.last["folder"]))) == 4
    parts = user.run("task", "show", shell).events[0]["respRenderingTaskList"]
    assert [(part["taskStatus"], part["doneFrames"]) for part in parts] == [(25, 2), (25, 2)]
    shown = user.run("task", "show", shell, "--no-json").out
    assert all(f"{part['id']} {part['layerName']}: done, 2 of 2 done" in shown for part in parts)
    assert len(user.run("task", "frames", shell).events) == 4
    again = user.run("download", shell, "--output", tmp_path / "again")
    assert len(pictures(tmp_path / "again")) == 4
    assert again.status == 0
    one = user.run("download", parts[0]["id"], "--output", tmp_path / "one")
    assert len(pictures(Path(one.last["folder"]))) == 2


def test_chosen_frames_are_rendered_again(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    done = user.run(
        *("render", scene("cube"), "--frames", "1-4", "--frames-per-task", "2", "--output", tmp_path / "out")
    )
    task = str(done.last["task"])
    assert user.run("task", "restart", task, "--frames", "4").status == 0
    assert user.run("download", task, "--output", tmp_path / "again", "--follow").status == 0
    tries = {frame["frameIndex"]: frame["attempt"] for frame in user.run("task", "frames", task).events}
    assert tries == {"1-2[1]": 1, "3-4[1]": 2}
    assert user.run("task", "restart", task, "--frames", "9").status == 66
    assert user.run("task", "restart", task, "--all").status == 0
    assert user.run("download", task, "--output", tmp_path / "again", "--follow").status == 0
    tries = {frame["frameIndex"]: frame["attempt"] for frame in user.run("task", "frames", task).events}
    assert tries == {"1-2[1]": 2, "3-4[1]": 3}


def test_a_task_that_is_to_follow_no_task_of_the_users_is_refused(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    refused = user.run("render", scene("cube"), "--after", "4711", "--output", tmp_path / "out")
    assert refused.status not in (0, 70)
    assert "4711" in refused.err
