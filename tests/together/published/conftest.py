"""Fixtures for tests that drive the published client packages against a real farm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.together.farms import FarmProcess, farm_process, wait_for
from tests.together.published.clients import VERSIONS, PublishedClient, logged_in

from renderbus_model.wire.hardware import LIST_HARDWARE_CONFIG, HardwareQuery

READY_WITHIN_S = 120.0


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """One farm for all tests, with the node that the newest check step asks for."""
    with farm_process(tmp_path_factory.mktemp("farm") / "data", workers=1) as running:
        ask = HardwareQuery()
        wait_for(lambda: running.ask(LIST_HARDWARE_CONFIG, ask), "the node is not ready", READY_WITHIN_S)
        yield running


@pytest.fixture(scope="session")
def clients(
    farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, PublishedClient]]:
    """Every published client, each with an account of its own on the farm."""
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(
                logged_in(version, farm.as_user(f"published {version}"), tmp_path_factory.mktemp(version))
            )
            for version in VERSIONS
        }


@pytest.fixture(params=VERSIONS)
def client(clients: dict[str, PublishedClient], request: pytest.FixtureRequest) -> PublishedClient:
    """One published client after the other."""
    return clients[request.param]
