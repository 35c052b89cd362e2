"""Asking a farm over a real socket: signing, trying again, and what every failure says."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rayvision_api.api.url import ApiUrl
from rayvision_api.connect import ATTEMPTS, LONGEST_PAUSE_S, Connect
from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
from renderbus_model.wire import task, user
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.signing import IDEMPOTENCY_KEY

from .conftest import ACCESS_ID, KEY, NO_ANSWER, Answer, Asked, Farm, Pauses, refusal

STOP = task.STOP_TASK.path
CREATE = task.CREATE_TASK.path
PROFILE = user.QUERY_USER_PROFILE.path
CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE


@pytest.fixture(autouse=True)
def _stops(shut_farm: Farm) -> None:
    shut_farm.answers[STOP] = None
    shut_farm.answers[CREATE] = {"taskIdList": [11], "aliasTaskIdList": ["2W11"], "userId": 7}


def test_an_answer_is_the_data_of_the_envelope(farm: Farm, connect: Connect) -> None:
    assert connect.post(PROFILE)["userName"] == "ann"
    assert farm.asked[0].body == {}


@pytest.mark.parametrize(
    "body",
    [
        {"labels": ("a", "b"), "deep": {1: [{"x": None}, True], False: 1e16}, "text": "衣帽间 & x=1"},
        {"taskIds": [1, 2, 3], "none": None, "small": 1e-07, "empty": []},
    ],
)
def test_whatever_is_sent_carries_a_signature_that_the_farm_rebuilds(
    farm: Farm, connect: Connect, body: dict[str, Any]
) -> None:
    farm.answers["/api/any"] = "fine"
    assert connect.post("/api/any", body) == "fine"
    assert farm.asked[0].body == json.loads(json.dumps(body))


def test_the_headers_are_the_published_ones(farm: Farm, connect: Connect) -> None:
    connect.post(ApiUrl.queryUserProfile)
    headers = farm.asked[0].headers
    assert (headers["accessId"], headers["channel"], headers["platform"]) == (ACCESS_ID, "4", "2")
    assert (headers["version"], headers["Content-Type"]) == ("1.0.0", "application/json")
    assert abs(int(headers["UTCTimestamp"]) - time.time()) < 60
    assert 100_000 <= int(headers["nonce"]) <= 999_998


def test_a_path_may_be_written_without_its_first_slash(farm: Farm, connect: Connect) -> None:
    connect.post(PROFILE.removeprefix("/"))
    assert farm.paths == [PROFILE]


@pytest.mark.parametrize("path", ["@elsewhere.example/api", ".elsewhere.example/api", "http://elsewhere/api"])
def test_no_path_leads_to_another_host(farm: Farm, connect: Connect, path: str) -> None:
    with pytest.raises(RayvisionAPIError, match="no such interface"):
        connect.post(path, {})
    assert farm.paths == [f"/{path}"]


@pytest.mark.parametrize("path", [None, "", 7, b"/api"])
def test_what_is_no_path_is_named(farm: Farm, connect: Connect, path: Any) -> None:
    with pytest.raises(RayvisionError, match="expected a path such as /api/render/task/stopTask") as caught:
        connect.post(path)
    assert (caught.value.error_code, farm.asked) == (1000003, [])


def test_two_accounts_do_not_send_each_others_id(farm: Farm) -> None:
    for access_id in ("one", "two"):
        Connect(access_id, KEY, "http", farm.domain, "2").close()
    one = Connect("one", KEY, "http", farm.domain, "2")
    two = Connect("two", KEY, "http", farm.domain, "3")
    one.post(PROFILE)
    two.post(PROFILE)
    one.close()
    two.close()
    assert [(asked.headers["accessId"], asked.headers["platform"]) for asked in farm.asked] == [
        ("one", "2"),
        ("two", "3"),
    ]


def test_connections_are_kept_open(farm: Farm, connect: Connect) -> None:
    for _ in range(5):
        connect.post(PROFILE)
    assert (len(farm.asked), farm.connections) == (5, 1)


def test_many_threads_may_ask_at_once(farm: Farm, connect: Connect) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(lambda _: connect.post(PROFILE)["userName"], range(80)))
    assert names == ["ann"] * 80
    assert len({asked.headers["signature"] for asked in farm.asked}) == 80


def test_a_refusal_is_raised_at_once_and_not_repeated(farm: Farm, connect: Connect, pauses: Pauses) -> None:
    farm.instead.append(refusal(403, "task 5 belongs to another account"))
    with pytest.raises(RayvisionAPIError) as caught:
        connect.post(STOP, {"taskIds": [5]})
    assert (caught.value.error_code, caught.value.error) == (403, "task 5 belongs to another account")
    assert caught.value.request == f"http://{farm.domain}{STOP}"
    assert (len(farm.asked), pauses) == (1, [])


def test_a_lost_answer_to_a_harmless_question_is_asked_for_again(
    farm: Farm, connect: Connect, pauses: Pauses
) -> None:
    farm.instead.extend([NO_ANSWER, NO_ANSWER])
    assert connect.post(STOP, {"taskIds": [5]}) is None
    assert len(farm.asked) == 3
    assert len({asked.headers["signature"] for asked in farm.asked}) == 3
    assert len(pauses) == 2


def test_a_lost_answer_to_a_creation_is_asked_for_again_under_the_same_key(
    farm: Farm, connect: Connect, pauses: Pauses
) -> None:
    farm.instead.extend([NO_ANSWER, Answer(b"<h1>504</h1>", 504)])
    assert connect.post(CREATE, {"count": 1, "taskUserLevel": 50})["taskIdList"] == [11]
    keys = [asked.headers[IDEMPOTENCY_KEY] for asked in farm.asked]
    assert (len(keys), len(set(keys)), len(pauses)) == (3, 1, 2)
    assert len({asked.headers["signature"] for asked in farm.asked}) == 3


def test_two_creations_have_two_keys(farm: Farm, connect: Connect) -> None:
    connect.post(CREATE, {})
    connect.call(task.CREATE_TASK, task.CreateTask())
    keys = {asked.headers[IDEMPOTENCY_KEY] for asked in farm.asked}
    assert len(keys) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


def test_a_question_that_may_be_repeated_carries_no_key(farm: Farm, connect: Connect) -> None:
    connect.post(STOP, {"taskIds": [5]})
    assert IDEMPOTENCY_KEY not in farm.asked[0].headers


def test_an_unknown_path_is_not_taken_for_harmless(farm: Farm, connect: Connect) -> None:
    farm.instead.append(NO_ANSWER)
    with pytest.raises(FarmNotReachable):
        connect.post("/api/render/some/thing", {})
    assert len(farm.asked) == 1


@pytest.mark.parametrize("path", [CREATE, PROFILE])
def test_a_farm_that_is_not_there_is_named_after_a_few_tries(
    shut_farm: Farm, connect: Connect, pauses: Pauses, path: str
) -> None:
    with pytest.raises(FarmNotReachable) as caught:
        connect.post(path)
    assert caught.value.url == f"http://{shut_farm.domain}"
    assert caught.value.reason == "Connection refused"
    assert len(pauses) == ATTEMPTS - 1
    assert all(0 < pause <= LONGEST_PAUSE_S for pause in pauses)
    assert sum(pauses) < 8


@pytest.mark.parametrize("domain", ["a..b", "n" * 70 + ".example", "127.0.0.1:99999"])
def test_an_address_that_can_be_none_is_named_at_once(domain: str, pauses: Pauses) -> None:
    connect = Connect(ACCESS_ID, KEY, "http", domain, "2", wait=pauses)
    with pytest.raises(FarmNotReachable, match="Failed to parse"):
        connect.post(PROFILE)
    connect.close()
    assert pauses == []


def test_even_a_creation_is_tried_again_while_the_farm_starts(shut_farm: Farm) -> None:
    def wait(_: float) -> bool:
        shut_farm.open()
        return False

    connect = Connect(ACCESS_ID, KEY, "http", shut_farm.domain, "2", wait=wait)
    assert connect.post(CREATE, {})["taskIdList"] == [11]
    connect.close()


def test_a_pause_ends_when_the_client_is_closed(shut_farm: Farm) -> None:
    connect = Connect(ACCESS_ID, KEY, "http", shut_farm.domain, "2")
    threading.Timer(0.1, connect.close).start()
    started = time.monotonic()
    with pytest.raises(FarmNotReachable, match="closed while waiting"):
        connect.post(PROFILE)
    assert time.monotonic() - started < 5


def test_a_farm_that_says_nothing_is_given_up_after_the_time_limit(farm: Farm) -> None:
    done = threading.Event()

    def slow(_: Asked) -> Answer:
        done.wait(10)
        return NO_ANSWER

    farm.instead.append(slow)
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", timeout=(5, 0.2))
    with pytest.raises(FarmNotReachable, match=r"no answer within 0\.2 s .the request may have arrived"):
        connect.post("/api/render/some/thing", {})
    done.set()
    connect.close()


def test_an_answer_cut_short_is_asked_for_again(farm: Farm, connect: Connect) -> None:
    farm.instead.append(Answer(b'{"code": 200, ', headers={"Content-Length": "500", "Connection": "close"}))
    assert connect.post(PROFILE)["userId"] == 7
    assert len(farm.asked) == 2


def test_a_wrong_key_is_refused(farm: Farm) -> None:
    connect = Connect(ACCESS_ID, "another-key", "http", farm.domain, "2")
    with pytest.raises(RayvisionAPIError, match="wrong signature"):
        connect.post(PROFILE)
    connect.close()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/api/any", {"a": float("nan")}, "cannot be sent as JSON"),
        ("/api/any", {"a": object()}, "cannot be sent as JSON"),
        ("/api/any", ["a"], "expected an object"),
        ("/api/any", {"n" * 100_000: [0] * 1000}, "cannot be signed: the names"),
        ("/api/any", CIRCLE, "nests too deep, or holds itself"),
        (STOP, {}, "taskIds"),
        (STOP, {"taskIds": ["five"]}, "taskIds"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_before_it_is_sent(
    farm: Farm, connect: Connect, path: str, body: Any, words: str
) -> None:
    with pytest.raises(RayvisionError, match=words) as caught:
        connect.post(path, body)
    assert caught.value.error_code == 1000003
    assert farm.asked == []


def test_an_unchecked_body_is_the_farms_to_judge(farm: Farm, connect: Connect) -> None:
    connect.post(STOP, {"taskIds": ["five"]}, validator=False)
    assert farm.asked[0].body == {"taskIds": ["five"]}


def test_a_typed_question_has_a_typed_answer(farm: Farm, connect: Connect) -> None:
    profile = connect.call(user.QUERY_USER_PROFILE, Nothing())
    assert (profile.user_id, profile.user_name) == (7, "ann")


def test_an_answer_of_another_form_is_named(farm: Farm, connect: Connect) -> None:
    farm.answers[PROFILE] = {"userName": "ann"}
    with pytest.raises(RayvisionError, match=r"not of the expected form .*userId"):
        connect.call(user.QUERY_USER_PROFILE, Nothing())
