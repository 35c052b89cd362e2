"""What owners change of a task that was submitted: it acts at the dispatcher's next look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules.offers import HardwareKind
from renderbus_farm.rules.refusals import BadValue, NotFound, Refusal
from renderbus_farm.rules.work import Fault
from renderbus_farm.store import catalogue
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import ChosenFrames
from renderbus_model.wire.record import RecordQuery
from renderbus_model.wire.task import TaskHardware, TaskLevel, TaskNodeLimit, TaskTimeLimit


def nodes_of(world: World, task_id: int) -> list[str]:
    return [order.node for order in world.executor.history if order.task_id == task_id]


def test_frames_of_a_higher_level_are_rendered_first(world: World) -> None:
    ordinary, urgent = world.submitted("1-3[1]"), world.submitted("1-3[1]")
    world.changes.level(TaskLevel(task_id=urgent, task_user_level=60), by=world.user)
    world.render_to_end()
    assert [order.task_id for order in world.executor.history] == [urgent] * 3 + [ordinary] * 3
    assert (world.task(urgent).task_user_level, world.task(ordinary).task_user_level) == (60, 50)


def test_a_task_that_renders_longer_than_its_limit_stops_for_time(world: World) -> None:
    task_id = world.submitted("1-4[1]")
    assert (
        world.changes.time_limit(TaskTimeLimit(task_ids=[task_id], over_time=60), by=world.user) == "SUCCESS"
    )
    assert world.task(task_id).over_time_stop == 60
    world.tick()
    first = min(world.executor.orders)
    world.executor.finish(first)
    world.tick(after_s=30)
    assert world.status(task_id) == TaskStatus.RENDERING
    world.tick(after_s=40)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP
    assert world.frame_statuses(task_id) == [FrameStatus.DONE, *[FrameStatus.STOPPED] * 3]
    world.tick()
    assert world.executor.orders == {}


def test_no_time_limit_is_no_limit_and_a_stopped_task_goes_on_when_started(world: World) -> None:
    task_id = world.submitted("1-2[1]", task_stop_time="60")
    world.tick()
    world.tick(after_s=70)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP
    world.changes.time_limit(TaskTimeLimit(task_ids=[task_id], over_time=0), by=world.user)
    world.tasks.start([task_id], by=world.user)
    world.tick(after_s=1000)
    world.tick(after_s=100_000)
    assert world.status(task_id) == TaskStatus.RENDERING
    assert world.task(task_id).over_time_stop == 0


def test_the_published_time_limits_hold_where_a_task_names_none(world: World) -> None:
    task_id = world.submitted("1", task_stop_time="", job_stop_time="")
    world.tick()
    (order,) = world.executor.orders.values()
    assert order.time_limit_s == 86400
    assert world.task(task_id).over_time_stop == 259200
    world.executor.fail(order.id, "took longer than 86400 s", Fault.TIME)
    world.tick()
    assert world.frame_statuses(task_id) == [FrameStatus.TIMED_OUT]
    assert world.frames(task_id)[0].is_over_time == 1


def test_a_task_is_on_no_more_nodes_than_its_limit(world: World) -> None:
    world.executor.all_nodes = [node("a"), node("b"), node("c")]
    task_id = world.submitted("1-9[1]")
    world.changes.node_limit(TaskNodeLimit(task_id=task_id, task_limit=1), by=world.user)
    world.tick()
    assert len({order.node for order in world.executor.orders.values()}) == 1
    world.render_to_end()
    assert len(set(nodes_of(world, task_id))) == 1
    assert world.task(task_id).task_limit == 1
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_limited_task_says_so_while_it_waits(world: World) -> None:
    world.executor.all_nodes = [node("a"), node("b")]
    task_id = world.submitted("1-9[1]")
    world.changes.node_limit(TaskNodeLimit(task_id=task_id, task_limit=1), by=world.user)
    world.tick()
    reasons = world.lists.explain(task_id, by=world.user).reasons
    assert "7 frames are waiting: their task is on 1 node, the most that its limit allows." in reasons


def test_a_task_that_wants_memory_waits_for_a_node_that_has_it(world: World) -> None:
    task_id = world.submitted("1")
    ask = TaskHardware(task_ids=[task_id], model="Xeon", ram="128GB", gpu_num="")
    world.changes.hardware(ask, by=world.user)
    world.tick()
    assert world.executor.orders == {}
    why = world.lists.explain(task_id, by=world.user)
    assert not why.possible
    assert "wants 128 GB of memory; the farm's nodes with Blender have 64 GB at most" in why.reasons[0]
    assert world.task(task_id).task_ram == 128
    world.changes.hardware(TaskHardware(task_ids=[task_id]), by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_chosen_kind_of_nodes_says_what_a_node_must_have(world: World) -> None:
    task_id = world.submitted("1")
    kinds = [HardwareKind("Xeon", 64, 0), HardwareKind("RTX", 96, 2)]
    with world.database.writing() as db:
        catalogue.add_hardware(db, kinds)
        ids = catalogue.hardware_ids(db)
    world.changes.hardware(
        TaskHardware(task_ids=[task_id], hardware_config_ids=[ids[kinds[1]]]), by=world.user
    )
    world.tick()
    assert world.executor.orders == {}
    both = TaskHardware(task_ids=[task_id], hardware_config_ids=list(ids.values()))
    world.changes.hardware(both, by=world.user)
    world.tick()
    assert len(world.executor.orders) == 1
    with world.database.reading() as db:
        assert catalogue.chosen_hardware(db, [task_id]) == {task_id: set(ids.values())}
    with pytest.raises(NotFound, match="hardware 4711"):
        world.changes.hardware(TaskHardware(task_ids=[task_id], hardware_config_ids=[4711]), by=world.user)


def test_chosen_frames_are_stopped_and_the_others_go_on(world: World) -> None:
    task_id = world.submitted("1-4[1]")
    world.tick()
    second, third = world.frames(task_id)[1:3]
    world.of_frames.stop(ChosenFrames(task_id=task_id, ids=[second.id, third.id]), by=world.user)
    D, S = FrameStatus.DONE, FrameStatus.STOPPED
    world.render_to_end()
    assert world.frame_statuses(task_id) == [D, S, S, D]
    assert world.status(task_id) == TaskStatus.STOP
    world.of_frames.restart(ChosenFrames(task_id=task_id, ids=[second.id]), by=world.user)
    world.render_to_end()
    assert world.frame_statuses(task_id) == [D, D, S, D]
    assert world.miscounted() == []


def test_frames_are_stopped_by_their_status(world: World) -> None:
    task_id = world.submitted("1-4[1]")
    world.tick()
    ask = ChosenFrames(task_id=task_id, select_all=1, status=[int(FrameStatus.WAITING)])
    world.of_frames.stop(ask, by=world.user)
    R, S = FrameStatus.RENDERING, FrameStatus.STOPPED
    assert world.frame_statuses(task_id) == [R, R, S, S]
    with pytest.raises(NotFound, match="frame 4711"):
        world.of_frames.stop(ChosenFrames(task_id=task_id, ids=[4711]), by=world.user)


def test_changes_are_recorded(world: World) -> None:
    task_id = world.submitted("1")
    world.changes.level(TaskLevel(task_id=task_id, task_user_level=60), by=world.user)
    world.changes.time_limit(TaskTimeLimit(task_ids=[task_id], over_time=60), by=world.user)
    world.tasks.stop([task_id], by=world.user)
    page = world.records.commands(RecordQuery(), by=world.user)
    assert [(each.button_name, each.details, each.task_ids) for each in page.items] == [
        ("stop", "", f"[{task_id}]"),
        ("time limit", "overTime 60", f"[{task_id}]"),
        ("level", "taskUserLevel 60", f"[{task_id}]"),
        ("submit", "", f"[{task_id}]"),
        ("create", "", f"[{task_id}]"),
    ]


CHANGES: dict[str, Callable[[World, int], object]] = {
    "level": lambda world, task_id: world.changes.level(
        TaskLevel(task_id=task_id, task_user_level=101), by=world.user
    ),
    "time": lambda world, task_id: world.changes.time_limit(
        TaskTimeLimit(task_ids=[task_id], over_time=-1), by=world.user
    ),
    "long time": lambda world, task_id: world.changes.time_limit(
        TaskTimeLimit(task_ids=[task_id], over_time=2**63), by=world.user
    ),
    "nodes": lambda world, task_id: world.changes.node_limit(
        TaskNodeLimit(task_id=task_id, task_limit=-1), by=world.user
    ),
    "memory": lambda world, task_id: world.changes.hardware(
        TaskHardware(task_ids=[task_id], ram="much"), by=world.user
    ),
    "graphics cards": lambda world, task_id: world.changes.hardware(
        TaskHardware(task_ids=[task_id], gpu_num="-1"), by=world.user
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_value_of_no_sense_changes_nothing(world: World, change: Callable[[World, int], object]) -> None:
    task_id = world.submitted("1")
    before = world.picture(task_id)
    with pytest.raises(BadValue):
        change(world, task_id)
    assert world.picture(task_id) == before


def test_nobody_changes_the_tasks_of_others(world: World) -> None:
    task_id = world.submitted("1")
    eve = world.accounts.add("eve").user
    frame_id = world.frames(task_id)[0].id
    before = world.picture(task_id)
    attempts: list[Callable[[], object]] = [
        lambda: world.changes.level(TaskLevel(task_id=task_id, task_user_level=60), by=eve),
        lambda: world.changes.time_limit(TaskTimeLimit(task_ids=[task_id], over_time=1), by=eve),
        lambda: world.changes.node_limit(TaskNodeLimit(task_id=task_id, task_limit=1), by=eve),
        lambda: world.changes.hardware(TaskHardware(task_ids=[task_id], ram="128GB"), by=eve),
        lambda: world.of_frames.stop(ChosenFrames(task_id=task_id, ids=[frame_id]), by=eve),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal, match="no such task"):
            attempt()
    assert world.picture(task_id) == before
