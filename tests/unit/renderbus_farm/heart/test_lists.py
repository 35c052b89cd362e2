"""Tasks and frames as lists show them."""

from __future__ import annotations

import json
import time

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World

from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.frame import FrameQuery, FrameTotals
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskCameras, TaskLevel, TaskListQuery


def listed(world: World, **query: object) -> list[int]:
    ask = TaskListQuery(**query)  # type: ignore[arg-type]  # a test may ask for anything
    return [task.id for task in world.lists.page(ask, by=world.user).items]


def test_the_newest_task_comes_first_and_drafts_are_left_out(world: World) -> None:
    first = world.submitted("1")
    world.now += 10
    second = world.submitted("1")
    world.new_task()
    assert listed(world) == [second, first]


def test_pages_hold_what_was_asked_and_count_everything(world: World) -> None:
    ids = [world.submitted("1") for _ in range(5)]
    page = world.lists.page(TaskListQuery(page_num=2, page_size=2), by=world.user)
    assert [task.id for task in page.items] == [ids[2], ids[1]]
    assert (page.total, page.page_count, page.page_num, page.size) == (5, 3, 2, 2)
    assert listed(world, page_num=4, page_size=2) == []


@pytest.mark.parametrize(("number", "size"), [(0, 10), (-1, 10), (1, 0), (1, -5), (1, 10**9), (10**30, 1)])
def test_a_page_of_no_sense_is_refused(world: World, number: int, size: int) -> None:
    with pytest.raises(BadValue):
        listed(world, page_num=number, page_size=size)


def test_a_keyword_is_part_of_the_scene_name_or_of_the_id(world: World) -> None:
    task_id = world.submitted("1")
    assert listed(world, search_keyword="sho") == [task_id]
    assert listed(world, search_keyword=str(task_id)) == [task_id]
    assert listed(world, search_keyword="%") == []
    assert listed(world, search_keyword="_") == []
    assert listed(world, search_keyword="'; DROP TABLE task; --") == []


def test_a_list_can_be_narrowed_by_status_and_time(world: World) -> None:
    done = world.submitted("1")
    world.render_to_end()
    waiting = world.submitted("1")
    assert listed(world, status_list=[25]) == [done]
    assert listed(world, status_list=[0, 25]) == [waiting, done]
    # An empty list is not covered by the signature, so it means nothing.
    assert listed(world, status_list=[]) == [waiting, done]
    assert listed(world, start_time="2020-09-13 12:26:40") == [waiting, done]
    assert listed(world, end_time="2020-09-13 12:26:40") == [done]
    with pytest.raises(BadValue, match="expected yyyy-MM-dd"):
        listed(world, start_time="yesterday")


