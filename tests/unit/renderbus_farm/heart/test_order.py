"""Who is served when: tasks after tasks, delays, limits and shares; and why something waits."""

from __future__ import annotations

import json

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World, node, task_document

from renderbus_farm.dispatcher import Dispatcher
from renderbus_farm.rules.people import User
from renderbus_farm.rules.plans import Plan
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.shares import Share
from renderbus_farm.rules.work import Fault
from renderbus_farm.store import shares, units
from renderbus_farm.store.database import Database
from renderbus_model.wire.frame import WaitingFrames, WhyQuery
from renderbus_model.wire.task import SubmitTask, TaskDocument


def draft(world: World, task_id: int, frames: str = "1-4", by: User | None = None, **more: object) -> int:
    """The documents of this task are there, and its ``additional_info`` says this."""
    by = by or world.user
    world.upload({SCENE: b"BLENDER"}, by)
    world.documents(task_id, frames=frames, by=by)
    task = task_document(frames, ["ViewLayer"]) | {"additional_info": more}
    document = TaskDocument(task_id=task_id, file_name="task.json", content=json.dumps(task))
    world.tasks.store_document(document, by=by)
    return task_id


def submitted(world: World, frames: str = "1-4", by: User | None = None, **more: object) -> int:
    """A task whose ``additional_info`` says this."""
    by = by or world.user
    task_id = draft(world, world.new_task(by), frames, by, **more)
    world.tasks.submit(SubmitTask(task_id=task_id), by=by)
    return task_id


def whys(world: World, task_id: int, frame: int | None = None) -> list[WaitingFrames]:
    return world.of_frames.whys(WhyQuery(task_id=task_id, frame=frame), by=world.user).items


def why(world: World, task_id: int) -> str:
    (found,) = whys(world, task_id)
    return found.reason


def rendered_numbers(world: World, task_id: int) -> list[int]:
    return [order.numbers[0] for order in world.executor.history if order.task_id == task_id]


def test_a_task_begins_when_those_before_it_have_ended_well(world: World) -> None:
    first = submitted(world, "1-2")
    second = submitted(world, "1", after=[str(first)])
    world.tick()
    assert {order.task_id for order in world.executor.history} == {first}
    assert why(world, second) == f"Its task comes after task {first}: {first} is Rendering."
    world.render_to_end()
    assert world.status(second) == 25


def test_a_task_whose_predecessor_failed_waits_and_says_so(world: World) -> None:
    first = submitted(world, "1")
    second = submitted(world, "1", after=[str(first)])
    world.tick()
    (chunk,) = world.executor.orders
    world.executor.fail(chunk)
    world.tick()
    world.tick()
    assert world.executor.orders == {}
    assert why(world, second) == (
        f"Its task comes after task {first}: {first} is Failed; start it, or restart its frames that failed."
    )


def test_a_task_begins_at_its_time_and_not_before(world: World) -> None:
    task_id = submitted(world, "1", not_before=str(world.now + 60))
    world.tick(30)
    assert world.executor.orders == {}
    assert why(world, task_id).startswith("Its task begins at ")
    world.tick(31)
    assert len(world.executor.orders) == 1


def test_the_frames_of_a_sequential_task_follow_one_another(world: World) -> None:
    world.executor.all_nodes = [node("w-01"), node("w-02")]
    task_id = submitted(world, "1-4", sequential="1")
    for number in range(1, 5):
        world.tick()
        assert [order.numbers for order in world.executor.orders.values()] == [(number,)]
        world.executor.finish_all()
    assert rendered_numbers(world, task_id) == [1, 2, 3, 4]


def test_nothing_of_a_sequential_task_overtakes_a_frame_that_is_tried_again(world: World) -> None:
    task_id = submitted(world, "1-3", sequential="1")
    world.tick()
    (chunk,) = world.executor.orders
    world.executor.fail(chunk, "no space left", Fault.NODE)
    world.tick()
    assert world.executor.orders == {}
    assert {each.frames: each.reason for each in whys(world, task_id)}["2-3[1]"] == (
        "Its task renders one frame after another, and an earlier one waits for its next try."
    )
    world.tick(400)
    assert rendered_numbers(world, task_id) == [1, 1]


def test_chunks_grow_to_the_time_that_was_asked_for(world: World) -> None:
    task_id = submitted(world, "1-40", chunk_seconds="20")
    world.tick()
    assert rendered_numbers(world, task_id) == [1, 2]
    for chunk in list(world.executor.orders):
        world.executor.finish(chunk, seconds=4.0)
    world.tick()
    assert rendered_numbers(world, task_id) == [1, 2, *range(3, 8), *range(8, 8)]


