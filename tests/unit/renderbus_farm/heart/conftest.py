from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.store.database import Database


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file just migrated, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("fresh") / "farm.sqlite3"
    Database.open(path).close()
    return path


@pytest.fixture
def world(tmp_path: Path, fresh_database: Path) -> Iterator[World]:
    """A farm with one node of two places, and the user ada."""
    shutil.copy(fresh_database, tmp_path)
    world = World(tmp_path)
    yield world
    world.check()
    world.close()


@pytest.fixture
def cleanup(world: World) -> Cleanup:
    """Keeps inputs and results for thirty days."""
    return Cleanup(world.database, world.blobs, world.packs, kept_s=30 * DAY_S, results_kept_s=30 * DAY_S)
