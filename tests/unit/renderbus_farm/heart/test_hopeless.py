"""A task that no node can ever render ends, so that nobody waits for it for ever."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm import hopeless
from renderbus_farm.dispatcher import Dispatcher
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.task import RestartTasks, TaskHardware

GIVES_UP_AFTER_S = 60.0
MAYA = 2000


@pytest.fixture
def maya_only(world: World) -> World:
    """A farm whose only node has another application."""
    world.executor.all_nodes = [node("w-01", cg_id=MAYA)]
    world.dispatcher = Dispatcher(world.database, world.executor, gives_up_after_s=GIVES_UP_AFTER_S)
    return world


def wait(world: World, seconds: float) -> None:
    for _ in range(int(seconds)):
        world.tick()


def test_a_task_that_fits_no_node_fails_after_a_while_and_says_why(maya_only: World) -> None:
    task_id = maya_only.submitted("1-3[1]")
    wait(maya_only, 55)
    assert maya_only.status(task_id) == TaskStatus.WAITING
    wait(maya_only, 15)
    assert maya_only.status(task_id) == TaskStatus.FAILED
    frames = maya_only.frames(task_id)
    assert {frame.frame_status for frame in frames} == {FrameStatus.FAILED}
    why = "given up after 60 s: no node of the farm has Blender; install it on one"
    assert {frame.error for frame in frames} == {why}
    assert maya_only.lists.explain(task_id, by=maya_only.user).reasons[-1] == f"The first error: {why}"
    assert maya_only.task(task_id).completed_date is not None
    assert maya_only.miscounted() == []


def test_while_it_waits_it_says_that_it_will_fail(maya_only: World) -> None:
    task_id = maya_only.submitted("1")
    why = maya_only.lists.explain(task_id, by=maya_only.user)
    assert not why.possible
    assert why.reasons[-1] == "If that stays so for 15 min, they fail."


def test_a_farm_without_any_node_gives_up_too(maya_only: World) -> None:
    maya_only.executor.all_nodes = []
    task_id = maya_only.submitted("1")
    wait(maya_only, 70)
    assert maya_only.status(task_id) == TaskStatus.FAILED
    assert "has no node that is ready" in maya_only.frames(task_id)[0].error


def test_a_node_that_comes_back_in_time_begins_the_wait_anew(maya_only: World) -> None:
    fitting, other = node("w-02", places=0), node("w-01", cg_id=MAYA)
    task_id = maya_only.submitted("1")
    for _ in range(3):
        maya_only.executor.all_nodes = [other]
        wait(maya_only, 50)
        maya_only.executor.all_nodes = [other, fitting]  # it has no free place, but it is there
        wait(maya_only, 10)
    assert maya_only.status(task_id) == TaskStatus.WAITING


def test_a_machine_that_slept_has_seen_no_node_meanwhile(maya_only: World) -> None:
    task_id = maya_only.submitted("1")
    wait(maya_only, 10)
    maya_only.tick(after_s=8 * 3600)
    assert maya_only.status(task_id) == TaskStatus.WAITING


def test_frames_that_were_given_up_wait_the_whole_time_again_when_restarted(maya_only: World) -> None:
    task_id = maya_only.submitted("1-2[1]")
    wait(maya_only, 70)
    maya_only.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=maya_only.user)
    wait(maya_only, 50)
    assert maya_only.status(task_id) == TaskStatus.WAITING
    maya_only.executor.all_nodes = [node("w-02")]
    maya_only.render_to_end()
    assert maya_only.status(task_id) == TaskStatus.FINISHED
    assert maya_only.miscounted() == []


def test_frames_that_wait_for_test_frames_are_given_up_with_them(maya_only: World) -> None:
    task_id = maya_only.submitted("1-5[1]", pre_frames="100", stop_after_test="1")
    wait(maya_only, 70)
    assert maya_only.status(task_id) == TaskStatus.FAILED


def test_what_a_node_can_render_is_not_given_up_however_long_it_waits(maya_only: World) -> None:
    maya_only.executor.all_nodes = [node("w-01", places=1)]
    busy, waiting, hopeless = (maya_only.submitted("1-2[1]") for _ in range(3))
    maya_only.changes.hardware(TaskHardware(task_ids=[hopeless], ram="512GB"), by=maya_only.user)
    wait(maya_only, 70)
    assert [maya_only.status(each) for each in (busy, waiting, hopeless)] == [
        TaskStatus.RENDERING,
        TaskStatus.WAITING,
        TaskStatus.FAILED,
    ]


def test_a_task_that_waits_for_its_owner_is_not_given_up(maya_only: World) -> None:
    task_id = maya_only.submitted("1")
    maya_only.tasks.stop([task_id], by=maya_only.user)
    wait(maya_only, 70)
    assert maya_only.status(task_id) == TaskStatus.STOP


def test_a_long_queue_is_given_up_a_part_at_a_time(maya_only: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hopeless, "MOST_AT_ONCE", 2)
    ids = [maya_only.submitted("1") for _ in range(5)]
    counts = []
    wait(maya_only, 60)
    for _ in range(5):
        counts.append(sum(maya_only.status(task_id) == TaskStatus.FAILED for task_id in ids))
        maya_only.tick()
    assert counts == sorted(counts)
    assert all(after - before <= 2 for before, after in pairwise(counts))
    wait(maya_only, 10)
    assert {maya_only.status(task_id) for task_id in ids} == {TaskStatus.FAILED}
