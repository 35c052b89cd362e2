"""Labels of accounts, and the tasks that carry them."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MissingValue, NotFound, Refusal
from renderbus_farm.store import account_tables, labels
from renderbus_model.wire.label import (
    AddLabel,
    AddTaskLabel,
    DeleteTaskLabel,
    OperateUserLabel,
    ProjectListQuery,
)
from renderbus_model.wire.record import RecordQuery
from renderbus_model.wire.task import CreateTask


def names(world: World, by: User | None = None, flag: int = 0) -> list[str]:
    found = world.labels.projects(ProjectListQuery(flag=flag), by=by or world.user)
    return [label.project_name for label in found.project_name_list]


def carried(world: World, *task_ids: int) -> list[list[str]]:
    """The labels of each task."""
    with world.database.reading() as db:
        found = labels.of_tasks(db, world.user.id, task_ids)
    return [list(found.get(task_id, {}).values()) for task_id in task_ids]


def test_labels_may_be_added_twice_and_without_a_name(world: World) -> None:
    for name in ("film", "film", None, "", "片段"):
        world.labels.add(AddLabel(new_name=name), by=world.user)
    assert names(world) == ["film", "", "片段"]
    with pytest.raises(BadValue, match="more than 200 characters"):
        world.labels.add(AddLabel(new_name="x" * 201), by=world.user)


def test_an_account_has_no_more_labels_than_one_answer_can_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "MOST_LABELS", 3)
    task_id = world.tasks.create(CreateTask(labels=["a", "b", "c"]), by=world.user).task_id_list[0]
    world.labels.add(AddLabel(new_name="c"), by=world.user)
    for add in (
        lambda: world.labels.add(AddLabel(new_name="d"), by=world.user),
        lambda: world.labels.put_on(AddTaskLabel(label="d", task_ids=[task_id]), by=world.user),
        lambda: world.tasks.create(CreateTask(labels=["d"]), by=world.user),
    ):
        with pytest.raises(BadValue, match="3 labels are all"):
            add()
    assert names(world) == ["a", "b", "c"]
    world.labels.add(AddLabel(new_name="d"), by=world.accounts.add("eve").user)


def test_labels_are_everybodys_own(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.labels.add(AddLabel(new_name="film"), by=world.user)
    assert names(world, eve) == []
    world.labels.remove("film", by=eve)
    assert names(world) == ["film"]


def test_a_deleted_label_is_on_no_task_and_may_be_deleted_again(world: World) -> None:
    first = world.tasks.create(CreateTask(labels=["film", " still "]), by=world.user).task_id_list[0]
    assert carried(world, first) == [["film", "still"]]
    for _ in range(2):
        world.labels.remove("film", by=world.user)
    assert names(world) == ["still"]
    assert carried(world, first) == [["still"]]


def test_a_label_is_put_on_tasks_and_made_where_it_is_new(world: World) -> None:
    first, second = world.new_task(), world.new_task()
    for _ in range(2):
        world.labels.put_on(AddTaskLabel(label="film", task_ids=[first, second]), by=world.user)
    assert carried(world, first, second) == [["film"], ["film"]]
    with pytest.raises(MissingValue):
        world.labels.put_on(AddTaskLabel(label=" ", task_ids=[first]), by=world.user)


def test_labels_are_taken_off_named_tasks_or_all_by_id_or_by_name(world: World) -> None:
    ids = [world.new_task() for _ in range(3)]
    for name in ("film", "still"):
        world.labels.put_on(AddTaskLabel(label=name, task_ids=ids), by=world.user)
    film = world.labels.every(by=world.user).project_name_list[0].project_id
    world.labels.take_off(DeleteTaskLabel(label_ids=[film], task_ids=ids[:1]), by=world.user)
    assert carried(world, *ids) == [["still"], ["film", "still"], ["film", "still"]]
    world.labels.take_off(DeleteTaskLabel(label_ids=[film]), by=world.user)
    world.labels.take_off(DeleteTaskLabel(label_names=["still"], task_ids=ids[1:]), by=world.user)
    assert carried(world, *ids) == [["still"], [], []]
    assert names(world) == ["film", "still"]
    with pytest.raises(MissingValue, match="labelIds and labelNames"):
        world.labels.take_off(DeleteTaskLabel(task_ids=ids), by=world.user)


def test_one_task_gets_and_loses_a_label_by_its_type(world: World) -> None:
    task_id = world.new_task()
    for kind, name, left in ((1, "film", ["film"]), (0, None, ["film"]), (2, "film", [])):
        ask = OperateUserLabel(task_id=task_id, type=kind, new_name=name, del_name=name)
        world.labels.operate(ask, by=world.user)
        assert carried(world, task_id) == [left]
    with pytest.raises(BadValue, match="type 7"):
        world.labels.operate(OperateUserLabel(task_id=task_id, type=7), by=world.user)


def test_labels_on_tasks_are_part_of_what_an_account_did(world: World) -> None:
    task_id = world.new_task()
    world.labels.put_on(AddTaskLabel(label="film", task_ids=[task_id]), by=world.user)
    records = world.records.commands(RecordQuery(), by=world.user).items
    assert (records[0].button_name, records[0].task_ids, records[0].details) == (
        "add label",
        f"[{task_id}]",
        "film",
    )


def test_another_accounts_tasks_and_labels_are_as_if_they_were_not(world: World) -> None:
    eve = world.accounts.add("eve").user
    task_id, absent = world.new_task(), 4711
    world.labels.put_on(AddTaskLabel(label="film", task_ids=[task_id]), by=world.user)
    label_id = world.labels.every(by=world.user).project_name_list[0].project_id

    def refusals(task: int, label: int) -> list[str]:
        asks: list[Callable[[], None]] = [
            lambda: world.labels.put_on(AddTaskLabel(label="x", task_ids=[task]), by=eve),
            lambda: world.labels.take_off(DeleteTaskLabel(label_ids=[label]), by=eve),
            lambda: world.labels.take_off(DeleteTaskLabel(label_names=["film"]), by=eve),
            lambda: world.labels.operate(OperateUserLabel(task_id=task, type=1, new_name="x"), by=eve),
        ]
        said = []
        for ask in asks:
            with pytest.raises(NotFound) as refused:
                ask()
            said.append(re.sub("[0-9]+", "…", str(refused.value)))
        return said

    assert refusals(task_id, label_id) == refusals(absent, absent)
    assert carried(world, task_id) == [["film"]]


def test_a_sub_account_lists_its_main_accounts_projects_when_it_asks(world: World) -> None:
    sub, other = world.accounts.add("sub").user, world.accounts.add("other").user
    with world.database.writing() as db:
        for account in (sub, other):
            db.execute(
                account_tables.membership.insert().values(
                    account_id=account.id, main_account_id=world.user.id
                )
            )
    for user in (world.user, sub, other):
        world.labels.add(AddLabel(new_name=user.name), by=user)
    assert [names(world, sub, flag) for flag in (0, 1, 2)] == [
        ["sub"],
        ["ada", "sub"],
        ["ada", "sub", "other"],
    ]
    with pytest.raises(Refusal, match="flag 3"):
        names(world, sub, 3)


@pytest.mark.parametrize("given", [[], ["film"], ["b", "a", '"{}\\', "片段"]])
def test_a_task_shows_the_same_labels_alone_and_among_others(world: World, given: list[str]) -> None:
    one, other = (
        world.tasks.create(CreateTask(labels=named), by=world.user).task_id_list[0]
        for named in (given, ["other"])
    )
    (alone,) = world.lists.info([one], by=world.user).items
    assert alone.labels == world.lists.info([one, other], by=world.user).items[0].labels
    assert set(msgspec.json.decode(alone.labels, type=dict[str, str]).values()) == set(given)
    assert world.lists.info([one], by=world.user).size == 100


def test_one_query_within_a_transaction_sees_what_that_has_written(world: World) -> None:
    task_id = world.tasks.create(CreateTask(), by=world.user).task_id_list[0]
    with world.database.writing() as db:
        labels.put_on(db, world.user.id, [task_id], ["just now"])
        assert "just now" in world.lists.info([task_id], by=world.user).items[0].labels
