"""Byte requests that come through the application: over TLS, in chunks, or in any other unusual form.

The routes block, so each request has a thread; its body and its answer pass the event loop part by part.
"""

from __future__ import annotations

import asyncio
import functools
import os
from typing import Any
from urllib.parse import parse_qsl

import anyio
import anyio.from_thread
import anyio.to_thread

from renderbus_farm.api.bodies import until_gone
from renderbus_farm.api.byte_requests import BrokenOff, ByteRequest, Reply, Span, route_of
from renderbus_farm.api.bytes import ByteRoutes
from renderbus_model.pieces import READ_BYTES

STALLED_AFTER_S = 120.0
"""A body that brings no byte for so long has lost its sender, and must not keep an embedded farm alive."""

MOST_AT_ONCE = 64
"""Threads that wait for bytes; whoever comes then waits for one of them."""


class AsgiBody:
    """The body of a request, fetched from the event loop by the thread that reads it."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._left = memoryview(b"")
        self._more = True

    def read_into(self, view: memoryview) -> int:
        """The next bytes; 0 at the end."""
        while not self._left and self._more:
            self._left = memoryview(anyio.from_thread.run(self._next))
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    async def _next(self) -> bytes:
        try:
            with anyio.fail_after(STALLED_AFTER_S):
                message = await self._receive()
        except TimeoutError as error:
            raise BrokenOff from error
        if message["type"] == "http.disconnect":
            raise BrokenOff
        self._more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body


class ByteApplication:
    """The byte routes for a web server of the ASGI kind."""

    def __init__(self, routes: ByteRoutes) -> None:
        self._routes = routes
        self._limiter: anyio.CapacityLimiter | None = None  # belongs to the event loop that first asks

    async def __call__(self, path: str, scope: Any, receive: Any, send: Any) -> None:
        """One request to ``path``, which is one of bytes."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(MOST_AT_ONCE)
        request = _request(path, scope)
        reply: Reply = await anyio.to_thread.run_sync(
            functools.partial(self._routes.answer, request, AsgiBody(receive)), limiter=self._limiter
        )
        try:
            await _send(reply, receive, send, is_head=request.method == "HEAD")
        finally:
            if reply.file is not None:
                reply.file.close()


def _request(path: str, scope: Any) -> ByteRequest:
    route, name = route_of(path) or ("", "")
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    length = headers.get("content-length")
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return ByteRequest(
        scope["method"], route, name, dict(query), headers, int(length) if length is not None else None
    )


async def _send(reply: Reply, receive: Any, send: Any, *, is_head: bool) -> None:
    headers = {**reply.headers, "content-length": str(reply.size_bytes)}
    if reply.close:
        headers["connection"] = "close"
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if reply.file is None or is_head or not reply.size_bytes:
        await send({"type": "http.response.body", "body": b"" if is_head else reply.content})
        return
    gone = asyncio.create_task(until_gone(receive))  # the server takes all that is sent to nobody, at once
    try:
        await _send_file(reply.file.fileno(), reply.span, send, gone)
    finally:
        gone.cancel()


async def _send_file(handle: int, span: Span, send: Any, gone: asyncio.Task[None]) -> None:
    at, end = span.start, span.start + span.size_bytes
    while at < end and not gone.done():
        part = await anyio.to_thread.run_sync(os.pread, handle, min(READ_BYTES, end - at), at)
        if not part:
            raise OSError("a stored file is shorter than it was")
        at += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": at < end})
