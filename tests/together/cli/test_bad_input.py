"""What a stranger does wrong, and the message that helps."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.cli.runner import CommandLine
from tests.together.farms import FarmProcess, farm_process

from renderbus_farm.data_folder import DataFolder

Scene = Callable[[str], Path]

WRONG_CLOCK = """
import time
true_time = time.time
time.time = lambda: true_time() - 14 * 60
from renderbus_cli.program import main
main()
"""


@pytest.fixture
def user(cli: CommandLine, farm: FarmProcess, tmp_path: Path) -> CommandLine:
    """A user of a farm that renders nothing: none of these commands comes so far."""
    return cli.at(farm.as_user(tmp_path.name))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Dear farm, please render my scene.\n" * 20, "is a text file, not a scene"),
    ],
)
def test_a_file_that_is_no_scene_is_told(
    user: CommandLine, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "shot.blend"
    path.write_bytes(content)
    ended = user.run("render", path)
    assert ended.status == 65
    assert "shot.blend" in ended.err
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert ended.last["event"] == "error"
    assert ended.last["exit"] == 65
    ended = user.run("analyse", path)
    assert ended.status == 2
    (problem,) = ended.last["problems"]
    assert (problem["code"], problem["level"]) == ("15002", "error")
    assert words in problem["text"]


def test_a_scene_that_was_cut_off_is_told(user: CommandLine, scene: Scene) -> None:
    cube = scene("cube")
    content = cube.read_bytes()
    cube.write_bytes(content[: len(content) // 2])
    ended = user.run("render", cube)
    assert ended.status == 65
    assert "cube.blend" in ended.err
    assert "Traceback" not in ended.err


def test_a_kind_of_scene_that_is_not_read_is_told(user: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "shot.c4d"
    path.write_bytes(b"QC4DC4D6")
    ended = user.run("render", path)
    assert ended.status == 65
    assert ".blend" in ended.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--camera", "Kamera"], "no camera 'Kamera'; it has 'Camera'"),
        (["--frames", "1-3", "--test-frames", "000:9"], "none of them is rendered; the frames are 1-3[1]"),
        (["--layer", "Glow"], "no view layer 'Glow'; it has 'ViewLayer'"),
        (["--scene-name", "Take 2"], "the file has no scene 'Take 2'; it has 'Scene'"),
    ],
)
def test_a_choice_that_the_scene_does_not_have_is_told(
    user: CommandLine, scene: Scene, options: list[str], words: str
) -> None:
    ended = user.run("render", scene("cube"), *options)
    assert ended.status == 64
    assert words in ended.err


def test_a_scene_without_a_camera_is_told_what_to_do(user: CommandLine, scene: Scene) -> None:
    ended = user.run("render", scene("blind"))
    assert ended.status == 65
    assert "camera" in ended.err
    assert user.run("task", "list").out == ""


def test_a_wrong_key_is_told(user: CommandLine, scene: Scene) -> None:
    ended = user.having(RAYVISION_API_KEY="not-the-key").run("render", scene("cube"))
    assert ended.status == 77
    assert "key" in ended.err
    assert "not-the-key" not in ended.err


def test_an_unknown_access_id_is_told(user: CommandLine) -> None:
    ended = user.having(RAYVISION_API_ACCESS_ID="nobody").run("task", "list")
    assert ended.status == 77
    assert "access id" in ended.err


def test_a_wrong_clock_is_told_with_how_far_it_is_off(user: CommandLine) -> None:
    late = CommandLine(user.home, user.environment, ("-c", WRONG_CLOCK))
    ended = late.run("task", "list")
    assert ended.status == 77
    assert "clock" in ended.err
    assert "14 min" in ended.err


def test_a_farm_that_is_not_there_is_told(user: CommandLine, scene: Scene) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"  # bound but not listening: refuses at once
        ended = user.having(RENDERBUS_URL=url).run("render", scene("cube"))
    assert ended.status == 69
    assert url in ended.err
    assert "no farm answers" in ended.err


def test_a_port_in_use_is_told(cli: CommandLine, tmp_path: Path, farm: FarmProcess) -> None:
    port = farm.url.rpartition(":")[2]
    ended = cli.run("farm", "serve", "--port", port, "--data", tmp_path / "second")
    assert ended.status == 69
    assert f"127.0.0.1:{port}" in ended.err
    assert "--port" in ended.err


def test_a_second_farm_on_the_same_data_is_told(cli: CommandLine, farm: FarmProcess) -> None:
    ended = cli.run("farm", "serve", "--port", "0", "--data", farm.data)
    assert ended.status == 69
    assert "running already" in ended.err


@pytest.mark.parametrize("place", ["/proc/pictures", "/dev/null/pictures"])
def test_an_output_folder_that_cannot_be_written_is_told_before_anything_is_done(
    user: CommandLine, scene: Scene, place: str
) -> None:
    ended = user.run("render", scene("cube"), "--output", place)
    assert ended.status == 73
    assert place in ended.err
    assert [event["event"] for event in ended.events] == ["error"]


def test_a_task_of_somebody_else_is_not_there(user: CommandLine) -> None:
    for command in (["show", "1"], ["frames", "1"], ["stop", "1"], ["log", "1", "1"]):
        ended = user.run("task", *command)
        assert ended.status == 66
        assert "1" in ended.err
    assert user.run("download", "1").status == 66


def test_the_first_start_of_a_farm_tells_its_keys_once_and_keeps_them(
    cli: CommandLine, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with farm_process(data):
        pass  # makes the data folder and its owner
    owner = DataFolder(data).owner()
    assert owner is not None
    with cli.start("farm", "serve", "--port", "0", "--data", data, "--no-json") as served:
        assert served.stdout is not None
        told = served.stdout.readline() + served.stdout.readline()
        config = cli.home / "config" / "renderbus" / "config.toml"
        assert owner.access_key in told
        assert config.stat().st_mode & 0o777 == 0o600
        listed = cli.run("task", "list")
        served.terminate()
        served.communicate(timeout=60)
    assert served.returncode == 0
    assert listed.status == 0, listed.err
    with cli.start("farm", "serve", "--port", "0", "--data", data, "--no-json") as again:  # another port
        assert again.stderr is not None
        lines = [again.stderr.readline() for _ in range(2)]
        again.terminate()
        told_again = "".join([*lines, *again.communicate(timeout=60)])
    assert "stored as profile 'local'" in told_again
    assert owner.access_key not in told_again
