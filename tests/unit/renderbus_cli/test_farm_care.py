"""``farm check`` and ``farm nodes`` on the folder of a farm that does not run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renderbus_cli.program import program
from renderbus_farm.main import add_user
from renderbus_farm.rules.standing import Standing
from renderbus_farm.store import standings, tables
from renderbus_farm.store.database import Connection, Database
from renderbus_model.statuses import TaskStatus


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a farm with one account."""
    add_user(tmp_path / "data", "ada")
    return tmp_path / "data"


def changed(data: Path, change: Callable[[Connection], object]) -> None:
    with closing(Database.open(data / "farm.sqlite3")) as database, database.writing() as db:
        change(db)


def run(data: Path, *words: str) -> Result:
    shape = () if "--json" in words else ("--no-json",)
    return CliRunner().invoke(program, ["farm", *words, "--data", str(data), *shape])


def told(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def miscount(db: Connection) -> None:
    """A task that is said to have a finished frame."""
    db.execute(tables.task.insert().values(account_id=1, created_at=1.0, done=1, status=TaskStatus.ANALYSE))


def test_a_sound_farm_is_said_to_be_sound(data: Path) -> None:
    result = run(data, "check")
    assert (result.exit_code, result.stderr) == (0, "the farm is what it must be\n")
    assert told(run(data, "check", "--json")) == [{"event": "sound", "wrong": 0, "damaged": 0}]
    assert run(data, "check", "--storage").exit_code == 0


def test_what_is_wrong_is_told_with_what_to_do_and_healed_on_demand(data: Path) -> None:
    changed(data, miscount)
    result = run(data, "check")
    assert result.exit_code == 1
    assert "wrong: task 1 shows done 1 instead of 0" in result.stdout
    assert "heal: run this check again with --heal" in result.stdout
    lines = told(run(data, "check", "--json"))
    assert [line["event"] for line in lines] == ["wrong", "sound"]
    assert lines[0]["rule"] == "counts"
    assert run(data, "check", "--heal").exit_code == 0
    assert run(data, "check").exit_code == 0


def set_aside(db: Connection) -> None:
    """Node w-01 was set aside just now; a task failed through w-02."""
    miscount(db)
    standings.keep(db, "w-01", Standing({}, time.time() + 600, 1), "illegal instruction\nand more")
    standings.keep(db, "w-02", Standing({1: time.time()}), "no space")


def test_nodes_in_doubt_are_listed_and_forgiven(data: Path) -> None:
    assert told(run(data, "nodes", "--json")) == []
    changed(data, set_aside)
    shown = run(data, "nodes").stdout
    assert "w-01" in shown
    assert "set aside for 10 min" in shown
    assert "illegal instruction" in shown
    first, second = told(run(data, "nodes", "--json"))
    assert (first["node"], first["tasks"], second["node"], second["tasks"]) == ("w-01", [], "w-02", [1])
    assert isinstance(first["asideUntil"], float)
    assert second["asideUntil"] is None
    assert [line["node"] for line in told(run(data, "nodes", "--forgive", "w-01", "--json"))] == ["w-02"]
    result = run(data, "nodes", "--forgive", "w-01")
    assert (result.exit_code, result.stderr) == (1, "nothing is held against node w-01\n")


@pytest.mark.parametrize(
    "words", [("check",), ("check", "--heal", "--storage"), ("nodes",), ("share",), ("user", "list")]
)
def test_a_folder_that_holds_no_farm_is_told_and_not_made_into_one(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = run(tmp_path / "mistyped", *words)
    assert result.exit_code == 66
    assert f"there is no farm in {tmp_path / 'mistyped'}" in result.stderr
    assert not (tmp_path / "mistyped").exists()


def test_where_no_node_failed_that_is_said(data: Path) -> None:
    result = run(data, "nodes")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing is held against any node\n")
