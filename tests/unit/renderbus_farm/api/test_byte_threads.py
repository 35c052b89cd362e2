"""Byte requests on a connection: a real web server, a real socket, and threads beside the event loop."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.together.farms import wait_for

from renderbus_farm import connections
from renderbus_farm.api import byte_threads
from renderbus_farm.api.byte_requests import Body, BrokenOff, ByteRequest, Reply, Span
from renderbus_farm.api.byte_threads import ByteThreads
from renderbus_farm.connections import Connection
from renderbus_farm.lifetime import Activity


class Routes:
    """Answers a PUT with its body and a GET with a file, and notes which thread did."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.threads: list[str] = []

    def answer(self, request: ByteRequest, body: Body) -> Reply:
        """As the real routes do."""
        self.threads.append(threading.current_thread().name)
        if request.method != "PUT":
            opened = self.file.open("rb")
            return Reply(200, {}, file=opened, span=Span(0, self.file.stat().st_size))
        if request.name == "refused":
            return Reply(403, {}, b"no", close=True)
        room, whole = bytearray(1000), b""
        try:
            while size := body.read_into(memoryview(room)):
                whole += room[:size]
        except BrokenOff:
            return Reply(408, {}, b"broken off", close=True)
        return Reply(201, {}, whole)


class App:
    """An application beside them that says which path was asked."""

    def __init__(self, routes: Routes, threads: int) -> None:
        self.aside = ByteThreads(routes, Activity(), lambda path: path, threads)  # type: ignore[arg-type]  # as much of the routes as is used

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The path."""
        headers = [(b"content-length", b"%d" % len(scope["path"]))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


@contextmanager
def serving(app: App) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
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
            app.aside.end(0.1)


@pytest.fixture
def routes(tmp_path: Path) -> Routes:
    (tmp_path / "file").write_bytes(b"wood" * 100_000)
    return Routes(tmp_path / "file")


@pytest.fixture
def app(routes: Routes) -> App:
    return App(routes, 2)


@pytest.fixture
def address(app: App) -> Iterator[tuple[str, int]]:
    with serving(app) as found:
        yield found


def put(body: bytes, name: str = "a", more: bytes = b"") -> bytes:
    head = b"PUT /packs/%b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n"
    return head % (name.encode(), more, len(body)) + body


def answered(client: socket.socket) -> bytes:
    """The body of the next answer."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += client.recv(1)
    head = found.lower()
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    body = b""
    while len(body) < length:
        body += client.recv(length - len(body))
    return body


ASKED = b"GET /question HTTP/1.1\r\nHost: x\r\n\r\n"
FETCHED = b"GET /blobs/a HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_connection_goes_to_a_thread_and_back(address: tuple[str, int], routes: Routes) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        for round_ in range(3):
            client.sendall(ASKED)
            assert answered(client) == b"/question"
            for _ in range(2):
                client.sendall(put(b"wood%d" % round_ * 1000))
                assert answered(client) == b"wood%d" % round_ * 1000
            client.sendall(FETCHED)
            assert answered(client) == b"wood" * 100_000
    assert len(routes.threads) == 9
    assert all(name.startswith("bytes") for name in routes.threads)


def test_requests_that_come_at_once_are_answered_in_their_order(address: tuple[str, int]) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"first") + put(b"second") + ASKED)
        assert [answered(client) for _ in range(3)] == [b"first", b"second", b"/question"]


def test_a_slow_body_is_waited_for(address: tuple[str, int]) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        whole = put(b"wood")
        client.sendall(whole[:-4])
        for at in range(4):
            threading.Event().wait(0.02)
            client.sendall(b"wood"[at : at + 1])
        assert answered(client) == b"wood"


def test_leave_is_given_before_the_body(address: tuple[str, int]) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"wood", more=b"Expect: 100-continue\r\n")[:-4])
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"wood")
        assert answered(client) == b"wood"


def test_a_refusal_reaches_who_sends_on(address: tuple[str, int]) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"x" * (8 << 20), "refused"))
        assert answered(client) == b"no"
        assert client.recv(1) == b"", "and the connection ends"


def test_a_refused_body_that_has_come_already_is_not_waited_for(
    address: tuple[str, int], app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_threads, "LEFT_UNREAD_S", 600.0)
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"wood", "refused"))
        assert answered(client) == b"no"
        assert client.recv(1) == b""
        wait_for(lambda: not app.aside._open, "the thread waits for what it has")


def test_a_connection_that_was_given_back_rests_as_any_other(
    address: tuple[str, int], app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(ASKED)
        answered(client)
        monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.1)
        client.sendall(put(b"wood"))
        assert answered(client) == b"wood"
        wait_for(lambda: not app.aside._open, "the connection is not given back")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        client.sendall(ASKED)
        assert answered(client) == b"/question"


def test_a_connection_that_was_given_back_within_a_head_is_waited_for_as_any_other(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(ASKED)
        answered(client)
        monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.1)
        client.sendall(put(b"wood") + ASKED[:-2])
        assert answered(client) == b"wood"
        assert b" 408 " in client.recv(4096)


def test_where_no_descriptor_is_left_the_event_loop_answers(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(handle: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with closing(socket.create_connection(address, timeout=10)) as client:
        monkeypatch.setattr(os, "dup", refused)
        client.sendall(FETCHED)
        assert answered(client) == b"/blobs/a"


def test_a_sender_that_falls_silent_is_given_up(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_threads, "STALLED_AFTER_S", 0.1)
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"wood")[:-1])
        assert answered(client) == b"broken off"


def test_the_head_alone_is_sent_when_it_is_asked_for(address: tuple[str, int]) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(FETCHED.replace(b"GET", b"HEAD"))
        head = client.recv(4096)
        assert b"content-length: 400000\r\n" in head
        assert head.endswith(b"\r\n\r\n")
        client.sendall(ASKED)
        assert answered(client) == b"/question"


def test_a_thread_is_not_kept_by_a_client_that_rests(address: tuple[str, int], app: App) -> None:
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(put(b"wood"))
        answered(client)
        wait_for(app.aside.has_room, "no thread is free")
        wait_for(lambda: not app.aside._open, "the connection is not given back")
        client.sendall(ASKED)
        assert answered(client) == b"/question"


def test_where_no_thread_is_free_the_event_loop_answers(address: tuple[str, int], app: App) -> None:
    busy = [socket.create_connection(address, timeout=10) for _ in range(2)]
    for client in busy:
        client.sendall(put(b"wood")[:-1])
    wait_for(lambda: not app.aside.has_room(), "threads are free")
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(FETCHED)
        assert answered(client) == b"/blobs/a"
    for client in busy:
        client.close()


def test_an_end_cuts_off_what_does_not_come_to_its_own(app: App) -> None:
    with serving(app) as address:
        client = socket.create_connection(address, timeout=10)
        client.sendall(put(b"wood")[:-1])
        wait_for(lambda: app.aside._open, "nothing is under way")
    with closing(client):
        assert client.recv(100) == b""
        assert not app.aside.has_room()
