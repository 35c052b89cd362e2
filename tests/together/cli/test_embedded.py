"""The farm that the command line starts by itself."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.together.cli.runner import CommandLine, Ended, away_after_upload
from tests.together.farms import wait_for

from renderbus_farm.data_folder import DataFolder

Scene = Callable[[str], Path]


def pid_of_farm(data: Path) -> int:
    """The process of the farm on a data folder."""
    running = DataFolder(data).running()
    assert running is not None
    return running.pid


@pytest.mark.render
def test_it_is_started_joined_and_ends_when_nobody_needs_it(
    cli: CommandLine, scene: Scene, data: Path, tmp_path: Path
) -> None:
    impatient = cli.having(RENDERBUS_FARM_IDLE_END_S="1")
    cube = scene("cube")

    def rendered(*more: str) -> Ended:
        return impatient.run(
            "render", cube, "--frames", "1", "--data", data, "--output", tmp_path / "out", *more
        )

    first = rendered()
    assert first.status == 0, first.err
    assert first.of("farm")[0]["embedded"] is True
    pid = pid_of_farm(data)
    assert pid != 0
    second = impatient.run(
        "render",
        cube,
        "--frames",
        "2",
        "--data",
        data,
        "--output",
        tmp_path / "out",
        on_event=away_after_upload(cube.parent),
    )
    assert second.status == 0, second.err
    assert second.of("uploading")[-1]["bytes_known"] > 0
    wait_for(lambda: DataFolder(data).running() is None, "the farm does not end by itself")
    wait_for(lambda: not psutil.pid_exists(pid), "its process stays")


@pytest.mark.render
def test_without_any_configuration_it_lives_in_the_user_s_data_folder(cli: CommandLine, scene: Scene) -> None:
    impatient = cli.having(RENDERBUS_FARM_IDLE_END_S="1")
    ended = impatient.run("render", scene("cube"), "--frames", "1")
    assert ended.status == 0, ended.err
    assert Path(ended.last["folder"]).parent == cli.home / "frames"
    data = cli.home / "data" / "renderbus" / "farm"
    assert (data / "owner.json").stat().st_mode & 0o777 == 0o600
    wait_for(lambda: DataFolder(data).running() is None, "the farm does not end by itself")


def test_two_commands_at_once_start_one_farm(cli: CommandLine, data: Path) -> None:
    started = [cli.start("task", "list", "--data", data) for _ in range(3)]
    for process in started:
        with process:
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, ""), err
    assert (data / "farm.log").read_text().count('"farm ready"') == 1


def test_it_is_joined_again_after_it_was_killed(cli: CommandLine, data: Path) -> None:
    assert cli.run("task", "list", "--data", data).status == 0
    killed = psutil.Process(pid_of_farm(data))
    killed.send_signal(signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(killed.pid) or killed.status() == psutil.STATUS_ZOMBIE, "lives")
    assert cli.run("task", "list", "--data", data).status == 0
    assert pid_of_farm(data) != killed.pid


def test_a_farm_that_does_not_come_up_is_told_with_its_last_words(cli: CommandLine, data: Path) -> None:
    data.mkdir()
    (data / "farm.sqlite3").write_bytes(b"this is no database" * 100)
    ended = cli.run("task", "list", "--data", data)
    assert ended.status == 69
    assert "the embedded farm did not start" in ended.err
    assert "farm.sqlite3" in ended.err
    assert str(data / "farm.log") in ended.err


@pytest.mark.parametrize("place", ["/proc/farm", "/dev/null/farm"])
def test_a_data_folder_that_cannot_be_written_is_told(cli: CommandLine, place: str) -> None:
    ended = cli.run("task", "list", "--data", place)
    assert ended.status == 73
    assert place in ended.err
    assert "--data" in ended.err
    assert ended.err.count("\n") == 1


def test_a_farm_that_is_served_on_the_same_data_is_joined(cli: CommandLine, data: Path) -> None:
    with cli.start("farm", "serve", "--port", "0", "--data", data) as served:
        wait_for(lambda: DataFolder(data).running(), "the farm is not ready")
        assert cli.run("task", "list", "--data", data).status == 0
        assert pid_of_farm(data) == served.pid
        served.send_signal(signal.SIGINT)
        served.communicate(timeout=60)
    assert served.returncode == 0
