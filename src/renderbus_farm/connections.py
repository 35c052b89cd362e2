"""One connection of a client: what it may send before the application is asked, and for how long.

The web server's own protocol bounds neither the head of a request nor the time that it takes. Whoever sends
half a head and then nothing would hold a connection for ever; whoever sends a header without end, memory.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import wrap_error

LARGEST_HEAD_BYTES = 128 << 10
"""Of request line and headers. The longest path that anybody has a use for is far below."""

HEAD_WITHIN_S = 20.0
"""From a connection's start, or a request's first byte, to the end of its head."""


class AtOnce(Protocol):
    """An application's way to answer without a task of its own.

    It is given a request that came whole, and returns the JSON of the answer or the application to be asked.
    """

    def __call__(self, scope: Any, body: bytes, /) -> bytes | ASGI3Application: ...


class Aside(Protocol):
    """Answers some requests beside the event loop, on the connection itself."""

    def recognised(self, data: bytes, /) -> Any | None:
        """The request that begins so, where it is of that kind."""

    def has_room(self) -> bool:
        """Whether one more can be taken."""

    def serve(
        self, connection: socket.socket, asked: Any, give_back: Callable[[socket.socket, bytes], None], /
    ) -> None:
        """Answer what was recognised; the connection is given back, with what was read of it, or closed."""


class _Whole:
    """Sends the head of an answer with the first part of its body: one packet, one system call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100"):
            self._head = data
        elif self._head:
            self._transport.write(self._head + data)
            self._head = b""
        else:
            self._transport.write(data)

    def flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class Connection(HttpToolsProtocol):
    """uvicorn's HTTP protocol with bounds on the head of a request; refusals are JSON like every answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at_once: AtOnce | None = getattr(self.app, "at_once", None)
        self._may_wait = False  # a request that has just begun, for its body
        self._waiting: RequestResponseCycle | None = None
        self._head_done = False
        self._head_bytes = 0  # of the head that is being read, in earlier parts
        self._part_bytes = 0
        self._answer: _Whole
        self._head_due: asyncio.TimerHandle | None = None
        self._aside: Aside | None = getattr(self.app, "aside", None)
        self._between = True  # two requests
        self._read_before: bytes | None = None  # of a connection that was given back

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there; it has to say something soon."""
        super().connection_made(transport)  # type: ignore[arg-type]  # a TCP server makes no other transports
        self._answer = _Whole(self.transport)
        if self._read_before == b"":  # given back between two requests: it rests as after any other answer
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            return
        if self._read_before:
            self.loop.call_soon(self.data_received, b"")
        self._head_due = self.loop.call_later(HEAD_WITHIN_S, self._head_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or several requests."""
        if self._read_before:
            data, self._read_before = self._read_before + data, b""
        elif self._left_loop(data):
            return
        if not data or self.transport.is_closing():
            return
        self._part_bytes = len(data)
        self._may_wait = self._at_once is not None
        super().data_received(data)
        self._may_wait = False
        self._wait_no_more()
        if self.transport.is_closing():
            return
        if self._head_done:
            self._stop_waiting()
            return
        # Counted by what came, since the parser tells of a header only when it is complete.
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD_BYTES:
            self._refuse(431, f"headers: more than {LARGEST_HEAD_BYTES >> 10} KiB; send shorter ones")
        elif self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_WITHIN_S, self._head_too_slow)

    def _left_loop(self, data: bytes) -> bool:
        """Whether these bytes begin a request that is answered aside; then the connection is gone from here.

        TLS stays: its state belongs to the event loop. So does all where sockets are no descriptors.
        """
        if (
            os.name != "posix"
            or self._aside is None
            or not self._between
            or self.scheme != "http"
            or self.pipeline
        ):
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        asked = self._aside.recognised(data)
        if asked is None or not self._aside.has_room() or self.transport.get_write_buffer_size():
            return False
        try:
            own = os.dup(self.transport.get_extra_info("socket").fileno())
        except OSError:  # the process has as many files open as it may
            return False
        connection = socket.socket(fileno=own)
        self.transport.pause_reading()
        self._stop_waiting()
        self._unset_keepalive_if_required()
        self.transport.abort()  # closes the loop's descriptor of it; the connection lives on in ours
        self._aside.serve(connection, asked, self._taken_back)
        return True

    def _taken_back(self, connection: socket.socket, data: bytes) -> None:
        """From another thread: the connection waits for a request again, or for the rest of one."""

        def protocol() -> Connection:
            made = type(self)(self.config, self.server_state, self.app_state, self.loop)
            made._read_before = data
            return made

        async def take() -> None:
            try:
                await self.loop.connect_accepted_socket(protocol, connection)
            except OSError:
                connection.close()  # its other end is gone

        def begin() -> None:
            task = self.loop.create_task(take())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

        connection.setblocking(False)
        try:
            self.loop.call_soon_threadsafe(begin)
        except RuntimeError:
            connection.close()  # the farm has ended

    def on_message_begin(self) -> None:
        """A request begins."""
        self._between = False
        self._head_done = False
        self._head_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or behind a body in parts a trailer, which nobody reads."""
        if not self._head_done:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The application is asked, unless the head came whole and is too large."""
        self._head_done = True
        if (
            self._head_bytes + self._part_bytes > LARGEST_HEAD_BYTES
            and self._head_size() > LARGEST_HEAD_BYTES
        ):
            raise httptools.HttpParserError("head too large")
        super().on_headers_complete()
        self.cycle.transport = self._answer  # type: ignore[assignment]  # all of one that the cycle uses

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # One of each part, so that who sends many requests at once does not keep everybody else waiting.
        if self._may_wait and app is self.app:
            self._may_wait, self._waiting = False, cycle
        else:
            super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        """A request is there as a whole; where it came in one part the application may answer at once."""
        self._between = True
        super().on_message_complete()
        cycle, at_once = self._waiting, self._at_once
        if cycle is None or at_once is None or not self._can_send(cycle):
            return
        self._waiting = None
        answer = at_once(cycle.scope, bytes(cycle.body))
        if isinstance(answer, bytes):
            self._send(cycle, answer)
        else:
            super()._start_asgi_task(cycle, answer)

    def _can_send(self, cycle: RequestResponseCycle) -> bool:
        return (
            cycle.keep_alive
            and not cycle.waiting_for_100_continue
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _send(self, cycle: RequestResponseCycle, content: bytes) -> None:
        fixed = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        self.transport.write(
            b"HTTP/1.1 200 OK\r\n%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (fixed, len(content), content)
        )
        cycle.response_started = cycle.response_complete = True
        self.on_response_complete()

    def _wait_no_more(self) -> None:
        """The application is asked the usual way: the body is still to come, or needs something else."""
        if self._waiting is not None:
            cycle, self._waiting = self._waiting, None
            if not self.transport.is_closing():
                super()._start_asgi_task(cycle, self.app)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def on_response_complete(self) -> None:
        """An answer was sent; that to HEAD has no body that would have taken its head along."""
        self._answer.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is answered in the words of the API."""
        self._refuse(400, f"{msg} Check the request line, the headers and Content-Length.")

    def _head_too_slow(self) -> None:
        self._head_due = None
        if not self.transport.is_closing():
            self._refuse(408, f"no whole request came for {HEAD_WITHIN_S:g} s; send it again")

    def _refuse(self, status: int, message: str) -> None:
        code = Code.API_ERROR if status == 400 else Code.PARAMETER_INVALID
        now_ms = int(time.time() * 1000)
        content = wrap_error(code, message, server_time_ms=now_ms, request_id=uuid4().hex)
        self._stop_waiting()
        self.transport.write(
            b"HTTP/1.1 %d \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b" % (status, len(content), content)
        )
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
