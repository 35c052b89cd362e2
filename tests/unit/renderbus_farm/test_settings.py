"""Settings come from a file, the environment and the command line, and say where a wrong one was written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from renderbus_farm.errors import BadSetting
from renderbus_farm.settings import Settings, read_settings


def test_without_any_word_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path, environment={}) == Settings(data=tmp_path)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "farm.toml").write_text(
        'port = 1\nworkers = 2\nhost = "::1"\npublic_names = ["farm.example"]\n'
    )
    environment = {"RENDERBUS_FARM_PORT": "3", "RENDERBUS_FARM_WORKERS": "4", "HOME": "/root"}
    settings = read_settings(tmp_path, environment=environment, given={"port": 5, "host": None})
    assert settings == Settings(tmp_path, host="::1", port=5, workers=4, public_names=("farm.example",))


def test_every_setting_can_be_read_from_the_environment(tmp_path: Path) -> None:
    environment = {
        "RENDERBUS_FARM_HOST": "0.0.0.0",
        "RENDERBUS_FARM_PORT": "0",
        "RENDERBUS_FARM_WORKERS": "2",
        "RENDERBUS_FARM_EMBEDDED": "true",
        "RENDERBUS_FARM_IDLE_END_S": "2.5",
        "RENDERBUS_FARM_CLOCK_WINDOW_S": "60",
        "RENDERBUS_FARM_PUBLIC_NAMES": "farm.example, farm.example:8443,",
    }
    assert read_settings(tmp_path, environment=environment) == Settings(
        tmp_path, "0.0.0.0", 0, 2, True, 2.5, 60, ("farm.example", "farm.example:8443")
    )


def test_marks_of_the_farms_own_processes_are_no_settings(tmp_path: Path) -> None:
    environment = {"RENDERBUS_FARM_MARKER": "0123", "RENDERBUS_FARM_FOLDER": "/x"}
    assert read_settings(tmp_path, environment=environment) == Settings(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prot = 1", "'prot'.*no such setting.*port"),
        ('data = "/elsewhere"', "'data'.*no such setting"),
        ('port = "eighty"', "'port'.*'eighty'"),
        ("port = 70000", "'port'.*70000 is not 0 to 65535"),
        ("workers = -1", "'workers'.*-1 is not 0 to 1024"),
        ("idle_end_s = 0", "'idle_end_s'.*above 0"),
        ("clock_window_s = 0", "'clock_window_s'"),
        ("gives_up_after_s = 0.5", "'gives_up_after_s'.*from 1"),
        ("drafts_kept_days = 0", "'drafts_kept_days'.*above 0"),
        ("gives_up_after_s = inf", "'gives_up_after_s'"),
        ('host = ""', "'host'.*address"),
        ("port = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_reason(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "farm.toml").write_text(content)
    with pytest.raises(BadSetting, match=message):
        read_settings(tmp_path, environment={})


def test_a_data_folder_that_cannot_be_entered_is_left_to_whoever_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refused)  # the superuser may read everything
    with pytest.raises(BadSetting, match="cannot be read"):  # the folder can be entered, its file not read
        read_settings(tmp_path, environment={})
    assert read_settings(tmp_path / "of" / "root", environment={}) == Settings(tmp_path / "of" / "root")


def test_the_variable_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"RENDERBUS_FARM_PORT.*'x'"):
        read_settings(tmp_path, environment={"RENDERBUS_FARM_PORT": "x"})


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"other\.toml.*no such file"):
        read_settings(tmp_path, file=tmp_path / "other.toml", environment={})
