"""What a client may send before the application is asked: a real web server, spoken to over sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import uvicorn
from tests.together.farms import wait_for

from renderbus_farm import connections
from renderbus_farm.connections import LARGEST_HEAD_BYTES, Connection


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = [(b"content-length", b"%d" % len(body)), (b"x-path", scope["path"][:20].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class AtOnce:
    """The same; what is asked below /a it answers at once where it can."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await echo(scope, receive, send)

    def at_once(self, scope: Any, body: bytes) -> Any:
        return b"at once: " + body if scope["path"].startswith("/a") else echo


@contextmanager
def serving(app: Any = echo) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # it would stand between the server and the application
        lifespan="off",
        ws="none",
        port=0,
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            wait_for(lambda: server.started, "the server is not ready")
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module", params=[echo, AtOnce()], ids=["usual", "at once"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    with serving(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def quick_address() -> Iterator[tuple[str, int]]:
    with serving(AtOnce()) as found:
        yield found


def said(address: tuple[str, int], *parts: bytes) -> bytes:
    """All that comes back until the server closes."""
    with closing(socket.create_connection(address, timeout=20)) as client:
        answer = b""
        try:
            for part in parts:
                client.sendall(part)
            while part := client.recv(65536):
                answer += part
        except ConnectionError:
            pass  # the server was done with it before all was sent
        return answer


def refusal(answer: bytes) -> tuple[int, dict[str, Any]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    return int(head.split()[1]), json.loads(body)


CLOSE = b"Connection: close\r\n\r\n"


def test_a_request_is_answered_whole(address: tuple[str, int]) -> None:
    answer = said(address, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + CLOSE + b"hello")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhello")


def test_several_requests_at_once_are_answered_in_their_order(address: tuple[str, int]) -> None:
    one = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n%b\r\n%b"
    answer = said(
        address,
        b"".join(one % (name, b"", name) for name in (b"x", b"y", b"a", b"b", b"z", b"a", b"c"))
        + one % (b"q", b"Connection: close\r\n", b"q"),
    )
    bodies = [part.partition(b"\r\n\r\n")[2][-1:] for part in answer.split(b"HTTP/1.1 200")[1:]]
    assert b"".join(bodies) == b"xyabzacq"


KEPT = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
LAST = b"POST /q HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + CLOSE


def test_what_came_whole_may_be_answered_at_once(quick_address: tuple[str, int]) -> None:
    answer = said(quick_address, KEPT % b"/a" + b"ok", LAST)
    head, _, body = answer.split(b"HTTP/1.1 200 OK\r\n")[1].partition(b"\r\n\r\n")
    assert body == b"at once: ok"
    assert b"content-type: application/json" in head
    assert b"date: " in head


def test_what_did_not_come_whole_is_answered_when_it_has(quick_address: tuple[str, int]) -> None:
    with closing(socket.create_connection(quick_address, timeout=20)) as client:
        client.sendall(KEPT % b"/a" + b"o")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(20)
        client.sendall(b"k" + LAST)
        answer = b""
        while part := client.recv(65536):
            answer += part
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"\r\n\r\nok" in answer


def test_the_application_may_name_another_that_answers(quick_address: tuple[str, int]) -> None:
    assert b"\r\n\r\nok" in said(quick_address, KEPT % b"/b" + b"ok", LAST)


def test_of_requests_in_one_part_the_first_alone_is_answered_at_once(quick_address: tuple[str, int]) -> None:
    answer = said(quick_address, (KEPT % b"/a" + b"ok") * 3 + LAST)
    assert answer.count(b"at once: ok") == 1
    assert answer.count(b"HTTP/1.1 200 OK") == 4


def test_head_is_answered_without_a_body(address: tuple[str, int]) -> None:
    answer = said(address, b"HEAD / HTTP/1.1\r\nHost: x\r\n" + CLOSE)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_a_body_may_be_announced_and_waited_for(address: tuple[str, int]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n" + CLOSE
    answer = said(address, head, b"ok")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "request_text",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST / HTTP/1.1\r\nBad Header: 1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_in_json(address: tuple[str, int], request_text: bytes) -> None:
    status, answer = refusal(said(address, request_text))
    assert (status, answer["code"], answer["result"]) == (400, 400, False)


@pytest.mark.parametrize("size", [1, 1 << 10])
def test_headers_without_end_are_refused(address: tuple[str, int], size: int) -> None:
    header = b"X-%d: " + b"a" * (100 if size == 1 else size) + b"\r\n"
    bomb = b"".join(header % number for number in range(LARGEST_HEAD_BYTES // len(header) + 1))
    status, answer = refusal(said(address, b"POST / HTTP/1.1\r\n" + bomb))
    assert status in {400, 431}
    assert answer["code"] in {400, 600}


def test_one_header_without_end_is_refused(address: tuple[str, int]) -> None:
    # No more than it takes: what is left unread when a connection is closed takes the answer with it.
    status, answer = refusal(said(address, b"POST / HTTP/1.1\r\nX: ", b"a" * LARGEST_HEAD_BYTES))
    assert status == 431
    assert "more than 128 KiB" in answer["message"]


def test_trailers_are_not_kept(address: tuple[str, int]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    answer = said(address, head + b"2\r\nok\r\n0\r\n" + b"X: y\r\n" * 50 + b"\r\n")
    assert answer.endswith(b"\r\n\r\nok")


@pytest.mark.parametrize("sent", [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\n"])
def test_a_request_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.2)
    with serving() as address:
        status, answer = refusal(said(address, sent))
    assert (status, answer["code"]) == (408, 600)


def test_a_slow_head_is_not_waited_for_after_a_request_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.3)
    whole = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"
    with serving() as address:
        answer = said(address, whole, whole, b"POST / HT")
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"HTTP/1.1 408" in answer
