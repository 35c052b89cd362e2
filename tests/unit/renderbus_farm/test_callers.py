"""Whose access id it is: remembered, but never longer than it is true."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from renderbus_farm.accounts import Credentials
from renderbus_farm.callers import LOOK_AGAIN_AFTER_S, Callers
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.main import add_user
from renderbus_farm.rules.people import User
from renderbus_farm.store import labels
from renderbus_farm.store.database import Database


def test_an_account_is_asked_for_once_while_nothing_changes(tmp_path: Path) -> None:
    asked: list[str] = []
    version, now = 1, 0.0
    known = Credentials(User(1, "ada", "a"), "key")

    def find(access_id: str) -> Credentials | None:
        asked.append(access_id)
        return known if access_id == "a" else None

    callers = Callers(find, lambda: version, lambda: now)
    assert [callers.find("a") for _ in range(3)] == [known] * 3
    assert asked == ["a"]
    version, now = 2, LOOK_AGAIN_AFTER_S
    assert callers.find("a") == known
    assert asked == ["a", "a"]


def test_nobody_is_asked_for_again(tmp_path: Path) -> None:
    asked: list[str] = []
    callers = Callers(lambda access_id: asked.append(access_id), lambda: 1)
    assert [callers.find("nobody") for _ in range(2)] == [None, None]
    assert len(asked) == 2


def test_whatever_changes_in_a_database_gives_it_another_version(tmp_path: Path) -> None:
    add_user(tmp_path, "ada")
    with closing(Database.open(DataFolder(tmp_path).database)) as database:
        seen = [database.version(), database.version()]
        add_user(tmp_path, "another process' user")
        seen.append(database.version())
        with database.writing() as db:
            labels.add(db, 1, ["film"])
        seen.append(database.version())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
