"""What stands between a client and its farm: pages of proxies, other clocks, and what must stay secret."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from urllib.parse import quote

import pytest

from rayvision_api.connect import Connect
from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
from rayvision_api.network import FIRST_WORDS
from renderbus_model.wire import task, user

from .conftest import ACCESS_ID, KEY, NO_ANSWER, Answer, Asked, Farm, Pauses, refusal

STOP = task.STOP_TASK.path
CREATE = task.CREATE_TASK.path
PROFILE = user.QUERY_USER_PROFILE.path
PAGE = b"<html><head><style>p {}</style><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@pytest.fixture(autouse=True)
def _stops(shut_farm: Farm) -> None:
    shut_farm.answers[STOP] = None
    shut_farm.answers[CREATE] = {"taskIdList": [11], "aliasTaskIdList": ["2W11"], "userId": 7}


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


def test_a_proxy_that_fails_is_named_as_the_one_that_does(
    farm: Farm, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    connect = Connect(ACCESS_ID, KEY, "http", "farm.example", "2", wait=pauses)
    with pytest.raises(FarmNotReachable, match=r"proxy in between .*: Connection refused; check the proxy"):
        connect.post(PROFILE)
    monkeypatch.setenv("https_proxy", f"http://{farm.domain}")  # which knows no CONNECT
    connect = Connect(ACCESS_ID, KEY, "https", "farm.example", "2", wait=pauses)
    with pytest.raises(FarmNotReachable, match=r"proxy in between .*: Tunnel connection failed: 501"):
        connect.post(PROFILE)


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", bytes(range(128, 256))])
def test_what_speaks_no_http_is_named_as_such(greeting: bytes, pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    asker, _ = server.accept()
                except OSError:
                    return
                with asker:
                    asker.recv(65536)
                    asker.sendall(greeting)

        threading.Thread(target=greet, daemon=True).start()
        domain = f"127.0.0.1:{server.getsockname()[1]}"
        connect = Connect(ACCESS_ID, KEY, "http", domain, "2", wait=pauses)
        with pytest.raises(FarmNotReachable, match="does not speak HTTP"):
            connect.post(PROFILE)
        connect.close()
        server.shutdown(socket.SHUT_RDWR)
