"""Packs that are mostly dead, and what a killed farm left: all of it goes, safely."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time

import pytest
from tests.unit.renderbus_farm.heart.test_cleanup import written
from tests.unit.renderbus_farm.heart.test_pieces import commit, missing, scene_of, send, submitted
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.blobs.contents import Contents
from renderbus_farm.blobs.packs import PackMissing
from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.leftovers import PREFIXES, STAYS_S, Leftovers
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S
from renderbus_farm.repacking import EVERY_S, READ_FOR_S, Repacking
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.storage_check import check_packs
from renderbus_farm.store import leftovers, pieces, tables, transfers, unneeded
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire.transfer import OutputQuery

KEEP, SMALL = b"kept " * 400, b"also kept"
OLD, NEW = b"an older version " * 1000, b"a newer version"


@pytest.fixture
def repacking(world: World) -> Repacking:
    return Repacking(world.database, world.packs)


def thin_pack(world: World) -> str:
    """A pack of which little is needed: the file that most of it was made for has another version now."""
    name = send(world, KEEP, SMALL, OLD, b"tail")
    commit(world, scene_of(KEEP, SMALL, path="/two"), scene_of(OLD, b"tail", path="/was-changed"))
    send(world, NEW)
    commit(world, scene_of(NEW, path="/was-changed"))
    return name


def later(world: World, repacking: Repacking, seconds: float = 0.0) -> None:
    world.now += max(seconds, EVERY_S + 1)
    repacking.tick(world.now)


def content(world: World, path: str) -> bytes:
    """The bytes of a file that the account has committed."""
    with world.database.reading() as db:
        entries = list(transfers.inputs(db, world.user.id, [FarmPath(path)]).values())
        (placed,) = pieces.with_places(db, world.user.id, entries)
    return b"".join(bytes(part) for part in Contents(world.blobs, world.packs).parts(placed))


def packs_of(world: World, path: str) -> set[str]:
    with world.database.reading() as db:
        entries: list[FileEntry] = list(transfers.inputs(db, world.user.id, [FarmPath(path)]).values())
        return {one.pack for entry in pieces.with_places(db, world.user.id, entries) for one in entry.pieces}


def test_a_pack_that_is_mostly_dead_is_written_anew(
    world: World, repacking: Repacking, cleanup: Cleanup
) -> None:
    name = thin_pack(world)
    size_bytes = world.packs.size_bytes(name)
    later(world, repacking)
    assert content(world, "/two") == KEEP + SMALL
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    (new,) = packs_of(world, "/two")
    assert new != name
    assert world.packs.size_bytes(new) < size_bytes / 2
    assert content(world, "/two") == KEEP + SMALL
    assert content(world, "/was-changed") == NEW
    assert world.packs.size_bytes(name) == size_bytes  # for who has just asked where a piece lies
    cleanup.tick(world.now + READ_FOR_S + 1)
    with pytest.raises(PackMissing):
        world.packs.size_bytes(name)
    assert content(world, "/two") == KEEP + SMALL
    assert missing(world, KEEP, SMALL, OLD, KEEP + SMALL) == [False, False, True, False]
    assert all(checked.damaged is None for checked in check_packs(world.database, world.packs))
    cleanup.tick(world.now + 40 * DAY_S)
    assert dict(world.packs.names()) == {}
    with world.database.reading() as db:
        for table in (tables.piece, tables.content, tables.content_pack, tables.input_file, tables.pack):
            assert db.execute(table.select()).all() == []


def test_uploads_do_not_keep_a_pack_that_was_written_anew(
    world: World, repacking: Repacking, cleanup: Cleanup
) -> None:
    name = thin_pack(world)
    later(world, repacking)
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    assert missing(world, KEEP) == [False]
    cleanup.tick(world.now + READ_FOR_S + 1)
    assert name not in dict(world.packs.names())


def test_a_piece_that_was_sent_again_meanwhile_is_not_forgotten_for_its_old_place(world: World) -> None:
    with world.database.reading() as db:
        stored = unneeded.pack_named(db, send(world, KEEP))
    assert stored is not None
    with world.database.writing() as db:
        unneeded.forget_pieces(db, stored, [digest_of(KEEP)])
    send(world, KEEP)
    commit(world, scene_of(KEEP, path="/again"))
    with world.database.writing() as db:
        assert unneeded.forget_pieces(db, stored, [digest_of(KEEP)]) == []
    assert content(world, "/again") == KEEP


def test_a_pack_that_a_task_needs_stays_as_it_is(world: World, repacking: Repacking) -> None:
    name = send(world, KEEP, OLD)
    commit(world, scene_of(KEEP, OLD))
    (entry,) = submitted(world).files
    send(world, NEW)
    commit(world, scene_of(NEW))
    for _ in range(3):
        later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    assert {one.pack for one in entry.pieces} == {name}
    assert b"".join(bytes(part) for part in Contents(world.blobs, world.packs).parts(entry)) == KEEP + OLD


def test_an_upload_that_was_told_of_a_dead_piece_before_can_commit_it(
    world: World, repacking: Repacking
) -> None:
    thin_pack(world)
    assert missing(world, OLD, b"tail", OLD + b"tail") == [False, False, False]
    later(world, repacking)
    assert missing(world, OLD, b"tail", OLD + b"tail") == [True, True, True]
    commit(world, scene_of(OLD, b"tail", path="/again"))
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    assert content(world, "/again") == OLD + b"tail"
    assert missing(world, OLD, OLD + b"tail") == [False, False]


def test_a_dead_piece_that_is_sent_again_lies_where_it_was_sent(
    world: World, repacking: Repacking, cleanup: Cleanup
) -> None:
    thin_pack(world)
    later(world, repacking)
    again = send(world, OLD, b"tail")
    commit(world, scene_of(OLD, b"tail", path="/again"))
    assert packs_of(world, "/again") == {again}
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    assert (content(world, "/again"), content(world, "/two")) == (OLD + b"tail", KEEP + SMALL)
    cleanup.tick(world.now + 40 * DAY_S)
    with world.database.reading() as db:
        assert db.execute(tables.input_file.select()).all() == []


def test_several_thin_packs_become_one(world: World, repacking: Repacking) -> None:
    names = {send(world, bytes([number]) * 50, bytes([number]) * 9000) for number in range(3)}
    commit(world, *(scene_of(bytes([number]) * 50, path=f"/small{number}") for number in range(3)))
    later(world, repacking)
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    found = {pack for number in range(3) for pack in packs_of(world, f"/small{number}")}
    assert len(found) == 1
    assert not found & names


def test_thin_packs_that_would_open_into_too_much_are_written_one_by_one(
    world: World, repacking: Repacking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renderbus_farm.repacking.MOST_CONTENT_BYTES", 60)
    names = {send(world, bytes([number]) * 50, bytes([number]) * 9000) for number in range(2)}
    commit(world, *(scene_of(bytes([number]) * 50, path=f"/small{number}") for number in range(2)))
    later(world, repacking)
    later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    later(world, repacking)
    first, second = (packs_of(world, f"/small{number}") for number in range(2))
    assert not (first | second) & names
    assert first != second


def test_a_damaged_piece_in_a_thin_pack_is_named_and_asked_for_again(
    world: World, repacking: Repacking
) -> None:
    name = thin_pack(world)
    later(world, repacking)
    (stored,) = world.folder.rglob(name)
    stored.chmod(0o600)
    spoiled = bytearray(stored.read_bytes())
    spoiled[len(KEEP) + 2] ^= 1
    stored.write_bytes(spoiled)
    for _ in range(2):
        later(world, repacking, KEPT_BEFORE_COMMIT_S + 1)
    assert missing(world, KEEP, SMALL, KEEP + SMALL) == [False, True, True]
    with pytest.raises(BadValue, match="/two"):
        commit(world, scene_of(KEEP, SMALL, path="/two"))


REPACK = """
import sys
from pathlib import Path
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.repacking import Repacking
from renderbus_farm.store.database import Database

