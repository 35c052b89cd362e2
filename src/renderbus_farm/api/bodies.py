"""Bodies of requests: read up to a size and a time, and then as the JSON object that was signed."""

from __future__ import annotations

import json
import time
import types
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from dataclasses import dataclass
from typing import Any

import anyio

from renderbus_farm.rules.refusals import BadValue

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
"""As an ASGI server gives it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes:
        body_bytes: largest body of most operations.
        large_body_bytes: of those that carry documents and manifests; 100,000 files are about 20 MB.
        body_s: a body that takes longer has outlived its signature, and must not keep an embedded farm.
        stalled_s: a body that brings no byte for so long has lost its sender.
    """

    body_bytes: int = 10 << 20
    large_body_bytes: int = 32 << 20
    body_s: float = 300.0
    stalled_s: float = 60.0


async def until_gone(receive: Receive) -> None:
    """Wait until the client has hung up; what it sends until then is not read."""
    while (await receive())["type"] != "http.disconnect":
        pass


class SenderGone(Exception):
    """The connection was closed before the body was all there; nobody waits for an answer."""


class BodyGivenUp(BadValue):
    """The rest of a body is not read."""


class BodyTooLarge(BodyGivenUp):
    """More than ``limit_bytes`` came, or were announced."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"body: larger than {limit_bytes / (1 << 20):g} MiB; send it in several requests")
        self.limit_bytes = limit_bytes


class BodyTooSlow(BodyGivenUp):
    """The body was not all there in time."""

    def __init__(self, why: str) -> None:
        super().__init__(f"body: {why}; send less in one request, or over a better line")


async def read_body(receive: Receive, announced: str | None, limit_bytes: int, limits: Limits) -> bytes:
    """The whole body.

    Args:
        announced: the ``Content-Length`` header.

    Raises:
        BodyTooLarge, BodyTooSlow: the connection is of no more use, since what is still to come is not read.
        BadValue: the announced length is no number.
        SenderGone: nobody waits for an answer.
    """
    if announced is not None:
        # A web server has refused most of these before; another one may be in front of the application.
        if not (announced.isascii() and announced.isdecimal() and len(announced) <= 18):
            raise BadValue(f"header Content-Length {announced[:40]!r}: expected a number of bytes")
        if int(announced) > limit_bytes:
            raise BodyTooLarge(limit_bytes)
    body: bytes | bytearray = b""
    until = time.monotonic() + limits.body_s
    while True:
        part, more = await _next_part(receive, until, limits)
        body = body + part if body else part
        if len(body) > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        if not more:
            return bytes(body)
        if not isinstance(body, bytearray):
            body = bytearray(body)


async def _next_part(receive: Receive, until: float, limits: Limits) -> tuple[bytes, bool]:
    waiting = receive().__await__()
    try:
        held_up_by = next(waiting)
    except StopIteration as there:
        # It had come already, as small bodies have: a timer would cost more than all the rest of reading it.
        message = there.value
    else:
        message = await _in_time(waiting, held_up_by, until, limits)
    if message["type"] == "http.disconnect":
        raise SenderGone
    if time.monotonic() > until:
        raise BodyTooSlow(f"took longer than {limits.body_s:g} s")
    return message.get("body", b""), message.get("more_body", False)


async def _in_time(
    waiting: Generator[Any, Any, Message], held_up_by: object, until: float, limits: Limits
) -> Message:
    left_s = until - time.monotonic()
    with anyio.move_on_after(min(limits.stalled_s, left_s)):
        return await _going_on(waiting, held_up_by)
    if left_s <= limits.stalled_s:
        raise BodyTooSlow(f"took longer than {limits.body_s:g} s")
    raise BodyTooSlow(f"nothing of it came for {limits.stalled_s:g} s")


@types.coroutine
def _going_on(waiting: Generator[Any, Any, Message], held_up_by: object) -> Generator[Any, Any, Message]:
    """Wait on with something that has begun to wait already."""
    try:
        yield held_up_by
    except BaseException as error:
        waiting.throw(error)
        raise
    return (yield from waiting)


def json_object(body: bytes) -> dict[str, Any]:
    """The members of a request's body, as the client's ``json.dumps`` wrote them.

    Python's own reader, since numbers are signed in Python's text form: it keeps ``1e16`` and ``NaN``.

    Raises:
        BadValue: not JSON, not an object, or holding half of a character.
    """
    try:
        text = body.decode("utf-8")
        members = json.loads(text)
        # "\ud800" alone is JSON, but no text: it could be neither stored nor sent back.
        if "\\u" in text:
            json.dumps(members, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise BadValue("body: its lists and objects are nested too deeply") from None
    except UnicodeEncodeError:
        raise BadValue("body: a text in it is not valid Unicode (half of a surrogate pair)") from None
    except ValueError as error:
        raise BadValue(f"body: not JSON in UTF-8: {error}") from error
    if not isinstance(members, dict):
        raise BadValue(f"body: expected a JSON object, got {type(members).__name__}")
    return members