def limited(world: World, **limits: int) -> None:
    """The farm has so many of these."""
    world.dispatcher = Dispatcher(world.database, world.executor, limits=limits)


def test_no_more_nodes_take_a_licence_than_there_are(world: World) -> None:
    world.executor.all_nodes = [node(f"w-0{number}") for number in range(1, 5)]
    limited(world, nas=2)
    submitted(world, "1-20", limits={"NAS": 1})
    for _ in range(4):
        world.tick()
        assert len({order.node for order in world.executor.orders.values()}) == 2
        world.executor.finish_all()


def test_a_limit_is_taken_by_what_is_called_like_it(world: World) -> None:
    world.executor.all_nodes = [node("w-01"), node("w-02")]
    limited(world, blender=1)
    submitted(world, "1-20")
    world.tick()
    assert len({order.node for order in world.executor.orders.values()}) == 1


def test_shares_hold_from_the_next_look_on(world: World) -> None:
    world.executor.all_nodes = [node("w-01", 6)]
    bob = world.accounts.add("bob").user
    mine, bobs = submitted(world, "1-20"), submitted(world, "1-20", by=bob)
    with world.database.writing() as db:
        shares.put(db, world.user.id, Share(weight=2.0))
        shares.put(db, bob.id, Share(at_most=1))
    world.tick()
    tasks = [order.task_id for order in world.executor.orders.values()]
    assert (tasks.count(mine), tasks.count(bobs)) == (5, 1)


def test_where_one_frame_stands_is_told_whatever_it_does(world: World) -> None:
    task_id = world.submitted("1-4", pre_frames="100", stop_after_test="1")
    world.tick()
    (on_a_node,) = whys(world, task_id, frame=1)
    assert on_a_node.reason == "It is on node w-01."
    (held,) = whys(world, task_id)
    assert (held.frames, held.units) == ("2-4[1]", 3)
    assert held.reason.startswith("It is held until the test frames have ended")
    assert whys(world, task_id, frame=9) == []


@pytest.mark.parametrize("command", ["stop", "abort"])
def test_frames_that_were_stopped_say_by_whom(world: World, command: str) -> None:
    task_id = world.submitted("1-4")
    getattr(world.tasks, command)([task_id], by=world.user)
    assert why(world, task_id).startswith(
        {"stop": "Its task was stopped", "abort": "Its task was aborted"}[command]
    )


def test_reasons_come_page_by_page(world: World) -> None:
    task_id = world.submitted("1-4", layers=[f"layer {number}" for number in range(5)])
    pages = [
        world.of_frames.whys(WhyQuery(task_id=task_id, page_num=page, page_size=2), by=world.user)
        for page in (1, 2, 3, 4)
    ]
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}
    assert sum(item.units for page in pages for item in page.items) == 20


def test_a_task_that_takes_more_than_there_is_fails_after_a_while_and_says_so(world: World) -> None:
    limited(world, nas=2)
    task_id = submitted(world, "1", limits={"nas": 3})
    for _ in range(70):
        world.tick(14)
    assert world.status(task_id) == 45
    assert (
        "it takes 3 of nas, and the farm has 2 in all"
        in world.lists.explain(task_id, by=world.user).reasons[-1]
    )


def test_two_tasks_never_wait_for_one_another_however_they_are_submitted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.new_task()
    second = world.new_task()
    draft(world, first, after=[str(second)])
    draft(world, second, after=[str(first)])
    fill = units.fill

    def between(database: Database, task_id: int, plan: Plan, now: float) -> units.Filled:
        filled = fill(database, task_id, plan, now)
        if task_id == first:
            world.tasks.submit(SubmitTask(task_id=second), by=world.user)
        return filled

    monkeypatch.setattr(units, "fill", between)
    with pytest.raises(BadValue, match="tasks would wait for one another"):
        world.tasks.submit(SubmitTask(task_id=first), by=world.user)


def test_the_explanation_of_a_task_knows_limits_shares_and_its_order(world: World) -> None:
    def reasons(task_id: int) -> list[str]:
        return world.lists.explain(task_id, by=world.user).reasons

    world.executor.all_nodes = [node("a"), node("b")]
    in_order = submitted(world, "1-3", sequential="1")
    world.tick()
    assert (
        "2 frames are waiting: their task renders one frame after another, and an earlier one is on a node."
        in (reasons(in_order))
    )
    with world.database.writing() as db:
        shares.put(db, world.user.id, Share(at_most=1))
    second = submitted(world, "1-3")
    assert reasons(second) == [
        "3 frames are waiting: their account has 1 frames at once, the most that it may have."
    ]
    with world.database.writing() as db:
        shares.put(db, world.user.id, Share())
