"""What accounts did is kept, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.records import SAME_LOGIN_S, Records
from renderbus_farm.rules.people import Visit
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import records
from renderbus_farm.store.database import Connection, Database, DatabaseFull
from renderbus_model.wire.record import RecordQuery


def note(world: World, *task_ids: int) -> None:
    with world.database.writing() as db:
        records.note(db, world.user.id, "stop", task_ids, 4, "by hand", world.now)


def test_commands_are_listed_newest_first_in_pages(world: World) -> None:
    for task_id in (1, 2, 3):
        note(world, task_id)
        world.now += 1
    page = world.records.commands(RecordQuery(page_size=2), by=world.user)
    assert [item.task_ids for item in page.items] == ["[3]", "[2]"]
    assert (page.total, page.page_count) == (3, 2)
    item = page.items[0]
    assert (item.user_name, item.button_name, item.channel, item.details) == ("ada", "stop", 4, "by hand")
    assert item.create_time == (1_600_000_000 + 2) * 1000
    assert world.records.commands(RecordQuery(page_num=3, page_size=2), by=world.user).items == []


def test_records_are_found_by_date_and_by_time(world: World) -> None:
    note(world, 1)  # 2020-09-13 12:26:40 UTC
    for start, end, found in (
        ("2020-09-13", "2020-09-13", 1),
        ("2020-09-14", "", 0),
        ("", "2020-09-12", 0),
        ("2020-09-13 12:26:40", "2020-09-13 12:26:40", 1),
        ("2020-09-13 12:26:41", "", 0),
    ):
        ask = RecordQuery(start_date=start, end_date=end)
        assert world.records.commands(ask, by=world.user).total == found, ask
    with pytest.raises(BadValue, match="time"):
        world.records.commands(RecordQuery(start_date="yesterday"), by=world.user)


def test_records_are_everybodys_own(world: World) -> None:
    note(world, 1)
    world.records.note_login(by=world.user)
    eve = world.accounts.add("eve").user
    assert world.records.commands(RecordQuery(), by=eve).total == 0
    assert world.records.logins(RecordQuery(), by=eve).total == 0


def test_a_client_that_asks_twice_while_it_starts_logged_in_once(world: World) -> None:
    ada = replace(world.user, visit=Visit(user_agent="python-requests/2.32"))
    for _ in range(2):
        world.records.note_login(by=ada)
    world.records.note_login(by=replace(world.user, visit=Visit(user_agent="renderbus")))
    world.now += SAME_LOGIN_S
    world.records.note_login(by=ada)
    found = [login.user_ua for login in world.records.logins(RecordQuery(), by=world.user).items]
    assert found == ["python-requests/2.32", "renderbus", "python-requests/2.32"]


def test_the_oldest_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_COMMANDS", 10)
    for task_id in range(200):
        note(world, task_id)
    kept = world.records.commands(RecordQuery(page_size=500), by=world.user)
    assert kept.items[0].task_ids == "[199]"
    assert 10 <= kept.total < 10 + 64


def test_the_oldest_of_accounts_that_take_turns_are_forgotten_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MOST_COMMANDS", 10)
    everybody = [world.user, world.accounts.add("eve").user]
    for _ in range(100):
        with world.database.writing() as db:
            for user in everybody:
                records.note(db, user.id, "stop", [1], 4, "", world.now)
    for user in everybody:
        assert 10 <= world.records.commands(RecordQuery(), by=user).total < 10 + 64, user


def test_a_log_in_after_the_clock_was_set_back_is_recorded(world: World) -> None:
    world.records.note_login(by=world.user)
    world.now -= 86400
    world.records.note_login(by=world.user)
    assert world.records.logins(RecordQuery(), by=world.user).total == 2


class FullDatabase(Database):
    """A database that takes no more."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with super().writing() as db:
            yield db
            raise DatabaseFull("farm.sqlite3")


def test_a_log_in_that_cannot_be_recorded_is_one_all_the_same(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(FullDatabase.open(world.folder / "farm.sqlite3")) as full:
        Records(full, clock=world.clock).note_login(by=world.user)
    assert "log-in not recorded" in caplog.text
    assert world.records.logins(RecordQuery(), by=world.user).total == 0


def test_a_command_on_many_tasks_keeps_the_first_of_them(world: World) -> None:
    note(world, *range(5000))
    kept = world.records.commands(RecordQuery(), by=world.user).items[0]
    assert kept.task_ids.count(",") == records.MOST_TASKS - 1
