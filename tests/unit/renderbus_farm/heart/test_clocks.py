"""Time limits and reminders, while clocks are set, machines sleep and farms are not there."""

from __future__ import annotations

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.store.happened import TaskOverdue
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.event import OVERDUE
from renderbus_model.wire.task import TaskTimeLimit

DAY_S = 86400.0


def rendering(world: World, limit: str = "3600") -> int:
    """A task with a time limit that has rendered for six minutes."""
    task_id = world.submitted("1-4[1]", task_stop_time=limit)
    for _ in range(7):
        renewed_tick(world)
    return task_id


def renewed_tick(world: World, after_s: float = 60.0) -> None:
    """Time passes, and the nodes say that they still have what they have."""
    for chunk in world.executor.orders:
        world.executor.began(chunk)
    world.tick(after_s)


def set_clock(world: World, by_s: float) -> None:
    """Somebody sets the machine's clock, or the machine sleeps; no time passes for the farm."""
    world.now += by_s


@pytest.mark.parametrize("by_s", [DAY_S, -DAY_S])
def test_a_clock_that_is_set_takes_nothing_of_a_tasks_time_and_adds_little(world: World, by_s: float) -> None:
    task_id = rendering(world)
    set_clock(world, by_s)
    for _ in range(52):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.RENDERING
    for _ in range(6):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP


def test_the_time_that_the_farm_was_not_there_does_not_count(world: World) -> None:
    task_id = rendering(world)
    world.restart()
    set_clock(world, DAY_S)
    for _ in range(52):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.RENDERING
    for _ in range(10):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP


def test_farms_that_come_and_go_give_a_task_no_more_time(world: World) -> None:
    task_id = rendering(world)
    for _ in range(30):
        world.restart()
        for _ in range(4):
            renewed_tick(world)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP


def test_a_clock_that_was_set_while_nothing_rendered_moves_no_later_task(world: World) -> None:
    world.tick()
    set_clock(world, DAY_S)
    world.tick()
    task_id = rendering(world)
    for _ in range(60):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP


def told(world: World) -> list[TaskOverdue]:
    found: list[TaskOverdue] = []

    def listen(noted: object) -> None:
        assert isinstance(noted, list)
        found.extend(each for each in noted if isinstance(each, TaskOverdue))

    world.database.listeners.append(listen)
    return found


def test_an_owner_is_reminded_once_of_a_task_that_takes_long(world: World) -> None:
    heard = told(world)
    with world.events.listening(world.user.id, lambda: None) as listener:
        task_id = reminded_of(world, heard)
        events = [(one.name, one.data) for one in listener.take() or []]
    assert (OVERDUE, {"taskId": task_id, "seconds": 3600}) in events
    world.render_to_end()
    world.restart()
    world.tick()
    assert len(heard) == 1


def reminded_of(world: World, heard: list[TaskOverdue]) -> int:
    """Let a task take longer than its reminder, and another not: the first one."""
    task_id = world.submitted("1-4[1]", time_out="3600")
    quick = world.submitted("1", time_out="7200")
    for _ in range(58):
        renewed_tick(world)
    assert heard == []
    for _ in range(5):
        renewed_tick(world)
    assert heard == [TaskOverdue(world.user.id, task_id, 3600)]
    assert world.status(task_id) == TaskStatus.RENDERING
    assert [world.task(each).is_over_time for each in (task_id, quick)] == [1, 0]
    return task_id


def test_a_time_limit_that_is_raised_in_time_lets_a_task_go_on(world: World) -> None:
    task_id = rendering(world, limit="600")
    world.changes.time_limit(TaskTimeLimit(task_ids=[task_id], over_time=1200), by=world.user)
    for _ in range(12):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.RENDERING
    for _ in range(12):
        renewed_tick(world)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP
