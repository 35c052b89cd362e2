"""What a ``Connect`` is told: session, headers, path set, time limits, address; and what a fork changes."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from rayvision_api import constants
from rayvision_api.api.url import ApiUrl, LaterApiUrl
from rayvision_api.connect import Connect
from rayvision_api.exception import FarmNotReachable, RayvisionError
from rayvision_api.settings import split_address
from renderbus_model.wire import user
from renderbus_model.wire.operation import Nothing

from .conftest import ACCESS_ID, KEY, NO_ANSWER, Farm, Pauses

PROFILE = user.QUERY_USER_PROFILE.path


def test_a_session_of_the_caller_is_used_and_left_open(farm: Farm) -> None:
    with requests.Session() as session:
        session.headers["X-Tool"] = "pipeline"
        connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", session=session)
        connect.post(PROFILE)
        connect.close()
        assert farm.asked[0].headers["X-Tool"] == "pipeline"
        assert session.post(f"http://{farm.domain}/", data="{}", headers=dict(farm.asked[0].headers)).ok


def test_headers_of_the_caller_are_sent_and_not_signed(farm: Farm) -> None:
    with requests.Session() as session:
        session.headers["X-Session"] = "b"
        connect = Connect(
            ACCESS_ID, KEY, "http", farm.domain, "2", headers={"X-Studio": "a"}, session=session
        )
        connect.headers["X-Later"] = "c"
        assert connect.post(PROFILE)["userId"] == 7  # the farm rebuilds the signature without them
    sent = farm.asked[0].headers
    assert (sent["X-Studio"], sent["X-Session"], sent["X-Later"]) == ("a", "b", "c")


def test_a_published_header_of_the_caller_goes_before_ours_in_any_spelling(farm: Farm) -> None:
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", headers={"Version": "dev", "CHANNEL": "3"})
    assert connect.post(PROFILE)["userId"] == 7
    connect.close()
    assert (farm.asked[0].headers["version"], farm.asked[0].headers["channel"]) == ("dev", "3")
    assert constants.HEADERS["version"] == "1.0.0"


@pytest.mark.parametrize("value", ["片段", "a\r\nX-Evil: b", None, b"x"])
def test_a_header_set_later_that_http_cannot_carry_is_named(farm: Farm, connect: Connect, value: Any) -> None:
    connect.headers["X-Studio"] = value
    with pytest.raises(RayvisionError, match="X-Studio: ") as caught:
        connect.post(PROFILE)
    assert (caught.value.error_code, farm.asked) == (1000003, [])


def test_a_header_set_later_may_be_a_number(farm: Farm, connect: Connect) -> None:
    connect.headers["X-Shot"] = 7  # type: ignore[assignment] # as callers write it
    connect.post(PROFILE)
    assert farm.asked[0].headers["X-Shot"] == "7"


def test_headers_that_are_set_later_belong_to_one_account(farm: Farm, connect: Connect) -> None:
    other = Connect("two", KEY, "http", farm.domain, "3")
    connect.headers["X-Studio"] = "a"
    other.post(PROFILE)
    other.close()
    assert "X-Studio" not in farm.asked[0].headers


@pytest.mark.parametrize(
    ("given", "variable", "expected"),
    [
        (None, None, "1.0.0"),
        ("2", None, "2.0.0"),
        (None, "2", "2.0.0"),
        (1, "2", "1.0.0"),
        ("2.0.0", None, "2.0.0"),
    ],
)
def test_the_path_set_is_chosen_by_argument_or_environment(
    farm: Farm,
    monkeypatch: pytest.MonkeyPatch,
    given: str | int | None,
    variable: str | None,
    expected: str,
) -> None:
    monkeypatch.delenv("RAYVISION_API_VERSION", raising=False)
    if variable:
        monkeypatch.setenv("RAYVISION_API_VERSION", variable)
    farm.answers[user.QUERY_USER_PROFILE.second] = farm.answers[PROFILE]
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", api_version=given)
    assert connect.call(user.QUERY_USER_PROFILE, Nothing()).user_id == 7
    connect.close()
    later = expected == "2.0.0"
    assert farm.asked[0].headers["version"] == expected
    assert farm.paths == [user.QUERY_USER_PROFILE.second if later else PROFILE]
    assert ("languageFlag" in farm.asked[0].headers) == later
    assert connect.url is (LaterApiUrl if later else ApiUrl)


def test_a_path_set_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYVISION_API_VERSION", "3")
    with pytest.raises(RayvisionError, match="API version '3': expected 1 or 2"):
        Connect(ACCESS_ID, KEY, "http", "farm.example", "2")


@pytest.mark.parametrize(
    ("given", "limits"), [(None, (10, 60)), (5, (5, 5)), (600, (10, 600)), ((3, 90), (3, 90)), ("7", (7, 7))]
)
def test_time_limits_may_be_one_number_or_two(given: Any, limits: tuple[float, float]) -> None:
    connect = Connect(ACCESS_ID, KEY, "http", "farm.example", "2", timeout=given)
    assert connect.timeout == limits


@pytest.mark.parametrize(
    "given",
    [0, -1, "soon", (1,), (1, None), float("nan"), float("inf"), (5, 1e12), 10**400],
    ids=lambda given: f"{given!r:.20}",
)
def test_a_time_limit_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(RayvisionError, match="timeout") as caught:
        Connect(ACCESS_ID, KEY, "http", "farm.example", "2", timeout=given)
    assert caught.value.error_code == 1000003


def in_a_fork(work: Callable[[], object]) -> str:
    """What ``work`` tells in a forked process."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.write(write, str(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.parametrize("own", [True, False])
