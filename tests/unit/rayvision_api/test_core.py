"""Logging in, submitting, and finding a project."""

from __future__ import annotations

import json
import logging
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import rayvision_api
from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import (
    FarmNotReachable,
    RayvisionAPIError,
    RayvisionError,
    RayvisonTaskIdError,
    UploadFileNotSupportError,
)
from renderbus_model.wire import user

from .conftest import ACCESS_ID, KEY, Farm, refusal

LABELS = "/api/render/common/getLabelList"
ADD = "/api/render/common/addLabel"


def test_the_published_names_are_there() -> None:
    assert rayvision_api.RayvisionAPI is RayvisionAPI
    assert rayvision_api.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rayvision_api.nothing


def test_logging_in_asks_three_questions_in_the_published_order(farm: Farm) -> None:
    RayvisionAPI(ACCESS_ID, KEY, farm.domain, "2", "http").close()
    assert farm.paths == [
        "/api/render/user/queryUserProfile",
        "/api/render/user/queryUserSetting",
        "/api/render/task/getTransferBid",
    ]


def test_what_the_log_in_told_is_merged_under_snake_case_names(farm: Farm) -> None:
    farm.answers["/api/render/user/queryUserProfile"] |= {"infoStatus": 1, "platform": 9, "c4dFlag": 1}
    farm.answers["/api/render/user/queryUserSetting"] |= {"infoStatus": None, "taskOverTimeSec": 1800}
    with RayvisionAPI(ACCESS_ID, KEY, f"http://{farm.domain}", "2") as api:
        info = api.user_info
    assert (info["user_id"], info["user_name"], info["task_over_time_sec"], info["c4d_flag"]) == (
        7,
        "ann",
        1800,
        1,
    )
    assert info["info_status"] is None  # the settings come later and win
    assert (info["config_bid"], info["input_bid"], info["output_bid"]) == ("1", "3", "2")
    assert (info["domain"], info["platform"]) == (farm.domain, "2")  # of here, not of the farm
    assert info["local_os"] == platform.system().lower()


