from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.hashing import stamp_of
from rayvision_sync.ledger import Recalled, Stamp
from rayvision_sync.ledger_sqlite import SqliteLedger
from rayvision_sync.progress import TransferProgress
from renderbus_model.pieces import digest_of


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "db" / "farm-7.sqlite3"


def remember(record: Path, file: Path) -> None:
    with SqliteLedger(record, settled_after_s=0) as ledger:
        ledger.remember({str(file): (stamp_of(str(file)), Recalled(digest_of(file.read_bytes())))})


def knows(record: Path, file: Path) -> bool:
    with SqliteLedger(record) as ledger:
        return bool(ledger.known({str(file): stamp_of(str(file))}))


def test_an_unchanged_file_is_known(record: Path, shot: Path) -> None:
    remember(record, shot / "bus.blend")
    with SqliteLedger(record) as ledger:
        files = {str(shot / "bus.blend"): stamp_of(str(shot / "bus.blend")), "/never": Stamp(1, 1, 1, 1)}
        assert ledger.known(files) == {str(shot / "bus.blend"): Recalled(digest_of(b"B" * 700_000))}


def test_a_file_with_its_old_size_and_time_but_other_bytes_is_not_known(record: Path, shot: Path) -> None:
    scene = shot / "bus.blend"
    remember(record, scene)
    before = scene.stat()
    with scene.open("r+b") as stream:
        stream.write(b"C")
    os.utime(scene, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not knows(record, scene)


def test_another_file_moved_to_its_place_is_not_known(record: Path, shot: Path) -> None:
    remember(record, shot / "tex/steel.png")
    other = shot / "tex/other.png"
    other.write_bytes(b"ts")
    status = (shot / "tex/steel.png").stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(shot / "tex/steel.png")
    assert not knows(record, shot / "tex/steel.png")


def test_a_record_that_is_no_database_is_begun_anew(record: Path, shot: Path) -> None:
    record.parent.mkdir()
    record.write_bytes(b"this is no database at all" * 1000)
    assert not knows(record, shot / "bus.blend")
    remember(record, shot / "bus.blend")
    assert knows(record, shot / "bus.blend")


def test_a_record_cut_off_in_the_middle_costs_time_and_nothing_else(
    record: Path, shot: Path, farm: ByteFarm, api: RayvisionAPI
) -> None:
    with SqliteLedger(record, settled_after_s=0) as ledger:
        what = Recalled(digest_of(b"x"))
        many = {f"/file/{number}": (Stamp(1, 1, 1, number), what) for number in range(5000)}
        ledger.remember(many)
    os.truncate(record, record.stat().st_size // 2)
    with SqliteLedger(record) as ledger:
        files = [(path, f"/t/{path.name}") for path in shot.rglob("*.*")]
        engine.upload(api, files, "input", ledger=ledger)
    assert farm.content("input", "/t/bus.blend") == b"B" * 700_000


def test_a_record_that_cannot_be_written_costs_time_and_nothing_else(
    shot: Path, farm: ByteFarm, api: RayvisionAPI
) -> None:
    with SqliteLedger(shot / "bus.blend" / "no folder" / "record") as ledger:
        assert ledger.known({"x": Stamp(1, 1, 1, 1)}) == {}
        engine.upload(api, [(shot / "bus.blend", "/t/bus.blend")], "input", ledger=ledger)
    assert farm.commits == 1


def test_a_record_that_another_program_holds_does_not_stop_an_upload(
    record: Path, shot: Path, farm: ByteFarm, api: RayvisionAPI
) -> None:
    remember(record, shot / "bus.blend")
    with closing(sqlite3.connect(record, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with SqliteLedger(record) as ledger:
            engine.upload(api, [(shot / "bus.blend", "/t/bus.blend")], "input", ledger=ledger)
    assert farm.commits == 1
    assert knows(record, shot / "bus.blend")


def test_unchanged_files_are_not_read_a_second_time(
    record: Path, shot: Path, farm: ByteFarm, api: RayvisionAPI
) -> None:
    files = [(path, f"/t/{path.name}") for path in shot.rglob("*.*")]
    read = []
    for _ in range(2):
        told: list[TransferProgress] = []
        with SqliteLedger(record, settled_after_s=0) as ledger:
            engine.upload(api, files, "input", ledger=ledger, on_progress=told.append)
        read.append(told[-1].bytes_read)
    assert read == [700_006, 0]


def test_a_record_that_is_wrong_after_all_is_found_out_and_set_right(
    record: Path, shot: Path, farm: ByteFarm, api: RayvisionAPI
) -> None:
    scene = shot / "bus.blend"
    with SqliteLedger(record, settled_after_s=0) as ledger:
        ledger.remember({str(scene): (stamp_of(str(scene)), Recalled(digest_of(b"something else")))})
        engine.upload(api, [(scene, "/t/bus.blend")], "input", ledger=ledger)
        found = ledger.known({str(scene): stamp_of(str(scene))})
        assert found[str(scene)].digest == digest_of(b"B" * 700_000)
    assert farm.content("input", "/t/bus.blend") == b"B" * 700_000
