"""The ASGI application: body in, handler, envelope out; errors to codes.

Every operation answers with HTTP status 200 and an envelope, whatever happens inside: clients look at the
envelope's code alone, and proxies replace the bodies of other statuses.

No router stands in front: a small question takes about as long as one would. Small questions are answered by
the thread that serves the connections, all others by a pool, so that a long one never makes a short one wait.
"""

from __future__ import annotations

import functools
import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from renderbus_farm.api import (
    common,
    event,
    frame,
    hardware,
    label,
    openapi,
    plugin,
    record,
    task,
    transfer,
    transmitter,
    user,
)
from renderbus_farm.api.bodies import BodyGivenUp, Limits, SenderGone, json_object, read_body
from renderbus_farm.api.byte_asgi import ByteApplication
from renderbus_farm.api.byte_requests import is_byte_request
from renderbus_farm.api.byte_threads import ByteThreads
from renderbus_farm.api.bytes import ByteRoutes
from renderbus_farm.api.domains import Names
from renderbus_farm.api.event import EventRoute
from renderbus_farm.api.handlers import Farm, Handler, by_path, never
from renderbus_farm.api.headers import Proxies, callers_headers, idempotency_key, read_headers
from renderbus_farm.api.signed import Claim, Sender, Signatures
from renderbus_farm.errors import why_not_stored
from renderbus_farm.lifetime import Activity
from renderbus_farm.once import Once
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, Refusal
from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import wrap, wrap_error
from renderbus_model.wire.operation import BadAsk

SMALL_BODY_BYTES = 16 << 10
"""A larger body is read and checked in the pool: its signature alone costs what many small questions do."""

LONGEST_PATH_SHOWN = 200
"""Of a path that anybody may ask for: longer ones would wash everything else out of the log."""

EVENTS = "/events/"

HANDLERS: Mapping[str, Handler[Any, Any]] = by_path(
    (user, task, frame, label, common, plugin, hardware, record, transmitter, transfer, event)
)

log = logging.getLogger(__name__)


