"""What a task needs before its frames wait for nodes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import BinaryIO

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World, task_document

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.rules.checks import MOST_UNLISTED_INPUTS, check_unlisted
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import tables
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest, digest_of
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument, TaskListQuery


def submit(world: World, task_id: int, **more: str) -> None:
    world.tasks.submit(SubmitTask(task_id=task_id, **more), by=world.user)


def test_a_task_without_documents_is_refused(world: World) -> None:
    task_id = world.new_task()
    with pytest.raises(BadValue, match=r"task\.json was not uploaded"):
        submit(world, task_id)
    assert world.status(task_id) == TaskStatus.WAITING


def test_without_upload_json_every_file_of_the_account_is_an_input(world: World) -> None:
    task_id = world.new_task()
    content = json.dumps(task_document("1-4[1]", ["ViewLayer"]))
    document = TaskDocument(task_id=task_id, file_name="task.json", content=content)
    world.tasks.store_document(document, by=world.user)
    world.upload({"/tex/wood.png": b"wood"})
    world.upload({"/tex/stone.png": b"stone"}, world.accounts.add("eve").user)
    with pytest.raises(BadValue, match=r"the scene .* was not uploaded"):
        submit(world, task_id)
    world.upload({SCENE: b"BLENDER"})
    submit(world, task_id)
    world.tick()
    with world.blobs.get(next(iter(world.executor.orders.values())).inputs) as stream:
        manifest = Manifest.decode(stream.read())
    assert [entry.path for entry in manifest.files] == [SCENE, "/tex/wood.png"]


def test_without_upload_json_an_account_may_not_have_more_files_than_a_manifest_holds() -> None:
    wood = FileEntry(FarmPath("/0"), digest_of(b"wood"), 4)
    stored = {FarmPath(f"/{number}"): wood for number in range(MOST_UNLISTED_INPUTS)}
    check_unlisted(1, wood.path, stored)
    with pytest.raises(BadValue, match=r"upload\.json was not uploaded"):
        check_unlisted(1, wood.path, {**stored, FarmPath("/one/more"): wood})


def test_files_that_were_not_uploaded_are_named(world: World) -> None:
    task_id = world.new_task()
    textures = [f"/tex/{number}.png" for number in range(8)]
    world.documents(task_id, inputs=[SCENE, *textures])
    world.upload({SCENE: b"BLENDER"})
    with pytest.raises(BadValue, match=r"8 of 9 files .*: /tex/0.png, .*/tex/4.png and 3 more"):
        submit(world, task_id)
    world.upload(dict.fromkeys(textures, b"wood"))
    submit(world, task_id)
    assert world.status(task_id) == TaskStatus.WAITING


def test_files_of_another_account_count_as_not_uploaded(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.upload({SCENE: b"BLENDER"}, eve)
    task_id = world.new_task()
    world.documents(task_id)
    with pytest.raises(BadValue, match="1 of 1 files"):
        submit(world, task_id)


def test_a_later_upload_changes_nothing_for_a_submitted_task(world: World) -> None:
    world.submitted("1")
    world.upload({SCENE: b"BLENDER, changed"})
    world.tick()
    (order,) = world.executor.history
    with world.blobs.get(order.inputs) as stream:
        (entry,) = Manifest.decode(stream.read()).files
    assert entry.digest == digest_of(b"BLENDER")


def test_documents_sent_after_submitting_change_nothing(world: World) -> None:
    task_id = world.submitted("1-2[1]")
    world.documents(task_id, frames="1-100[1]")
    submit(world, task_id)
    assert len(world.frames(task_id)) == 2


class SlowBlobs(LocalBlobs):
    """A storage that takes as long to store as something else does in another thread."""

    meanwhile: Callable[[], None]

    def put(self, digest: Digest, content: BinaryIO) -> None:
        other = threading.Thread(target=self.meanwhile)
        other.start()
        other.join(10.0)
        assert not other.is_alive(), "it waits for the one who stores"
        super().put(digest, content)


def with_slow_blobs(world: World, meanwhile: Callable[[], None]) -> Tasks:
    blobs = SlowBlobs(world.folder / "blobs")
    blobs.meanwhile = meanwhile
    return Tasks(Desk(world.database, blobs, nodes=list, clock=world.clock))


def test_others_write_while_a_large_task_is_read(world: World) -> None:
    made: list[int] = []
    task_id = world.new_task()
    world.documents(task_id, frames="1-2[1]")
    world.upload({SCENE: b"BLENDER"})
    tasks = with_slow_blobs(world, lambda: made.append(world.new_task()))
    tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    assert len(made) == 1
    assert len(world.frames(task_id)) == 2


def test_documents_replaced_while_they_are_read_are_not_submitted_by_half(world: World) -> None:
    task_id = world.new_task()
    world.documents(task_id, frames="1-2[1]")
    world.upload({SCENE: b"BLENDER"})
    tasks = with_slow_blobs(world, lambda: world.documents(task_id, frames="1-3[1]"))
    with pytest.raises(BadValue, match="a document was replaced meanwhile; submit again"):
        tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    submit(world, task_id)
    assert len(world.frames(task_id)) == 3


def test_a_task_submitted_from_two_sides_at_once_is_submitted_once(world: World) -> None:
    task_id = world.new_task()
    world.documents(task_id, frames="1-2[1]")
    world.upload({SCENE: b"BLENDER"})
    tasks = with_slow_blobs(world, lambda: submit(world, task_id))
    tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    assert len(world.frames(task_id)) == 2


def test_a_document_that_is_no_json_is_refused_by_name(world: World) -> None:
    task_id = world.new_task()
    world.documents(task_id)
    for name in ("task.json", "upload.json"):
        document = TaskDocument(task_id=task_id, file_name=name, content="{")
        world.tasks.store_document(document, by=world.user)
        with pytest.raises(BadValue, match=rf"{name}: is not JSON"):
            submit(world, task_id)
        world.documents(task_id)


def test_only_the_four_documents_are_kept(world: World) -> None:
    task_id = world.new_task()
    for name in ("../task.json", "other.json", ""):
        document = TaskDocument(task_id=task_id, file_name=name, content="{}")
        with pytest.raises(BadValue, match=r"expected one of task\.json"):
            world.tasks.store_document(document, by=world.user)


def test_a_frame_range_of_no_sense_is_refused(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id, frames="10-1[1]")
    with pytest.raises(BadValue, match=r"frame range '10-1\[1\]': ends before it starts"):
        submit(world, task_id)


def test_a_task_of_too_many_frames_is_refused(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id, frames="1-600000[1]", layers=["A", "B"])
    with pytest.raises(BadValue, match="has more than 1000000 frames"):
        submit(world, task_id)


def test_a_file_cannot_be_a_folder_too(world: World) -> None:
    task_id = world.new_task()
    world.documents(task_id, inputs=[SCENE, "/tex", "/tex/wood.png"])
    world.upload({SCENE: b"BLENDER", "/tex": b"t", "/tex/wood.png": b"w"})
    with pytest.raises(BadValue, match=r"/tex is a file, and a folder that holds /tex/wood\.png"):
        submit(world, task_id)


def test_an_isolation_model_must_be_one_of_the_published(world: World) -> None:
    task_id = world.new_task()
    with pytest.raises(BadValue, match="expected TASK_ID_MODEL, OUT_USER_MODEL"):
        submit(world, task_id, asset_isolation_model="MY_MODEL")
    with pytest.raises(BadValue, match="needs outUserId"):
        submit(world, task_id, asset_isolation_model="OUT_USER_MODEL")


def test_two_layers_are_rendered_into_folders_of_their_own(world: World) -> None:
    world.submitted("1", layers=["beauty", "depth"])
    world.tick()
    assert sorted(order.output for order in world.executor.history) == [
        "Scene/beauty/shot_####",
        "Scene/depth/shot_####",
    ]


def test_documents_can_be_committed_like_files(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id)
    world.upload({f"/{task_id}/cfg/tips.json": b"{}"}, storage="config")
    submit(world, task_id)
    assert world.status(task_id) == TaskStatus.WAITING


def test_a_task_keeps_whose_it_is_and_where_its_own_files_lie(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    created = world.tasks.create(CreateTask(out_user_id=12345, artist="ada"), by=world.user)
    task_id = created.task_id_list[0]
    world.documents(task_id)
    ask = SubmitTask(task_id=task_id, asset_isolation_model="OUT_USER_MODEL", producer="lovelace")
    world.tasks.submit(ask, by=world.user)
    assert world.task(task_id).producer == "lovelace"
    with world.database.reading() as db:
        kept = db.execute(tables.task.select().where(tables.task.c.id == task_id)).one()
    assert (kept.out_user_id, kept.isolation) == ("12345", "000/012/345")


def test_an_outside_user_that_is_no_folder_is_refused(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id)
    with pytest.raises(BadValue, match="expected digits"):
        submit(world, task_id, asset_isolation_model="OUT_USER_MODEL", out_user_id="../etc")
    assert world.lists.page(TaskListQuery(), by=world.user).items == []
