"""``{version, result, message, code, data, serverTime, requestId}``: every answer, also an error."""

from __future__ import annotations

from typing import Any

import msgspec

from renderbus_model.wire.codes import Code

ENVELOPE_VERSION = "1.0.0"


class Envelope(msgspec.Struct, frozen=True, rename="camel"):
    """An answer as it travels.

    ``server_time`` is in milliseconds since 1970, ``code`` 200 for success, else see ``codes``.
    """

    code: int
    message: str
    data: Any = None
    server_time: int = 0
    request_id: str = ""
    result: bool = True
    version: str = ENVELOPE_VERSION


class _Answer(msgspec.Struct, rename="camel"):
    """What a client reads of an answer.

    Published clients look at the code, then at the data or the words; what a farm writes beside them is not
    worth losing an answer for.
    """

    code: int
    message: Any = ""
    data: Any = None
    server_time: Any = 0


class NotAnEnvelope(ValueError):
    """What came back is not an answer of the API, e.g. a proxy's error page."""


class Refused(Exception):
    """The farm answered with another code than 200; ``server_time_ms`` is its clock, 0 when it told none."""

    def __init__(self, code: int, message: str, server_time_ms: int = 0) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.server_time_ms = server_time_ms


def wrap(data: Any, *, server_time_ms: int, request_id: str) -> bytes:
    """A successful answer."""
    return msgspec.json.encode(
        Envelope(Code.SUCCESS, "success", data, server_time=server_time_ms, request_id=request_id)
    )


def wrap_error(code: int, message: str, *, server_time_ms: int, request_id: str) -> bytes:
    """A refusal: ``data`` is null and ``message`` says what, which, why and what to do."""
    return msgspec.json.encode(
        Envelope(code, message, server_time=server_time_ms, request_id=request_id, result=False)
    )


def unwrap(body: bytes) -> Any:
    """The ``data`` of a successful answer.

    Raises:
        Refused: the farm said no; ``code`` and ``message`` are its own.
        NotAnEnvelope: the body is no JSON object with a ``code``.
    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = body[:200].decode("utf-8", "replace")
        raise NotAnEnvelope(f"expected an answer of a farm, got {start!r}: {error}") from error
    if answer.code != Code.SUCCESS:
        told_ms = answer.server_time if isinstance(answer.server_time, int) else 0
        words = "" if answer.message is None else str(answer.message)
        raise Refused(answer.code, words or "refused without a reason", told_ms)
    return answer.data
