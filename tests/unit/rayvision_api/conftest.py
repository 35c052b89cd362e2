"""A recorder on a loopback port that speaks HTTP like a farm: it checks signatures and answers envelopes."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from rayvision_api.connect import Connect
from rayvision_api.core import RayvisionAPI
from renderbus_model.wire import envelope, signing, user

KEY = "the-secret-key"
ACCESS_ID = "an-access-id"


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Answer:
    """What the recorder sends back: a page, or nothing (``content`` None closes the connection)."""

    content: bytes | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def refusal(code: int, message: str, server_time_ms: int | None = None) -> Answer:
    """A farm's no; its clock is right unless told."""
    told = int(time.time() * 1000) if server_time_ms is None else server_time_ms
    return Answer(envelope.wrap_error(code, message, server_time_ms=told, request_id="r"))


NO_ANSWER = Answer(None)


class Farm:
    """A farm that remembers what it was asked.

    ``answers`` holds ``data`` by path, or a function of the body; ``instead`` what the next requests get.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.instead: deque[Answer | Callable[[Asked], Answer]] = deque()
        self.prefix = ""
        self.answers: dict[str, Any] = {
            user.QUERY_USER_PROFILE.path: msgspec.to_builtins(user.UserProfile(user_id=7, user_name="ann")),
            user.QUERY_USER_SETTING.path: msgspec.to_builtins(user.UserSetting()),
            user.GET_TRANSFER_BID.path: {"config_bid": "1", "output_bid": "2", "input_bid": "3"},
        }
        self._server: http.server.ThreadingHTTPServer | None = None
        with socket.socket() as free:  # the port that this farm has once it is opened
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.port}{self.prefix}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def open(self) -> None:
        """Begin to listen."""
        farm = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20
            disable_nagle_algorithm = True  # head and page leave in two parts

            def setup(self) -> None:
                super().setup()
                farm.connections += 1

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                asked = Asked(self.path.removeprefix(farm.prefix), dict(self.headers), json.loads(content))
                farm.asked.append(asked)
                answer = farm.answer(asked)
                if answer.content is None:
                    self.close_connection = True
                    return
                self.send_response_only(answer.status)
                own = {"Content-Length": str(len(answer.content)), "Date": self.date_time_string()}
                for name, value in {**own, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                """Say nothing: a test's own output is enough."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def answer(self, asked: Asked) -> Answer:
        """What this request gets; a wrong signature is refused whatever else was planned."""
        signed = {name: asked.headers[name] for name in signing.SIGNED_HEADERS}
        canonical = signing.canonical_string(
            asked.headers["Host"] + self.prefix, asked.path, signed, asked.body
        )
        if not signing.same_signature(signing.sign(KEY, canonical), asked.headers["signature"]):
            return refusal(611, "wrong signature")
        if self.instead:
            planned = self.instead.popleft()
            return planned if isinstance(planned, Answer) else planned(asked)
        if asked.path not in self.answers:
            return refusal(404, f"no such interface: {asked.path}")
        data = self.answers[asked.path]
        data = data(asked.body) if callable(data) else data
        return Answer(envelope.wrap(data, server_time_ms=int(time.time() * 1000), request_id="r"))


@pytest.fixture
def shut_farm() -> Iterator[Farm]:
    """A farm that does not listen until it is opened."""
    farm = Farm()
    yield farm
    farm.close()


@pytest.fixture
def farm(shut_farm: Farm) -> Farm:
    shut_farm.open()
    return shut_farm


class Pauses(list[float]):
    """The pauses between tries, none of which is waited for."""

    def __call__(self, pause_s: float) -> bool:
        self.append(pause_s)
        return False


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def connect(shut_farm: Farm, pauses: Pauses) -> Iterator[Connect]:
    connect = Connect(ACCESS_ID, KEY, "http", shut_farm.domain, "2", wait=pauses)
    yield connect
    connect.close()


@pytest.fixture
def api(farm: Farm, pauses: Pauses) -> Iterator[RayvisionAPI]:
    with RayvisionAPI(ACCESS_ID, KEY, f"http://{farm.domain}", "2", wait=pauses) as api:
        farm.asked.clear()
        yield api
