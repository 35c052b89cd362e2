"""Accounts and profiles that ``farm`` makes, without a farm running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from renderbus_cli.farm import store_profile
from renderbus_cli.program import program
from renderbus_cli.session import read_config
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.main import Ready


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that no farm has used yet."""
    return tmp_path / "data"


def run(*args: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    result = CliRunner().invoke(program, list(args))
    return result.exit_code, result.stdout, result.stderr


def test_an_account_is_made_and_its_keys_told_once(data: Path) -> None:
    status, out, _ = run("farm", "user", "add", "ann", "--json", "--data", str(data))
    made = json.loads(out)
    assert status == 0
    assert set(made) == {"name", "accessId", "accessKey"}
    _, listed, _ = run("farm", "user", "list", "--data", str(data))
    assert made["accessKey"] not in listed
    assert [json.loads(line)["name"] for line in listed.splitlines()] == ["owner", "ann"]


def test_people_read_the_keys_of_a_new_account(data: Path) -> None:
    _, out, err = run("farm", "user", "add", "ann", "--no-json", "--data", str(data))
    assert "ann" in err
    assert [line.split()[:2] for line in out.splitlines()] == [["access", "id"], ["access", "key"]]


def test_the_first_account_is_the_owner_s_who_can_join_the_farm(data: Path) -> None:
    run("farm", "user", "add", "ann", "--data", str(data))
    assert DataFolder(data).owner() is not None


def test_leave_to_run_scripts_is_given_to_those_who_were_meant(data: Path) -> None:
    run("farm", "user", "add", "ann", "--allow-scripts", "--data", str(data))
    _, listed, _ = run("farm", "user", "list", "--data", str(data))
    allowed = {json.loads(line)["name"]: json.loads(line)["allowScripts"] for line in listed.splitlines()}
    assert allowed == {"owner": False, "ann": True}


def test_a_name_that_is_taken_is_told(data: Path) -> None:
    run("farm", "user", "add", "ann", "--data", str(data))
    status, _, err = run("farm", "user", "add", "ann", "--data", str(data))
    assert status == 64
    assert "'ann' exists already" in err


def test_a_data_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for command in (["farm", "user", "add", "ann"], ["farm", "serve"]):
        status, _, err = run(*command, "--data", str(tmp_path / "file" / "data"))
        assert status == 73
        assert "cannot be used" in err


def test_the_first_start_stores_its_keys_and_later_ones_only_a_new_address(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert store_profile(config, ready("1", "id", is_new=True)) == ("local", True)
    assert store_profile(config, ready("1", "id")) is None
    assert store_profile(config, ready("2", "id")) == ("local", False)
    assert read_config(config)["profiles"]["local"]["url"] == "http://127.0.0.1:2"


def test_another_farm_of_this_machine_gets_a_profile_of_its_own(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    store_profile(config, ready("1", "id", is_new=True))
    assert store_profile(config, ready("2", "other", is_new=True)) == ("local-2", True)
    assert store_profile(config, ready("3", "third")) == ("local-3", True)
    assert store_profile(config, ready("4", "other")) == ("local-2", False)
    assert read_config(config)["profiles"]["local"]["url"] == "http://127.0.0.1:1"


def ready(port: str, access_id: str, *, is_new: bool = False) -> Ready:
    return Ready(f"http://127.0.0.1:{port}", access_id, "key", is_new=is_new)


def test_an_account_s_share_is_set_and_shown(data: Path) -> None:
    run("farm", "user", "add", "ann", "--data", str(data))
    share = ("farm", "share", "ann", "--data", str(data), "--json")
    assert run(*share)[0] == 0
    status, out, _ = run(*share, "--weight", "2.5", "--at-least", "4", "--at-most", "20")
    assert (status, json.loads(out)) == (0, {"name": "ann", "weight": 2.5, "atLeast": 4, "atMost": 20})
    status, out, _ = run(*share, "--at-most", "none")
    assert json.loads(out) == {"name": "ann", "weight": 2.5, "atLeast": 4, "atMost": None}
    _, listed, _ = run("farm", "share", "--data", str(data))
    assert [json.loads(line)["name"] for line in listed.splitlines()] == ["owner", "ann"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--weight", "2"],
        ["bob", "--weight", "2"],
        ["bob"],
        ["owner", "--weight", "0"],
        ["owner", "--at-least", "5", "--at-most", "4"],
        ["owner", "--at-most", "many"],
    ],
)
def test_a_share_that_makes_no_sense_is_refused(data: Path, wrong: list[str]) -> None:
    run("farm", "user", "add", "ann", "--data", str(data))
    status, out, _ = run("farm", "share", *wrong, "--data", str(data))
    assert status != 0
    assert out == ""


SERVES = """
import ctypes, os, signal, sys, threading
from pathlib import Path
from renderbus_cli.program import main

def look():
    ready = threading.Event()
    while not Path(os.environ["RENDERBUS_CONFIG"]).exists():
        ready.wait(0.02)
    adopts = ctypes.c_int()
    ctypes.CDLL(None).prctl(37, ctypes.byref(adopts), 0, 0, 0)  # PR_GET_CHILD_SUBREAPER
    print("adopts", adopts.value, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=look, daemon=True).start()
main()
"""


def test_a_farm_in_the_foreground_adopts_what_its_workers_leave(tmp_path: Path) -> None:
    command = ["farm", "serve", "--data", str(tmp_path / "data"), "--port", "0", "--workers", "0"]
    environment = {**os.environ, "RENDERBUS_CONFIG": str(tmp_path / "config.toml")}
    ended = subprocess.run(
        [sys.executable, "-c", SERVES, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "adopts 1" in ended.stdout
