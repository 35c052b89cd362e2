"""The event stream: the operation that says where it is, and the route that is it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from renderbus_farm.api.bodies import Message, Receive, until_gone
from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.blobs.links import BadLink, Links
from renderbus_farm.events import Events, Listener, TooManyListeners
from renderbus_farm.rules.people import User
from renderbus_model.wire.event import HEARTBEAT_S, OPEN_EVENTS, EventStream
from renderbus_model.wire.operation import Nothing

HEARTBEAT = b": here\n\n"
WITHIN_S = 30.0
"""How long a reader may take nothing while there is something for it: longer, and it is gone."""

Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger(__name__)


@handles(OPEN_EVENTS)
def open_events(farm: Farm, caller: User, ask: Nothing) -> EventStream:  # noqa: ARG001 - there is no question
    """Where to GET the stream of what happens to the caller's tasks."""
    return farm.events.open(by=caller)


class EventRoute:
    """Streams an account's events to who has a signed URL. No stream has a thread of its own."""

    def __init__(
        self,
        events: Events,
        links: Links,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._events = events
        self._links = links
        self._heartbeat_s = heartbeat_s
        self._clock = clock

    async def __call__(self, account: str, scope: Message, receive: Receive, send: Send) -> None:
        """One stream, until its reader goes, the farm ends, or nothing can be written any more."""
        try:
            query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
            account_id = self._links.may_listen(account, query, self._clock())
        except BadLink as error:
            await _refuse(send, 403, str(error))
            return
        more = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(more.set)

        after = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        try:
            with self._events.listening(account_id, wake, after=after) as listener:
                log.info("event stream opened", extra={"account": account_id})
                await self._stream(listener, more, receive, send)
        except TooManyListeners as error:
            await _refuse(send, 429, str(error))
        except (TimeoutError, asyncio.TimeoutError):
            log.info("event stream given up, its reader takes nothing", extra={"account": account_id})

    async def _stream(self, listener: Listener, more: asyncio.Event, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # nginx would gather events before it sends them on
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.create_task(until_gone(receive))
        waiting: asyncio.Task[Any] | None = None
        try:
            while not gone.done():
                more.clear()
                told = listener.take()
                if told is None:
                    break
                await self._send(send, b"".join(one.encoded() for one in told) or HEARTBEAT)
                waiting = asyncio.create_task(more.wait())
                await asyncio.wait(
                    {gone, waiting}, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
                waiting.cancel()
            else:
                return
            await self._send(send, b"", more=False)
        finally:
            gone.cancel()
            if waiting is not None:
                waiting.cancel()

    @staticmethod
    async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
        await asyncio.wait_for(
            send({"type": "http.response.body", "body": body, "more_body": more}), WITHIN_S
        )


async def _refuse(send: Send, status: int, message: str) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode({"message": message})})
