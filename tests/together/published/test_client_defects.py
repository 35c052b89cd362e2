"""Where published clients fail by themselves, each just so: what a farm answers does not matter there.

A refused or misfit call is tried five times by the client with pauses of 1 to 2 s, so all slow ones begin
together and every test only waits for its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.together.farms import FarmProcess
from tests.together.published import submissions
from tests.together.published.clients import (
    ANSWERS_WITHIN_S,
    DOCUMENT,
    NEWEST,
    SEED,
    VERSIONS,
    WITH_URLS,
    PublishedClient,
    Raised,
    clean_environment,
    client_process,
    logged_in,
    python_of,
)

ENVIRONMENT = """{
    "cgId": 2000, "cgName": "Maya", "cgVersion": "2018", "renderLayerType": 0, "editName": "shot",
    "renderSystem": "0", "pluginIds": [],
}"""
"""The documentation's own example of a render environment, with its one number as text."""

SLOW = {
    (DOCUMENT, "restart failed"): "api.query.restart_failed_frames([task])",
    (DOCUMENT, "restart"): "api.query.restart_frame(task, 1)",
    (DOCUMENT, "number as text"): f"api.env.add_render_env({ENVIRONMENT})",
    (NEWEST, "number as text"): f"api.env.add_render_env({ENVIRONMENT})",
    (NEWEST, "environment by name"): "api.env.get_render_env('maya')",
    (DOCUMENT, "tuple"): "api.task.create_task(labels=('one', 'two'))",
    (NEWEST, "tuple"): "api.task.create_task(labels=('one', 'two'))",
    (DOCUMENT, "null project"): "api.check_and_add_project_name(None)",
    (SEED, "number as key"): "api.task._connect.post('/api/render/user/queryUserProfile', {1: 2})",
    (DOCUMENT, "number as key"): (
        "api.connect.post('/api/render/user/queryUserProfile', {1: 2}, validator=False)"
    ),
    (NEWEST, "number as key"): (
        "api.connect.post('/api/render/setUp/queryUserProfile', {1: 2}, validator=False)"
    ),
}

ALONE = {
    (DOCUMENT, "no key"): "RayvisionAPI('some id', '', domain=domain, protocol='http')",
    (NEWEST, "no key"): "RayvisionAPI('some id', '', domain=domain, protocol='http')",
    (SEED, "platform"): "RayvisionAPI('some id', 'key', domain=domain, platform=2, protocol='http')",
    (DOCUMENT, "platform"): "RayvisionAPI('some id', 'key', domain=domain, platform=2, protocol='http')",
    (NEWEST, "platform"): "RayvisionAPI('some id', 'key', domain=domain, platform=2, protocol='http')",
}
"""Calls in a process of their own: older clients keep the headers for all of a program."""

SECOND_ACCOUNT = """
other = RayvisionAPI(other_id, other_key, domain=domain, platform="2", protocol="http", logger=log)
assert other.user.query_user_profile()["userName"] == other_name
api.user.query_user_profile()["userName"]
"""


@pytest.fixture(scope="module", autouse=True)
def slow(
    clients: dict[str, PublishedClient], alone: object, second_accounts: object
) -> dict[tuple[str, str], Future[Any]]:
    """The calls of ``SLOW``, all on their way, as are those in processes of their own."""
    task = {version: submissions.submitted_task(client.farm) for version, client in clients.items()}
    return {
        (version, what): clients[version].begin(code, task=task[version])
        for (version, what), code in SLOW.items()
    }


@pytest.fixture(scope="module")
def alone(
    farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Future[Any]]]:
    """The calls of ``ALONE``, all on their way."""
    with ExitStack() as stack:
        asked = {}
        for (version, what), code in ALONE.items():
            home = tmp_path_factory.mktemp(f"alone-{version}")
            client = stack.enter_context(client_process(version, farm, home))
            set_up = WITH_URLS if version == DOCUMENT else ""
            start = f"{set_up}\nfrom rayvision_api import RayvisionAPI\n"
            asked[version, what] = client.begin(start + code, domain=farm.domain)
        yield asked


