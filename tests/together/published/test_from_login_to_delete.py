"""One task's whole life as a published client leads it: check step, submission, commands, deletion."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.together.farms import FarmProcess
from tests.together.published import submissions
from tests.together.published.clients import (
    DOCUMENT,
    NEWEST,
    SEED,
    VERSIONS,
    WITH_URLS,
    PublishedClient,
    Raised,
    client_process,
)

EXECUTE = {
    SEED: "RayvisionCheck(api, analyze, workspace=folder).execute(task_json, upload_json)",
    DOCUMENT: "RayvisionCheck(api, analyze, workspace=folder).execute(task_json, upload_json)",
    NEWEST: (
        "one = api.user.get_hardware_config()[0]\n"
        "hardware = {name: one[name] for name in ('model', 'ram', 'gpuNum')}\n"
        "RayvisionCheck(api, analyze, workspace=folder).execute(hardware, task_json, upload_json)"
    ),
}
"""The check step of each client; ``analyze`` is None, or has the attributes of an analysis object."""

ANALYSIS = """
from types import SimpleNamespace
paths = {f"{name}_json": f"{folder}/{name}.json" for name in ("task", "tips", "asset", "upload")}
infos = {"tips_info": tips, "task_info": {}, "asset_info": {}, "upload_info": {}}
analyze = SimpleNamespace(**paths, **infos)
"""


LOG_IN_BY_ENVIRONMENT = """
import os
os.environ["RAYVISION_API_ACCESS_ID"], os.environ["RAYVISION_API_KEY"] = access_id, key
from rayvision_api import RayvisionAPI
RayvisionAPI(domain=domain, protocol="http").user_info["user_id"]
"""


OWN_HEADER = """
from rayvision_api.connect import Connect
from rayvision_api.operators import *
options = {"protocol": "http", "domain": domain, "platform": "2"}
connect = Connect(access_id, key, headers={"X-Studio": "Film"}, **options)
try:
    operator = UserOperator
except NameError:
    operator = User
