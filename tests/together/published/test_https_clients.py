"""Published clients over https, their default.

``RayvisionTask`` of the seed era, which holds task id, project and task.json in one object, speaks nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.together.certificates import Authority
from tests.together.farms import FarmProcess, farm_process
from tests.together.published.clients import DOCUMENT, SEED, VERSIONS, WITH_URLS, client_process

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

LOG_IN = """
import os
os.environ["REQUESTS_CA_BUNDLE"] = authority
from rayvision_api import RayvisionAPI
RayvisionAPI(access_id, access_key, domain).user_info["user_id"]
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FarmProcess, Path]]:
    """A farm that speaks https, and the authority that signed its certificate."""
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority(folder)
    signed = authority.sign("127.0.0.1")
    options = ("--tls-cert", str(signed.cert), "--tls-key", str(signed.key))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        with farm_process(folder / "data", *options) as farm:
            yield farm, authority.file


@pytest.fixture
def names(secured: tuple[FarmProcess, Path], tmp_path: Path) -> dict[str, str]:
    """The variables of ``MAKE`` and ``LOG_IN``."""
    farm, authority = secured
    key = {"access_id": farm.access_id, "access_key": farm.access_key}
    return {**key, "authority": str(authority), "domain": farm.domain, "folder": str(tmp_path)}


@pytest.mark.parametrize("version", VERSIONS)
def test_clients_trust_the_authority_that_requests_is_told(
    secured: tuple[FarmProcess, Path], names: dict[str, str], tmp_path: Path, version: str
) -> None:
    farm, _ = secured
    set_up = WITH_URLS if version == DOCUMENT else ""
    with client_process(version, farm, tmp_path / "home") as client:
        user_id = client.do(f"{set_up}\n{LOG_IN}", **names)
    assert user_id == farm.post("/api/render/user/queryUserProfile", {}).data["userId"]


def test_a_task_object_takes_its_ids_from_the_farm(
    secured: tuple[FarmProcess, Path], names: dict[str, str], tmp_path: Path
) -> None:
    with client_process(SEED, secured[0], tmp_path / "home") as client:
        made = client.do(MAKE, **names)
    info = made["task"]["task_info"]
    assert (info["task_id"], info["user_id"]) == (made["task_id"], made["user_id"])
    assert int(made["task_id"]) > 0
    assert (info["cg_id"], info["input_cg_file"]) == ("2007", "D:/film/shot010.blend")
    assert made["task"]["software_config"]["plugins"] == {"retopo": "1.2"}
    assert made["work_dir"] == str(tmp_path / "work" / made["task_id"])
    assert {"projectId": int(info["project_id"]), "projectName": "Film"} in made["labels"]
