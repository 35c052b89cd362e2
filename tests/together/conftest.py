"""Fixtures for tests against a real farm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, farm_process


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """One farm for many tests; it renders nothing. Take an account of your own with ``as_user``."""
    with farm_process(tmp_path_factory.mktemp("farm") / "data") as running:
        yield running


@pytest.fixture
def own_farm(tmp_path: Path) -> Iterator[FarmProcess]:
    """A farm for one test alone, to be ended or killed; it renders nothing."""
    with farm_process(tmp_path / "data") as running:
        yield running


@pytest.fixture
def rendering_farm(tmp_path: Path) -> Iterator[FarmProcess]:
    """A farm for one test alone with one worker."""
    with farm_process(tmp_path / "data", workers=1) as running:
        yield running