def test_the_key_may_come_from_the_environment(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYVISION_API_ACCESS_ID", ACCESS_ID)
    monkeypatch.setenv("RAYVISION_API_KEY", KEY)
    with RayvisionAPI(domain=farm.domain, protocol="http") as api:
        assert api.user_info["platform"] == "4"


@pytest.mark.parametrize(("access_id", "missing"), [(None, "access_id"), ("x", "access_key")])
def test_a_missing_id_or_key_is_named(
    access_id: str | None, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAYVISION_API_ACCESS_ID", raising=False)
    monkeypatch.delenv("RAYVISION_API_KEY", raising=False)
    with pytest.raises(TypeError, match=missing):
        RayvisionAPI(access_id)


def test_a_log_file_is_written_only_where_the_caller_asks_for_one(farm: Farm, tmp_path: Path) -> None:
    script = f"""
import logging
from rayvision_api import RayvisionAPI
for place in ({{}}, {{"log_folder": {str(tmp_path)!r}, "log_name": "mine.log"}}):
    with RayvisionAPI({ACCESS_ID!r}, {KEY!r}, {farm.domain!r}, "2", "http", log_level="DEBUG", **place):
        print(len(logging.getLogger().handlers))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "2"]
    written = (tmp_path / "rayvision_api" / "mine.log").read_text()
    assert written.count("rayvision_api.connect: asked") == 3
    assert not [asked for asked in farm.asked if asked.headers["signature"] in written]
    assert KEY not in written


@pytest.mark.parametrize("level", [logging.WARNING, "warning", "WARNING"])
def test_the_log_level_is_a_name_in_any_case_or_a_number(farm: Farm, level: str | int) -> None:
    logger = logging.getLogger("rayvision_api")
    try:
        with RayvisionAPI(ACCESS_ID, KEY, farm.domain, "2", "http", log_level=level):
            assert logger.level == logging.WARNING
    finally:
        logger.setLevel(logging.NOTSET)


def test_time_limit_path_set_and_system_may_be_chosen(farm: Farm) -> None:
    for operation in (user.QUERY_USER_PROFILE, user.QUERY_USER_SETTING, user.GET_TRANSFER_BID):
        farm.answers[operation.second] = farm.answers[operation.path]
    with RayvisionAPI(
        ACCESS_ID, KEY, farm.domain, "2", "http", timeout=7, api_version=2, local_os="windows"
    ) as api:
        assert (api.connect.timeout, api.connect.api_version, api.platform) == ((7, 7), "2", "2")
        assert api.user_info["local_os"] == "windows"


def test_many_accounts_may_be_used_side_by_side_and_by_threads(farm: Farm) -> None:
    def ask(number: int) -> str:
        with RayvisionAPI(f"id-{number}", KEY, f"http://{farm.domain}", str(number % 7)) as api:
            api.connect.headers["X-Account"] = str(number)
            for _ in range(5):
                api.user.query_user_profile()
            return f"{api.connect.headers['accessId']} {api.platform}"

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(16))) == [f"id-{one} {one % 7}" for one in range(16)]
    for asked in farm.asked:
        if "X-Account" in asked.headers:
            assert asked.headers["accessId"] == f"id-{asked.headers['X-Account']}"
    assert len(farm.asked) == 16 * 8


def test_a_platform_given_as_a_number_is_sent_as_text(farm: Farm) -> None:
    with RayvisionAPI(ACCESS_ID, KEY, farm.domain, 2, "http") as api:  # type: ignore[arg-type] # callers do
        assert api.user_info["platform"] == "2"
    assert farm.asked[0].headers["platform"] == "2"


def test_a_refused_log_in_is_raised(farm: Farm) -> None:
    farm.instead.append(refusal(602, "no account has this access id"))
    with pytest.raises(RayvisionAPIError, match="no account"):
        RayvisionAPI(ACCESS_ID, KEY, farm.domain, "2", "http")


def test_a_log_in_that_tells_nothing_is_named(farm: Farm) -> None:
    farm.answers["/api/render/task/getTransferBid"] = None
    with pytest.raises(RayvisionError, match="getTransferBid: expected an object, got None"):
        RayvisionAPI(ACCESS_ID, KEY, farm.domain, "2", "http")


def test_a_farm_that_is_not_there_is_named(shut_farm: Farm) -> None:
    with pytest.raises(FarmNotReachable, match="Connection refused"):
        RayvisionAPI(ACCESS_ID, KEY, shut_farm.domain, "2", "http", wait=lambda _: False)


def test_a_submitted_task_is_acknowledged(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/submitTask"] = None
    assert api.submit(5) is True
    assert farm.asked[0].body == {"taskId": 5}


def test_the_artist_may_be_named(farm: Farm, api: RayvisionAPI) -> None:
    farm.answers["/api/render/task/submitTask"] = None
    api.submit(5, producer="Li")
    assert farm.asked[0].body == {"taskId": 5, "producer": "Li"}


@pytest.mark.parametrize("task_id", ["5", 5.0, None, True])
def test_a_task_id_that_is_no_int_is_refused_before_anything_is_sent(
    farm: Farm, api: RayvisionAPI, task_id: Any
) -> None:
    with pytest.raises(RayvisonTaskIdError, match="must be an int"):
        api.submit(task_id)
    assert farm.asked == []


class Projects:
    """A farm's labels; ``forgets`` keeps none."""

    def __init__(self, farm: Farm, *names: str, forgets: bool = False) -> None:
        self.names = list(names)
        self.forgets = forgets
        farm.answers[LABELS] = self.listed
        farm.answers[ADD] = self.add

    def listed(self, _: Any) -> Any:
        pairs = enumerate(self.names, start=3671)
        return {"projectNameList": [{"projectId": number, "projectName": name} for number, name in pairs]}

    def add(self, body: Any) -> None:
        if not self.forgets:
            self.names.append(body["newName"])


def test_a_project_that_exists_is_found(farm: Farm, api: RayvisionAPI) -> None:
    Projects(farm, "a", "Project1")
    assert api.check_and_add_project_name("Project1") == "3672"
    assert farm.paths == [LABELS]


def test_a_new_project_is_added_and_looked_up(farm: Farm, api: RayvisionAPI) -> None:
    Projects(farm)
    assert api.check_and_add_project_name("片段") == "3671"
    assert farm.paths == [LABELS, ADD, LABELS]
    assert farm.asked[1].body == {"newName": "片段", "status": 0}


@pytest.mark.parametrize("name", [" Project1 ", "Project1\n"])
def test_blanks_around_a_projects_name_do_not_count(farm: Farm, api: RayvisionAPI, name: str) -> None:
    Projects(farm, "Project1")
    assert api.check_and_add_project_name(name) == "3671"
    assert farm.paths == [LABELS]


def test_a_project_may_be_called_a_number(farm: Farm, api: RayvisionAPI) -> None:
    Projects(farm)
    assert api.check_and_add_project_name(2026) == "3671"  # type: ignore[arg-type] # as task.json may say
    assert farm.asked[1].body["newName"] == "2026"


@pytest.mark.parametrize("name", [None, ["film"], b"film"])
def test_a_projects_name_that_is_no_text_is_refused(farm: Farm, api: RayvisionAPI, name: Any) -> None:
    with pytest.raises(RayvisionError, match="expected a text") as caught:
        api.check_and_add_project_name(name)
    assert (caught.value.error_code, farm.asked) == (1000003, [])


def test_a_project_that_never_appears_has_no_id(farm: Farm, api: RayvisionAPI) -> None:
    Projects(farm, forgets=True)
    assert api.check_and_add_project_name("x") == ""
    assert farm.paths == [LABELS, ADD, LABELS, ADD, LABELS]


def test_a_task_may_be_submitted_from_what_its_documents_say(
    farm: Farm, api: RayvisionAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    farm.answers |= {
        "/api/render/task/createTask": {"taskIdList": [11]},
        "/api/render/task/taskJsonFile": None,
        "/api/render/task/submitTask": None,
    }
    assert api.submit_by_data({"task_info": {"ram": 64}, "scene_info": {"a": 1}}, upload_info={"asset": []})
    documents = {
        asked.body["fileName"]: json.loads(asked.body["content"])
        for asked in farm.asked
        if asked.path.endswith("taskJsonFile")
    }
    assert set(documents) == {"task.json", "upload.json"}
    assert documents["task.json"]["task_info"] == {
        "ram": "64",
        "task_id": "11",
        "user_id": "7",
        "project_id": "0",
    }
    assert farm.asked[-1].body == {"taskId": 11}
    assert list(tmp_path.iterdir()) == []


def test_a_document_of_another_name_is_refused_before_a_task_number_is_used_up(
    farm: Farm, api: RayvisionAPI
) -> None:
    with pytest.raises(UploadFileNotSupportError):
        api.submit_by_data({"task_info": {"ram": 64}}, "notes.txt")
    assert farm.asked == []
