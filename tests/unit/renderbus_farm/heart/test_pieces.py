"""Uploads in pieces: whose they are, what a commit asks for, how long they stay."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World

from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S, Pieces
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.storage_check import check_packs
from renderbus_farm.store import tables
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest, Piece, Upload, UploadedFile, digest_of, listed
from renderbus_model.pieces.packs import PackBuilder
from renderbus_model.pieces.questions import packed_digests, read_bits
from renderbus_model.wire.task import SubmitTask
from renderbus_model.wire.transfer import CommitFiles, CommittedQuery, MissingPiecesQuery

PARTS = (b"scene, first half ", b"and the second")
WHOLE = b"".join(PARTS)

_names = count(1)


def send(world: World, *pieces: bytes, by: User | None = None) -> str:
    """A pack of these pieces arrives, as by the byte route; its name."""
    builder = PackBuilder()
    for piece in pieces:
        builder.add(digest_of(piece), piece, piece)
    name = f"{next(_names):032x}"
    with world.packs.arrival(name) as arrival:
        arrival.write(b"".join(builder.finish()))
        rows = arrival.checked()
        arrival.keep()
    world.transfers.pieces.pack_arrived((by or world.user).id, name, builder.size_bytes, rows)
    return name


def missing(world: World, *contents: bytes, by: User | None = None) -> list[bool]:
    ask = MissingPiecesQuery(digests=packed_digests(map(digest_of, contents)))
    return read_bits(world.transfers.pieces.missing(ask, by=by or world.user).missing, len(contents))


def scene_of(*parts: bytes, path: str = SCENE) -> UploadedFile:
    content = b"".join(parts)
    pieces = listed(Piece(digest_of(part), len(part)) for part in parts)
    return UploadedFile(FarmPath(path), digest_of(content), len(content), pieces if len(parts) > 1 else b"")


def commit(world: World, *files: UploadedFile, by: User | None = None) -> None:
    content = Upload(files, 1).encode()
    send(world, content, by=by)
    ask = CommitFiles(storage="input", manifest=packed_digests([digest_of(content)]))
    world.transfers.commit_files(ask, by=by or world.user)


def submitted(world: World) -> Manifest:
    """The manifest of a task that was submitted with the scene."""
    task_id = world.new_task()
    world.documents(task_id)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    world.tick()
    (order, *_) = world.executor.history
    with world.blobs.get(order.inputs) as stream:
        return Manifest.decode(stream.read())


def test_pieces_are_missing_until_they_are_sent(world: World) -> None:
    assert missing(world, *PARTS, b"other") == [True, True, True]
    send(world, *PARTS)
    assert missing(world, *PARTS, b"other") == [False, False, True]


def test_what_another_account_sent_is_neither_told_nor_used(world: World) -> None:
    send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    eve = world.accounts.add("eve").user
    assert missing(world, *PARTS, WHOLE, by=eve) == [True, True, True]
    with pytest.raises(BadValue, match="not uploaded"):
        commit(world, scene_of(*PARTS), by=eve)
    assert not world.transfers.pieces.committed(
        CommittedQuery(digest=Upload.digest_of_set([scene_of(*PARTS).in_set])), by=eve
    ).holds


def test_a_file_of_several_pieces_is_known_whole_once_it_is_committed(world: World) -> None:
    send(world, *PARTS)
    assert missing(world, WHOLE) == [True]
    commit(world, scene_of(*PARTS))
    assert missing(world, WHOLE) == [False]
    commit(world, UploadedFile(FarmPath("/other/place.blend"), digest_of(WHOLE), len(WHOLE)))


def test_files_of_one_piece_and_files_sent_whole_go_together(world: World) -> None:
    send(world, b"one piece")
    world.put(b"sent whole", world.user)
    commit(world, scene_of(b"one piece", path="/a"), scene_of(b"sent whole", path="/b"))


def test_a_file_with_a_piece_that_was_not_sent_is_refused_and_none_exists(world: World) -> None:
    send(world, PARTS[0], b"other file")
    with pytest.raises(BadValue, match=SCENE):
        commit(world, scene_of(b"other file", path="/a"), scene_of(*PARTS))
    with world.database.reading() as db:
        assert db.execute(tables.input_file.select()).all() == []


@pytest.mark.parametrize(
    "file",
    [
        UploadedFile(FarmPath("/a"), digest_of(b"x"), 5, listed([Piece(digest_of(PARTS[0]), 5)])),
        UploadedFile(FarmPath("/a"), digest_of(b"x"), 9, listed([Piece(digest_of(PARTS[0]), 18)])),
        UploadedFile(FarmPath("/a"), digest_of(b"x"), 9, b"half a list"),
        UploadedFile(FarmPath("/a"), digest_of(PARTS[0]), 9),
    ],
)
def test_sizes_that_do_not_fit_are_refused(world: World, file: UploadedFile) -> None:
    send(world, *PARTS)
    with pytest.raises(BadValue):
        commit(world, file)


def test_a_manifest_that_is_none_is_refused(world: World) -> None:
    send(world, b"no manifest")
    for digests in ([digest_of(b"no manifest")], [digest_of(b"never sent")]):
        with pytest.raises(BadValue, match="manifest"):
            world.transfers.commit_files(
                CommitFiles(storage="input", manifest=packed_digests(digests)), by=world.user
            )


@pytest.mark.parametrize("digests", ["x", "AAAA", "é"])
def test_what_is_no_list_of_digests_is_refused(world: World, digests: str) -> None:
    with pytest.raises(BadValue):
        world.transfers.pieces.missing(MissingPiecesQuery(digests=digests), by=world.user)


def test_too_many_packs_in_one_question_are_refused(world: World) -> None:
    with pytest.raises(BadValue, match="packs"):
        world.transfers.pieces.missing(MissingPiecesQuery(packs=65), by=world.user)


def test_a_tasks_manifest_says_where_every_piece_lies(world: World) -> None:
    name = send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    (entry,) = submitted(world).files
    assert [(piece.digest, piece.pack) for piece in entry.pieces] == [
        (digest_of(part), name) for part in PARTS
    ]
    assert (
        b"".join(world.packs.read(name, piece.offset, piece.stored_bytes) for piece in entry.pieces) == WHOLE
    )


def test_documents_may_come_in_pieces_too(world: World) -> None:
    task_id = world.new_task()
    send(world, b"{}")
    entries = [FileEntry(FarmPath(f"/{task_id}/cfg/tips.json"), digest_of(b"{}"), 2)]
    world.transfers.commit_files(CommitFiles(storage="config", files=entries), by=world.user)


def test_an_unchanged_set_is_known_by_one_digest_until_a_file_is_another(world: World) -> None:
    send(world, *PARTS, b"new version")
    commit(world, scene_of(*PARTS))
    standing = CommittedQuery(digest=Upload.digest_of_set([scene_of(*PARTS).in_set]))
    assert world.transfers.pieces.committed(standing, by=world.user).holds
    commit(world, scene_of(b"new version", path="/elsewhere"))
    assert world.transfers.pieces.committed(standing, by=world.user).holds
    commit(world, scene_of(b"new version"))
    assert not world.transfers.pieces.committed(standing, by=world.user).holds


@pytest.mark.parametrize(("kept_days", "hours"), [(30, 24), (1, 12)])
def test_a_set_is_taken_for_unchanged_only_while_its_bytes_are_kept_for_long(
    world: World, kept_days: int, hours: int
) -> None:
    kept = Pieces(world.database, world.blobs, world.packs, kept_s=kept_days * DAY_S, clock=world.clock)
    send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    standing = CommittedQuery(digest=Upload.digest_of_set([scene_of(*PARTS).in_set]))
    world.now += hours * 3600 - 1
    assert kept.committed(standing, by=world.user).holds
    world.now += 2
    assert not kept.committed(standing, by=world.user).holds


def test_a_pack_that_comes_twice_is_recorded_once(world: World) -> None:
    name = send(world, *PARTS)
    assert world.transfers.pieces.knows_pack(name)
    world.transfers.pieces.pack_arrived(world.user.id, name, 10, [])
    assert missing(world, *PARTS) == [False, False]


def test_files_that_nobody_needs_go_after_their_time(world: World, cleanup: Cleanup) -> None:
    name = send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    cleanup.tick(world.now + 29 * DAY_S)
    assert missing(world, WHOLE) == [False]
    cleanup.tick(world.now + 31 * DAY_S)
    assert missing(world, WHOLE, *PARTS) == [True, True, True]
    assert name not in dict(world.packs.names())
    with world.database.reading() as db:
        assert db.execute(tables.input_file.select()).all() == []
    send(world, *PARTS)
    commit(world, scene_of(*PARTS))


def test_what_was_sent_and_never_committed_goes_after_a_day_and_not_before(
    world: World, cleanup: Cleanup
) -> None:
    send(world, *PARTS)
    cleanup.tick(world.now + KEPT_BEFORE_COMMIT_S - 100)
    assert missing(world, *PARTS) == [False, False]
    cleanup.tick(world.now + KEPT_BEFORE_COMMIT_S + 100)
    assert missing(world, *PARTS) == [True, True]


def test_what_an_upload_was_told_of_stays_until_it_can_commit(world: World, cleanup: Cleanup) -> None:
    send(world, *PARTS)
    world.now += KEPT_BEFORE_COMMIT_S - 100
    assert missing(world, *PARTS) == [False, False]
    cleanup.tick(world.now + 3600)
    commit(world, scene_of(*PARTS))


def test_a_task_that_is_not_over_keeps_its_files(world: World, cleanup: Cleanup) -> None:
    send(world, *PARTS)
    commit(world, scene_of(*PARTS))
    (entry,) = submitted(world).files
    cleanup.tick(world.now + 400 * DAY_S)
    assert world.packs.read(entry.pieces[0].pack, 0, 5) == WHOLE[:5]
    world.render_to_end()
    ended = world.now
    cleanup.tick(ended + 29 * DAY_S)
    assert len(dict(world.packs.names())) >= 1
    cleanup.tick(ended + 31 * DAY_S)
    assert dict(world.packs.names()) == {}


def test_a_flipped_byte_is_found_named_and_the_file_can_be_sent_again(world: World, tmp_path: Path) -> None:
    name = send(world, *PARTS)
    send(world, b"other file")
    commit(world, scene_of(b"other file", path="/a"), scene_of(*PARTS))
    assert [checked.damaged for checked in check_packs(world.database, world.packs)] == [None] * 3
    (stored,) = world.folder.rglob(name)
    stored.chmod(0o600)
    content = bytearray(stored.read_bytes())
    content[20] ^= 1
    stored.write_bytes(content)
    found = [checked.damaged for checked in check_packs(world.database, world.packs) if checked.damaged]
    assert [(one.name, one.pieces, one.files) for one in found] == [(name, (digest_of(PARTS[1]),), (SCENE,))]
    assert missing(world, *PARTS, WHOLE) == [False, True, True]
    send(world, PARTS[1])
    commit(world, scene_of(*PARTS))
    assert all(checked.damaged is None for checked in check_packs(world.database, world.packs))


def test_digests_are_told_apart_from_texts(world: World) -> None:
    with pytest.raises(BadValue):
        world.transfers.pieces.committed(CommittedQuery(digest=Digest("no digest")), by=world.user)
