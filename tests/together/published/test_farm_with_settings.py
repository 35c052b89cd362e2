"""Published clients on a farm below a path, that soon gives up what it cannot render."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, farm_process, wait_for
from tests.together.published import submissions
from tests.together.published.clients import NEWEST, VERSIONS, PublishedClient, logged_in

SETTINGS = """
path_prefix = "/farm"
gives_up_after_s = 1
"""

IS_ENDED = """
from rayvision_sync.manage import RayvisionManageTask
RayvisionManageTask(api.query).is_task_end(task, **options)
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """A farm with ``SETTINGS`` and one node."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "data").mkdir(mode=0o700)
    (folder / "data" / "farm.toml").write_text(SETTINGS)
    with farm_process(folder / "data", workers=1) as running:
        yield running


@pytest.fixture(scope="module")
def clients(
    farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, PublishedClient]]:
    """Every published client, logged in below the farm's path."""
    with ExitStack() as stack:
        below = replace(farm, url=farm.url.removesuffix("/farm") + "/farm")
        yield {
            version: stack.enter_context(logged_in(version, below, tmp_path_factory.mktemp(version)))
            for version in VERSIONS
        }


def test_clients_reach_a_farm_that_is_mounted_below_a_path(client: PublishedClient) -> None:
    assert client.do("api.user_info['domain']").endswith("/farm")
    assert client.do("api.task.create_task()")["taskIdList"]


def test_a_task_that_no_node_can_ever_render_ends_for_every_client(
    clients: dict[str, PublishedClient], farm: FarmProcess, tmp_path: Path
) -> None:
    task = submissions.submitted_task(farm)
    for version, client in clients.items():
        options = {"is_test_stop": False} if version == NEWEST else {}

        def ended(client: PublishedClient = client, options: dict[str, bool] = options) -> bool:
            return client.do(IS_ENDED, task=task, options=options) is True

        wait_for(ended, "the task does not end")
        (item,) = client.do("api.query.task_info([task])", task=task)["items"]
        assert (item["taskStatus"], item["failedFrames"]) == (45, 3)
