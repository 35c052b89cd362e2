"""Where the scenes for tests are."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def scenes() -> Path:
    """The folder of Blender scenes that come with the tests."""
    return Path(__file__).parents[2] / "data" / "blender"


@pytest.fixture
def scene(scenes: Path, tmp_path: Path) -> Path:
    """A scene with one library chain, alone in a folder."""
    folder = tmp_path / "show"
    folder.mkdir()
    for name in ("everything.blend", "shed.blend", "nails.blend"):
        shutil.copy(scenes / name, folder)
    return folder / "everything.blend"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


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
