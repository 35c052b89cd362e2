"""What rendering left behind: the tree of results, the progress picture, logs."""

from __future__ import annotations

import io

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.executors.simulated import PICTURE
from renderbus_farm.rules.failures import LONGEST_WAIT_S
from renderbus_farm.rules.refusals import BadValue, NotFound, Refusal
from renderbus_farm.rules.work import Failed, Fault
from renderbus_farm.store import outputs, tables
from renderbus_model.pieces import digest_of
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.frame import ProgressPictureQuery, RenderLogQuery
from renderbus_model.wire.transmitter import OutputEntry, OutputFolderQuery


def listing(world: World, tree_path: str = "/", task_id: int | None = None) -> list[OutputEntry]:
    return world.files.listing(OutputFolderQuery(tree_path=tree_path, task_id=task_id), by=world.user)


def two_layers(world: World) -> int:
    task_id = world.submitted("1-2[1]", layers=["beauty", "depth"])
    world.render_to_end()
    return task_id


def test_every_task_with_results_is_a_folder(world: World) -> None:
    first, second = two_layers(world), two_layers(world)
    world.submitted("1")
    entries = listing(world)
    assert [entry.file_path for entry in entries] == [f"/{second}_shot", f"/{first}_shot"]
    assert all(entry.directory and entry.file_size is None for entry in entries)
    assert entries[0].last_modify == "2020-09-13 12:26:48"


def test_a_folder_shows_what_is_in_it_and_no_deeper(world: World) -> None:
    task_id = two_layers(world)
    top = f"/{task_id}_shot"
    assert [(each.file_path, each.directory) for each in listing(world, top)] == [(f"{top}/Scene", True)]
    assert [each.file_name for each in listing(world, f"{top}/Scene/")] == ["beauty", "depth"]
    files = listing(world, f"{top}/Scene/beauty")
    assert [(each.file_path, each.file_size, each.file_type) for each in files] == [
        (f"{top}/Scene/beauty/shot_0001.png", 7, "png"),
        (f"{top}/Scene/beauty/shot_0002.png", 7, "png"),
    ]


def test_a_task_is_named_by_its_id_too(world: World) -> None:
    task_id = two_layers(world)
    assert listing(world, "/", task_id) == listing(world, f"/{task_id}_shot")
    assert listing(world, "/Scene", task_id) == listing(world, f"/{task_id}_shot/Scene", task_id)
    waiting, draft = world.submitted("1"), world.new_task()
    assert listing(world, "/", waiting) == listing(world, "/", draft) == []


def test_a_large_folder_is_listed_whole(world: World) -> None:
    task_id = world.submitted("1-1200[1]")
    world.render_to_end()
    names = [entry.file_name for entry in listing(world, "/", task_id)]
    assert names == [f"shot_{number:04d}.png" for number in range(1, 1201)]


def steps_to_list(world: World, folders: int, files: int) -> int:
    """Hundreds of steps that the database takes to list a task of so many folders with so many files each."""
    task_id = world.submitted("1")
    frame_id = world.frames(task_id)[0].id
    paths = [f"{folder:04}/{number:04}.png" for folder in range(folders) for number in range(files)]
    row = {"task_id": task_id, "frame_id": frame_id, "digest": digest_of(b"x"), "size_bytes": 1}
    with world.database.writing() as db:
        db.execute(tables.output.insert(), [{**row, "path": path} for path in paths])
    steps: list[None] = []
    with world.database.reading() as db:
        driver = db.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(lambda: steps.append(None), 100)
        names = [child.name for child in outputs.children(db, task_id, "", 10_000)]
        driver.set_progress_handler(None, 0)
    assert names == [f"{folder:04}" for folder in range(folders)]
    return len(steps)


def test_a_folder_of_folders_costs_what_is_in_it(world: World) -> None:
    world.is_sound = False  # results that nothing has rendered
    assert steps_to_list(world, folders=200, files=100) < 2 * steps_to_list(world, folders=200, files=1)


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/1_shot/../2_shot", "..", "/1_shot/\x00", "/C:/Windows", "//server/share"]
)
def test_a_hostile_path_leads_nowhere(world: World, path: str) -> None:
    task_id = two_layers(world)
    with pytest.raises(Refusal):
        listing(world, path.replace("1_", f"{task_id}_"))