operator(connect).query_user_profile()["userId"]
"""


class Workspace(SimpleNamespace):
    """A folder with the four documents, as an analysis leaves it."""

    folder: Path

    def __init__(self, folder: Path, **task_info: Any) -> None:
        super().__init__(folder=folder)
        # The newest check step only fills in members that are there.
        wanted = {"hardwareConfigIds": [], "graphics_cards_num": "", "project_name": "Film"}
        documents = {
            "task": submissions.task_document(**(wanted | task_info)),
            "upload": submissions.upload_document(),
            "asset": {"asset": []},
            "tips": {},
        }
        for name, document in documents.items():
            (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")

    def names(self) -> dict[str, str]:
        """The variables of ``EXECUTE``."""
        paths = {f"{name}_json": str(self.folder / f"{name}.json") for name in ("task", "upload")}
        return {"folder": str(self.folder), **paths}

    def task_info(self) -> dict[str, Any]:
        """What task.json holds now."""
        found = json.loads((self.folder / "task.json").read_text("utf-8"))["task_info"]
        assert isinstance(found, dict)
        return found


def check(client: PublishedClient, workspace: Workspace, tips: dict[str, Any] | None = None) -> Any:
    """The task id that a check step gives, with an analysis object where there are tips."""
    names = workspace.names()
    analysis = "analyze = None\n" if tips is None else ANALYSIS
    return client.do(f"{analysis}\n{EXECUTE[client.version]}", tips=tips, **names)


def project_ids(client: PublishedClient) -> dict[str, int]:
    return {one["projectName"]: one["projectId"] for one in client.do("api.tag.get_project_list()")}


def status(client: PublishedClient, task_id: int) -> int:
    return int(client.do("api.query.task_info([task])", task=task_id)["items"][0]["taskStatus"])


def send_documents(client: PublishedClient, workspace: Workspace, task_id: int) -> None:
    """What the transmitter does for the client of the first path set, which cannot send a document itself."""
    submissions.upload_scene(client.farm)
    for path in (workspace.folder / "task.json", workspace.folder / "upload.json"):
        content = path.read_text("utf-8")
        if client.version == SEED:
            submissions.upload_document_text(client.farm, task_id, path.name, content)
        else:
            code = "api.transmit.upload_json_content(task_id=task, file_name=name, content=content)"
            client.do(code, task=task_id, name=path.name, content=content)


@pytest.mark.parametrize("version", [DOCUMENT, NEWEST])
def test_id_and_key_may_come_from_the_environment(farm: FarmProcess, tmp_path: Path, version: str) -> None:
    artist = farm.as_user("environment")
    set_up = WITH_URLS if version == DOCUMENT else ""
    with client_process(version, artist, tmp_path) as client:
        names = {"access_id": artist.access_id, "key": artist.access_key, "domain": artist.domain}
        user_id = client.do(f"{set_up}\n{LOG_IN_BY_ENVIRONMENT}", **names)
    assert user_id == artist.post("/api/render/user/queryUserProfile", {}).data["userId"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_connection_may_have_headers_of_its_own(farm: FarmProcess, tmp_path: Path, version: str) -> None:
    artist = farm.as_user("own header")
    set_up = WITH_URLS if version == DOCUMENT else ""
    with client_process(version, artist, tmp_path) as client:
        names = {"access_id": artist.access_id, "key": artist.access_key, "domain": artist.domain}
        user_id = client.do(f"{set_up}\n{OWN_HEADER}", **names)
    assert user_id == artist.post("/api/render/user/queryUserProfile", {}).data["userId"]


def test_a_task_lives_from_the_check_step_to_its_deletion(client: PublishedClient, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    task = int(check(client, workspace))
    send_documents(client, workspace, task)
    assert client.do("api.submit(task)", task=task) is True

    (listed,) = client.do("api.query.get_task_list(search_keyword=str(task))", task=task)["items"]
    (asked,) = client.do("api.query.task_info([task])", task=task)["items"]
    assert listed == asked
    assert (asked["id"], asked["sceneName"], asked["projectName"]) == (task, "shot010.blend", "Film")
    assert (asked["totalFrames"], asked["framesRange"], asked["isOpen"]) == (3, "1-3[1]", 0)
    frames = client.do("api.query.task_frames(task, 1, 10)", task=task)["items"]
    assert [(frame["frameIndex"], frame["frameStatus"]) for frame in frames] == [("1", 1), ("2", 1), ("3", 1)]

    for command, then in (("stop", 10), ("start", 0), ("abort", 35)):
        client.do(f"api.task.{command}_task([task])", task=task)
        assert status(client, task) == then
    client.do("api.task.delete_task([task])", task=task)
    assert client.do("api.query.get_task_list(search_keyword=str(task))", task=task)["items"] == []


def test_the_check_step_fills_in_the_ids_in_the_types_of_its_age(
    client: PublishedClient, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path)
    task = check(client, workspace)
    info = workspace.task_info()
    as_written = int if client.version == DOCUMENT else str
    assert task == (str(int(task)) if client.version == SEED else int(task))
    assert info["task_id"] == as_written(task)
    assert info["user_id"] == as_written(client.do("api.get_user_id()"))
    assert info["project_id"] == str(project_ids(client)["Film"])
    assert info["frames_per_task"] == "1"


def test_the_newest_check_step_writes_the_hardware_it_found(
    clients: dict[str, PublishedClient], tmp_path: Path
) -> None:
    workspace, client = Workspace(tmp_path), clients[NEWEST]
    check(client, workspace)
    one = client.do("api.user.get_hardware_config()")[0]
    info = workspace.task_info()
    assert str(one["id"]) in info["hardwareConfigIds"]
    assert info["ram"] == one["ram"].replace("GB", "")
    assert info["graphics_cards_num"] == ((one["gpuNum"] or "2")[0])


def test_a_project_is_made_once_however_often_it_is_named(client: PublishedClient, tmp_path: Path) -> None:
    workspaces = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        workspaces.append(Workspace(tmp_path / name, project_name="Serie 片段"))
        check(client, workspaces[-1])
    one, other = (workspace.task_info()["project_id"] for workspace in workspaces)
    assert one == other == str(project_ids(client)["Serie 片段"])


@pytest.mark.parametrize("name", ["", None], ids=["empty", "null"])
def test_a_task_without_a_project_passes_the_check_step(
    clients: dict[str, PublishedClient], tmp_path: Path, name: str | None
) -> None:
    # 2.2.0 refuses null itself, before it asks the farm.
    for version in (SEED, NEWEST) if name is None else clients:
        (tmp_path / version).mkdir()
        assert int(check(clients[version], Workspace(tmp_path / version, project_name=name))) > 0


def test_a_task_id_that_is_there_is_kept(client: PublishedClient, tmp_path: Path) -> None:
    task = submissions.new_task(client.farm)
    workspace = Workspace(tmp_path, task_id=str(task))
    assert int(check(client, workspace)) == task
    # Up to 2.2.0 all three tests look at the task id, so the others stay empty.
    filled = client.version == NEWEST
    info = workspace.task_info()
    assert (bool(info["user_id"]), bool(info["project_id"])) == (filled, filled)


def test_a_warning_of_the_analysis_is_explained_and_does_not_hold_the_task_up(
    client: PublishedClient, tmp_path: Path
) -> None:
    tips = {"no such code": ["D:/wood.exr"]}
    assert int(check(client, Workspace(tmp_path), tips)) > 0


def test_an_error_of_the_analysis_ends_the_check_step_with_its_text(
    client: PublishedClient, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(Raised) as caught:
        check(client, workspace, {"15000": ["3ds Max did not start"]})
    assert (caught.value.type_name, caught.value.code) == ("RayvisionError", 1000000)
    assert "There are 1 errors" in caught.value.text
    assert "3ds Max did not start" in caught.value.text
    assert workspace.task_info()["task_id"] == "" or client.version != SEED


def test_2_2_0_submits_by_data_with_task_json_alone(
    clients: dict[str, PublishedClient], tmp_path: Path
) -> None:
    client, workspace = clients[DOCUMENT], Workspace(tmp_path)
    submissions.upload_scene(client.farm)
    document = json.loads((workspace.folder / "task.json").read_text("utf-8"))
    for given in (document, str(workspace.folder / "task.json")):
        code = "before = api.task.task_id\napi.submit_by_data(given, 'task.json'), before"
        done, task = client.do(code, given=given)
        assert done is True
        (item,) = client.do("api.query.task_info([task])", task=task)["items"]
        assert (item["totalFrames"], item["sceneName"]) == (3, "shot010.blend")
