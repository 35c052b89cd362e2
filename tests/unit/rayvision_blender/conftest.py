"""Where the scenes for tests are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def scenes() -> Path:
    """The folder of Blender scenes that come with the tests."""
    return Path(__file__).parents[2] / "data" / "blender"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, as it was before once the test has ended."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
