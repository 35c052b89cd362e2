"""Reports on the disk of a node."""

from __future__ import annotations

import os
from pathlib import Path

from renderbus_farm.rules.work import ChunkId, Failed, Fault, Finished, Output
from renderbus_farm.spool import MOST_BYTES, MOST_KEPT, Spool
from renderbus_model.pieces import digest_of

PICTURE = Output("shot_0001.png", digest_of(b"picture"), 7)
RENDERED = Finished(ChunkId(7, 2), (PICTURE,), 3.5, digest_of(b"log"), digest_of(b"small"))
LOST = Failed(ChunkId(8, 1), "killed", Fault.LOST, 1.0)


def test_reports_are_kept_for_whoever_asks_next_in_the_order_they_came(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "reports")
    spool.keep(LOST)
    spool.keep(RENDERED)
    os.utime(tmp_path / "reports" / "8-1", (1, 1))
    assert Spool(tmp_path / "reports").kept() == [LOST, RENDERED]


def test_a_report_that_was_written_down_is_kept_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "reports")
    spool.forget(RENDERED.id)
    spool.keep(RENDERED)
    spool.forget(RENDERED.id)
    assert spool.kept() == []


def test_what_a_dying_worker_left_half_written_is_no_report(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.keep(RENDERED)
    (tmp_path / "9-1").write_bytes((tmp_path / "7-2").read_bytes()[:20])
    (tmp_path / "10-1.new").write_bytes((tmp_path / "7-2").read_bytes())
    (tmp_path / "11-1").write_bytes((tmp_path / "7-2").read_bytes())
    assert spool.kept() == [RENDERED]
    assert [path.name for path in tmp_path.iterdir()] == ["7-2"]


def test_the_oldest_go_when_nobody_takes_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(1, MOST_KEPT + 21):
        spool.keep(Failed(ChunkId(number, 1), "killed", Fault.LOST))
        os.utime(tmp_path / f"{number}-1", (number, number))
    kept = [report.id.frame_id for report in spool.kept()]
    assert len(kept) == MOST_KEPT
    assert kept[-1] == MOST_KEPT + 20


def test_a_report_that_is_longer_than_any_is_not_kept(tmp_path: Path) -> None:
    Spool(tmp_path).keep(Failed(ChunkId(1, 1), "x" * MOST_BYTES))
    assert Spool(tmp_path).kept() == []


def test_a_disk_that_takes_nothing_costs_the_report_on_disk_alone(tmp_path: Path) -> None:
    (tmp_path / "reports").write_bytes(b"a file where the folder should be")
    Spool(tmp_path / "reports").keep(RENDERED)
