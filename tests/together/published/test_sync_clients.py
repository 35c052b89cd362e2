"""The published ``rayvision_sync``: its constructors and its questions about tasks; it moves nothing here."""

from __future__ import annotations

from typing import Any

import pytest
from tests.together.published import submissions
from tests.together.published.clients import DOCUMENT, NEWEST, SEED, VERSIONS, PublishedClient, Raised

SYNC = {SEED: "1.2.1", DOCUMENT: "2.3.0", NEWEST: "3.1.8"}
"""The version of ``rayvision_sync`` in the environment of each ``rayvision_api``."""

IMPORT = """
import os
from importlib.metadata import version
os.makedirs(os.path.expanduser("~/renderfarm_sdk"), exist_ok=True)
from rayvision_sync.upload import RayvisionUpload
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.manage import RayvisionManageTask
version("rayvision_sync")
"""

LINE = {SEED: "", DOCUMENT: "automatic_line=True", NEWEST: ""}
"""How the way to the farm is asked for; the seed era knows only the lines in its own package."""


@pytest.fixture(params=VERSIONS)
def sync(clients: dict[str, PublishedClient], request: pytest.FixtureRequest) -> PublishedClient:
    """A client whose ``rayvision_sync`` is imported."""
    client = clients[request.param]
    assert client.do(IMPORT) == SYNC[client.version]
    return client


def leaves(client: PublishedClient, task: int) -> list[dict[str, Any]]:
    found = client.do("RayvisionManageTask(api.query).get_task_status([task])", task=task)
    assert isinstance(found, list)
    return found


def test_uploads_and_downloads_can_be_constructed(sync: PublishedClient) -> None:
    for name in ("RayvisionUpload", "RayvisionDownload"):
        info = sync.do(f"made = {name}(api, {LINE[sync.version]})\nmade.trans.user_info")
        assert info["domain"] == sync.farm.domain
        for storage in ("config_bid", "input_bid", "output_bid"):
            assert info[storage] == sync.do("api.user_info[name]", name=storage)


def test_later_clients_are_led_to_the_farm_itself(sync: PublishedClient) -> None:
    line = sync.do(f"RayvisionDownload(api, {LINE[sync.version]}).trans.transport_info")
    if sync.version == SEED:
        assert line["engine_type"] == "aspera"
    else:
        assert f"{line['aspera']['server_ip']}:{line['aspera']['server_port']}" == sync.farm.domain


def test_the_newest_client_uploads_under_its_own_account(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    client.do(IMPORT)
    storage, user = client.do("from rayvision_sync.utils import get_share_info\nget_share_info(api)")
    assert (storage, user) == (client.do("api.user_info['input_bid']"), client.do("api.user_info['user_id']"))


@pytest.mark.parametrize(
    ("commands", "status", "ended"),
    [
        ((), "0", False),
        (("stop",), "10", True),
        (("stop", "start"), "0", False),
        (("abort",), "35", True),
    ],
)
def test_a_task_is_at_its_end_when_the_farm_says_so(
    sync: PublishedClient, commands: tuple[str, ...], status: str, ended: bool
) -> None:
    task = submissions.submitted_task(sync.farm)
    for command in commands:
        sync.do(f"api.task.{command}_task([task])", task=task)
    (leaf,) = leaves(sync, task)
    assert (leaf["task_id"], leaf["task_status_code"], leaf["is_opener"]) == (str(task), status, "0")
    assert leaf["output_file_name"] == f"{task}_shot010"
    options = "is_test_stop=False" if sync.version == NEWEST else ""
    assert sync.do(f"RayvisionManageTask(api.query).is_task_end(task, {options})", task=task) is ended


def test_the_newest_client_is_told_whose_results_lie_where(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    client.do(IMPORT)
    (leaf,) = leaves(client, submissions.submitted_task(client.farm))
    assert leaf["userId"] == client.do("api.user_info['user_id']")
    assert leaf["bid"] == client.do("api.user_info['output_bid']")


def test_the_seed_era_knows_no_other_platforms_than_its_own(clients: dict[str, PublishedClient]) -> None:
    client = clients[SEED]
    client.do(IMPORT)
    code = "import copy\nother = copy.copy(api)\nother.user_info = {**api.user_info, 'platform': '4'}\n"
    with pytest.raises(Raised) as caught:
        client.do(code + "RayvisionDownload(other)")
    assert caught.value.type_name == "KeyError"
