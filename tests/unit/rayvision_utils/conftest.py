"""Where the scenes for tests are."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def scenes() -> Path:
    """The folder of Blender scenes that come with the tests."""
    return Path(__file__).parents[2] / "data" / "blender"
