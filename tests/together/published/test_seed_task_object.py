"""``RayvisionTask`` of the seed era: task id, project and task.json in one object; it speaks https alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.together.certificates import Authority
from tests.together.farms import FarmProcess, farm_process
from tests.together.published.clients import SEED, PublishedClient, client_process

MAKE = """
import os
os.environ["REQUESTS_CA_BUNDLE"] = authority
from rayvision_api.task.handle import RayvisionTask
task = RayvisionTask(
    domain, "2", access_id, access_key, "linux", "5.0", "Blender", folder, "D:\\\\film\\\\shot010.blend",
    plugin_config={"retopo": "1.2"}, project_name="Film",
)
from rayvision_api.operators import Tag
labels = Tag(task.connect).get_project_list()
{
    "task_id": task.task_id, "user_id": task.user_id, "task": task.task_info, "work_dir": task.work_dir,
    "labels": labels,
}
"""


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FarmProcess, Path]]:
    """A farm that speaks https, and the authority that signed its certificate."""
    authority = Authority(tmp_path)
    signed = authority.sign("127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    options = ("--tls-cert", str(signed.cert), "--tls-key", str(signed.key))
    with farm_process(tmp_path / "data", *options) as farm:
        yield farm, authority.file


@pytest.fixture
def client(secured: tuple[FarmProcess, Path], tmp_path: Path) -> Iterator[PublishedClient]:
    """The client of the seed era, not logged in."""
    with client_process(SEED, secured[0], tmp_path / "home") as client:
        yield client


def test_a_task_object_takes_its_ids_from_the_farm(
    client: PublishedClient, secured: tuple[FarmProcess, Path], tmp_path: Path
) -> None:
    farm, authority = secured
    made = client.do(
        MAKE,
        authority=str(authority),
        domain=farm.domain,
        access_id=farm.access_id,
        access_key=farm.access_key,
        folder=str(tmp_path),
    )
    info = made["task"]["task_info"]
    assert (info["task_id"], info["user_id"]) == (made["task_id"], made["user_id"])
    assert int(made["task_id"]) > 0
    assert (info["cg_id"], info["input_cg_file"]) == ("2007", "D:/film/shot010.blend")
    assert made["task"]["software_config"]["plugins"] == {"retopo": "1.2"}
    assert made["work_dir"] == str(tmp_path / "work" / made["task_id"])
    assert {"projectId": int(info["project_id"]), "projectName": "Film"} in made["labels"]
