"""The ASGI application: body in, handler, envelope out; errors to codes.

Every operation answers with HTTP status 200 and an envelope, whatever happens inside: clients look at the
envelope's code alone, and proxies replace the bodies of other statuses.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from renderbus_farm.api import (
    common,
    frame,
    hardware,
    label,
    plugin,
    record,
    task,
    transfer,
    transmitter,
    user,
)
from renderbus_farm.api.bytes import ByteRoutes
from renderbus_farm.api.handlers import Farm, Handler, by_path
from renderbus_farm.api.signed import Claim, Sender, Signatures
from renderbus_farm.lifetime import Activity
from renderbus_farm.rules.refusals import BadValue, Refusal
from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import wrap, wrap_error
from renderbus_model.wire.operation import BadAsk

LARGEST_BODY_BYTES = 32 << 20
"""A manifest of a hundred thousand files is about 20 MB."""

LONGEST_BODY_S = 300.0
"""A body that takes longer has outlived its signature, and must not keep an embedded farm alive."""

LONGEST_PATH_SHOWN = 200
"""Of a path that anybody may ask for: longer ones would wash everything else out of the log."""

HANDLERS: Mapping[str, Handler[Any, Any]] = by_path(
    (user, task, frame, label, common, plugin, hardware, record, transmitter, transfer)
)

log = logging.getLogger(__name__)


def application(
    farm: Farm,
    signatures: Signatures,
    byte_routes: ByteRoutes,
    *,
    activity: Activity,
    about: Mapping[str, str],
) -> ASGIApp:
    """Everything that a farm answers over HTTP.

    Args:
        about: what ``/healthz`` tells besides that the farm is ready.
    """

    async def healthz(request: Request) -> Response:  # noqa: ARG001 - Starlette hands it over
        return JSONResponse({"status": "ok", **about})

    operations = Operations(farm, signatures)
    starlette = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/blobs/{digest}", byte_routes.put, methods=["PUT"]),
            Route("/blobs/{digest}", byte_routes.get, methods=["GET"]),
            Mount("/", operations),
        ],
        exception_handlers={Exception: _failed},
    )
    starlette.router.default = operations  # what is asked as "*" or by a whole URL is below no folder
    return _counted(starlette, activity)


class Operations:
    """Answers every operation of the catalogue under every path it is known by."""

    def __init__(self, farm: Farm, signatures: Signatures, clock: Callable[[], float] = time.time) -> None:
        self._farm = farm
        self._signatures = signatures
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        request_id = uuid.uuid4().hex
        headers: dict[str, str] = {}
        try:
            content = await self._answer(Request(scope, receive), request_id)
        except ClientDisconnect:
            return
        except BodyGivenUp as error:
            # What is still to come is not read, so the connection is of no more use.
            headers["connection"] = "close"
            content = self._refusal(error.code, error.message, request_id)
        response = Response(content, media_type="application/json", headers=headers)
        await response(scope, receive, send)

    async def _answer(self, request: Request, request_id: str) -> bytes:
        path = request.url.path
        story = {"request": request_id, "path": path[:LONGEST_PATH_SHOWN]}
        try:
            handler = _handler(request.method, path)
            claim = Claim.read(request.headers)
            sender = await run_in_threadpool(self._signatures.sender, claim, self._clock())
            body = await _body(request)
            return await run_in_threadpool(self._reply, handler, sender, path, body, request_id)
        except (BodyGivenUp, ClientDisconnect):
            raise
        except Refusal as error:
            log.info("request refused", extra={**story, "code": int(error.code)})
            return self._refusal(error.code, error.message, request_id)
        except BadAsk as error:
            code = Code.PARAMETER_CANT_BE_EMPTY if error.absent else Code.PARAMETER_INVALID
            log.info("request refused", extra={**story, "code": int(code)})
            return self._refusal(code, str(error), request_id)
        except Exception:
            log.exception("request failed", extra=story)
            return self._refusal(
                Code.INTERNAL_ERROR,
                f"the farm failed to answer; its log tells more under request {request_id}",
                request_id,
            )

    def _reply(
        self, handler: Handler[Any, Any], sender: Sender, path: str, body: bytes, request_id: str
    ) -> bytes:
        members = json_object(body)
        try:
            caller = self._signatures.caller(sender, path, members, self._clock())
        except RecursionError:
            raise BadValue("body: its lists and objects are nested too deeply") from None
        data = handler.answer(self._farm, caller, members)
        log.debug("request answered", extra={"request": request_id, "path": path, "user": caller.id})
        return wrap(data, server_time_ms=self._now_ms(), request_id=request_id)

    def _refusal(self, code: int, message: str, request_id: str) -> bytes:
        sendable = message.encode("utf-8", "backslashreplace").decode()
        return wrap_error(code, sendable, server_time_ms=self._now_ms(), request_id=request_id)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


class BodyGivenUp(BadValue):
    """The rest of a body is not read."""


class BodyTooLarge(BodyGivenUp):
    """More than ``LARGEST_BODY_BYTES`` came, or were announced."""

    def __init__(self) -> None:
        super().__init__(f"body: larger than {LARGEST_BODY_BYTES >> 20} MiB; send it in several requests")


class BodyTooSlow(BodyGivenUp):
    """The body was not all there after ``LONGEST_BODY_S``."""

    def __init__(self) -> None:
        super().__init__(f"body: took longer than {LONGEST_BODY_S:.0f} s; send less in one request")


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


def _handler(method: str, path: str) -> Handler[Any, Any]:
    if path not in HANDLERS:
        shown = path[:LONGEST_PATH_SHOWN]
        raise Refusal(Code.RESOURCE_NOT_FOUND, f"{shown}: this farm has no such interface")
    if method != "POST":
        raise Refusal(Code.API_ERROR, f"{path}: asked by {method}, expected POST")
    return HANDLERS[path]


async def _body(request: Request) -> bytes:
    if int(request.headers.get("content-length", 0)) > LARGEST_BODY_BYTES:
        raise BodyTooLarge
    body = bytearray()
    try:
        with anyio.fail_after(LONGEST_BODY_S):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY_BYTES:
                    raise BodyTooLarge
    except TimeoutError:
        raise BodyTooSlow from None
    return bytes(body)


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette hands them over
    # The web server logs the error; operations and uploads have answered for theirs before.
    return JSONResponse({"message": "the farm failed to answer; its log tells more, try again"}, 500)


def _counted(inner: ASGIApp, activity: Activity) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with activity.request():
            await inner(scope, receive, send)

    return app
