"""Results and inputs whose time is over go, and nothing before its time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.heart.test_pieces import commit, missing, scene_of, send
from tests.unit.renderbus_farm.heart.world import SCENE, World

from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S
from renderbus_farm.rules.refusals import ResultsRemoved
from renderbus_farm.store import tables
from renderbus_farm.store.order_tables import tile_output
from renderbus_model.pieces import Upload, digest_of
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.frame import ChosenFrames
from renderbus_model.wire.task import SubmitTask
from renderbus_model.wire.transfer import CommittedQuery, OutputQuery
from renderbus_model.wire.transmitter import OutputFolderQuery

SCENE_BYTES = b"kept " * 400


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def rendered(world: World) -> int:
    """A task of two frames, each with a picture of its own."""
    task_id = world.submitted("1-2")
    world.render_to_end()
    for frame in world.frames(task_id):
        digest, size = world.blobs.put_file(written(world.folder / "x", b"picture %d" % frame.id))
        with world.database.writing() as db:
            own = {"digest": digest, "size_bytes": size, "path": f"{frame.id}.png"}
            db.execute(tables.output.update().where(tables.output.c.frame_id == frame.id).values(own))
    return task_id


def test_results_stay_for_their_time_and_who_asks_later_is_told(world: World, cleanup: Cleanup) -> None:
    task_id = rendered(world)
    asked = OutputQuery(task_id=task_id)
    files = world.transfers.list_outputs(asked, by=world.user).files
    digests = {file.digest for file in files}
    for digest in digests:
        (stored,) = world.folder.rglob(digest)
        os.utime(stored, (world.now, world.now))
    cleanup.tick(world.now + 29 * DAY_S)
    assert world.transfers.list_outputs(asked, by=world.user).files == files
    assert world.blobs.have(digests) == digests
    cleanup.tick(world.now + 31 * DAY_S)
    for ask in (asked, OutputQuery(path=files[0].path), OutputQuery(path=files[0].path.partition("/")[0])):
        with pytest.raises(ResultsRemoved, match=rf"results of task {task_id} were removed on \d{{4}}-"):
            world.transfers.list_outputs(ask, by=world.user)
    with pytest.raises(ResultsRemoved):
        world.files.listing(OutputFolderQuery(task_id=task_id), by=world.user)
    assert world.blobs.have(digests) == set()


def test_a_picture_that_is_rendered_again_stays_while_its_report_is_on_its_way(
    world: World, cleanup: Cleanup
) -> None:
    task_id = rendered(world)
    files = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files
    again, gone = (file.digest for file in files)
    over = world.now + 31 * DAY_S
    for digest, stored_at in ((again, over - 3600), (gone, world.now)):
        (stored,) = world.folder.rglob(digest)
        os.utime(stored, (stored_at, stored_at))
    cleanup.tick(over)
    assert world.blobs.have({again, gone}) == {again}


def test_frames_that_are_started_again_have_results_again(world: World, cleanup: Cleanup) -> None:
    task_id = world.submitted("1-2")
    world.render_to_end()
    cleanup.tick(world.now + 31 * DAY_S)
    world.now += 31 * DAY_S
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1), by=world.user)
    asked = OutputQuery(task_id=task_id)
    assert world.transfers.list_outputs(asked, by=world.user).files == []
    world.render_to_end()
    assert len(world.transfers.list_outputs(asked, by=world.user).files) == 2


def test_a_task_that_never_had_results_has_none(world: World, cleanup: Cleanup) -> None:
    task_id = world.submitted("1-2")
    world.tasks.abort([task_id], by=world.user)
    cleanup.tick(world.now + 31 * DAY_S)
    assert world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files == []


def test_bytes_that_others_have_uploaded_stay_when_a_result_of_theirs_goes(
    world: World, cleanup: Cleanup
) -> None:
    task_id = rendered(world)
    file = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files[0]
    eve = world.accounts.add("eve").user
    ended = world.now
    world.now += 20 * DAY_S
    with world.blobs.get(file.digest) as stream:
        world.upload({"/hers": stream.read()}, eve)
    (stored,) = world.folder.rglob(file.digest)
    os.utime(stored, (ended, ended))
    cleanup.tick(ended + 31 * DAY_S)
    assert world.blobs.have({file.digest}) == {file.digest}


@pytest.mark.parametrize(
    ("model", "days"), [("TASK_ID_MODEL", 15), ("OUT_USER_MODEL", 20), (None, 30)], ids=str
)
def test_inputs_stay_as_long_as_their_model_says(
    world: World, cleanup: Cleanup, model: str | None, days: int
) -> None:
    send(world, SCENE_BYTES)
    commit(world, scene_of(SCENE_BYTES))
    task_id = world.new_task()
    world.documents(task_id)
    ask = SubmitTask(task_id=task_id, asset_isolation_model=model, out_user_id="123456789")
    world.tasks.submit(ask, by=world.user)
    world.render_to_end()
    ended = world.now
    with world.database.writing() as db:  # nothing but the task keeps them
        db.execute(tables.pack.update().values(needed_until=ended))
    cleanup.tick(ended + days * DAY_S - 1000)
    assert dict(world.packs.names())
    cleanup.tick(ended + days * DAY_S + 1000)
    assert dict(world.packs.names()) == {}


def test_tasks_that_keep_theirs_longer_do_not_stand_before_others(
    world: World, cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renderbus_farm.cleanup.MOST_TASKS", 1)
    send(world, SCENE_BYTES)
    commit(world, scene_of(SCENE_BYTES))
    ids = []
    for model in ("OUT_USER_MODEL", "TASK_ID_MODEL"):
        task_id = world.new_task()
        world.documents(task_id)
        ask = SubmitTask(task_id=task_id, asset_isolation_model=model, out_user_id="123456789")
        world.tasks.submit(ask, by=world.user)
        world.render_to_end()
        world.now += 100
        ids.append(task_id)
    for minute in range(3):
        cleanup.tick(world.now + 16 * DAY_S + minute * 61)
    with world.database.reading() as db:
        holders = set(db.execute(tables.task_pack.select()).scalars())
    assert holders == {ids[0]}


def test_a_file_that_was_sent_whole_goes_as_one_in_pieces_does(world: World, cleanup: Cleanup) -> None:
    world.upload({SCENE: b"sent whole", "/other": b"not used"})
    whole, other = digest_of(b"sent whole"), digest_of(b"not used")
    task_id = world.new_task()
    world.documents(task_id)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    files = scene_of(b"sent whole"), scene_of(b"not used", path="/other")
    unchanged = CommittedQuery(digest=Upload.digest_of_set(file.in_set for file in files))
    assert world.transfers.pieces.committed(unchanged, by=world.user).holds
    cleanup.tick(time.time() + 400 * DAY_S)
    assert not world.transfers.pieces.committed(unchanged, by=world.user).holds
    assert world.blobs.have({whole, other}) == {whole}
    assert missing(world, b"sent whole", b"not used") == [False, True]
    world.render_to_end()
    cleanup.tick(time.time() + 800 * DAY_S)
    assert world.blobs.have({whole}) == set()
    with world.database.reading() as db:
        assert db.execute(tables.input_file.select()).all() == []
    world.upload({SCENE: b"sent whole"})


def test_a_whole_file_that_an_upload_was_told_of_stays_until_it_can_commit(
    world: World, cleanup: Cleanup
) -> None:
    world.put(b"sent whole", world.user)
    world.now += KEPT_BEFORE_COMMIT_S - 100
    assert missing(world, b"sent whole") == [False]
    cleanup.tick(world.now + 3600)
    commit(world, scene_of(b"sent whole"))
    cleanup.tick(world.now + 29 * DAY_S)
    assert missing(world, b"sent whole") == [False]


def test_what_was_sent_whole_and_never_committed_goes_after_a_day(world: World, cleanup: Cleanup) -> None:
    world.put(b"sent whole", world.user)
    cleanup.tick(world.now + KEPT_BEFORE_COMMIT_S - 100)
    assert missing(world, b"sent whole") == [False]
    world.now += KEPT_BEFORE_COMMIT_S + 1
    cleanup.tick(world.now + KEPT_BEFORE_COMMIT_S + 100)
    assert missing(world, b"sent whole") == [True]


def test_tiles_of_a_picture_that_was_never_put_together_go_as_results_do(
    world: World, cleanup: Cleanup
) -> None:
    task_id = world.submitted("1", tiles="2")
    world.tick()
    world.executor.finish_all()
    world.tick()
    (merge,) = world.executor.orders
    world.executor.fail(merge, "tile 2 has another size")
    world.tick()
    assert world.status(task_id) == TaskStatus.FINISHED_HAS_FAILED
    cleanup.tick(world.now + 31 * DAY_S)
    with world.database.reading() as db:
        assert db.execute(tile_output.select()).all() == []


def test_a_picture_whose_tiles_were_removed_is_rendered_again_as_a_whole(
    world: World, cleanup: Cleanup
) -> None:
    task_id = world.submitted("1-2[1]", tiles="2")
    world.render_to_end()
    cleanup.tick(world.now + 31 * DAY_S)
    first = next(unit.id for unit in world.frames(task_id) if unit.frame_index == "1")
    world.of_frames.restart(ChosenFrames(task_id=task_id, ids=[first]), by=world.user)
    assert [unit.frame_status for unit in world.frames(task_id)] == [1, 1, 4, 4, 6, 4]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert [len(order.parts) for order in world.executor.history][-3:] == [0, 0, 2]
