"""A search, guided by coverage, for bytes that a scene reader does not stand: a short one on every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("fuzz_reader.py")
SECONDS = 20


@pytest.mark.parametrize("reader", ["blender", "houdini", "clarisse"])
def test_a_reader_stands_whatever_a_search_comes_up_with(reader: str, tmp_path: Path) -> None:
    command = [sys.executable, str(PROGRAM), reader, str(tmp_path), "--seconds", str(SECONDS)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 120, check=False)
    found = [each.name for each in tmp_path.glob(f"{reader}-*")]
    assert ended.returncode == 0, (found, ended.stderr[-3000:])
    assert "stat::number_of_executed_units" in ended.stderr
    assert not found
