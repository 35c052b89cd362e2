"""Scenes made by Blender once, their original folder renamed away, and a worker that renders them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import Bench, Store

MAKER = Path(__file__).parents[3] / "data" / "renders" / "make_scenes.py"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The scenes of ``make_scenes.py``; nothing is left where they were made."""
    folder = tmp_path_factory.mktemp("scenes")
    was_at, originals = folder / "was here", folder / "now away"
    command = [sys.executable, "-I", "-W", "ignore", str(MAKER), str(was_at)]
    made = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert made.returncode == 0, made.stderr.decode()
    was_at.rename(originals)
    return Store(folder / "blobs", originals, was_at)


@pytest.fixture(scope="module")
def bench(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A worker for the tests of a module."""
    bench = Bench(store, tmp_path_factory.mktemp("node"))
    yield bench
    bench.worker.close()
