"""What an account has chosen for all of its tasks acts on those that are submitted from then on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules.people import AccountSettings, User
from renderbus_farm.rules.refusals import DownloadsDisabled, MayNotDelete
from renderbus_farm.store import accounts
from renderbus_farm.store.account_tables import membership
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.transfer import OutputQuery
from renderbus_model.wire.transmitter import OutputFolderQuery


def choose(world: World, by: User | None = None, **chosen: int) -> None:
    who = (by or world.user).id
    with world.database.writing() as db:
        settings = replace(accounts.settings(db, who), **chosen)  # type: ignore[arg-type]  # flags too
        accounts.keep_settings(db, who, settings)


def test_a_task_waits_for_its_owner_where_the_account_starts_tasks_by_hand(world: World) -> None:
    choose(world, auto_commit=False)
    task_id = world.submitted("1-2[1]")
    world.tick()
    assert world.executor.orders == {}
    assert world.status(task_id) == TaskStatus.STOP  # an end for those that wait for results
    assert not world.dispatcher.anything_left()
    (reason,) = world.lists.explain(task_id, by=world.user).reasons
    assert reason == "The task waits for you to start it: its account has autoCommit 1."
    world.tasks.start([task_id], by=world.user)
    assert world.status(task_id) == TaskStatus.WAITING
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_a_task_that_is_started_by_hand_still_begins_with_its_test_frames(world: World) -> None:
    choose(world, auto_commit=False)
    task_id = world.submitted("1-4[1]", pre_frames="100", stop_after_test="1")
    world.tasks.start([task_id], by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED_TEST
    held = FrameStatus.WAITS_FOR_TEST_FRAMES
    assert world.frame_statuses(task_id) == [FrameStatus.DONE, held, held, held]


def test_a_task_that_waits_for_its_owner_can_be_given_up(world: World) -> None:
    choose(world, auto_commit=False)
    task_id = world.submitted("1-2[1]")
    world.tasks.stop([task_id], by=world.user)
    assert world.status(task_id) == TaskStatus.STOP
    world.tasks.abort([task_id], by=world.user)
    assert world.status(task_id) == TaskStatus.ABANDON
    assert world.miscounted() == []


def test_a_node_renders_as_many_frames_in_one_go_as_the_account_chose(world: World) -> None:
    world.executor.all_nodes = [node("a"), node("b")]
    choose(world, single_node_render_frames=3)
    task_id = world.submitted("1-6[1]", frames_per_task="1")  # what clients write who were told nothing
    world.render_to_end()
    orders = [order for order in world.executor.history if order.task_id == task_id]
    assert [order.numbers for order in orders] == [(1, 2, 3), (4, 5, 6)]
    assert {order.node for order in orders} == {"a", "b"}


def test_a_task_says_itself_how_many_frames_go_together(world: World) -> None:
    world.executor.all_nodes = [node("a"), node("b")]
    choose(world, single_node_render_frames=6)
    task_id = world.submitted("1-4[1]", frames_per_task="2")
    world.tick()
    assert [order.numbers for order in world.executor.history] == [(1, 2), (3, 4)]
    assert [frame.frame_index for frame in world.frames(task_id)] == ["1-2[1]", "3-4[1]"]


def test_a_still_goes_alone_unless_the_task_itself_says_otherwise(world: World) -> None:
    choose(world, single_node_render_frames=6)
    still = world.submitted("1-3[1]", is_picture="1")
    together = world.submitted("1-3[1]", is_picture="1", frames_per_task="3")
    assert [frame.frame_index for frame in world.frames(still)] == ["1", "2", "3"]
    assert [frame.frame_index for frame in world.frames(together)] == ["1-3[1]"]


def test_results_of_an_account_that_disabled_downloads_cannot_be_listed(world: World) -> None:
    task_id = world.submitted("1")
    world.render_to_end()
    choose(world, download_disable=True)
    with pytest.raises(DownloadsDisabled, match="downloadDisable 1"):
        world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user)
    with pytest.raises(DownloadsDisabled):
        world.files.listing(OutputFolderQuery(task_id=task_id), by=world.user)
    choose(world, download_disable=False)
    assert len(world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files) == 1


def test_a_task_is_over_time_after_what_it_or_its_account_says(world: World) -> None:
    choose(world, task_over_time_s=100)
    task_id = world.submitted("1", time_out="43200")
    own = world.submitted("1", time_out="7200")
    hours = world.submitted("1", time_out="12")
    assert [world.task(each).task_over_time for each in (task_id, own, hours)] == [100, 7200, 43200]
    world.tick()
    assert world.task(task_id).is_over_time == 0
    world.tick(after_s=101)
    assert (world.task(task_id).is_over_time, world.task(own).is_over_time) == (1, 0)
    assert world.status(task_id) == TaskStatus.RENDERING


def test_results_lie_in_folders_of_their_layer_where_the_account_wants_it(world: World) -> None:
    flat = world.submitted("1", layers=["beauty"])
    choose(world, use_level_directory=True)
    task_id = world.submitted("1", layers=["beauty"])
    world.render_to_end()

    def paths(of: int) -> list[str]:
        return [
            file.path for file in world.transfers.list_outputs(OutputQuery(task_id=of), by=world.user).files
        ]

    assert paths(flat) == [f"{flat}_shot/shot_0001.png"]
    assert paths(task_id) == [f"{task_id}_shot/Scene/beauty/shot_0001.png"]


def test_a_sub_account_deletes_tasks_only_where_its_main_account_allows_it(world: World) -> None:
    sub = world.accounts.add("sub").user
    with world.database.writing() as db:
        db.execute(membership.insert().values(account_id=sub.id, main_account_id=world.user.id))
    task_id = world.submitted("1", by=sub)
    with pytest.raises(MayNotDelete, match="subDeleteTask 1"):
        world.tasks.delete([task_id], by=sub)
    assert world.lists.info([task_id], by=sub).total == 1
    choose(world, sub_delete_task=True)
    world.tasks.delete([task_id], by=sub)


def test_what_was_submitted_before_stays_as_it_was(world: World) -> None:
    task_id = world.submitted("1")
    choose(world, auto_commit=False, task_over_time_s=1)
    assert world.task(task_id).task_over_time == AccountSettings().task_over_time_s
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
