"""Threads that move bytes beside the event loop: straight between sockets and files.

The farm has one port. A connection whose next request is plainly one for bytes leaves the event loop, a
thread answers it, and gives it back afterwards (docs/decisions/0009-byte-requests-leave-the-event-loop.md).
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from http import HTTPStatus

from renderbus_farm.api.byte_requests import BrokenOff, ByteRequest, Reply, plain_request
from renderbus_farm.api.bytes import ByteRoutes
from renderbus_farm.lifetime import Activity

MOST_THREADS = 64
"""Requests at once; more are answered through the event loop."""

STALLED_AFTER_S = 120.0
"""A connection on which no byte moves for so long has lost its other end."""

NEXT_WITHIN_S = 0.05
"""A client that sends pack after pack asks again at once; later the event loop waits for it more cheaply."""

LEFT_UNREAD_BYTES, LEFT_UNREAD_S = 64 << 20, 5.0
"""Of a refused body so much is thrown away: most clients look at the answer only when they have sent all."""

HEAD_BYTES = 64 << 10

GiveBack = Callable[[socket.socket, bytes], None]
"""Takes a connection back to the event loop, with what was read of its next request."""

log = logging.getLogger(__name__)


class SocketBody:
    """So many bytes that come on a socket; ``first`` of them came with the head."""

    def __init__(self, connection: socket.socket, first: bytes, size_bytes: int, *, leave: bool) -> None:
        self._connection = connection
        self._first = memoryview(first)[:size_bytes]
        self.behind = first[size_bytes:]
        self.left = size_bytes
        self._leave = leave

    @property
    def on_the_way(self) -> int:
        """Bytes that were not received at all."""
        return self.left - len(self._first)

    def read_into(self, view: memoryview) -> int:
        """The next bytes; 0 at the end."""
        view = view[: self.left]
        if not view:
            return 0
        if self._first:
            size = min(len(view), len(self._first))
            view[:size] = self._first[:size]
            self._first = self._first[size:]
        else:
            size = self._received(view)
        self.left -= size
        return size

    def _received(self, view: memoryview) -> int:
        try:
            if self._leave:
                self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                self._leave = False
            size = self._connection.recv_into(view)
        except OSError as error:
            raise BrokenOff from error
        if not size:
            raise BrokenOff
        return size


class ByteThreads:
    """Answers byte requests on connections that were taken out of the event loop."""

    def __init__(
        self,
        routes: ByteRoutes,
        activity: Activity,
        below_prefix: Callable[[str], str],
        threads: int = MOST_THREADS,
    ) -> None:
        self._routes = routes
        self._activity = activity
        self._below_prefix = below_prefix
        self._most = threads
        self._pool = ThreadPoolExecutor(threads, "bytes")
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ending = False

    def recognised(self, data: bytes) -> tuple[ByteRequest, bytes] | None:
        """The plain byte request that begins with ``data``, and what came behind its head."""
        return plain_request(data, self._below_prefix)

    def has_room(self) -> bool:
        """Whether a thread is free."""
        return not self._ending and len(self._open) < self._most

    def serve(self, connection: socket.socket, asked: tuple[ByteRequest, bytes], give_back: GiveBack) -> None:
        """Answer on this connection, which is ours from now on. Returns at once."""
        connection.settimeout(STALLED_AFTER_S)
        with self._lock:
            if self._ending:
                connection.close()
                return
            self._open.add(connection)
        self._pool.submit(self._run, connection, asked, give_back)

    def end(self, grace_s: float) -> None:
        """Take no more; what is under way has so long to come to its end, then it is cut off."""
        with self._lock:
            self._ending = True
        due = time.monotonic() + grace_s
        pause = threading.Event()
        while self._open and time.monotonic() < due:
            pause.wait(0.02)
        with self._lock:
            for connection in self._open:
                _shut(connection)
        self._pool.shutdown()

    def _run(self, connection: socket.socket, asked: tuple[ByteRequest, bytes], give_back: GiveBack) -> None:
        kept: bytes | None = None
        try:
            kept = self._answer_all(connection, asked)
        except OSError:
            log.info("bytes broken off")
        except Exception:
            log.exception("byte thread failed")
        finally:
            with self._lock:
                self._open.discard(connection)
            if kept is None or self._ending:
                connection.close()
            else:
                give_back(connection, kept)

    def _answer_all(self, connection: socket.socket, asked: tuple[ByteRequest, bytes]) -> bytes | None:
        """Answer requests as long as they are for bytes; what was read of another one, None when it ended."""
        while True:
            request, first = asked
            body = SocketBody(connection, first, request.body_bytes or 0, leave=request.expects_leave)
            with self._activity.request():
                keep = self._answer(connection, request, body)
            if not keep:
                return None
            data = body.behind or self._next(connection)
            if not data:
                return data
            found = self.recognised(data)
            if found is None:
                return data
            asked = found

    def _answer(self, connection: socket.socket, request: ByteRequest, body: SocketBody) -> bool:
        """Answer one request; whether another may come on the connection."""
        reply = self._routes.answer(request, body)
        keep = request.keep_alive and not reply.close and not body.left and not self._ending
        try:
            _send(connection, reply, is_head=request.method == "HEAD", keep=keep)
        finally:
            if reply.file is not None:
                reply.file.close()
        if body.left:
            _throw_away(connection, body.on_the_way)
        return keep

    @staticmethod
    def _next(connection: socket.socket) -> bytes | None:
        """The beginning of the next request; empty when none comes at once, None when none will come."""
        connection.settimeout(NEXT_WITHIN_S)
        try:
            return connection.recv(HEAD_BYTES) or None
        except TimeoutError:
            return b""
        finally:
            connection.settimeout(STALLED_AFTER_S)


def _send(connection: socket.socket, reply: Reply, *, is_head: bool, keep: bool) -> None:
    headers = {
        "date": formatdate(usegmt=True),
        **reply.headers,
        "content-length": str(reply.size_bytes),
        **({} if keep else {"connection": "close"}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n{lines}\r\n".encode("latin-1")
    if reply.file is None or is_head or not reply.size_bytes:
        connection.sendall(head if is_head else head + reply.content)
        return
    more = getattr(socket, "MSG_MORE", 0)  # head and first bytes in one packet
    connection.sendall(head, more)
    sent = connection.sendfile(reply.file, reply.span.start, reply.span.size_bytes)
    if sent < reply.span.size_bytes:
        raise OSError("a stored file is shorter than it was")


def _throw_away(connection: socket.socket, left: int) -> None:
    """Closing with bytes unread would tear down the connection before the answer is read."""
    connection.shutdown(socket.SHUT_WR)
    due = time.monotonic() + LEFT_UNREAD_S
    connection.settimeout(LEFT_UNREAD_S)
    room = bytearray(HEAD_BYTES)
    left = min(left, LEFT_UNREAD_BYTES)
    while left > 0 and time.monotonic() < due and (size := connection.recv_into(room)):
        left -= size


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # its other end was faster