@pytest.fixture(scope="module")
def second_accounts(
    farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """In each client another account logs in, and then the first one is asked for its name."""
    with ExitStack() as stack:
        asked = {}
        for version in VERSIONS:
            first, other = farm.as_user(f"first {version}"), farm.as_user(f"other {version}")
            home = tmp_path_factory.mktemp(f"two-{version}")
            client = stack.enter_context(logged_in(version, first, home))
            name = other.post("/api/render/user/queryUserProfile", {}).data["userName"]
            names = {"other_id": other.access_id, "other_key": other.access_key, "other_name": name}
            asked[version] = client.begin(SECOND_ACCOUNT, domain=farm.domain, **names)
        yield asked


def raised(future: Future[Any]) -> Raised:
    """What the client raised in the end."""
    with pytest.raises(Raised) as caught:
        future.result(ANSWERS_WITHIN_S)
    return caught.value


def run(environment: str, code: str, home: Path) -> str:
    """What a fresh interpreter of a client's environment says to ``code``: standard output, then errors."""
    command = [str(python_of(environment)), "-I", "-W", "ignore", "-c", code]
    done = subprocess.run(
        command,
        env=clean_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_1_1_5_cannot_be_imported_with_its_own_pins(tmp_path: Path) -> None:
    said = run("1.1.5-own-pins", "import rayvision_api", tmp_path)
    assert "AttributeError: module 'asyncio' has no attribute 'coroutine'" in said


def test_2_2_0_cannot_build_an_address(tmp_path: Path) -> None:
    show = "from rayvision_api.url import *; print(assemble_api_url('farm', ApiUrl.createTask))"
    assert run(DOCUMENT, show, tmp_path) == "https://farmApiUrl.createTask\n"
    assert run(DOCUMENT, f"{WITH_URLS}\n{show}", tmp_path) == "https://farm/api/render/task/createTask\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_client_can_be_imported_without_pkg_resources(version: str, tmp_path: Path) -> None:
    said = run(version, "import sys; sys.modules['pkg_resources'] = None; import rayvision_api", tmp_path)
    assert "ModuleNotFoundError: import of pkg_resources halted" in said


@pytest.mark.parametrize(
    ("what", "schema"), [("restart failed", "restartFailedFrames"), ("restart", "restartFrame")]
)
def test_2_2_0_ships_no_body_schema_for_restarts(
    slow: dict[tuple[str, str], Future[Any]], what: str, schema: str
) -> None:
    error = raised(slow[DOCUMENT, what])
    assert (error.type_name, error.text) == (
        "ValueError",
        f"No schema found that matches the current {schema}.",
    )


@pytest.mark.parametrize("version", [DOCUMENT, NEWEST])
def test_later_clients_refuse_the_documents_own_example_of_an_environment(
    slow: dict[tuple[str, str], Future[Any]], version: str
) -> None:
    error = raised(slow[version, "number as text"])
    expected = "Validation failure(s): {'renderSystem': ['must be of integer type']}"
    assert (error.type_name, error.text) == ("ValueError", expected)


def test_the_newest_client_asks_for_environments_with_a_number_as_text_and_refuses_it(
    slow: dict[tuple[str, str], Future[Any]],
) -> None:
    error = raised(slow[NEWEST, "environment by name"])
    expected = "Validation failure(s): {'cgId': ['must be of integer type']}"
    assert (error.type_name, error.text) == ("ValueError", expected)


@pytest.mark.parametrize("version", [DOCUMENT, NEWEST])
def test_later_clients_sign_tuples_in_a_form_that_does_not_travel(
    slow: dict[tuple[str, str], Future[Any]], version: str
) -> None:
    error = raised(slow[version, "tuple"])
    assert (error.type_name, error.code) == ("RayvisionAPIError", 611)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_client_can_sign_a_number_as_the_name_of_a_member(
    slow: dict[tuple[str, str], Future[Any]], version: str
) -> None:
    error = raised(slow[version, "number as key"])
    expected = "'<' not supported between instances of 'int' and 'str'"
    assert (error.type_name, error.text) == ("TypeError", expected)


def test_2_2_0_refuses_a_project_without_a_name(slow: dict[tuple[str, str], Future[Any]]) -> None:
    error = raised(slow[DOCUMENT, "null project"])
    expected = "Validation failure(s): {'newName': ['null value not allowed']}"
    assert (error.type_name, error.text) == ("ValueError", expected)


@pytest.mark.parametrize("version", [DOCUMENT, NEWEST])
def test_a_missing_key_is_only_noticed_when_something_is_signed_with_it(
    alone: dict[tuple[str, str], Future[Any]], version: str
) -> None:
    error = raised(alone[version, "no key"])
    assert (error.type_name, error.text) == ("TypeError", "encoding without a string argument")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_platform_that_is_a_number_cannot_be_sent(
    alone: dict[tuple[str, str], Future[Any]], version: str
) -> None:
    error = raised(alone[version, "platform"])
    assert error.type_name == "InvalidHeader"
    assert "platform" in error.text


@pytest.mark.parametrize("version", [SEED, DOCUMENT])
def test_a_second_account_takes_the_first_ones_headers_away(
    second_accounts: dict[str, Future[Any]], version: str
) -> None:
    error = raised(second_accounts[version])
    assert (error.type_name, error.code) == ("RayvisionAPIError", 611)


def test_the_newest_client_keeps_accounts_apart(second_accounts: dict[str, Future[Any]]) -> None:
    assert second_accounts[NEWEST].result(ANSWERS_WITHIN_S).startswith("first 3.0.4.3")


def test_the_newest_submit_by_data_misses_an_argument(clients: dict[str, PublishedClient]) -> None:
    with pytest.raises(Raised) as caught:
        clients[NEWEST].do("api.submit_by_data({})")
    assert caught.value.type_name == "TypeError"
    assert "missing 1 required positional argument: 'task_json'" in caught.value.text


def test_the_newest_check_step_fails_on_a_dictionary_without_a_workspace_folder(
    clients: dict[str, PublishedClient],
) -> None:
    with pytest.raises(Raised) as caught:
        clients[NEWEST].do("RayvisionCheck(api).execute({}, {'task_info': {}})")
    assert caught.value.type_name == "FileNotFoundError"
    assert "renderfarm_sdk/task.json" in caught.value.text


def test_1_1_5_takes_no_dictionary_for_the_check_step(
    clients: dict[str, PublishedClient], tmp_path: Path
) -> None:
    with pytest.raises(Raised) as caught:
        clients[SEED].do("RayvisionCheck(api, workspace=folder).execute({}, '')", folder=str(tmp_path))
    assert caught.value.type_name == "TypeError"


def test_the_newest_client_counts_on_layers_where_a_task_has_none(
    clients: dict[str, PublishedClient],
) -> None:
    task = submissions.submitted_task(clients[NEWEST].farm)
    with pytest.raises(Raised) as caught:
        clients[NEWEST].do("api.query.get_small_task_id(task)", task=task)
    assert (caught.value.type_name, caught.value.text) == ("TypeError", "'NoneType' object is not iterable")


def test_2_2_0_makes_a_new_task_to_tell_the_id_of_the_submitted_one(
    clients: dict[str, PublishedClient],
) -> None:
    task = submissions.submitted_task(clients[DOCUMENT].farm)
    answer = clients[DOCUMENT].do("api.task.submit_task(task, only_id=True)", task=task)
    assert isinstance(answer, int)
    assert answer != task


@pytest.mark.parametrize(
    ("version", "module", "name"),
    [
        (DOCUMENT, "rayvision_api.task", "handle"),
        (NEWEST, "rayvision_api.task", "handle"),
        (DOCUMENT, "rayvision_api.operators", "Task"),
        (NEWEST, "rayvision_api.operators", "Task"),
        (SEED, "rayvision_api.operators", "TaskOperator"),
        (SEED, "rayvision_api", "signature"),
    ],
)
def test_names_of_other_ages_are_gone(
    clients: dict[str, PublishedClient], version: str, module: str, name: str
) -> None:
    with pytest.raises(Raised) as caught:
        clients[version].do(f"from {module} import {name}")
    assert caught.value.type_name == "ImportError"
