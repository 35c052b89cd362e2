"""Waiting for tasks by a farm's event stream: what wakes, what does not, what becomes of a broken line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm

from rayvision_api.core import RayvisionAPI
from rayvision_sync.exception import TransferCancelled
from rayvision_sync.listening import TaskEvents
from renderbus_model.wire.event import FRAME, OPEN_EVENTS, READY, EventStream, Told

Stream = Callable[[int], Iterator[bytes]]


class EventServer(ThreadingHTTPServer):
    """Streams what a test says; ``stream`` is asked with the number of the connection, from 1."""

    daemon_threads = True

    def __init__(self, stream: Stream) -> None:
        server = self
        self.opened = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.opened += 1
                self.send_response(200)
                self.end_headers()
                for part in stream(server.opened):
                    self.wfile.write(part)
                    self.wfile.flush()

            def log_message(self, *_: object) -> None:
                """Nothing: a test says what happened."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/events"


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of a test: streams that would go on do not."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def streams(farm: ByteFarm) -> Iterator[Callable[[Stream], EventServer]]:
    """The farm has this stream."""
    servers: list[EventServer] = []

    def serve(stream: Stream) -> EventServer:
        server = EventServer(stream)
        servers.append(server)
        told = EventStream(url=server.url, expires_at=2**40, heartbeat_s=1.0)
        farm.answers[OPEN_EVENTS.path] = lambda _: told
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def told(task_id: int) -> bytes:
    return Told(FRAME, {"taskId": task_id}, "").encoded()


READY_NOW = Told(READY).encoded()


def test_what_happens_to_a_task_or_its_sub_tasks_ends_the_wait(
    api: RayvisionAPI, streams: Callable[[Stream], EventServer], over: threading.Event
) -> None:
    more = threading.Event()

    def stream(_: int) -> Iterator[bytes]:
        yield READY_NOW
        more.wait(10)
        yield told(99) + told(51) + told(7)
        over.wait(30)

    streams(stream)
    with TaskEvents(api, {5: {51, 52}, 6: {6}, 7: ()}) as events:
        assert events.wait(30) == {5, 6, 7}
        more.set()
        assert events.wait(30) == {5, 7}
        began = time.monotonic()
        assert events.wait(0.3) == {5, 6, 7}
        assert time.monotonic() - began >= 0.3


def test_a_stream_that_breaks_off_is_opened_again_but_not_again_and_again(
    api: RayvisionAPI, streams: Callable[[Stream], EventServer]
) -> None:
    server = streams(lambda _: iter([READY_NOW]))
    with TaskEvents(api, {5: ()}) as events:
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            events.wait(until - time.monotonic() + 0.01)
    assert 2 <= server.opened <= 5


@pytest.mark.parametrize("sent", [b"<html>no stream</html>\n\n", b"data: nonsense\n\n", b""])
def test_what_is_no_stream_leaves_the_pause_as_it_was_asked_for(
    api: RayvisionAPI, streams: Callable[[Stream], EventServer], sent: bytes
) -> None:
    streams(lambda _: iter([sent]))
    with TaskEvents(api, {5: ()}) as events:
        began = time.monotonic()
        assert events.wait(0.4) == {5}
        assert time.monotonic() - began >= 0.4


def test_a_cancel_ends_the_wait_soon(
    api: RayvisionAPI, streams: Callable[[Stream], EventServer], over: threading.Event
) -> None:
    def stream(_: int) -> Iterator[bytes]:
        over.wait(30)
        yield b""

    streams(stream)
    cancel = threading.Event()
    with TaskEvents(api, {5: ()}) as events:
        threading.Timer(0.2, cancel.set).start()
        began = time.monotonic()
        with pytest.raises(TransferCancelled):
            events.wait(60, cancel)
        assert time.monotonic() - began < 10


def test_nobody_listens_for_no_task(farm: ByteFarm, api: RayvisionAPI) -> None:
    farm.asked.clear()
    with TaskEvents(api, {}):
        pass
    assert farm.asked == []
