"""Fixtures for tests of the command line against real farms."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.together.cli.runner import CommandLine, embedded
from tests.together.farms import FarmProcess, farm_process


@pytest.fixture(scope="session")
def made_scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scenes of ``scenes.py``; never change it."""
    folder = tmp_path_factory.mktemp("scenes")
    script = Path(__file__).with_name("scenes.py")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def scene(made_scenes: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one scene with its folder, to be renamed or damaged: ``scene("cube")``."""

    def copied(name: str) -> Path:
        found = next(path for path in made_scenes.glob(f"*/{name}.blend"))
        folder = shutil.copytree(found.parent, tmp_path / "scenes" / found.parent.name)
        return folder / found.name

    return copied


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The command line of a user who has configured nothing."""
    home = tmp_path / "home"
    home.mkdir()
    return CommandLine(home)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder for embedded farms; none runs on it afterwards."""
    with embedded(tmp_path / "farm data") as folder:
        yield folder


@pytest.fixture(scope="module")
def one_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """A farm with one worker for a module's tests."""
    with farm_process(tmp_path_factory.mktemp("farm") / "data", workers=1) as running:
        yield running


@pytest.fixture
def user(cli: CommandLine, one_farm: FarmProcess, tmp_path: Path) -> CommandLine:
    """The command line of a new user of ``one_farm``, who sees no tasks but their own."""
    return cli.at(one_farm.as_user(tmp_path.name))