class Application:
    """Everything that a farm answers over HTTP.

    Args:
        about: what ``/healthz`` tells besides that the farm is ready.
    """

    def __init__(
        self,
        operations: Operations,
        byte_routes: ByteRoutes,
        event_route: EventRoute,
        *,
        activity: Activity,
        about: Mapping[str, str],
    ) -> None:
        @functools.cache
        def described() -> Response:
            document = openapi.encoded(HANDLERS, about.get("version", ""))
            return Response(
                document, media_type="application/json", headers={"cache-control": "max-age=3600"}
            )

        healthy = JSONResponse({"status": "ok", **about})
        self._fixed: dict[str, Callable[[], Response]] = {
            "/healthz": lambda: healthy,
            "/openapi.json": described,
        }
        self._operations = operations
        self._bytes = ByteApplication(byte_routes)
        self.aside = ByteThreads(byte_routes, activity, operations.names.below_prefix)
        self._event_route = event_route
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        with self._activity.request():
            path, method = self._operations.names.below_prefix(scope["path"]), scope["method"]
            if is_byte_request(method, path):
                await self._bytes(path, scope, receive, send)
            elif path.startswith(EVENTS) and method == "GET":
                await self._event_route(path.removeprefix(EVENTS), scope, receive, send)
            elif path in self._fixed and method in ("GET", "HEAD"):
                await self._fixed[path]()(scope, receive, send)
            else:
                await self._operations(scope, receive, send)

    def at_once(self, scope: Scope, body: bytes) -> bytes | ASGIApp:
        """The JSON that answers a small question whose body has come; or who else answers it.

        A task, its events and two messages cost half as much as all the rest of a small question.
        """
        with self._activity.request():
            answer = self._operations.at_once(scope, body)
        if answer is None:
            return self
        if isinstance(answer, bytes):
            return answer
        return functools.partial(self._counted, answer)

    async def _counted(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        with self._activity.request():
            await app(scope, receive, send)


class _Question(msgspec.Struct, frozen=True):
    """A request whose sender is named but not yet proved; ``announced`` is its body's length."""

    id: str
    path: str
    handler: Handler[Any, Any]
    sender: Sender
    key: str | None
    announced: str | None


class Operations:
    """Answers every operation of the catalogue under every path it is known by.

    Args:
        once: remembers the answers to questions that came with an idempotency key.
        names: under which clients reach the farm.
        proxies: whose word about the asked host is taken.
    """

    def __init__(
        self,
        farm: Farm,
        signatures: Signatures,
        once: Once,
        *,
        names: Names | None = None,
        proxies: Proxies | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._farm = farm
        self._signatures = signatures
        self._once = once
        self._proxies = proxies or Proxies()
        self._limits = limits or Limits()
        self._clock = clock
        self.names = names or Names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request_id = _new_id()
        close = False
        try:
            content = await self._answer(scope, receive, request_id)
        except SenderGone:
            return
        except BodyGivenUp as error:
            # What is still to come is not read, so the connection is of no more use.
            close = True
            content = self._refusal(error.code, error.message, request_id)
        await _send_json(send, content, close=close)

    def at_once(self, scope: Scope, body: bytes) -> bytes | ASGIApp | None:
        """The answer to a small question whose body has come; or who goes on with it; None for nobody yet."""
        path = self.names.below_prefix(scope["path"])
        handler = HANDLERS.get(path)
        if (
            handler is None
            or handler.quick is never
            or scope["method"] != "POST"
            or len(body) > SMALL_BODY_BYTES
        ):
            return None
        request_id = _new_id()
        try:
            question = self._asked(scope, path, request_id)
            caller, ask = self._checked(question, body)
            if handler.quick(ask):
                return self._reply(question, caller, ask)
        except Exception as error:
            return self._failed(error, path, request_id)

        async def in_the_pool(_scope: Scope, _receive: Receive, send: Send) -> None:
            # Its signature is used by now, so nobody could begin with it again.
            try:
                content = await run_in_threadpool(self._reply, question, caller, ask)
            except Exception as error:
                content = self._failed(error, path, request_id)
            await _send_json(send, content, close=False)

        return in_the_pool

    async def _answer(self, scope: Scope, receive: Receive, request_id: str) -> bytes:
        path = self.names.below_prefix(scope["path"])
        try:
            question = self._asked(scope, path, request_id)
            large = question.handler.large_body
            most = self._limits.large_body_bytes if large else self._limits.body_bytes
            body = await read_body(receive, question.announced, most, self._limits)
            if len(body) > SMALL_BODY_BYTES:
                return await run_in_threadpool(self._checked_reply, question, body)
            caller, ask = self._checked(question, body)
            if question.handler.quick(ask):
                return self._reply(question, caller, ask)
            return await run_in_threadpool(self._reply, question, caller, ask)
        except (SenderGone, BodyGivenUp):
            raise
        except Exception as error:
            return self._failed(error, path, request_id)

    def _asked(self, scope: Scope, path: str, request_id: str) -> _Question:
        """What the head alone tells; a stranger's body is not read."""
        handler = _handler(scope["method"], path)
        headers = read_headers(scope)
        claim = Claim.read(headers, self._proxies.forwarded_hosts(scope, headers), callers_headers(scope))
        key = None if handler.operation.repeatable else idempotency_key(headers)
        sender = self._signatures.sender(claim, self._clock())
        return _Question(request_id, path, handler, sender, key, headers.get("Content-Length"))

    def _checked_reply(self, question: _Question, body: bytes) -> bytes:
        return self._reply(question, *self._checked(question, body))

    def _checked(self, question: _Question, body: bytes) -> tuple[User, Any]:
        members = json_object(body)
        try:
            caller = self._signatures.caller(question.sender, question.path, members, self._clock())
            return caller, question.handler.read(members)
        except RecursionError:
            raise BadValue("body: its lists and objects are nested too deeply") from None

    def _reply(self, question: _Question, caller: User, ask: Any) -> bytes:
        handler, farm = question.handler, self._farm
        if question.key is None:
            data = handler.answer(farm, caller, ask)
        else:
            data = self._once.answer(
                caller, question.key, handler.operation.path, ask, lambda: handler.answer(farm, caller, ask)
            )
        if log.isEnabledFor(logging.DEBUG):
            log.debug(
                "request answered",
                extra={"request": question.id, "path": question.path, "user": caller.id},
            )
        return wrap(data, server_time_ms=self._now_ms(), request_id=question.id)

    def _failed(self, error: Exception, path: str, request_id: str) -> bytes:
        """The answer to a question that was refused, or that the farm cannot answer."""
        code, message = Code.INTERNAL_ERROR, ""
        if isinstance(error, Refusal):
            code, message = error.code, error.message
        elif isinstance(error, BadAsk):
            code = Code.PARAMETER_CANT_BE_EMPTY if error.absent else Code.PARAMETER_INVALID
            message = str(error)
        story = {"request": request_id, "path": path[:LONGEST_PATH_SHOWN]}
        if message:
            log.info("request refused", extra={**story, "code": int(code)})
            return self._refusal(code, message, request_id)
        log.error("request failed", extra=story, exc_info=error)
        why = why_not_stored(error) or "the farm failed to answer"
        return self._refusal(code, f"{why}; its log tells more under request {request_id}", request_id)

    def _refusal(self, code: int, message: str, request_id: str) -> bytes:
        sendable = message.encode("utf-8", "backslashreplace").decode()
        return wrap_error(code, sendable, server_time_ms=self._now_ms(), request_id=request_id)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _new_id() -> str:
    return f"{random.getrandbits(128):032x}"


def _handler(method: str, path: str) -> Handler[Any, Any]:
    handler = HANDLERS.get(path)
    if handler is None:
        shown = path[:LONGEST_PATH_SHOWN]
        raise Refusal(Code.RESOURCE_NOT_FOUND, f"{shown}: this farm has no such interface")
    if method != "POST":
        raise Refusal(Code.API_ERROR, f"{path}: asked by {method[:40]}, expected POST")
    return handler


async def _send_json(send: Send, content: bytes, *, close: bool) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