def test_nobody_sees_the_tasks_of_others(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.submitted("1", by=eve)
    assert listed(world) == []


def test_a_task_shows_what_was_published_about_it(world: World) -> None:
    task_id = world.submitted("1-10[2]", project_name="film")
    task = world.task(task_id)
    assert (task.scene_name, task.frames_range, task.project_name) == ("shot.blend", "1-9[2]", "film")
    assert (task.output_file_name, task.task_alias) == (f"{task_id}_shot", f"2W{task_id}")
    assert (task.status_text, task.is_delete, task.is_open) == ("render_task_status_0", 1, 0)
    assert (task.submit_date, task.start_time, task.completed_date) == (int(world.now * 1000), None, None)
    assert (task.user_id, task.user_name, task.cg_id, task.bid) == (world.user.id, "ada", 2007, "20201")


def test_a_task_shows_its_layers_cameras_limits_and_labels(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    ask = CreateTask(labels=["film", "片段"], task_user_level=60, artist="lovelace")
    task_id = world.tasks.create(ask, by=world.user).task_id_list[0]
    world.documents(task_id, layers=["beauty", "depth"], tiles="4", ram="128", task_stop_time="600")
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    task = world.task(task_id)
    assert (task.layer_name, task.render_camera) == ("beauty,depth", "")
    assert task.task_key_value_vo == TaskCameras(tiles="4")
    assert (task.task_ram, task.over_time_stop, task.task_over_time) == (128, 600, 43200)
    assert (task.task_user_level, task.producer, task.munu_task_ids) == (60, "lovelace", str(task_id))
    assert sorted(json.loads(task.labels).values()) == ["film", "片段"]
    assert world.lists.page(TaskListQuery(), by=world.user).items == [task]
    world.tasks.stop([task_id], by=world.user)
    assert world.task(task_id).stop_type == 1


def test_a_task_that_is_not_submitted_has_a_status_that_every_client_knows(world: World) -> None:
    task = world.task(world.new_task())
    assert (task.task_status, task.status_text) == (TaskStatus.WAITING, "render_task_status_0")
    assert (task.is_open, task.resp_rendering_task_list, task.labels) == (0, None, "{}")


def test_deleted_tasks_are_listed_when_asked_for_and_no_others(world: World) -> None:
    kept, deleted = world.submitted("1"), world.submitted("1")
    world.tasks.delete([deleted], by=world.user)
    assert listed(world) == [kept]
    page = world.lists.page(TaskListQuery(recycle_flag=1), by=world.user)
    assert [(task.id, task.is_delete) for task in page.items] == [(deleted, 0)]
    assert world.task(kept).is_delete == 1


def test_all_frames_of_the_account_are_counted_by_where_they_stand(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.submitted("1-50[1]", by=eve)
    world.tasks.stop([world.submitted("1-7[1]")], by=world.user)
    world.tasks.delete([world.submitted("1-9[1]")], by=world.user)
    first = world.submitted("1-4[1]")
    world.changes.level(TaskLevel(task_id=first, task_user_level=60), by=world.user)
    world.tick()
    done, failed = sorted(world.executor.orders)
    world.executor.finish(done)
    world.executor.fail(failed)
    world.tick()
    assert world.lists.totals(by=world.user) == FrameTotals(
        executing_frames_total=2,
        done_frames_total=1,
        failed_frames_total=1,
        waiting_frames_total=0,
        abandon_frames_total=7,
        total_frames=11,
    )
    nobody = world.accounts.add("nobody").user
    assert world.lists.totals(by=nobody).total_frames == 0


def test_a_frame_shows_its_place_and_how_long_it_has_rendered(world: World) -> None:
    task_id = world.submitted("5,3,9", time_out="7200")
    world.tick()
    first = min(world.executor.orders)
    world.executor.began(first)
    world.tick()
    world.tick(after_s=30)
    frames = world.frames(task_id)
    assert [(frame.frame_index, frame.munu_job_id) for frame in frames] == [
        ("5", "0"),
        ("3", "1"),
        ("9", "2"),
    ]
    assert (frames[0].current_render_time, frames[1].current_render_time) == (30, 0)
    assert (frames[0].task_over_time, frames[0].is_over_time, frames[0].over_one_month) == (7200, 0, 0)
    world.executor.finish(first)
    world.tick()
    world.now += 31 * 86400
    assert world.frames(task_id)[0].over_one_month == 1


def test_tasks_come_in_the_order_asked_each_once(world: World) -> None:
    first, second = world.submitted("1"), world.submitted("1")
    page = world.lists.info([second, first, second], by=world.user)
    assert [task.id for task in page.items] == [second, first]


def test_asking_for_no_task_or_a_deleted_one_is_an_error(world: World) -> None:
    task_id = world.submitted("1")
    world.tasks.delete([task_id], by=world.user)
    with pytest.raises(BadValue, match="no task id was given"):
        world.lists.info([], by=world.user)
    with pytest.raises(NotFound):
        world.lists.info([task_id], by=world.user)
    assert listed(world) == []


def test_frames_come_in_the_order_they_were_asked_for(world: World) -> None:
    task_id = world.submitted("8-10[1],3")
    assert [frame.frame_index for frame in world.frames(task_id)] == ["8", "9", "10", "3"]


def test_frames_are_paged_and_searched_by_number(world: World) -> None:
    task_id = world.submitted("1-25[1]")
    ask = FrameQuery(task_id=task_id, page_num=3, page_size=10)
    page = world.of_frames.page(ask, by=world.user)
    assert [frame.frame_index for frame in page.items] == ["21", "22", "23", "24", "25"]
    assert (page.total, page.page_count) == (25, 3)
    past = world.of_frames.page(FrameQuery(task_id=task_id, page_num=4, page_size=10), by=world.user)
    assert past.items == []
    found = world.of_frames.page(FrameQuery(task_id=task_id, search_keyword="2"), by=world.user)
    assert [frame.frame_index for frame in found.items] == ["2", "12", *map(str, range(20, 26))]


def test_a_frame_names_its_layer(world: World) -> None:
    task_id = world.submitted("1", layers=["beauty", "depth"])
    assert [frame.layer_name for frame in world.frames(task_id)] == ["beauty", "depth"]


def test_a_task_that_waits_says_why(world: World) -> None:
    first = world.submitted("1-9[1]")
    assert "a node is free" in world.lists.explain(first, by=world.user).reasons[0]
    world.tick()
    second = world.submitted("1")
    assert "also by 1 other task" in world.lists.explain(second, by=world.user).reasons[0]
    world.tasks.stop([second], by=world.user)
    assert world.lists.explain(second, by=world.user).reasons == ["The task was stopped; start it to go on."]


def test_lists_stay_quick_with_many_frames(world: World) -> None:
    """A list reads the counts that are kept with a task, not its frames."""
    ids = [world.submitted("1-1000[1]") for _ in range(30)]
    began = time.perf_counter()
    for _ in range(20):
        world.lists.page(TaskListQuery(), by=world.user)
        world.of_frames.page(FrameQuery(task_id=ids[7]), by=world.user)
    assert (time.perf_counter() - began) / 20 < 0.1
    assert world.status(ids[0]) == TaskStatus.WAITING


def test_numbers_that_nothing_has_find_nothing(world: World) -> None:
    world.submitted("1")
    assert listed(world, status_list=[10**30, -1, 15]) == []
    with pytest.raises(NotFound):
        world.tasks.create(CreateTask(clone_original_id=10**30), by=world.user)


def test_a_keyword_that_no_database_could_search_for_is_refused(world: World) -> None:
    task_id = world.submitted("1")
    keyword = "7" * 60_000
    with pytest.raises(BadValue, match="searchKeyword has 60000 characters"):
        listed(world, search_keyword=keyword)
    with pytest.raises(BadValue, match="searchKeyword has 60000 characters"):
        world.of_frames.page(FrameQuery(task_id=task_id, search_keyword=keyword), by=world.user)
