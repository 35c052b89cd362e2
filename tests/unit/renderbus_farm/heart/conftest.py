from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.heart.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A farm with one node of two places, and the user ada."""
    world = World(tmp_path)
    yield world
    world.close()
