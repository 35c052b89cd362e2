"""The command line as its user meets it: help, wrong usage, exit statuses."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rayvision_api.exception import FarmNotReachable, RayvisionAPIError
from rayvision_sync.exception import DownloadFailed, TransferFailed
from renderbus_cli.problems import Exit, Problem, problem_of
from renderbus_cli.program import Program, program
from renderbus_farm.errors import BadSetting, CannotListen, DataFolderUnusable
from renderbus_model.wire.codes import Code
from renderbus_scenes.errors import BadScene


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A file that is there; what is in it is of no interest where the command line is wrong already."""
    path = tmp_path / "shot.blend"
    path.write_bytes(b"BLENDER")
    return path


def run(*args: str) -> tuple[int, str]:
    """Exit status and everything that was printed."""
    result = CliRunner().invoke(program, list(args))
    return result.exit_code, result.output


def test_the_version_is_told() -> None:
    status, output = run("--version")
    assert status == 0
    assert output.startswith("renderbus 0.")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["render"],
        ["analyse"],
        ["download"],
        ["task"],
        ["task", "list"],
        ["task", "show"],
        ["task", "frames"],
        ["task", "log"],
        ["task", "stop"],
        ["task", "start"],
        ["task", "restart"],
        ["task", "abort"],
        ["task", "delete"],
        ["farm"],
        ["farm", "serve"],
        ["farm", "user", "add"],
        ["farm", "user", "list"],
    ],
)
def test_every_command_has_help(command: list[str]) -> None:
    status, output = run(*command, "--help")
    assert status == 0
    assert output.startswith("Usage: renderbus")


def test_the_exit_statuses_are_in_the_help() -> None:
    _, output = run("render", "--help")
    for status in Exit:
        assert f"{status.value:4}  " in output


def test_no_such_scene_is_wrong_usage() -> None:
    status, output = run("render", "/no/such/shot.blend")
    assert status == Exit.USAGE
    assert "'/no/such/shot.blend' does not exist" in output


def test_a_folder_is_no_scene(tmp_path: Path) -> None:
    status, output = run("render", str(tmp_path))
    assert status == Exit.USAGE
    assert "is a directory" in output


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--frames", "10-1[1]", "frame range '10-1[1]': ends before it starts"),
        ("--frames", "one", "expected start-end[step]"),
        ("--frames", "1-9[0]", "the step must be 1 or more"),
        ("--frames", "", "frame range ''"),
        ("--frames", "1-99999999", "more than 1000000 frames"),
        ("--resolution", "1920", "expected width x height in pixels"),
        ("--resolution", "0x100", "each side must be 4 to 65536 pixels"),
        ("--samples", "0", "0 is not in the range"),
        ("--format", "jpg", "'jpg' is not one of 'png', 'exr'"),
        ("--timeout", "-1", "-1.0 is not in the range"),
        ("--test-frames", "000", "chooses no frame"),
        ("--test-frames", "12", "expected three switches"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage(
    scene: Path, option: str, value: str, words: str
) -> None:
    status, output = run("render", str(scene), option, value)
    assert status == Exit.USAGE
    assert words in " ".join(output.split())


def test_a_profile_and_the_embedded_farm_exclude_each_other(scene: Path) -> None:
    status, output = run("render", str(scene), "--profile", "studio", "--embedded")
    assert status == Exit.USAGE
    assert "choose" in output


def test_a_task_id_that_is_none_is_wrong_usage() -> None:
    status, output = run("task", "show", "seven")
    assert status == Exit.USAGE
    assert "'seven' is not a valid integer" in output


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (
            BadScene("shot.blend", "is no Blender file: it begins with 'hello'"),
            Exit.BAD_SCENE,
            "is no Blender",
        ),
        (FarmNotReachable("http://farm", "Connection refused"), Exit.UNAVAILABLE, "Connection refused"),
        (RayvisionAPIError(Code.SIGNATURE_INVALID, "wrong key", "u"), Exit.REFUSED, "wrong key"),
        (RayvisionAPIError(Code.SIGNATURE_EXPIRED, "clock is off", "u"), Exit.REFUSED, "clock is off"),
        (RayvisionAPIError(Code.RESOURCE_NOT_FOUND, "no such task", "u"), Exit.NOT_FOUND, "no such task"),
        (RayvisionAPIError(Code.INTERNAL_ERROR, "oops", "u"), Exit.OUR_FAULT, "oops"),
        (CannotListen("127.0.0.1", 80, "in use"), Exit.UNAVAILABLE, "127.0.0.1:80"),
        (DataFolderUnusable(Path("/data"), "no space left"), Exit.CANNOT_WRITE, "no space left"),
        (BadSetting("farm.toml", "port", "99999"), Exit.USAGE, "port"),
        (PermissionError(13, "Permission denied", "/frames/1.png"), Exit.CANNOT_WRITE, "/frames/1.png"),
        (ZeroDivisionError("division by zero"), Exit.OUR_FAULT, "fault of renderbus"),
        (click.UsageError("which?"), Exit.USAGE, "which?"),
    ],
)
def test_every_error_has_a_status_and_one_line(error: Exception, status: Exit, words: str) -> None:
    problem = problem_of(error)
    assert problem.status is status
    assert words in problem.message
    assert "\n" not in problem.message


def test_a_full_disk_here_is_no_farm_that_does_not_answer() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    error = DownloadFailed({"1_shot/0001.png": "/frames/0001.png: No space left on device"})
    assert problem_of(error).status is Exit.UNAVAILABLE
    error.__cause__ = TransferFailed("1_shot/0001.png", "No space left on device")
    error.__cause__.__cause__ = full
    assert problem_of(error).status is Exit.CANNOT_WRITE


def failing(error: BaseException) -> Program:
    """A program whose one command ends with ``error``."""

    @click.command()
    def fails() -> None:
        raise error

    return Program(commands={"fails": fails})


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Problem("no worker", Exit.NO_WORKER), 5, "renderbus: no worker\n"),
        (KeyboardInterrupt(), 3, "\nrenderbus: cancelled\n"),  # behind the terminal's ^C
        (ValueError("odd"), 70, "renderbus: internal error: ValueError: odd"),
    ],
)
def test_a_command_ends_with_its_status_and_one_line(error: BaseException, status: int, said: str) -> None:
    result = CliRunner().invoke(failing(error), ["fails"])
    assert result.exit_code == status
    assert result.stderr.startswith(said)
    assert result.stderr.strip().count("\n") == 0


def test_our_own_fault_shows_where_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERBUS_DEBUG", "1")
    result = CliRunner().invoke(failing(ValueError("odd")), ["fails"])
    assert "Traceback" in result.stderr


def test_nothing_heavy_is_imported_before_a_command_runs() -> None:
    code = (
        "import sys; import renderbus_cli.program; "
        "heavy = {'requests', 'rich', 'msgspec', 'sqlalchemy', 'uvicorn', 'platformdirs', 'zstandard'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
