"""Processes killed at random moments: a short form of ``benchmarks/chaos.py``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.chaos import KINDS, round_of
from benchmarks.chaos_farm import Plan


def test_whatever_is_killed_every_frame_is_rendered_once_and_nothing_stays_behind(tmp_path: Path) -> None:
    told = round_of(Plan(seed=20, frames=60, places=3, kills=5, longest_pause_s=1.0), tmp_path)
    assert told.wrong == []
    assert told.attempts["RENDERED"] == 60
    assert set(told.killed) == set(KINDS)
