"""The database file: migrations, transactions, what its checks refuse."""

from __future__ import annotations

import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.store import accounts, frame_lists, labels, tables
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
        "INSERT INTO frame_set SELECT 99, task_id, position, layer, camera, engine, output, choice, 0, 0"
        " FROM frame_set",
    ],
)
def test_the_schema_refuses_what_must_not_be(world: World, statement: str) -> None:
    world.submitted("1")
    with pytest.raises(sa.exc.IntegrityError), world.database.writing() as db:
        db.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT id, attempt FROM frame WHERE status = 2", "ix_frame_renders"),
        ("SELECT id FROM frame WHERE set_id = 1 AND type = 5 AND status = 1 ORDER BY id", "ix_frame_waits"),
        ("SELECT id FROM frame WHERE status = 2 AND task_id + 0 = 1 ORDER BY position", "ix_frame_renders"),
        (
            "SELECT id FROM frame WHERE task_id = 1 AND status = 4 ORDER BY ended_at DESC LIMIT 12",
            "ix_frame_done",
        ),
        (
            "SELECT * FROM frame WHERE task_id = 1 AND position >= 5 AND position < 10 ORDER BY position",
            "ix_frame_page (task_id=? AND position>? AND position<?)",
        ),
        (
            "SELECT id FROM task WHERE account_id = 1 AND deleted = 0 AND submitted_at BETWEEN 0 AND 9"
            " AND status IN (0, 5) ORDER BY submitted_at DESC, id DESC LIMIT 9 OFFSET 99",
            "COVERING INDEX ix_task_list",
        ),
        ("SELECT id FROM task WHERE submitted_at IS NULL AND created_at < 1", "ix_task_drafts"),
        (
            "SELECT id FROM task WHERE analysis = 'wanted' AND wish = 'run' AND NOT deleted"
            " ORDER BY submitted_at, id",
            "ix_task_analysis",
        ),
        ("SELECT id FROM frame_set WHERE waiting_priority + waiting_main > 0", "ix_frame_set_waits"),
        (
            "SELECT set_id, type, status, count(*) FROM frame WHERE task_id = 1 GROUP BY 1, 2, 3",
            "COVERING INDEX ix_frame_counts",
        ),
    ],
)
def test_what_ticks_and_lists_ask_is_answered_from_an_index(world: World, query: str, index: str) -> None:
    with world.database.reading() as db:
        plan = [row[-1] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert any(index in step for step in plan), plan
