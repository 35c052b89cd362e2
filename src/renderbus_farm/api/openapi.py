"""The OpenAPI document: made from the operations and their handlers, so it says what the code does.

How a request is signed stands in docs/http-api.md; OpenAPI has no words for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from renderbus_farm.api.bodies import Limits
from renderbus_farm.api.handlers import Handler
from renderbus_farm.api.headers import LONGEST_IDEMPOTENCY_KEY
from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import ENVELOPE_VERSION
from renderbus_model.wire.signing import IDEMPOTENCY_KEY

CODES: Mapping[Code, str] = {
    Code.FAIL: "it failed, and no other code fits",
    Code.API_ERROR: "asked in a wrong way: another method than POST, or no HTTP",
    Code.FORBIDDEN: "the account may not do this",
    Code.RESOURCE_NOT_FOUND: "no such interface; no such thing, or it belongs to another account",
    Code.INTERNAL_ERROR: "the farm failed to answer; its log tells more under the request's id",
    Code.PARAMETER_INVALID: "a value or the body makes no sense, or not in this state",
    Code.PARAMETER_CANT_BE_EMPTY: "a header or a member of the body is missing",
    Code.NEED_USER_LOGIN: "no account has this access id",
    Code.ILLEGAL_PROTOCOL: "asked by another protocol than the farm speaks",
    Code.INSUFFICIENT_PERMISSIONS: "the account lacks a right",
    Code.SIGNATURE_EXPIRED: "signed too long ago, or by a clock that is wrong",
    Code.SIGNATURE_INVALID: "the signature does not fit the request, or was used before",
}
"""What the codes of refusals say."""

_HEADERS = {
    "accessId": ("Public half of the account's credentials.", {"type": "string", "minLength": 1}),
    "UTCTimestamp": (
        "When the request was signed: whole seconds since 1970.",
        {"type": "string", "pattern": "^-?[0-9]{1,12}$"},
    ),
    "nonce": (
        "Makes two requests of one second differ; published clients send six digits.",
        {"type": "string"},
    ),
    "signature": ("Base64 of an HMAC-SHA256; see docs/http-api.md.", {"type": "string", "minLength": 1}),
    "channel": ("4 for API and SDK.", {"type": "string", "default": "4"}),
    "platform": ("Number of the platform.", {"type": "string", "default": "2"}),
    "version": ("1.0.0 or 2.0.0: the path set.", {"type": "string", "default": "1.0.0"}),
}
_REQUIRED_HEADERS = frozenset({"accessId", "UTCTimestamp", "nonce", "signature"})
_IDEMPOTENCY = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": (
        "Never signed. The same question under the same key is answered as before, for a day; another "
        "question under it is refused (600)."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_IDEMPOTENCY_KEY, "pattern": "^[ -~]+$"},
}


def document(handlers: Mapping[str, Handler[Any, Any]], version: str) -> dict[str, Any]:
    """The document for these handlers by their paths."""
    unique = list({id(handler): handler for handler in handlers.values()}.values())
    asks, replies, components = _schemas(unique)
    by_handler = {id(handler): place for place, handler in enumerate(unique)}
    paths = {}
    for path, handler in sorted(handlers.items()):
        place = by_handler[id(handler)]
        paths[path] = {"post": _operation(path, handler, asks[place], replies[place])}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RenderBus farm",
            "version": version,
            "description": (
                "Every interface is asked by POST with a JSON object and answers with HTTP status 200 and "
                "an envelope; its code tells whether it succeeded. Numbers may be sent as text and text as "
                "numbers."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Refusal": _refusal()},
            "parameters": {name: _header(name) for name in _HEADERS} | {"idempotencyKey": _IDEMPOTENCY},
        },
    }


def encoded(handlers: Mapping[str, Handler[Any, Any]], version: str) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document(handlers, version))


def _schemas(handlers: Iterable[Handler[Any, Any]]) -> tuple[list[Any], list[Any], dict[str, Any]]:
    asks = [handler.operation.ask for handler in handlers]
    replies = [handler.operation.reply for handler in handlers]
    found, components = msgspec.json.schema_components(
        [*asks, *replies], ref_template="#/components/schemas/{name}"
    )
    return list(found[: len(asks)]), list(found[len(asks) :]), dict(components)


def _operation(path: str, handler: Handler[Any, Any], ask: Any, reply: Any) -> dict[str, Any]:
    operation = handler.operation
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS]
    if not operation.repeatable:
        parameters.append({"$ref": "#/components/parameters/idempotencyKey"})
    described = (handler.function.__doc__ or "").strip()
    most = Limits().large_body_bytes if handler.large_body else Limits().body_bytes
    facts = [f"Bodies up to {most >> 20} MiB."]
    if path != operation.path:
        facts.append(f"The same as {operation.path}.")
    if operation.first_names:
        facts += [f"{name} may be called {other}." for name, other in operation.first_names.items()]
    return {
        "operationId": path.removeprefix("/api/").replace("/", "."),
        "summary": described.split("\n")[0],
        "description": "\n\n".join([described, *facts]),
        "tags": [path.split("/")[3]],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ask}}},
        "responses": {"200": _answer(reply)},
    }


def _answer(reply: Any) -> dict[str, Any]:
    success = _envelope({"const": int(Code.SUCCESS)}, {"const": True}, {"const": "success"}, reply)
    return {
        "description": "What was asked for, or why not.",
        "content": {
            "application/json": {"schema": {"oneOf": [success, {"$ref": "#/components/schemas/Refusal"}]}}
        },
    }


def _refusal() -> dict[str, Any]:
    code = {
        "type": "integer",
        "enum": [int(code) for code in CODES],
        "description": "; ".join(f"{code:d} {text}" for code, text in CODES.items()),
    }
    message = {"type": "string", "minLength": 1, "description": "what, which, why and what to do"}
    described = {"title": "Refusal", "description": "Why the farm did not do what was asked."}
    return {**described, **_envelope(code, {"const": False}, message, {"type": "null"})}


def _envelope(code: Any, result: Any, message: Any, data: Any) -> dict[str, Any]:
    members = {
        "version": {"const": ENVELOPE_VERSION},
        "result": result,
        "message": message,
        "code": code,
        "data": data,
        "serverTime": {"type": "integer", "description": "milliseconds since 1970"},
        "requestId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def _header(name: str) -> dict[str, Any]:
    description, schema = _HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "required": name in _REQUIRED_HEADERS,
        "description": description,
        "schema": schema,
    }