folder, now = Path(sys.argv[1]), float(sys.argv[2])
repacking = Repacking(Database.open(folder / "farm.sqlite3"), LocalPacks(folder / "packs"))
sys.stdin.readline()
while True:
    now += 61
    repacking.tick(now)
    print("tick", flush=True)
"""
"""A process that does nothing but repack, as fast as it can."""


def killed_while_repacking(world: World, after_s: float | None) -> None:
    """Repack in another process until it is killed; without a moment, once all is done."""
    command = [sys.executable, "-c", REPACK, str(world.folder), str(world.now)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write("go\n")
            child.stdin.flush()
            if after_s is None:
                for _ in range(10):
                    assert child.stdout.readline() == "tick\n"
            else:
                child.stdout.readline()
                threading.Event().wait(after_s)
        finally:
            child.kill()


def test_a_farm_that_is_killed_while_it_repacks_loses_nothing(world: World, repacking: Repacking) -> None:
    chance = random.Random(5)
    parts = {f"/{number:02}": chance.randbytes(100_000) for number in range(48)}
    for part in parts.values():
        send(world, part, chance.randbytes(150_000))
    commit(world, *(scene_of(part, path=path) for path, part in parts.items()))
    later(world, repacking)
    world.now += KEPT_BEFORE_COMMIT_S
    before = {pack for path in parts for pack in packs_of(world, path)}
    for after_s in (0.0, 0.002, 0.005, 0.01, None):
        killed_while_repacking(world, after_s)
        world.restart()
        assert {path: content(world, path) for path in parts} == parts
    assert not before & {pack for path in parts for pack in packs_of(world, path)}
    sweep(world, time.time() + STAYS_S + 1)
    with world.database.reading() as db:
        named = set(db.execute(tables.pack.select().with_only_columns(tables.pack.c.name)).scalars())
    assert set(dict(world.packs.names())) == named
    assert all(checked.damaged is None for checked in check_packs(world.database, world.packs))


def sweep(world: World, now: float) -> None:
    """All parts of the storage are looked at."""
    leftover = Leftovers(world.database, world.blobs, world.packs)
    for number in range(PREFIXES):
        leftover.tick(now + number * EVERY_S)


def test_what_nobody_names_goes_after_a_time_and_what_somebody_names_stays(world: World) -> None:
    name = send(world, b"named")
    commit(world, scene_of(b"named", path="/a"))
    world.put(b"sent whole", world.user)
    digest, _ = world.blobs.put_file(written(world.folder / "x", b"rendered, and never reported"))
    with world.packs.arrival("f" * 32) as arrival:
        arrival.write(world.packs.read(name, 0, world.packs.size_bytes(name)))
        arrival.keep()
    half = world.folder / "blobs" / "incoming" / "half"
    half.write_bytes(b"half")
    young = {*dict(world.packs.names()), *dict(world.blobs.names())}
    sweep(world, time.time() + STAYS_S - PREFIXES * EVERY_S - 60)
    assert {*dict(world.packs.names()), *dict(world.blobs.names())} == young
    sweep(world, time.time() + STAYS_S + 1)
    assert young - {*dict(world.packs.names()), *dict(world.blobs.names())} == {digest, "f" * 32}
    assert not half.exists()
    assert content(world, "/a") == b"named"


def test_what_a_task_shows_is_named_by_it(world: World) -> None:
    task_id = world.submitted("1-2")
    world.render_to_end()
    before = dict(world.blobs.names())
    sweep(world, time.time() + STAYS_S + 1)
    assert dict(world.blobs.names()).keys() == before.keys()
    assert world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files


def test_a_blob_that_is_stored_again_meanwhile_stays(world: World) -> None:
    digest, _ = world.blobs.put_file(written(world.folder / "x", b"rendered"))
    world.blobs.delete({digest}, stored_before=time.time() - 10)
    assert world.blobs.have({digest}) == {digest}
    world.blobs.delete({digest}, stored_before=time.time() + 10)
    assert world.blobs.have({digest}) == set()


def test_a_blob_that_was_stored_lately_is_never_out_of_its_place(world: World) -> None:
    digest, _ = world.blobs.put_file(written(world.folder / "x", b"rendered"))
    (stored,) = world.folder.rglob(digest)
    before = stored.stat().st_ctime_ns  # a rename changes it
    world.blobs.delete({digest}, stored_before=time.time() - 10)
    assert stored.stat().st_ctime_ns == before


def test_every_text_column_that_holds_digests_is_asked() -> None:
    asked = {f"{column.table.name}.{column.name}" for column in leftovers.blob_columns()}
    assert asked >= {
        "task.inputs",
        "frame.thumbnail",
        "attempt.log",
        "output.digest",
        "input_file.digest",
        "owned_blob.digest",
    }
