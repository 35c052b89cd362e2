"""Attempts that end badly: who tries again, where and when, and which node is no longer trusted."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules.failures import FIRST_WAIT_S, LONGEST_WAIT_S
from renderbus_farm.rules.standing import ASIDE_S, MOST_MARKS
from renderbus_farm.rules.work import ChunkId, Fault
from renderbus_farm.store import standings
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import ChosenFrames
from renderbus_model.wire.task import RestartTasks

D, F, R, W = FrameStatus.DONE, FrameStatus.FAILED, FrameStatus.RENDERING, FrameStatus.WAITING


def with_nodes(world: World, *ram_gb: float, places: int = 1) -> World:
    """The farm has so many nodes, ``a``, ``b`` … with this much memory."""
    world.executor.all_nodes = [
        msgspec.structs.replace(node(name, places), ram_gb=size)
        for name, size in zip("abcdef", ram_gb, strict=False)
    ]
    return world


def only_order(world: World) -> tuple[ChunkId, str]:
    """What the one attempt that renders is, and where."""
    ((chunk, order),) = world.executor.orders.items()
    return chunk, order.node


def aside(world: World) -> set[str]:
    with world.database.reading() as db:
        return set(standings.aside(db, world.now))


def fails_once(world: World, on: str, fault: Fault = Fault.SCENE) -> int:
    """A task of one frame that fails on this node and is rendered on another."""
    task_id = world.submitted("1")
    others = [each for each in world.executor.all_nodes if each.name != on]
    world.executor.all_nodes, every = (
        [each for each in world.executor.all_nodes if each.name == on],
        [*world.executor.all_nodes],
    )
    world.tick()
    chunk, _ = only_order(world)
    world.executor.fail(chunk, "illegal instruction", fault)
    world.executor.all_nodes = every
    assert others
    world.tick()
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    return task_id


def test_what_fails_on_two_nodes_is_the_scenes_fault(world: World) -> None:
    task_id = with_nodes(world, 64, 64).submitted("1")
    world.tick()
    chunk, first = only_order(world)
    world.executor.fail(chunk, "no camera")
    world.tick()
    chunk, second = only_order(world)
    assert {first, second} == {"a", "b"}
    (frame,) = world.frames(task_id)
    assert (frame.frame_status, frame.error) == (R, "")
    world.executor.fail(chunk, "no camera at all")
    world.tick()
    (frame,) = world.frames(task_id)
    assert frame.frame_status == F
    assert frame.error == f"{first}: no camera\n{second}: no camera at all"
    assert world.miscounted() == []
    assert aside(world) == set()


def test_a_farm_of_one_node_believes_it(world: World) -> None:
    task_id = with_nodes(world, 64).submitted("1")
    world.tick()
    world.executor.fail(only_order(world)[0], "no camera")
    world.tick()
    (frame,) = world.frames(task_id)
    assert (frame.frame_status, frame.error, frame.attempt) == (F, "no camera", 1)


def test_other_frames_are_rendered_while_one_waits_for_another_try(world: World) -> None:
    task_id = with_nodes(world, 64).submitted("1-3[1]")
    world.tick()
    world.executor.fail(only_order(world)[0], "no space left on the disk", Fault.NODE)
    world.tick()
    assert world.frame_statuses(task_id) == [W, R, W]
    reasons = world.lists.explain(task_id, by=world.user).reasons
    assert (
        "1 frame waits for another try, the next in 5 s; the last one failed: no space left on the disk"
        in (reasons)
    )
    assert world.frames(task_id)[0].error == "no space left on the disk"
    world.executor.finish_all()
    world.tick(after_s=0.5)
    assert world.frame_statuses(task_id) == [W, D, R]
    world.executor.finish_all()
    world.tick(after_s=FIRST_WAIT_S)
    assert world.frame_statuses(task_id) == [R, D, D]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


@pytest.mark.parametrize("fault", list(Fault))
def test_a_frame_that_fails_for_ever_fails(world: World, fault: Fault) -> None:
    task_id = with_nodes(world, 16, 64).submitted("1")
    for _ in range(20):
        world.tick(after_s=LONGEST_WAIT_S)
        if world.executor.orders:
            world.executor.fail(only_order(world)[0], "again", fault)
    (frame,) = world.frames(task_id)
    assert frame.frame_status in (F, FrameStatus.TIMED_OUT)
    assert "again" in frame.error
    assert frame.attempt <= 5


def test_a_frame_without_memory_is_tried_once_more_where_there_is_more(world: World) -> None:
    task_id = with_nodes(world, 16, 64, 32).submitted("1")
    world.tick()
    chunk, first = only_order(world)
    assert first == "a"
    world.executor.fail(chunk, "out of memory", Fault.MEMORY)
    world.executor.all_nodes.pop(1)
    world.tick(after_s=LONGEST_WAIT_S)
    chunk, second = only_order(world)
    assert second == "c"
    assert world.executor.orders[chunk].memory_gb == 17
    world.executor.fail(chunk, "out of memory", Fault.MEMORY)
    world.tick()
    (frame,) = world.frames(task_id)
    assert (frame.frame_status, frame.error) == (F, "out of memory (on a and c)")


def test_a_frame_without_memory_on_the_largest_node_fails_and_says_so(world: World) -> None:
    task_id = with_nodes(world, 64).submitted("1")
    world.tick()
    world.executor.fail(only_order(world)[0], "out of memory", Fault.MEMORY)
    world.tick()
    (frame,) = world.frames(task_id)
    assert frame.error == "out of memory; no node that could render it has more than 64 GB"


def test_a_restart_holds_nothing_of_before_against_a_frame(world: World) -> None:
    task_id = with_nodes(world, 64, 64).submitted("1")
    for _ in range(2):
        world.tick()
        world.executor.fail(only_order(world)[0], "no camera")
    world.tick()
    assert world.frame_statuses(task_id) == [F]
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user)
    world.tick()
    world.executor.fail(only_order(world)[0], "no camera")
    world.tick()
    assert world.frame_statuses(task_id) == [R]


def test_a_frame_that_waits_for_another_try_can_be_stopped_and_restarted(world: World) -> None:
    task_id = with_nodes(world, 64).submitted("1")
    world.tick()
    world.executor.fail(only_order(world)[0], "no space", Fault.NODE)
    world.tick()
    world.of_frames.stop(ChosenFrames(task_id=task_id, select_all=1), by=world.user)
    world.tick(after_s=LONGEST_WAIT_S)
    assert world.executor.orders == {}
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1), by=world.user)
    world.tick()
    assert world.frame_statuses(task_id) == [R]


def test_a_clock_that_is_set_back_keeps_no_frame_waiting(world: World) -> None:
    task_id = with_nodes(world, 64).submitted("1")
    world.tick()
    world.executor.fail(only_order(world)[0], "no space", Fault.NODE)
    world.tick()
    world.tick(after_s=-86400)
    assert world.frame_statuses(task_id) == [R]


def test_a_node_that_fails_several_tasks_is_set_aside_and_forgiven_after_a_time(world: World) -> None:
    with_nodes(world, 64, 64, 64)
    for count in range(MOST_MARKS):
        assert aside(world) == set(), count
        fails_once(world, "a")
    assert aside(world) == {"a"}
    task_id = world.submitted("1-9[1]")
    world.tick()
    assert {order.node for order in world.executor.orders.values()} == {"b", "c"}
    assert (
        "Node a gets no new work for 10 min: several tasks failed on it that others rendered."
        in world.lists.explain(task_id, by=world.user).reasons
    )
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    world.tick(after_s=ASIDE_S)
    world.submitted("1-9[1]")
    world.tick()
    assert "a" in {order.node for order in world.executor.orders.values()}


def test_a_node_that_fails_one_broken_scene_after_another_is_not_to_blame(world: World) -> None:
    with_nodes(world, 64, 64)
    for _ in range(2 * MOST_MARKS):
        world.submitted("1")
        for _ in range(2):
            world.tick()
            world.executor.fail(only_order(world)[0], "no camera")
        world.tick()
    assert aside(world) == set()


def test_the_last_node_of_a_farm_goes_on_whatever_is_held_against_it(world: World) -> None:
    with_nodes(world, 64)
    for _ in range(MOST_MARKS):
        world.submitted("1")
        world.tick()
        world.executor.fail(only_order(world)[0], "no space", Fault.NODE)
        world.tick(after_s=LONGEST_WAIT_S)
        world.render_to_end()
    assert aside(world) == {"a"}
    task_id = world.submitted("1")
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_what_is_odd_about_a_picture_is_shown_and_forgotten_with_the_next_one(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    world.executor.finish(second)
    world.executor.finish(first, flags=("black", "made up"))
    world.tick()
    assert [frame.flags for frame in world.frames(task_id)] == ["black", ""]
    assert world.frame_statuses(task_id) == [D, D]
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1), by=world.user)
    world.render_to_end()
    assert [frame.flags for frame in world.frames(task_id)] == ["", ""]


def test_many_failures_of_one_task_set_no_node_aside(world: World) -> None:
    task_id = with_nodes(world, 64, 64).submitted("1-9[1]")
    for _ in range(200):
        world.tick()
        for chunk, order in list(world.executor.orders.items()):
            if order.node == "a":
                world.executor.fail(chunk, "no space", Fault.NODE)
            else:
                world.executor.finish(chunk)
        if world.status(task_id) == TaskStatus.FINISHED:
            break
    assert world.status(task_id) == TaskStatus.FINISHED
    assert aside(world) == set()


def test_nodes_that_cannot_open_the_scene_are_not_waited_for(world: World) -> None:
    with_nodes(world, 64, 64)
    world.executor.all_nodes[1] = msgspec.structs.replace(
        world.executor.all_nodes[1], applications={2007: "4.0.0"}
    )
    task_id = world.submitted("1")  # made with 5.0
    world.tick()
    chunk, where = only_order(world)
    world.executor.fail(chunk)
    world.tick()
    assert (where, world.frame_statuses(task_id)) == ("a", [F])


def test_a_try_with_more_memory_that_is_lost_is_made_again_with_as_much(world: World) -> None:
    task_id = with_nodes(world, 16, 16, 64).submitted("1")
    world.tick()
    chunk, _ = only_order(world)
    world.executor.fail(chunk, "out of memory", Fault.MEMORY)
    world.tick()
    chunk, where = only_order(world)
    assert where == "c"
    world.executor.fail(chunk, "its process died", Fault.LOST)
    world.tick(FIRST_WAIT_S)
    world.tick(3 * FIRST_WAIT_S)
    assert only_order(world)[1] == "c"
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_what_waits_for_its_next_try_is_left_to_do(world: World) -> None:
    with_nodes(world, 64).submitted("1")
    world.tick()
    world.executor.fail(only_order(world)[0], "disk full", Fault.NODE)
    world.tick()
    assert world.executor.orders == {}
    assert world.dispatcher.anything_left()
    world.tick(FIRST_WAIT_S)
    world.render_to_end()
    assert not world.dispatcher.anything_left()


def test_what_failed_on_a_node_is_not_recalled_for_it(world: World) -> None:
    with_nodes(world, 64, 64, places=2)
    task_id = world.submitted("1-4[1]")
    world.tick()
    for chunk, order in sorted(world.executor.orders.items()):
        world.executor.began(chunk)
        if order.node == "a":
            world.executor.fail(chunk)
        elif order.numbers != (4,):
            continue
        else:
            world.executor.finish(chunk)
    world.tick()
    world.tick()
    claimed = len(world.executor.history)
    for _ in range(4):
        world.tick(6.0)
    assert len(world.executor.history) == claimed, task_id