def test_a_forked_process_asks_on_connections_of_its_own(farm: Farm, own: bool) -> None:
    with requests.Session() as session:
        connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", session=None if own else session)
        connect.post(PROFILE)
        assert in_a_fork(lambda: connect.post(PROFILE)["userName"]) == "ann"
        assert connect.post(PROFILE)["userName"] == "ann"
        connect.close()
    assert (len(farm.asked), farm.connections) == (3, 2)


class Tuned(HTTPAdapter):
    """An adapter as callers write them for certificates of their own."""

    def __init__(self, tuning: str) -> None:
        self.tuning = tuning
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        assert self.tuning == "mine"
        super().init_poolmanager(*args, **kwargs)


def test_a_forked_process_keeps_an_adapter_of_the_callers(farm: Farm) -> None:
    with requests.Session() as session:
        session.mount("http://", Tuned("mine"))
        connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", session=session)
        connect.post(PROFILE)
        assert in_a_fork(lambda: connect.post(PROFILE)["userName"]) == "ann"
        assert connect.post(PROFILE)["userName"] == "ann"
    assert (len(farm.asked), farm.connections) == (3, 2)


def test_a_farm_without_a_certificate_is_named_with_the_other_address(farm: Farm) -> None:
    connect = Connect(ACCESS_ID, KEY, "https", farm.domain, "2")
    with pytest.raises(FarmNotReachable, match=f"asked at http://{farm.domain}"):
        connect.post(PROFILE)
    connect.close()


def test_what_closes_the_connection_may_be_a_farm_with_a_certificate(farm: Farm, pauses: Pauses) -> None:
    farm.instead.extend([NO_ANSWER] * 9)
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", wait=pauses)
    with pytest.raises(
        FarmNotReachable, match=f"a farm with a certificate is asked at https://{farm.domain}"
    ):
        connect.post(PROFILE)
    connect.close()


def test_a_farm_below_a_path_is_asked_there(farm: Farm) -> None:
    farm.prefix = "/render"
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2")
    assert connect.post(PROFILE)["userId"] == 7
    connect.close()


@pytest.mark.parametrize(
    ("domain", "protocol", "expected"),
    [
        ("farm.example", "https", ("https", "farm.example")),
        ("Farm.Example:443", "http", ("http", "Farm.Example:443")),
        ("http://127.0.0.1:8800", "https", ("http", "127.0.0.1:8800")),
        ("HTTPS://farm.example/render/", "http", ("https", "farm.example/render")),
        (" farm.example/ ", "HTTP", ("http", "farm.example")),
        ("[::1]:8800", "http", ("http", "[::1]:8800")),
    ],
)
def test_an_address_may_say_its_protocol(domain: str, protocol: str, expected: tuple[str, str]) -> None:
    assert split_address(domain, protocol) == expected


@pytest.mark.parametrize(
    ("domain", "protocol"),
    [
        ("", "http"),
        ("farm.example", "ftp"),
        ("ftp://farm.example", "http"),
        ("http://", "http"),
        ("ann:secret@farm.example", "http"),
        ("farm.example?x", "http"),
        ("farm example", "http"),
        ("farm.example\r\nX: y", "http"),
        (None, "http"),
        (b"farm.example", "http"),
        (8800, "http"),
    ],
)
def test_what_is_no_address_is_refused_and_no_password_shown(domain: Any, protocol: str) -> None:
    with pytest.raises(RayvisionError, match="expected a host") as caught:
        split_address(domain, protocol)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("access_id", ["an id\r\nX: y", "ключ", "id\n"])
def test_an_access_id_that_no_header_can_carry_is_refused_unshown(access_id: str) -> None:
    with pytest.raises(RayvisionError, match="accessId: holds characters") as caught:
        Connect(access_id, KEY, "http", "farm.example", "2")
    assert access_id not in str(caught.value)


@pytest.mark.parametrize("access_id", [" id", "id "])
def test_an_access_id_with_blanks_around_it_is_named_as_such(access_id: str) -> None:
    with pytest.raises(RayvisionError, match="accessId: begins or ends with a blank"):
        Connect(access_id, KEY, "http", "farm.example", "2")


@pytest.mark.parametrize("platform", [None, b"2", 2.0, []])
def test_a_platform_is_a_text_or_a_whole_number(platform: Any) -> None:
    with pytest.raises(RayvisionError, match="platform: expected a text"):
        Connect(ACCESS_ID, KEY, "http", "farm.example", platform)


@pytest.mark.parametrize("access_key", [b"secret", "secret\udc80", None])
def test_an_access_key_that_is_no_text_is_refused_unshown(access_key: Any) -> None:
    with pytest.raises(RayvisionError, match="access_key: expected a text") as caught:
        Connect(ACCESS_ID, access_key, "http", "farm.example", "2")
    assert "secret" not in "".join(traceback.format_exception(caught.value))
