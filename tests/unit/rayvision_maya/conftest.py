"""Where the Maya scenes for tests are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with a shot, the scenes that it refers to and some textures."""
    source = Path(__file__).parents[2] / "data" / "maya" / "project"
    return Path(shutil.copytree(source, tmp_path / "film"))


@pytest.fixture
def shot(project: Path) -> Path:
    return project / "scenes" / "shot.ma"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder
