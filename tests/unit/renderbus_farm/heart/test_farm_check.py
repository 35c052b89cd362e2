"""A farm that is not what it must be is found out: each rule is broken on purpose."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm import farm_check
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.processes import FOLDER
from renderbus_farm.rules.soundness import HEALS, Breach, Rule
from renderbus_farm.rules.work import ChunkId, Finished
from renderbus_farm.spool import Spool
from renderbus_farm.store import tables
from renderbus_model.pieces import digest_of
from renderbus_model.statuses import FrameStatus

D, R, W = FrameStatus.DONE, FrameStatus.RENDERING, FrameStatus.WAITING


@pytest.fixture
def busy(world: World) -> Iterator[World]:
    """A farm with a finished frame, two that render and one that waits; unsound when the test is over."""
    task_id = world.submitted("1-4[1]")
    world.tick()
    world.executor.finish(min(world.executor.orders))
    world.tick()
    assert world.frame_statuses(task_id) == [D, R, R, W]
    world.check()
    yield world
    world.is_sound = False


def broken(world: World, *statements: sa.Update | sa.Insert | sa.Delete) -> list[Breach]:
    """What is found after somebody changed the rows by hand."""
    with world.database.writing() as db:
        db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            db.execute(statement)
    return farm_check.check_database(world.database)


def rules(found: list[Breach]) -> set[Rule]:
    return {breach.rule for breach in found}


frame, attempt, task, output = tables.frame, tables.attempt, tables.task, tables.output


def test_a_sound_farm_is_found_sound_and_nothing_is_changed(busy: World) -> None:
    before = busy.picture(1)
    assert farm_check.check_database(busy.database) == []
    assert busy.picture(1) == before


def test_two_live_attempts_at_one_frame_are_found(busy: World) -> None:
    second = attempt.insert().values(frame_id=2, number=2, node="w-02", claimed_at=1.0, lease_until=1.0)
    found = broken(busy, second)
    assert rules(found) == {Rule.ONE_ATTEMPT}
    assert "frame 2 has 2 attempts that may still render" in [breach.what for breach in found]


def test_an_attempt_at_a_frame_that_waits_is_found(busy: World) -> None:
    stray = attempt.insert().values(frame_id=4, number=1, node="w-02", claimed_at=1.0, lease_until=1.0)
    assert "attempt 1 at frame 4 is open, the frame is WAITING" in [b.what for b in broken(busy, stray)]


def test_a_finished_frame_that_was_rendered_again_unasked_is_found(busy: World) -> None:
    again = attempt.insert().values(
        frame_id=1, number=2, node="w-02", claimed_at=1.0, ended_at=2.0, outcome="RENDERED", lease_until=1.0
    )
    found = broken(busy, again, frame.update().where(frame.c.id == 1).values(attempt=2))
    assert rules(found) == {Rule.STAYS_FINISHED}


def test_a_frame_that_is_done_without_having_been_rendered_is_found(busy: World) -> None:
    lost = attempt.update().where(attempt.c.frame_id == 1).values(outcome="NODE_LOST")
    found = broken(busy, lost)
    assert Rule.STAYS_FINISHED in rules(found)


def test_wrong_counts_are_found_and_set_right(busy: World) -> None:
    found = broken(busy, task.update().values(done=3))
    assert [(breach.rule, breach.what) for breach in found] == [
        (Rule.COUNTS, "task 1 shows done 3 instead of 1")
    ]
    farm_check.count_again(busy.database)
    assert farm_check.check_database(busy.database) == []


def test_counts_of_the_queue_that_are_wrong_are_found_and_set_right(busy: World) -> None:
    with busy.database.writing() as db:
        db.exec_driver_sql("UPDATE frame_count SET frames = frames + 1")
    assert Rule.COUNTS in rules(farm_check.check_database(busy.database))
    farm_check.count_again(busy.database)
    assert farm_check.check_database(busy.database) == []


def test_a_frame_that_renders_and_takes_no_place_is_found(busy: World) -> None:
    closed = attempt.update().where(attempt.c.frame_id == 2).values(outcome="STOPPED", ended_at=1.0)
    assert rules(broken(busy, closed)) == {Rule.RESOURCES}


def test_more_licences_than_the_farm_has_are_found(world: World) -> None:
    world.executor.all_nodes = [node(name, places=1) for name in "abc"]
    world.submitted("1-4[1]")
    with world.database.writing() as db:
        db.execute(task.update().values(limits='{"nuke": 1}'))
    world.tick()
    used = len({order.node for order in world.executor.orders.values()})
    assert used == 3
    assert list(farm_check.check_limits(world.database, {"nuke": 3, "maya": 1})) == []
    (found,) = farm_check.check_limits(world.database, {"nuke": 2})
    assert (found.rule, found.what) == (Rule.RESOURCES, "3 of nuke are in use, the farm has 2")


def test_a_node_that_reported_after_it_was_given_up_is_found(busy: World) -> None:
    late = attempt.insert().values(
        frame_id=4, number=1, node="w", claimed_at=1.0, ended_at=2.0, outcome="FARM_LOST", log="0" * 64
    )
    found = broken(
        busy, late.values(lease_until=1.0), frame.update().where(frame.c.id == 4).values(attempt=1)
    )
    assert rules(found) == {Rule.SILENT_WHEN_LOST}


def test_a_picture_of_a_frame_that_was_never_rendered_is_found(busy: World) -> None:
    made = output.insert().values(task_id=1, path="x.png", frame_id=4, digest="0" * 64, size_bytes=1)
    assert rules(broken(busy, made)) == {Rule.SILENT_WHEN_LOST}


def test_frames_that_wait_in_a_stopped_task_are_found(busy: World) -> None:
    found = broken(busy, task.update().values(wish="stop"))
    assert Rule.HAS_A_REASON in rules(found)


def test_rows_that_belong_to_nothing_are_found(busy: World) -> None:
    busy.database.close()
    with sa.create_engine(f"sqlite:///{busy.folder / 'farm.sqlite3'}").begin() as db:
        db.exec_driver_sql("INSERT INTO document (task_id, name, content) VALUES (4711, 'task.json', x'')")
    busy.restart()
    assert rules(farm_check.check_database(busy.database)) == {Rule.LEAVES_NOTHING}


def test_a_result_whose_bytes_are_gone_cut_or_changed_is_found(busy: World) -> None:
    """The scripted node stored nothing, so at first all bytes are missing."""

    def told() -> list[str]:
        return [breach.what for breach in farm_check.check_results(busy.database, busy.blobs)]

    picture = digest_of(b"picture")
    assert told() == [f"blob {picture}, which a result needs, is not there"]
    busy.blobs.put(picture, io.BytesIO(b"picture"))
    assert told() == []
    stored = busy.blobs.file_of(picture)
    stored.chmod(0o600)
    stored.write_bytes(b"pictu")
    assert told() == [f"blob {picture} has 5 bytes instead of 7"]
    stored.write_bytes(b"PICTURE")
    assert told() == []
    wrong = list(farm_check.check_bytes(busy.blobs))
    assert [breach.rule for breach in wrong] == [Rule.MATCHES_ITS_DIGEST]
    assert wrong[0].what.startswith(f"blob {picture} holds bytes of ")
    stored.unlink()
    stored.mkdir()  # what is in its place gives no bytes
    assert [breach.what for breach in farm_check.check_bytes(busy.blobs)] == [
        f"blob {picture} cannot be read: Is a directory"
    ]


def of_folder(world: World, now: float = 0.0) -> list[Breach]:
    return list(farm_check.check_folder(DataFolder(world.folder), world.database, now))


def test_a_kept_report_that_cannot_be_read_or_names_another_attempt_is_found(busy: World) -> None:
    reports = busy.folder / "nodes" / "node-1" / "reports"
    reports.mkdir(parents=True)
    Spool(reports).keep(Finished(ChunkId(2, 1), (), 1.0))
    assert of_folder(busy) == []
    (reports / "3-1").write_bytes(b"\xff")
    (reports / "4-1").write_bytes((reports / "2-1").read_bytes())
    assert [breach.rule for breach in of_folder(busy)] == [Rule.KEEPS_REPORTS] * 2


@contextmanager
def process_of(nodes: Path) -> Iterator[int]:
    """A process that renders in the name of a farm."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    environment = {**os.environ, FOLDER: str(nodes)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
        yield process.pid
        process.kill()


def test_a_process_that_an_earlier_farm_left_running_is_found(busy: World) -> None:
    with process_of(busy.folder / "nodes") as pid:
        (found,) = of_folder(busy)
    assert found.rule is Rule.FENCED
    assert f"process {pid} " in found.what
    assert of_folder(busy) == []


def test_files_that_nothing_needs_any_more_are_found_when_they_are_old(busy: World) -> None:
    left = busy.folder / "blobs" / "incoming" / "17-4-2"
    left.write_bytes(b"half")
    scratch = busy.folder / "nodes" / "node-1" / "render"
    (scratch / "4-1").mkdir(parents=True)
    (scratch / "2-1").mkdir()
    now = left.stat().st_mtime
    assert of_folder(busy, now) == []
    assert [breach.rule for breach in of_folder(busy, now + 2 * farm_check.LEFT_AFTER_S)] == [
        Rule.LEAVES_NOTHING,
        Rule.LEAVES_NOTHING,
    ]


def test_every_rule_says_how_to_heal() -> None:
    assert set(HEALS) == set(Rule)
    assert all(Breach(rule, "frame 1").heal for rule in Rule)
