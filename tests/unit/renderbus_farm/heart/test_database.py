"""The database file: migrations, transactions, what its checks refuse."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.rules.stages import Needs, StagedSet
from renderbus_farm.rules.work import Stage
from renderbus_farm.store import (
    accounts,
    analyses,
    counting,
    dispatch_tables,
    drafts,
    frame_lists,
    frames,
    labels,
    outputs,
    queue,
    records,
    stages,
    tables,
    task_lists,
    tasks,
)
from renderbus_farm.store.database import Database, DatabaseFull, DatabaseUnusable

FIRST_VERSION = Path(__file__).parents[3] / "data" / "database" / "first-version.sql"
"""A farm with a rendered task and one that is not submitted, as version 0.1.0 wrote it."""


def schema(path: Path) -> dict[str, list[str]]:
    """The parts of each table's and index' statement, sorted: their order says nothing."""
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {
        name: sorted(
            re.split(r", (?=CONSTRAINT|[a-z_]+ [A-Z])", " ".join(sql.split()).removesuffix(")").strip())
        )
        for name, sql in rows
        if name not in ("alembic_version", "sqlite_sequence")
    }


def test_a_farm_of_the_first_version_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "farm.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        file.executescript(FIRST_VERSION.read_text(encoding="utf-8"))
    database = Database.open(path)
    with closing(database), database.reading() as db:
        columns = (tables.task.c.id, tables.task.c.scene_file, tables.task.c.layers)
        tasks = [tuple(row) for row in db.execute(sa.select(*columns).order_by(tables.task.c.id))]
        assert tasks == [(1, "shot.blend", "ViewLayer"), (2, "", "")]
        assert [frame.number for frame in frame_lists.page(db, 1, number=2, size=1)] == [2]
        assert labels.of_tasks(db, 1, [1, 2]) == {1: {1: "film", 2: "\u7247\u6bb5"}}
        assert accounts.settings(db, 1) == AccountSettings()
        assert db.execute(sa.select(sa.func.count()).select_from(tables.frame)).scalar_one() == 2
        assert counting.miscounted(db) == []
        counted = sa.select(sa.func.sum(dispatch_tables.frame_count.c.frames))
        assert db.execute(counted).scalar_one() == 2
    Database.open(tmp_path / "new.sqlite3").close()
    assert schema(path) == schema(tmp_path / "new.sqlite3")


def test_the_migrations_make_the_tables_that_the_queries_expect(tmp_path: Path) -> None:
    Database.open(tmp_path / "migrated.sqlite3").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'made.sqlite3'}")
    tables.metadata.create_all(engine)
    engine.dispose()
    assert schema(tmp_path / "migrated.sqlite3") == schema(tmp_path / "made.sqlite3")


def test_a_database_is_opened_again_as_it_was(world: World) -> None:
    task_id = world.submitted("1")
    before = world.picture(task_id)
    world.restart()
    assert world.picture(task_id) == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "farm.sqlite3"
    path.write_bytes(b"this is a letter to my aunt, and no database at all" * 50)
    with pytest.raises(DatabaseUnusable, match="file is not a database"):
        Database.open(path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="unable to open database file; check the file"):
        Database.open(tmp_path / "nowhere" / "farm.sqlite3")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "farm.sqlite3"
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    with pytest.raises(DatabaseUnusable, match="made by a newer RenderBus"):
        Database.open(path)


def test_a_statement_that_moves_frames_moves_their_counts(world: World) -> None:
    world.is_sound = False  # rows are changed by hand
    world.submitted("1-9", pre_frames="100", stop_after_test="1")
    world.submitted("1-3")
    world.tick()
    with world.database.writing() as db:
        for statement in (
            "UPDATE frame SET status = 3 WHERE number > 6",
            "UPDATE frame SET not_before = 5, avoid = '[\"w-01\"]' WHERE number = 5",
            "UPDATE frame SET memory_gb = 64 WHERE number = 4",
            "UPDATE frame SET type = 8 WHERE number = 2",
            "DELETE FROM frame WHERE number = 7",
        ):
            assert db.exec_driver_sql(statement).rowcount > 0
            assert counting.miscounted(db) == []


def test_counts_are_made_anew_where_the_database_has_lost_what_keeps_them(world: World) -> None:
    world.is_sound = False  # rows are changed by hand
    world.submitted("1-9")
    with world.database.writing() as db:
        db.exec_driver_sql("DROP TRIGGER frame_moves")
        db.exec_driver_sql("UPDATE frame SET status = 3 WHERE number > 6")
        assert counting.miscounted(db)
        counting.keep(db)
        assert counting.miscounted(db) == []


def test_an_exception_undoes_the_whole_transaction(world: World) -> None:
    def write_and_fail() -> None:
        with world.database.writing() as db:
            db.execute(tables.label.insert().values(account_id=world.user.id, name="film"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert world.labels.every(by=world.user).project_name_list == []


def test_a_full_disk_is_told_and_undoes_the_whole_transaction(world: World) -> None:
    def fill() -> None:
        with world.database.writing() as db:
            pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
            db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(100):
                name = str(number) * 4096
                db.execute(tables.label.insert().values(account_id=world.user.id, name=name))

    with pytest.raises(DatabaseFull, match=r"database .*farm.sqlite3: database or disk is full") as told:
        fill()
    assert told.value.why == "the farm's disk is full; ask its owner to make room"
    assert world.labels.every(by=world.user).project_name_list == []


def test_a_reader_sees_one_moment_and_waits_for_no_writer(world: World) -> None:
    query = sa.select(sa.func.count()).select_from(tables.label)
    inside, seen = threading.Event(), threading.Event()

    def write() -> None:
        with world.database.writing() as db:
            db.execute(tables.label.insert().values(account_id=world.user.id, name="film"))
            inside.set()
            assert seen.wait(10)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert inside.wait(10)
        with world.database.reading() as db:
            assert db.execute(query).scalar_one() == 0
            seen.set()
            writing.result(10)
            assert db.execute(query).scalar_one() == 0
    with world.database.reading() as db:
        assert db.execute(query).scalar_one() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frame SET status = 99",
        "UPDATE frame SET status = 4, ended_at = NULL",
        "UPDATE frame SET status = 2, node = ''",
        "UPDATE frame SET attempt = -1",
        "UPDATE frame SET percent = 101",
        "UPDATE task SET status = 15",
        "UPDATE task SET wish = 'maybe'",
        "UPDATE task SET inputs = NULL",
        "UPDATE task SET account_id = 4711",
        "INSERT INTO frame_set (id, task_id, position, layer, camera, engine, output, choice)"
        " SELECT 99, task_id, position, layer, camera, engine, output, choice FROM frame_set",
        "UPDATE frame SET last = number - 1",
        "UPDATE frame SET step = 0",
        "UPDATE frame SET tile = -1",
    ],
)
def test_the_schema_refuses_what_must_not_be(world: World, statement: str) -> None:
    world.submitted("1")
    with pytest.raises(sa.exc.IntegrityError), world.database.writing() as db:
        db.exec_driver_sql(statement)


def plan_of(world: World, ask: Callable[[sa.Connection], object]) -> list[str]:
    """How the database answers the statements of a question, as they are sent to it."""
    asked: list[str] = []
    with world.database.reading() as db:
        driver = db.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        ask(db)
        driver.set_trace_callback(None)
        assert asked
        plans = [driver.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall() for statement in asked]
    return [row[-1] for plan in plans for row in plan]


TILED = (StagedSet(1, 1, Stage.RENDER), StagedSet(2, 1, Stage.MERGE, 1, Needs.SAME_FRAME))
EVERY = task_lists.Narrowed()
SEARCHED = task_lists.Narrowed(statuses=[0, 5], keyword="shot", since=1.0, until=2.0)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (frames.rendering, "ix_frame_renders"),
        (queue.any_waits, "ix_frame_count_waits"),
        (queue.running, "ix_frame_renders"),
        (lambda db: queue.heads(db, 1.0), "ix_frame_count_waits"),
        (lambda db: queue.heads(db, 1.0, task_id=1), "frame_set_1 (task_id=?)"),
        (lambda db: queue.any_due(db, 1.0), "ix_frame_delayed"),
        (lambda db: tasks.over_time(db, 1.0), "ix_task_status"),
        (analyses.wanted, "ix_task_analysis"),
        (lambda db: stages.settle(db, TILED, 1.0), "frame_1 (set_id=? AND number=?)"),
        (lambda db: drafts.old(db, 1.0, 9), "ix_task_drafts"),
        (lambda db: task_lists.page(db, 1, EVERY, number=9, size=9), "COVERING INDEX ix_task_list"),
        (lambda db: task_lists.page(db, 1, SEARCHED, number=9, size=9), "COVERING INDEX ix_task_list"),
        (lambda db: task_lists.records(db, 1, [1, 2]), "task USING INTEGER PRIMARY KEY"),
        (lambda db: task_lists.totals(db, 1), "ix_task_list"),
        (
            lambda db: frame_lists.page(db, 1, number=9, size=9),
            "ix_frame_page (task_id=? AND position>? AND position<?)",
        ),
        (lambda db: frame_lists.search(db, [1], "7", number=9, size=9), "COVERING INDEX ix_frame_page"),
        (lambda db: frame_lists.in_progress(db, 1, 9), "ix_frame_renders"),
        (lambda db: frame_lists.in_progress(db, 1, 9), "ix_frame_done"),
        (lambda db: frame_lists.record(db, 1, 1), "frame USING INTEGER PRIMARY KEY"),
        (lambda db: frame_lists.attempts_at(db, 1, number=1, size=9), "attempt_1 (frame_id=?)"),
        (lambda db: labels.of_tasks(db, 1, [1, 2]), "task_label_1 (task_id=?)"),
        (lambda db: labels.every(db, [1]), "label_1 (account_id=?)"),
        (lambda db: outputs.folders(db, 1, 9), "output_1 (task_id=?)"),
        (lambda db: outputs.children(db, 1, "a", 9), "output_1 (task_id=? AND path>? AND path<?)"),
        (
            lambda db: records.commands(db, 1, number=1, size=9, since=None, until=None),
            "ix_task_record_list (account_id=?)",
        ),
    ],
)
def test_what_ticks_and_lists_ask_is_answered_from_an_index(
    world: World, ask: Callable[[sa.Connection], object], index: str
) -> None:
    plan = plan_of(world, ask)
    assert any(index in step for step in plan), plan
    # Through an index or over the values of the question; never a whole table.
    assert [step for step in plan if step.startswith("SCAN") and "INDEX" not in step] == []


def test_counting_a_tasks_frames_reads_no_frame(world: World) -> None:
    with world.database.writing() as db:
        asked: list[str] = []
        driver = db.connection.driver_connection
        assert driver is not None
        task_id = world.submitted("1-2[1]")
        driver.set_trace_callback(asked.append)
        tasks.refresh(db, [task_id], world.now)
        driver.set_trace_callback(None)
    assert asked
    assert not [statement for statement in asked if re.search(r"(FROM|JOIN|UPDATE) frame\b", statement)]
