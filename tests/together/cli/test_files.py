"""``renderbus upload``, ``download`` with its choices, and ``verify``, on a farm that renders."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.cli.runner import CommandLine, interrupted_at

from rayvision_blender.analyze_blender import AnalyzeBlender

pytestmark = pytest.mark.render

Scene = Callable[[str], Path]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_task_is_followed_to_its_end_then_chosen_from_and_verified(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    begun = user.run("render", scene("cube"), "--frames", "1-2", "--timeout", "0.1", "--output", tmp_path)
    task, out = str(begun.last["task"]), tmp_path / "out"
    followed = user.run("download", task, "--follow", "--output", out)
    assert (followed.status, followed.last["status"]) == (0, "done")
    assert len(followed.of("downloaded")) == 2
    first, second = sorted(Path(followed.last["folder"]).iterdir())

    assert user.run("verify", task, out).last["right"] == 2
    whole = first.read_bytes()
    first.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    second.unlink()
    for folder in (out, first.parent):
        wrong = user.run("verify", task, folder)
        assert wrong.status == 6
        assert [Path(path).name for path in wrong.last["different"]] == [first.name]
        assert [Path(path).name for path in wrong.last["missing"]] == [second.name]
    assert f"differs  {first.parent.name}/{first.name}" in user.run("verify", task, out, "--no-json").err

    chosen = ("download", task, "--output", out, "--include", first.name)
    assert user.run(*chosen, "--on-conflict", "skip").of("downloaded") == []
    user.run(*chosen, "--on-conflict", "rename", "--server-path", first.name)
    assert names(out) == {first.name, f"{first.stem}-2{first.suffix}"}
    user.run(*chosen)
    assert first.read_bytes() == whole
    none = user.run("download", task, "--output", out, "--server-path", "no such layer")
    assert "no such results" in none.of("note")[0]["text"]


def test_who_stops_following_leaves_the_task_as_it_is(
    user: CommandLine, scene: Scene, tmp_path: Path
) -> None:
    begun = user.run("render", scene("slow"), "--timeout", "0.1", "--output", tmp_path / "out")
    task = str(begun.last["task"])
    stopped = user.run("download", task, "--follow", on_event=interrupted_at("progress", signal.SIGINT))
    assert (stopped.status, stopped.last["status"]) == (3, "stopped")
    assert user.run("task", "show", task).events[0]["taskStatus"] in (0, 5)
    assert user.run("task", "abort", task).status == 0


def test_a_workspace_is_uploaded_once(user: CommandLine, scene: Scene, tmp_path: Path) -> None:
    assert user.run("upload", tmp_path).status == 64
    (tmp_path / "work").mkdir()
    analyze = AnalyzeBlender(str(scene("textured")), "5.0", workspace=str(tmp_path / "work"))
    analyze.analyse()
    workspace = Path(analyze.upload_json).parent
    first = user.run("upload", workspace)
    assert (first.status, first.last["event"], first.last["task"]) == (0, "uploaded", 0)
    assert first.last["bytes_sent"] > 0
    again = user.run("upload", analyze.upload_json)
    assert (again.last["bytes_sent"], again.last["files"]) == (0, first.last["files"])
    assert again.last["bytes_known"] == first.last["bytes_sent"]
    (record,) = (user.home / "renderfarm_sdk" / "db").iterdir()
    assert record.suffix == ".sqlite3"
    assert "uploaded" in user.run("upload", workspace, "--no-json").err
