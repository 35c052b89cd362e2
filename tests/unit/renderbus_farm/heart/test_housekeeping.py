"""Tasks that were created and never submitted do not stay for ever."""

from __future__ import annotations

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm import housekeeping
from renderbus_farm.housekeeping import Housekeeping
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.store import predecessors
from renderbus_model.wire.task import CreateTask, TaskHardware

DAY_S = 86400.0


@pytest.fixture
def keeper(world: World) -> Housekeeping:
    return Housekeeping(world.database, drafts_kept_days=7)


def test_a_task_that_is_not_submitted_within_days_is_removed_with_all_it_has(
    world: World, keeper: Housekeeping
) -> None:
    draft = world.tasks.create(CreateTask(labels=["film"]), by=world.user).task_id_list[0]
    world.documents(draft)
    world.changes.hardware(TaskHardware(task_ids=[draft]), by=world.user)
    submitted = world.submitted("1")
    keeper.tick(world.now + 6.9 * DAY_S)
    assert world.status(draft) == 0
    keeper.tick(world.now + 7.1 * DAY_S)
    with pytest.raises(NotFound):
        world.task(draft)
    assert world.task(submitted).id == submitted
    assert world.new_task() > submitted


def test_a_draft_that_its_owner_aborted_or_deleted_goes_too(world: World, keeper: Housekeeping) -> None:
    aborted, deleted = world.new_task(), world.new_task()
    world.tasks.abort([aborted], by=world.user)
    world.tasks.delete([deleted], by=world.user)
    keeper.tick(world.now + 8 * DAY_S)
    assert world.picture(aborted) == world.picture(deleted) == []


def test_one_look_removes_a_few_and_the_next_ones_the_others(
    world: World, keeper: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "MOST_AT_ONCE", 2)
    drafts = [world.new_task() for _ in range(5)]
    later = world.now + 8 * DAY_S

    def left() -> int:
        return sum(world.picture(task_id) != [] for task_id in drafts)

    counts = []
    for seconds in (0, 1, 61, 122):
        keeper.tick(later + seconds)
        counts.append(left())
    assert counts == [3, 3, 1, 0]


def test_a_draft_stays_for_as_long_as_another_task_comes_after_it(world: World, keeper: Housekeeping) -> None:
    before, after = world.new_task(), world.submitted("1")
    with world.database.writing() as db:
        predecessors.put(db, after, [before])
    keeper.tick(world.now + 8 * DAY_S)
    assert world.task(before).id == before
    world.tasks.delete([after], by=world.user)
    keeper.tick(world.now + 9 * DAY_S)
    with pytest.raises(NotFound):
        world.task(before)
