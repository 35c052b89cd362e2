"""From a submitted task to its pictures: what a tick does."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World, node

from renderbus_farm.assigning import RECALL_AFTER_S
from renderbus_farm.dispatcher import IDLE_TICK_S, TICK_S
from renderbus_farm.executors.simulated import PICTURE, SimulatedNodes
from renderbus_farm.rules.failures import LONGEST_WAIT_S
from renderbus_farm.rules.leases import LEASE_S, LONGEST_GAP_S, RENEW_S
from renderbus_farm.rules.lifecycle import MOST_LOST_ATTEMPTS
from renderbus_farm.rules.work import ChunkId, Failed, Fault, Finished, Node, Output, Progress
from renderbus_farm.store.database import Database
from renderbus_model.pieces import Digest, Manifest
from renderbus_model.statuses import FrameStatus, FrameType, TaskStatus
from renderbus_model.wire.frame import ChosenFrames, FrameLogQuery, ThumbnailQuery
from renderbus_model.wire.transfer import OutputQuery

W, R, D, F = FrameStatus.WAITING, FrameStatus.RENDERING, FrameStatus.DONE, FrameStatus.FAILED


def test_a_submitted_task_is_rendered_to_its_last_frame(world: World) -> None:
    task_id = world.submitted("1-5[1]")
    assert world.status(task_id) == TaskStatus.WAITING
    world.render_to_end()
    task = world.task(task_id)
    assert task.task_status == TaskStatus.FINISHED
    assert (task.total_frames, task.done_frames, task.executing_frames) == (5, 5, 0)
    assert task.render_duration == 10
    assert task.completed_date is not None
    outputs = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user)
    assert [file.path for file in outputs.files] == [f"{task_id}_shot/shot_{n:04d}.png" for n in range(1, 6)]


def test_an_order_holds_everything_that_a_node_must_know(world: World) -> None:
    task_id = world.submitted("7", job_stop_time="90")
    world.tick()
    (order,) = world.executor.history
    assert (order.task_id, order.numbers, order.scene, order.node) == (task_id, (7,), SCENE, "w-01")
    assert (order.time_limit_s, order.allow_scripts, order.output) == (90, False, "shot_####")
    assert (order.choice.engine, order.choice.view_layers) == ("CYCLES", ("ViewLayer",))
    with world.blobs.get(order.inputs) as stream:
        assert [entry.path for entry in Manifest.decode(stream.read()).files] == [SCENE]


def test_scripts_run_only_for_an_account_that_may_run_them(world: World) -> None:
    trusted = world.accounts.add("tess", allow_scripts=True).user
    world.submitted("1", by=trusted)
    world.tick()
    assert [order.allow_scripts for order in world.executor.history] == [True]


def test_a_node_never_gets_more_frames_than_it_has_places_for(world: World) -> None:
    world.submitted("1-10[1]")
    world.tick()
    world.tick()
    assert len(world.executor.orders) == 2


def test_frames_of_two_tasks_take_turns(world: World) -> None:
    first, second = world.submitted(), world.submitted()
    world.tick()
    assert [order.task_id for order in world.executor.history] == [first, second]


def test_a_frame_shows_when_it_began_and_how_far_it_is(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    (chunk,) = world.executor.orders
    world.executor.began(chunk)
    world.tick()
    began_at = world.now
    world.executor.progressed(chunk, 40.04)
    world.tick(5)
    (frame,) = world.frames(task_id)
    assert (frame.frame_status, frame.frame_percent, frame.node_name) == (R, 40.0, "w-01")
    assert (frame.start_time, frame.current_render_time) == (began_at * 1000, 5)
    world.executor.finish(chunk, seconds=6.6)
    world.tick()
    (frame,) = world.frames(task_id)
    assert (frame.frame_percent, frame.frame_execute_time, frame.current_render_time) == (100.0, 7, 0)
    assert frame.end_time == world.now * 1000


def test_progress_of_no_sense_does_no_harm(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    (chunk,) = world.executor.orders
    world.executor.began(chunk)
    for percent in (250.0, -3.0, float("nan"), float("inf")):
        world.executor.reports += [Progress(chunk, percent), Progress(ChunkId(4711, 1), 50.0)]
        world.tick(2)
        assert 0 <= world.frames(task_id)[0].frame_percent <= 100


def test_an_error_of_the_renderer_fails_the_frame_at_once(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    world.executor.fail(first, "no camera in scene 'Scene'")
    world.executor.finish(second)
    world.tick()
    assert world.frame_statuses(task_id) == [F, D]
    assert world.frames(task_id)[0].error == "no camera in scene 'Scene'"
    assert world.status(task_id) == TaskStatus.FINISHED_HAS_FAILED


def test_a_frame_over_its_time_limit_counts_as_failed(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    world.executor.fail(next(iter(world.executor.orders)), "longer than 90 s", Fault.TIME)
    world.tick()
    assert world.frame_statuses(task_id) == [FrameStatus.TIMED_OUT]
    assert world.status(task_id) == TaskStatus.FAILED


def test_a_frame_whose_process_died_is_tried_again_a_limited_number_of_times(world: World) -> None:
    task_id = world.submitted("1")
    for number in range(1, MOST_LOST_ATTEMPTS + 1):
        world.tick()  # what ended is told, and how long it waits
        world.tick(after_s=LONGEST_WAIT_S)
        assert list(world.executor.orders) == [ChunkId(world.frames(task_id)[0].id, number)]
        world.executor.fail(next(iter(world.executor.orders)), "killed by signal 9", Fault.LOST)
    world.tick()
    (frame,) = world.frames(task_id)
    assert frame.frame_status == F
    assert frame.error == "given up after 3 attempts that were lost; the last one: killed by signal 9"


def test_a_frame_that_its_executor_forgot_waits_again_when_its_lease_has_run_out(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    world.executor.forget(next(iter(world.executor.orders)))
    for _ in range(2):
        world.tick(LONGEST_GAP_S)
        assert world.frame_statuses(task_id) == [R]
    world.tick(LONGEST_GAP_S)
    assert [order.id.attempt for order in world.executor.history] == [1, 2]


def test_the_frames_of_a_silent_node_are_rendered_by_another(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    world.executor.all_nodes = [node("w-02")]  # a silent node is offered no more
    world.executor.silent = {"w-01"}
    frozen = set(world.executor.orders)
    world.lose()
    assert {order.node for order in world.executor.history[-2:]} == {"w-02"}
    assert set(world.executor.cancelled) == frozen
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_node_that_renews_keeps_its_frames_however_long_they_take(world: World) -> None:
    world.submitted("1-2[1]")
    world.tick()
    for _ in range(20):
        world.tick(LONGEST_GAP_S)
    assert len(world.executor.history) == 2


def test_a_farm_that_was_stopped_for_an_hour_holds_that_against_no_node(world: World) -> None:
    world.submitted("1-2[1]")
    world.tick()
    world.executor.silent = {"w-01"}  # what the node said meanwhile is not read yet
    world.tick(3600)
    world.tick(0.5)
    world.executor.silent = set()
    world.lose()
    assert len(world.executor.history) == 2


def test_leases_are_written_down_once_in_a_while(world: World) -> None:
    world.submitted("1-2[1]")
    world.tick()
    claimed_at = world.now
    assert set(world.leases().values()) == {claimed_at + LEASE_S}
    changes: list[int] = []
    for _ in range(10):
        before = world.leases()
        world.tick(RENEW_S / 5)
        changes.append(world.leases() != before)
    assert sum(changes) == 2
    assert min(world.leases().values()) > claimed_at + LEASE_S


def test_frames_that_nodes_may_still_render_are_not_given_back_by_a_new_farm(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    orders = dict(world.executor.orders)
    world.restart(nodes_outlive_farm=True)
    world.tick()
    assert world.frame_statuses(task_id) == [R, R]
    world.executor.orders[first] = orders[first]  # its node has found the new farm
    world.lose()
    assert {(order.id.frame_id, order.id.attempt) for order in world.executor.history} == {
        (second.frame_id, 2)
    }
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert [outcome for _, outcome in sorted(world.outcomes(task_id))] == [
        "RENDERED",
        "NODE_LOST",
        "RENDERED",
    ]


def test_a_frame_that_was_rendered_while_no_farm_was_there_is_not_rendered_again(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    late = [Finished(chunk, (Output(f"{chunk.frame_id}.png", PICTURE, 7),), 9.0) for chunk in (first, second)]
    world.restart()
    world.executor.reports += [late[0], Finished(ChunkId(second.frame_id, 7), late[1].outputs, 1.0)]
    world.tick()
    assert world.frame_statuses(task_id) == [D, R]
    assert [order.id.frame_id for order in world.executor.history] == [second.frame_id]
    assert world.executor.forgotten == {first, ChunkId(second.frame_id, 7)}


def test_a_farm_that_was_killed_goes_on_where_it_was(world: World) -> None:
    task_id = world.submitted("1-6[1]")
    world.tick()
    world.executor.finish_all()
    world.tick()
    assert world.frame_statuses(task_id) == [D, D, R, R, W, W]
    world.restart()
    world.tick()
    assert sorted(chunk.attempt for chunk in world.executor.orders) == [2, 2]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    outcomes = Counter(outcome for _, outcome in world.outcomes(task_id))
    assert outcomes == {"FARM_LOST": 2, "RENDERED": 6}


def test_a_farm_that_is_killed_again_and_again_fails_no_frame(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    for _ in range(2 * MOST_LOST_ATTEMPTS):
        world.tick()
        world.restart()
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_late_report_of_a_given_up_attempt_is_ignored(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    (old,) = world.executor.orders
    world.executor.forget(old)
    world.lose()
    late = Finished(old, (Output("late.png", PICTURE, 7),), 9.0)
    world.executor.reports.append(late)
    world.tick()
    assert world.frame_statuses(task_id) == [R]
    world.render_to_end()
    files = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files
    assert [file.path.rpartition("/")[2] for file in files] == ["shot_0001.png"]


def test_one_report_that_comes_twice_counts_once(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    world.executor.finish(next(iter(world.executor.orders)), seconds=3)
    world.executor.reports *= 2
    world.tick()
    assert (world.task(task_id).done_frames, world.task(task_id).render_duration) == (1, 3)


def test_a_node_that_ends_without_a_picture_fails_the_frame(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    (chunk,) = world.executor.orders
    del world.executor.orders[chunk]
    world.executor.reports.append(Finished(chunk, (), 1.0))
    world.tick()
    assert world.frames(task_id)[0].error == "the renderer ended without a picture"


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "C:/x.png", "a//b.png", "a\0.png", ""])
def test_a_picture_with_a_hostile_path_is_refused(world: World, path: str) -> None:
    task_id = world.submitted("1")
    world.tick()
    world.executor.finish(next(iter(world.executor.orders)), path=path or "/")
    world.tick()
    assert world.frame_statuses(task_id) == [F]
    assert world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files == []


def test_test_frames_are_rendered_first(world: World) -> None:
    world.submitted("1-9[1]", pre_frames="101:5")
    for _ in range(3):
        world.tick()
        world.executor.finish_all()
    assert [order.numbers[0] for order in world.executor.history][:3] == [1, 5, 9]


def test_the_other_frames_are_held_until_the_user_says_full_speed(world: World) -> None:
    task_id = world.submitted("1-4[1]", pre_frames="100", stop_after_test="1")
    assert world.frame_statuses(task_id) == [W, *[FrameStatus.WAITS_FOR_TEST_FRAMES] * 3]
    assert [frame.frame_type for frame in world.frames(task_id)][:2] == [FrameType.PRIORITY, FrameType.MAIN]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED_TEST
    assert not world.dispatcher.anything_left()
    assert world.tasks.full_speed([task_id], by=world.user) == "SUCCESS"
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_start_releases_held_frames_too(world: World) -> None:
    task_id = world.submitted("1-4[1]", pre_frames="100", stop_after_test="1")
    world.render_to_end()
    world.tasks.start([task_id], by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_without_test_frames_there_is_nothing_to_hold_for(world: World) -> None:
    task_id = world.submitted("1-2[1]", pre_frames="000:7", stop_after_test="1")
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_task_over_its_time_is_stopped_and_may_be_started_again(world: World) -> None:
    task_id = world.submitted("1-4[1]", task_stop_time="60")
    world.tick()
    world.tick(59)
    assert world.status(task_id) == TaskStatus.RENDERING
    world.tick(2)
    assert world.status(task_id) == TaskStatus.TIME_OUT_STOP
    assert len(world.executor.cancelled) == 2
    assert not world.executor.orders
    world.tasks.start([task_id], by=world.user)
    world.tick()
    world.tick(59)
    assert world.status(task_id) == TaskStatus.RENDERING


def test_a_task_that_waits_for_a_node_is_not_over_its_time(world: World) -> None:
    world.executor.all_nodes.clear()
    task_id = world.submitted("1", task_stop_time="60")
    world.tick(600)
    assert world.status(task_id) == TaskStatus.WAITING


def test_what_is_stopped_is_cancelled_and_its_place_is_free_when_it_is_gone(world: World) -> None:
    first = world.submitted("1-4[1]")
    world.tick()
    world.tasks.stop([first], by=world.user)
    second = world.submitted("1-4[1]")
    world.tick()
    assert len(world.executor.cancelled) == 2
    assert world.status(second) == TaskStatus.WAITING  # both places were taken when the tick looked
    world.tick()
    assert world.status(second) == TaskStatus.RENDERING


def test_new_pictures_take_the_place_of_old_ones(world: World) -> None:
    task_id = world.submitted("1")
    world.render_to_end()
    world.tasks.start([task_id], by=world.user)
    restart_all(world, task_id)
    world.tick()
    (chunk,) = world.executor.orders
    assert len(outputs(world, task_id)) == 1  # the old picture stays until the new one is there
    world.executor.finish(chunk, path="other.png")
    world.tick()
    assert outputs(world, task_id) == ["other.png"]


def restart_all(world: World, task_id: int) -> None:
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1), by=world.user)


def outputs(world: World, task_id: int) -> list[str]:
    files = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files
    return [file.path.rpartition("/")[2] for file in files]


def test_log_and_small_picture_of_a_frame_are_kept(world: World) -> None:
    task_id = world.submitted("1")
    log, small = (world.blobs.put_file(write(world, text))[0] for text in ("Saved: shot.png\n", "picture"))
    world.tick()
    (chunk,) = world.executor.orders
    assert world.results.thumbnails(ThumbnailQuery(id=chunk.frame_id), by=world.user) == []
    so_far = world.results.frame_log(FrameLogQuery(frame_id=chunk.frame_id), by=world.user)
    assert so_far.text == f"Sample 1 of {chunk.frame_id}"
    del world.executor.orders[chunk]
    made = (Output("shot_0001.png", PICTURE, 7),)
    world.executor.reports.append(Finished(chunk, made, 1.0, log=log, thumbnail=small))
    world.tick()
    (url,) = world.results.thumbnails(ThumbnailQuery(id=chunk.frame_id), by=world.user)
    assert url.startswith(f"/blobs/{small}?")
    kept = world.results.frame_log(FrameLogQuery(frame_id=chunk.frame_id), by=world.user)
    assert (kept.text, kept.attempt, kept.attempts) == ("Saved: shot.png\n", 1, 1)
    assert world.frames(task_id)[0].frame_status == D


def write(world: World, text: str) -> Path:
    path = world.folder / f"{len(text)}.txt"
    path.write_text(text)
    return path


def test_a_log_that_is_lost_says_so(world: World) -> None:
    world.submitted("1")
    world.tick()
    (chunk,) = world.executor.orders
    del world.executor.orders[chunk]
    gone = Digest("0" * 64)
    world.executor.reports.append(Finished(chunk, (Output("a.png", PICTURE, 7),), 1.0, log=gone))
    world.tick()
    text = world.results.frame_log(FrameLogQuery(frame_id=chunk.frame_id), by=world.user).text
    assert text.startswith("the log is lost: blob 0000")


def test_a_farm_with_nothing_to_do_looks_less_often(world: World) -> None:
    world.tick()
    assert world.dispatcher.next_wake() == IDLE_TICK_S
    world.submitted("1")
    assert world.woken > 0
    world.tick()
    assert world.dispatcher.next_wake() == TICK_S
    world.render_to_end()
    world.tick()
    assert world.dispatcher.next_wake() == IDLE_TICK_S


def test_something_is_left_while_a_node_could_render_it(world: World) -> None:
    assert not world.dispatcher.anything_left()
    task_id = world.submitted("1-3[1]")
    assert world.dispatcher.anything_left()
    world.tick()
    assert world.dispatcher.anything_left()
    world.tasks.stop([task_id], by=world.user)
    assert not world.dispatcher.anything_left()


def test_a_task_that_no_node_can_render_is_not_left_to_do(world: World) -> None:
    world.executor.all_nodes[:] = [node("w-01", engines=("EEVEE",))]
    task_id = world.submitted("1")
    world.tick()
    assert not world.dispatcher.anything_left()
    why = world.lists.explain(task_id, by=world.user)
    assert not why.possible
    assert "CYCLES" in why.reasons[0]


def test_a_task_waits_for_nodes_that_are_only_starting(world: World) -> None:
    world.executor.all_nodes.clear()
    task_id = world.submitted("1")
    world.tick()
    assert world.dispatcher.anything_left()
    assert world.lists.explain(task_id, by=world.user).possible


def test_a_node_that_left_between_two_looks_does_not_stop_the_tick(world: World) -> None:
    class Moody(SimulatedNodes):
        def nodes(self) -> list[Node]:
            return [node("gone", 1), *self.all_nodes]

    world.executor = Moody(world.executor.all_nodes)
    world.build()
    task_id = world.submitted("1-3[1]")
    world.tick()
    world.executor.finish_all()
    world.lose()
    world.lose()
    assert F not in world.frame_statuses(task_id)


def test_a_report_that_could_not_be_written_is_written_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = world.submitted("1")
    world.tick()
    world.executor.finish(next(iter(world.executor.orders)))
    with monkeypatch.context() as full:
        # What a full disk does to SQLite, without filling one.
        full.setattr(Database, "writing", broken_writing)
        with pytest.raises(OSError, match="No space left"):
            world.tick()
    world.tick()
    assert world.frame_statuses(task_id) == [D]
    assert len(world.executor.history) == 1


def broken_writing(_: Database) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_what_a_node_says_may_be_no_text_and_no_number(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    (chunk,) = world.executor.orders
    del world.executor.orders[chunk]
    world.executor.reports.append(Failed(chunk, "\udce4" + "x" * 10_000, seconds=float("nan")))
    world.tick()
    (frame,) = world.frames(task_id)
    assert frame.error.startswith("?xxx")
    assert len(frame.error) < 5000
    assert frame.frame_execute_time == 0


def test_a_frame_lined_up_behind_another_goes_to_a_node_that_comes_late(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    world.executor.began(first)
    world.executor.all_nodes.append(node("w-02"))
    world.tick()
    assert not world.executor.cancelled  # a short frame is not worth opening the scene twice
    world.tick(RECALL_AFTER_S)
    assert world.executor.cancelled == [second]
    again = world.executor.history[-1]
    assert (again.id, again.node) == (ChunkId(second.frame_id, 2), "w-02")
    world.tick(10)
    world.tick(10)
    assert len(world.executor.history) == 3
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_frame_that_began_is_never_recalled(world: World) -> None:
    world.submitted("1-2[1]")
    world.tick()
    for chunk in sorted(world.executor.orders):
        world.executor.began(chunk)
    world.executor.all_nodes.append(node("w-02"))
    world.tick(60)
    assert not world.executor.cancelled


def test_a_clock_that_is_set_back_holds_up_neither_progress_nor_lost_frames(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    world.executor.began(first)
    world.executor.progressed(first, 10.0)
    world.executor.forget(second)
    world.tick()
    world.tick(-3600.0)
    world.executor.progressed(first, 60.0)
    world.tick()
    assert world.frames(task_id)[0].frame_percent == 60.0
    world.lose()
    assert world.frames(task_id)[1].attempt == 2
