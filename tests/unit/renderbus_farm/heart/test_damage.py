"""Stored bytes that a node finds damaged: the farm looks and forgets them, the user sends them again."""

from __future__ import annotations

import errno
import os

import pytest
from tests.unit.renderbus_farm.heart.test_pieces import commit, missing, scene_of, send
from tests.unit.renderbus_farm.heart.world import SCENE, World

from renderbus_farm.rules.work import Damage, Fault
from renderbus_farm.storage_check import check_packs
from renderbus_model.pieces import Digest, Manifest, PlacedPiece, Upload, digest_of
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.task import SubmitTask
from renderbus_model.wire.transfer import CommittedQuery

PARTS = (b"scene, first half ", b"and the second")


def rendering(world: World) -> tuple[int, tuple[PlacedPiece, ...]]:
    """A task whose two frames are being rendered, and where its scene lies."""
    send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    task_id = world.new_task()
    world.documents(task_id, frames="1-2[1]")
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    world.tick()
    (order, *_) = world.executor.history
    with world.blobs.get(order.inputs) as stream:
        (entry,) = Manifest.decode(stream.read()).files
    return task_id, entry.pieces


def flip(world: World, name: str, at: int) -> None:
    (stored,) = world.folder.rglob(name)
    stored.chmod(0o600)
    content = bytearray(stored.read_bytes())
    content[at] ^= 1
    stored.write_bytes(content)


def fail_all(world: World, damage: Damage) -> None:
    for chunk in sorted(world.executor.orders):
        world.executor.fail(chunk, f"file {SCENE}: damaged; upload it again", Fault.INPUTS, damage)
    world.tick()


def test_a_damaged_piece_fails_the_frame_at_once_and_is_asked_for_again(world: World) -> None:
    task_id, pieces = rendering(world)
    flip(world, pieces[1].pack, pieces[1].offset)
    fail_all(world, Damage(SCENE, digest_of(b"".join(PARTS)), pieces[1]))
    assert world.frame_statuses(task_id) == [FrameStatus.FAILED] * 2
    assert SCENE in (world.frames(task_id)[0].error or "")
    assert missing(world, *PARTS, b"".join(PARTS)) == [False, True, True]
    send(world, PARTS[1])
    commit(world, scene_of(*PARTS))
    assert missing(world, b"".join(PARTS)) == [False]


def test_a_pack_that_is_gone_is_damage_too(world: World) -> None:
    task_id, pieces = rendering(world)
    world.packs.delete([pieces[0].pack])
    fail_all(world, Damage(SCENE, digest_of(b"".join(PARTS)), pieces[0]))
    assert world.frame_statuses(task_id) == [FrameStatus.FAILED] * 2
    assert missing(world, PARTS[0]) == [True]


def test_a_damaged_file_that_was_sent_whole_is_asked_for_again(world: World) -> None:
    task_id = world.submitted("1")
    world.tick()
    digest = digest_of(b"BLENDER")
    assert holds(world, b"BLENDER")
    flip(world, digest, 0)
    fail_all(world, Damage(SCENE, digest))
    assert world.frame_statuses(task_id) == [FrameStatus.FAILED]
    assert world.blobs.have({digest}) == set()
    assert missing(world, b"BLENDER") == [True]
    assert not holds(world, b"BLENDER")


def holds(world: World, scene: bytes) -> bool:
    """Whether an upload of just this scene is told that nothing has changed."""
    listed = Upload.digest_of_set([scene_of(scene).in_set])
    return world.transfers.pieces.committed(CommittedQuery(digest=listed), by=world.user).holds


def unreadable(world: World, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def failing(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pread", failing)


def test_bytes_that_cannot_be_read_for_another_reason_are_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, pieces = rendering(world)
    with monkeypatch.context() as patch:
        unreadable(world, patch, errno.EMFILE)
        with pytest.raises(OSError, match="Too many open files"):
            list(check_packs(world.database, world.packs))
        fail_all(world, Damage(SCENE, digest_of(b"".join(PARTS)), pieces[0]))
    assert FrameStatus.FAILED not in world.frame_statuses(task_id)
    assert missing(world, *PARTS) == [False, False]


def test_bytes_that_the_disk_does_not_give_any_more_are_damaged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pieces = rendering(world)
    with monkeypatch.context() as patch:
        unreadable(world, patch, errno.EIO)
        fail_all(world, Damage(SCENE, digest_of(b"".join(PARTS)), pieces[0]))
    assert missing(world, *PARTS) == [True, False]


@pytest.mark.parametrize("changed", ["nothing", "offset", "digest"])
def test_a_node_that_calls_right_bytes_damaged_is_not_believed(world: World, changed: str) -> None:
    task_id, (piece, _) = rendering(world)
    said = {
        "nothing": piece,
        "offset": PlacedPiece(piece.digest, piece.size_bytes, piece.pack, 3, piece.stored_bytes),
        "digest": PlacedPiece(Digest("no digest"), 1, piece.pack, 0, 1),
    }[changed]
    fail_all(world, Damage(SCENE, digest_of(b"".join(PARTS)), said))
    assert missing(world, *PARTS, b"".join(PARTS)) == [False, False, False]
    if changed != "digest":
        assert FrameStatus.FAILED not in world.frame_statuses(task_id)
        world.now += 400  # the node gets another chance
        world.render_to_end()
        assert world.frame_statuses(task_id) == [FrameStatus.DONE] * 2
