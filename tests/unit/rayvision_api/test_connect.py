"""Asking a farm over a real socket: signing, trying again, and what every failure says."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from rayvision_api.api.url import ApiUrl
from rayvision_api.connect import ATTEMPTS, LONGEST_PAUSE_S, Connect
from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
from rayvision_api.network import FIRST_WORDS
from renderbus_model.wire import task, user
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.signing import IDEMPOTENCY_KEY

from .conftest import ACCESS_ID, KEY, NO_ANSWER, Answer, Asked, Farm, Pauses, refusal

STOP = task.STOP_TASK.path
CREATE = task.CREATE_TASK.path
PROFILE = user.QUERY_USER_PROFILE.path
CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE
PAGE = b"<html><head><style>p {}</style><title>502 Bad Gateway</title></head><body>nginx</body></html>"


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
    farm.instead.extend([NO_ANSWER, Answer(PAGE, 504)])
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


def test_a_proxys_page_is_named_by_status_and_first_words(farm: Farm, connect: Connect) -> None:
    farm.instead.append(Answer(PAGE, 404))
    with pytest.raises(RayvisionError) as caught:
        connect.post(PROFILE)
    assert "502 Bad Gateway nginx" in str(caught.value)
    assert "HTTP status 404" in str(caught.value)
    assert len(farm.asked) == 1


def test_a_proxy_whose_farm_is_away_is_asked_again(farm: Farm, connect: Connect) -> None:
    farm.instead.extend([Answer(PAGE, 502), Answer(PAGE, 503)])
    assert connect.post(PROFILE)["userId"] == 7


def test_an_unknown_path_behind_a_failing_proxy_is_not_repeated(farm: Farm, connect: Connect) -> None:
    farm.instead.append(Answer(PAGE, 504))
    with pytest.raises(RayvisionError, match="HTTP status 504"):
        connect.post("/api/render/some/thing", {})
    assert len(farm.asked) == 1


def test_an_answer_cut_short_is_asked_for_again(farm: Farm, connect: Connect) -> None:
    farm.instead.append(Answer(b'{"code": 200, ', headers={"Content-Length": "500", "Connection": "close"}))
    assert connect.post(PROFILE)["userId"] == 7
    assert len(farm.asked) == 2


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"code": "200"}', b"\xff\xfe"])
def test_json_that_is_no_envelope_is_no_answer(farm: Farm, connect: Connect, content: bytes) -> None:
    farm.instead.append(Answer(content))
    with pytest.raises(RayvisionError, match="no answer of a farm"):
        connect.post(PROFILE)


def test_a_redirect_is_told_and_not_followed(farm: Farm, connect: Connect) -> None:
    farm.instead.append(Answer(b"", 302, {"Location": "http://elsewhere.example/login"}))
    with pytest.raises(RayvisionError, match=r"sent us on to 'http://elsewhere\.example/login'"):
        connect.post(PROFILE)
    assert len(farm.asked) == 1


@pytest.mark.parametrize(
    ("off_s", "words"),
    [
        (-14 * 60, "this machine's clock is 14 min behind the farm's; set it and try again"),
        (5 * 3600, "this machine's clock is 5 h ahead of the farm's; set it and try again"),
        (12 * 86400, "this machine's clock is 12 days ahead of the farm's"),
        (2, "this machine's clock and the farm's differ by 2 s"),
    ],
)
def test_an_expired_signature_tells_how_far_the_clock_is_off(farm: Farm, off_s: int, words: str) -> None:
    now = 1_593_561_600.0
    farm.instead.append(refusal(610, "signature expired", server_time_ms=int((now - off_s) * 1000)))
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", clock=lambda: now)
    with pytest.raises(RayvisionAPIError) as caught:
        connect.post(PROFILE)
    connect.close()
    assert caught.value.error_code == 610
    assert caught.value.error.startswith("signature expired; ")
    assert words in caught.value.error


def test_the_date_header_serves_where_the_envelope_tells_no_time(farm: Farm) -> None:
    farm.instead.append(refusal(610, "signature expired", server_time_ms=0))
    connect = Connect(ACCESS_ID, KEY, "http", farm.domain, "2", clock=lambda: time.time() - 3 * 3600)
    with pytest.raises(RayvisionAPIError, match="3 h behind"):
        connect.post(PROFILE)
    connect.close()


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_without_a_time_of_the_farm_nothing_is_said_of_the_clock(
    farm: Farm, connect: Connect, date: str
) -> None:
    farm.instead.append(Answer(refusal(610, "expired", server_time_ms=0).content, headers={"Date": date}))
    with pytest.raises(RayvisionAPIError, match="message: expired, URL"):
        connect.post(PROFILE)


def test_a_wrong_signature_speaks_of_the_clock_only_when_it_is_off(farm: Farm, connect: Connect) -> None:
    farm.instead.extend(
        [refusal(611, "no"), refusal(611, "no", server_time_ms=int(time.time() - 900) * 1000)]
    )
    with pytest.raises(RayvisionAPIError, match=r"message: no, URL"):
        connect.post(PROFILE)
    with pytest.raises(RayvisionAPIError, match="15 min ahead"):
        connect.post(PROFILE)


def test_a_farm_that_speaks_of_the_clock_itself_is_not_repeated(farm: Farm, connect: Connect) -> None:
    farm.instead.append(refusal(610, "expired: this machine's clock is 15 min behind", server_time_ms=1))
    with pytest.raises(RayvisionAPIError) as caught:
        connect.post(PROFILE)
    assert caught.value.error == "expired: this machine's clock is 15 min behind"


def test_a_wrong_key_is_refused(farm: Farm) -> None:
    connect = Connect(ACCESS_ID, "another-key", "http", farm.domain, "2")
    with pytest.raises(RayvisionAPIError, match="wrong signature"):
        connect.post(PROFILE)
    connect.close()


def test_no_key_and_no_signature_reaches_a_log_or_an_error(
    farm: Farm, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(asked: Asked) -> Answer:
        return Answer(f"you sent {asked.headers['signature']}".encode(), 500)

    def refuse(asked: Asked) -> Answer:
        return refusal(600, f"you sent {asked.headers['signature']}")

    told = [repr(connect)]
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "urllib3"):
        connect.post(STOP, {"taskIds": [1]})
        farm.instead.extend([NO_ANSWER, Answer(PAGE, 503)])
        connect.post(CREATE, {})
        for planned in (echo, refuse, refusal(500, "no"), Answer(PAGE, 400), NO_ANSWER):
            farm.instead.append(planned)
            with pytest.raises(RayvisionError) as caught:
                connect.post("/api/render/some/thing", {})
            told += [repr(caught.value), *traceback.format_exception(caught.value)]
    told += [caplog.text, *(str(vars(record)) for record in caplog.records)]
    names = {record.name for record in caplog.records}
    assert {"rayvision_api.connect", "urllib3.connectionpool"} <= names
    assert len(farm.asked) == 9
    for secret in (KEY, *(asked.headers["signature"] for asked in farm.asked)):
        assert not [text for text in told if secret in text]
    assert "(withheld)" in "".join(told)


@pytest.mark.parametrize(
    "spell",
    [
        lambda signature: quote(signature),
        lambda signature: quote(quote(signature, safe="")),
        lambda signature: "".join(char if char.isalnum() else f"&#{ord(char)};" for char in signature),
        lambda signature: signature.replace("/", "\\/").replace("+", "\\u002B").replace("=", "\\u003d"),
        lambda signature: "x" * (FIRST_WORDS - 20) + signature,
        lambda signature: "x" * 3_980 + signature,
    ],
)
def test_no_spelling_of_the_signature_reaches_an_error(
    farm: Farm, connect: Connect, spell: Callable[[str], str]
) -> None:
    """A proxy quotes what it was sent in its page, and in the address that it sends us on to."""
    for status in [500, 302] * 5:  # a signature seldom has every character that is spelled in other ways

        def quoted(asked: Asked, status: int = status) -> Answer:
            said = spell(asked.headers["signature"])
            return Answer(said.encode(), status, {"Location": f"/login?{said}"} if status == 302 else {})

        farm.instead.append(quoted)
        with pytest.raises(RayvisionError) as caught:
            connect.post(PROFILE)
        signature = farm.asked[-1].headers["signature"]
        parts = re.findall(r"[A-Za-z0-9]{6,}", signature)
        assert parts, "long runs of letters are what a reader would recognise"
        assert not [part for part in parts if part in str(caught.value)]


def test_a_farm_on_this_machine_is_not_asked_through_a_proxy(
    farm: Farm, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect.post(PROFILE)["userId"] == 7


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