def test_nobody_lists_the_results_of_others(world: World) -> None:
    task_id = two_layers(world)
    eve = world.accounts.add("eve").user
    assert world.files.listing(OutputFolderQuery(), by=eve) == []
    for ask in (OutputFolderQuery(task_id=task_id), OutputFolderQuery(tree_path=f"/{task_id}_shot")):
        with pytest.raises(NotFound):
            world.files.listing(ask, by=eve)
    with pytest.raises(NotFound):
        listing(world, f"/{task_id}_other")
    with pytest.raises(NotFound):
        listing(world, f"/{task_id}_shot/nowhere")


def test_the_progress_picture_shows_what_renders_and_what_was_done_last(world: World) -> None:
    task_id = world.submitted("1-20[1]")
    world.tick()
    first, second = sorted(world.executor.orders)
    world.executor.began(first)
    world.tick()
    world.executor.finish(first)
    world.executor.began(second)
    world.tick()
    world.executor.progressed(second, 25.0)
    world.tick(after_s=30)
    picture = world.results.progress(ProgressPictureQuery(task_id=task_id), by=world.user)
    rendering, waiting, done = (row[0] for row in picture.grab_info)
    assert (rendering.frame_index, rendering.frame_status) == ("2", str(int(FrameStatus.RENDERING)))
    assert (rendering.frame_percent, rendering.frame_used, rendering.frame_est) == ("25", "30", "90")
    assert (rendering.grab_url, waiting.frame_index) == ("", "3")
    assert (done.frame_index, done.frame_percent, done.end_time) == ("1", "100", "2020-09-13 12:26:43")
    assert done.grab_url.startswith(f"/blobs/{PICTURE}?op=get")
    assert (picture.block, picture.scene_name, picture.start_time) == (1, "shot.blend", "2020-09-13 12:26:41")
    assert (picture.end_time, picture.completed_time, picture.current_task_type) == ("", "", "Render")


def test_a_task_without_a_picture_has_an_empty_progress_picture(world: World) -> None:
    task_id = world.submitted("1")
    assert world.results.progress(ProgressPictureQuery(task_id=task_id), by=world.user).grab_info == []
    photons = ProgressPictureQuery(task_id=task_id, frame_type=2)
    assert world.results.progress(photons, by=world.user).grab_info == []
    with pytest.raises(BadValue, match="frameType 3"):
        world.results.progress(ProgressPictureQuery(task_id=task_id, frame_type=3), by=world.user)


def test_the_progress_picture_of_a_large_task_is_a_handful(world: World) -> None:
    task_id = world.submitted("1-40[1]")
    world.render_to_end()
    picture = world.results.progress(ProgressPictureQuery(task_id=task_id, frame_type=5), by=world.user)
    assert len(picture.grab_info) == 12
    assert picture.end_time == picture.completed_time != ""


def test_logs_are_paged_by_attempt_the_last_one_first(world: World) -> None:
    task_id = world.submitted("1")
    text = b"Fra:1 Mem:10M\nError: no camera"
    world.blobs.put(digest_of(text), io.BytesIO(text))
    for log in (None, digest_of(text)):
        world.tick()
        (chunk,) = world.executor.orders
        world.executor.began(chunk)
        world.tick()
        del world.executor.orders[chunk]
        world.executor.reports.append(Failed(chunk, "the node died", Fault.LOST, log=log))
        world.tick()
        world.tick(after_s=LONGEST_WAIT_S)
    frame = world.frames(task_id)[0]
    page = world.results.logs(RenderLogQuery(id=frame.id, page_size=5), by=world.user)
    again, newest, older = page.items
    assert (page.total, again.attempt, again.end_time) == (3, 3, 0)
    assert again.log == "Sample 1 of 1"  # what it printed so far
    assert (newest.attempt, newest.log) == (2, text.decode())
    assert (older.attempt, older.log, older.node_name) == (1, "the node died", "w-01")
    assert world.results.logs(RenderLogQuery(id=frame.id, page_num=9), by=world.user).items == []
    other = RenderLogQuery(id=frame.id, rendering_type="analyse")
    assert world.results.logs(other, by=world.user).total == 0


def test_nobody_reads_the_logs_of_others(world: World) -> None:
    task_id = world.submitted("1")
    frame_id = world.frames(task_id)[0].id
    eve = world.accounts.add("eve").user
    with pytest.raises(NotFound):
        world.results.logs(RenderLogQuery(id=frame_id), by=eve)
    with pytest.raises(NotFound):
        world.results.progress(ProgressPictureQuery(task_id=task_id), by=eve)
