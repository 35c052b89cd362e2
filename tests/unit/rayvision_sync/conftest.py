"""A byte farm, and a client that is logged in to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm

from rayvision_api.core import RayvisionAPI
from rayvision_sync.patience import Patience

LONG_AGO_S = 1_700_000_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is nobody's, and an environment that names no other folder."""
    for name in ("RAYVISION_DB", "RAYVISION_LOG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[ByteFarm]:
    farm = ByteFarm(tmp_path / "the farm's blobs")
    yield farm
    farm.close()


@pytest.fixture
def api(farm: ByteFarm) -> Iterator[RayvisionAPI]:
    with RayvisionAPI("an-id", "a-key", farm.url, "2", wait=lambda _: False) as api:
        yield api


@pytest.fixture
def patience() -> Patience:
    """Tries as often as usual, without the waits."""
    return Patience(attempts=4, first_wait_s=0.001, longest_wait_s=0.001)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A user's folder with a scene and textures, untouched for a long time."""
    folder = tmp_path / "shot"
    (folder / "tex").mkdir(parents=True)
    for name, content in {
        "bus.blend": b"B" * 700_000,
        "tex/wood.png": b"wood",
        "tex/steel.png": b"st",
    }.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (LONG_AGO_S, LONG_AGO_S))
    return folder


@pytest.fixture
def work(tmp_path: Path, shot: Path) -> Path:
    """A workspace with the four documents of a task."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("task.json", "tips.json", "asset.json"):
        (folder / name).write_text("{}")
    listed = [
        {"local": str(shot / "bus.blend"), "server": "/D/shot/bus.blend"},
        {"local": str(shot / "tex/wood.png"), "server": "D/shot/tex/wood.png"},
    ]
    (folder / "upload.json").write_text(json.dumps({"asset": listed}))
    return folder
