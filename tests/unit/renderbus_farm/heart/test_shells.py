"""Shells: a task of several layers whose parts are tasks of their own, shown and told things together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.frame import ChosenFrames, FrameQuery
from renderbus_model.wire.task import (
    RestartTasks,
    TaskItem,
    TaskLevel,
    TaskListQuery,
    TaskNodeLimit,
    TaskTimeLimit,
)
from renderbus_model.wire.transfer import OutputQuery
from renderbus_model.wire.transmitter import OutputFolderQuery

T = TaskStatus
LAYERS = ("beauty", "shadow")


@pytest.fixture
def shell(world: World) -> int:
    return world.submitted("1-2[1]", layers=LAYERS, enable_layered="1")


def parts(world: World, shell_id: int) -> list[TaskItem]:
    return world.task(shell_id).resp_rendering_task_list or []


def ids(world: World, shell_id: int) -> list[int]:
    return [part.id for part in parts(world, shell_id)]


def test_each_layer_is_a_task_below_the_shell(world: World, shell: int) -> None:
    whole = world.task(shell)
    assert (whole.is_open, whole.output_file_name, whole.task_type, whole.layer_parent_id) == (1, None, "", 0)
    assert (whole.total_frames, whole.task_status, whole.layer_name) == (4, T.WAITING, "beauty,shadow")
    found = parts(world, shell)
    assert [(part.layer_name, part.layer_parent_id, part.is_open) for part in found] == [
        ("beauty", shell, 0),
        ("shadow", shell, 0),
    ]
    assert [part.output_file_name for part in found] == [f"{part.id}_shot" for part in found]
    assert [part.id > shell and part.total_frames == 2 for part in found] == [True, True]
    assert world.miscounted() == []


def test_a_part_is_found_by_its_own_id_and_lists_show_it_in_its_shell_alone(world: World, shell: int) -> None:
    first = ids(world, shell)[0]
    assert (world.task(first).id, world.task(first).layer_parent_id) == (first, shell)
    page = world.lists.page(TaskListQuery(), by=world.user)
    assert ([item.id for item in page.items], page.total) == ([shell], 1)
    assert [part.id for part in page.items[0].resp_rendering_task_list or []] == ids(world, shell)
    assert world.lists.totals(by=world.user).total_frames == 4


def test_layers_make_no_shell_unless_that_is_asked_for(world: World) -> None:
    plain = world.submitted("1", layers=LAYERS)
    single = world.submitted("1", layers=["beauty"], enable_layered="1")
    switched_off = world.submitted("1", layers=LAYERS, enable_layered="1", is_layer_rendering="0")
    assert [world.task(task_id).is_open for task_id in (plain, single, switched_off)] == [0, 0, 0]
    assert world.task(plain).resp_rendering_task_list is None


def test_the_frames_of_a_shell_are_those_of_its_parts_page_by_page(world: World, shell: int) -> None:
    ask = [FrameQuery(task_id=shell, page_num=number, page_size=3) for number in (1, 2, 3)]
    pages = [world.of_frames.page(each, by=world.user) for each in ask]
    assert [[(f.layer_name, f.frame_index) for f in page.items] for page in pages] == [
        [("beauty", "1"), ("beauty", "2"), ("shadow", "1")],
        [("shadow", "2")],
        [],
    ]
    assert {page.total for page in pages} == {4}
    found = world.of_frames.page(FrameQuery(task_id=shell, search_keyword="2"), by=world.user)
    assert [(f.layer_name, f.frame_index) for f in found.items] == [("beauty", "2"), ("shadow", "2")]


def test_a_shell_renders_and_its_results_lie_in_its_parts(world: World, shell: int) -> None:
    world.render_to_end()
    assert world.status(shell) == T.FINISHED
    item = world.task(shell)
    assert (item.done_frames, item.completed_date is not None, item.render_duration) == (4, True, 8)
    folders = [f"{part.id}_shot" for part in parts(world, shell)]
    listed = world.transfers.list_outputs(OutputQuery(task_id=shell), by=world.user)
    assert [file.path for file in listed.files] == [
        f"{folder}/Scene/{layer}/shot_000{number}.png"
        for folder, layer in zip(folders, LAYERS, strict=True)
        for number in (1, 2)
    ]
    behind = world.transfers.list_outputs(
        OutputQuery(task_id=shell, after=listed.files[0].path), by=world.user
    )
    assert [file.path for file in behind.files] == [file.path for file in listed.files[1:]]
    tree = world.files.listing(OutputFolderQuery(task_id=shell), by=world.user)
    assert {entry.file_name for entry in tree} == set(folders)
    inside = world.files.listing(
        OutputFolderQuery(task_id=0, tree_path=f"/{folders[0]}/Scene/beauty"), by=world.user
    )
    assert {entry.file_name for entry in inside} == {"shot_0001.png", "shot_0002.png"}
    assert world.miscounted() == []


def test_stop_and_start_of_a_shell_reach_all_its_parts(world: World, shell: int) -> None:
    world.tasks.stop([shell], by=world.user)
    assert [part.task_status for part in parts(world, shell)] == [T.STOP, T.STOP]
    assert world.status(shell) == T.STOP
    world.tasks.start([shell], by=world.user)
    assert [part.task_status for part in parts(world, shell)] == [T.WAITING, T.WAITING]
    world.render_to_end()
    assert world.status(shell) == T.FINISHED


def test_a_part_can_be_stopped_alone(world: World, shell: int) -> None:
    first, second = ids(world, shell)
    world.tasks.stop([first], by=world.user)
    world.render_to_end()
    assert (world.status(first), world.status(second), world.status(shell)) == (T.STOP, T.FINISHED, T.STOP)
    world.tasks.start([first], by=world.user)
    world.render_to_end()
    assert world.status(shell) == T.FINISHED
    assert world.miscounted() == []


def test_an_aborted_part_keeps_its_shell_from_nothing(world: World, shell: int) -> None:
    first, _ = ids(world, shell)
    world.tasks.abort([first], by=world.user)
    world.tasks.stop([shell], by=world.user)
    world.tasks.start([shell], by=world.user)
    world.render_to_end()
    assert (world.status(first), world.status(shell)) == (T.ABANDON, T.FINISHED)
    with pytest.raises(BadValue, match=f"task {first} was aborted"):
        world.tasks.start([first], by=world.user)


def test_an_aborted_shell_stays_aborted(world: World, shell: int) -> None:
    world.tick()
    world.executor.finish(min(world.executor.orders))
    world.tasks.abort([shell], by=world.user)
    world.render_to_end()
    assert world.status(shell) == T.ABANDON
    with pytest.raises(BadValue, match=f"task {shell} was aborted"):
        world.tasks.start([shell], by=world.user)


def test_a_part_of_an_aborted_shell_that_is_restarted_is_shown_by_it(world: World) -> None:
    shell = world.submitted("1", layers=LAYERS, enable_layered="1")
    world.tick()
    world.executor.finish(min(world.executor.orders))
    world.tick()
    world.tasks.abort([shell], by=world.user)
    first = ids(world, shell)[0]
    assert [world.status(part) for part in ids(world, shell)] == [T.FINISHED, T.ABANDON]
    world.of_frames.restart(ChosenFrames(task_id=first, select_all=1), by=world.user)
    world.tick()
    assert (world.status(first), world.status(shell)) == (T.RENDERING, T.RENDERING)
    world.render_to_end()
    assert (world.status(first), world.status(shell)) == (T.FINISHED, T.ABANDON)


def test_a_deleted_shell_is_listed_among_the_deleted_with_its_parts(world: World, shell: int) -> None:
    first, second = ids(world, shell)
    world.tasks.delete([first], by=world.user)
    assert ids(world, shell) == [second]
    world.tasks.delete([shell], by=world.user)
    with pytest.raises(NotFound):
        world.task(second)
    bin_ = world.lists.page(TaskListQuery(recycle_flag=1), by=world.user).items
    assert [part.id for part in bin_[0].resp_rendering_task_list or []] == [first, second]


def test_with_its_last_part_a_shell_is_deleted_too(world: World, shell: int) -> None:
    world.tasks.delete(ids(world, shell), by=world.user)
    with pytest.raises(NotFound):
        world.task(shell)


def test_test_frames_of_all_parts_come_first_and_full_speed_lets_all_go(world: World) -> None:
    shell = world.submitted(
        "1-2[1]", layers=LAYERS, enable_layered="1", pre_frames="100", stop_after_test="1"
    )
    world.render_to_end()
    assert [part.task_status for part in parts(world, shell)] == [T.FINISHED_TEST] * 2
    assert world.status(shell) == T.FINISHED_TEST
    world.tasks.full_speed([shell], by=world.user)
    world.render_to_end()
    assert world.status(shell) == T.FINISHED


def test_failed_and_chosen_frames_of_a_shell_are_restarted_in_all_parts(world: World, shell: int) -> None:
    world.tick()
    world.executor.fail(min(world.executor.orders))
    world.render_to_end()
    assert world.status(shell) == T.FINISHED_HAS_FAILED
    world.tasks.restart_failed(RestartTasks(task_ids=[shell]), by=world.user)
    world.render_to_end()
    assert world.status(shell) == T.FINISHED
    last = world.frames(shell)[-1]
    world.of_frames.restart(ChosenFrames(task_id=shell, select_all=0, ids=[last.id]), by=world.user)
    assert world.task(last.task_id).task_status == T.RENDERING
    world.of_frames.stop(ChosenFrames(task_id=shell, select_all=1), by=world.user)
    world.of_frames.restart(ChosenFrames(task_id=shell, select_all=1), by=world.user)
    world.render_to_end()
    assert world.status(shell) == T.FINISHED


def test_what_is_changed_of_a_shell_is_changed_of_its_parts(world: World, shell: int) -> None:
    world.changes.level(TaskLevel(task_id=shell, task_user_level=60), by=world.user)
    world.changes.node_limit(TaskNodeLimit(task_id=shell, task_limit=1), by=world.user)
    world.changes.time_limit(TaskTimeLimit(task_ids=[shell], over_time=7), by=world.user)
    found = [world.task(shell), *parts(world, shell)]
    assert {(item.task_user_level, item.task_limit, item.over_time_stop) for item in found} == {(60, 1, 7)}
    world.tick()
    world.tick(after_s=100)
    assert world.status(shell) == T.TIME_OUT_STOP


@pytest.mark.parametrize(
    "command",
    [
        lambda world, task_id, by: world.tasks.stop([task_id], by=by),
        lambda world, task_id, by: world.lists.info([task_id], by=by),
        lambda world, task_id, by: world.of_frames.page(FrameQuery(task_id=task_id), by=by),
        lambda world, task_id, by: world.transfers.list_outputs(OutputQuery(task_id=task_id), by=by),
    ],
)
def test_parts_are_their_shells_owners(
    world: World, shell: int, command: Callable[[World, int, User], object]
) -> None:
    eve = world.accounts.add("eve").user
    for task_id in (shell, *ids(world, shell)):
        with pytest.raises(NotFound):
            command(world, task_id, eve)


def test_why_a_shell_waits_is_why_its_parts_do(world: World, shell: int) -> None:
    world.executor.all_nodes = []
    why = world.lists.explain(shell, by=world.user)
    assert why.reasons[0].startswith("2 frames are waiting: the farm has no node that is ready")


def test_a_shell_survives_the_death_of_the_farm(world: World, shell: int) -> None:
    before = world.task(shell)
    world.restart()
    assert world.task(shell) == before
    world.render_to_end()
    assert world.status(shell) == T.FINISHED
