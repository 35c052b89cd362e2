"""Requests for bytes and what answers them: values that no web server stands behind.

``plain_request`` reads the head of a request as far as it holds nothing unusual; whatever it does not know is
left to a whole parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Protocol
from urllib.parse import parse_qsl

BLOBS, PACKS = "/blobs/", "/packs/"

LARGEST_PLAIN_HEAD_BYTES = 16 << 10
"""A signed URL and a few headers take one; what is longer a whole parser reads."""

_BEGINS = re.compile(rb"(?:PUT|GET|HEAD) /[^ ?]{0,200}")
_REQUEST_LINE = re.compile(
    r"(PUT|GET|HEAD) (/[A-Za-z0-9/._~-]*)(?:\?([A-Za-z0-9%&=+._~*:/@!$'(),;?-]*))? HTTP/1\.1"
)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_LEFT_TO_A_WHOLE_PARSER = frozenset({"transfer-encoding", "upgrade", "trailer", "te"})
_LEAVE = ("", "100-continue")
_LENGTH = re.compile(r"[0-9]{1,18}")


class Body(Protocol):
    """The bytes of a request, as they come; for one thread."""

    def read_into(self, view: memoryview) -> int:
        """Take the next bytes; 0 when there are no more, or no room for one.

        Raises:
            BrokenOff: the sender is gone, or silent for too long.
        """


class BrokenOff(Exception):
    """A body did not come to its end."""


class Span(NamedTuple):
    """So many bytes of a file from ``start`` on."""

    start: int
    size_bytes: int


NO_SPAN = Span(0, 0)


@dataclass(frozen=True, slots=True)
class ByteRequest:
    """What is asked for: ``name`` of ``route`` (``BLOBS`` or ``PACKS``).

    Attributes:
        headers: names in small letters.
        body_bytes: announced; None where the body comes in chunks.
        keep_alive: the connection is of use afterwards.
        expects_leave: the sender waits for leave (``100 Continue``) before it sends the body.
    """

    method: str
    route: str
    name: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body_bytes: int | None = 0
    keep_alive: bool = True
    expects_leave: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: ``content``, or a span of ``file``, which whoever sends it closes.

    Attributes:
        close: the connection ends, since what still comes on it is not read.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    file: BinaryIO | None = None
    span: Span = NO_SPAN
    close: bool = False

    @property
    def size_bytes(self) -> int:
        """Of the body that a GET gets."""
        return len(self.content) if self.file is None else self.span.size_bytes


def route_of(path: str) -> tuple[str, str] | None:
    """The route of a path and the name on it; None where it is none of bytes."""
    for route in (BLOBS, PACKS):
        if path.startswith(route):
            return route, path.removeprefix(route)
    return None


def plain_request(data: bytes, below_prefix: Callable[[str], str]) -> tuple[ByteRequest, bytes] | None:
    """The request for bytes that begins here and what came behind its head; None where it is not plain.

    Plain is a whole head in HTTP/1.1 with nothing in it that could be understood in two ways.
    """
    begin = _BEGINS.match(data)
    if begin is None or not (BLOBS.encode() in begin[0] or PACKS.encode() in begin[0]):
        return None
    head, end, _ = data[:LARGEST_PLAIN_HEAD_BYTES].partition(b"\r\n\r\n")
    if not end:
        return None
    line, *lines = head.decode("latin-1").split("\r\n")
    asked, headers = _REQUEST_LINE.fullmatch(line), _headers(lines)
    route = route_of(below_prefix(asked[2])) if asked else None
    if asked is None or route is None or headers is None or not _is_method_of(asked[1], route[0]):
        return None
    length = headers.get("content-length", "0" if asked[1] != "PUT" else "")
    expects = headers.get("expect", "").lower()
    if not _LENGTH.fullmatch(length) or (asked[1] != "PUT" and int(length)) or expects not in _LEAVE:
        return None
    request = ByteRequest(
        method=asked[1],
        route=route[0],
        name=route[1],
        query=dict(parse_qsl(asked[3] or "", keep_blank_values=True)),
        headers=headers,
        body_bytes=int(length),
        keep_alive=headers.get("connection", "keep-alive").lower() == "keep-alive",
        expects_leave=expects != "",
    )
    return request, data[len(head) + len(end) :]


def _headers(lines: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        name = header[1].lower() if header else ""
        if header is None or name in found or name in _LEFT_TO_A_WHOLE_PARSER:
            return None
        found[name] = header[2].rstrip(" \t")
    return found if "host" in found else None


def _is_method_of(method: str, route: str) -> bool:
    return method == "PUT" if route == PACKS else True


def is_byte_request(method: str, path: str) -> bool:
    """Whether such a request asks for bytes, or brings some."""
    found = route_of(path)
    return found is not None and method in ("PUT", "GET", "HEAD") and _is_method_of(method, found[0])


_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


class NoSuchRange(Exception):
    """The asked range lies behind the last byte."""


def asked_span(asked: str, size_bytes: int) -> Span | None:
    """Which bytes a ``Range`` header asks for; None for all of them.

    What makes no sense counts as not asked, and so do several ranges at once (RFC 9110, 14.2).

    >>> asked_span("bytes=90-", 100), asked_span("bytes=-7", 100), asked_span("bytes=0-1,5-6", 100)
    (Span(start=90, size_bytes=10), Span(start=93, size_bytes=7), None)

    Raises:
        NoSuchRange: none of the bytes is there.
    """
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        start, end = max(0, size_bytes - int(found[2])), size_bytes
    else:
        start = int(found[1])
        end = min(size_bytes, int(found[2]) + 1) if found[2] else size_bytes
        if found[2] and int(found[2]) < start:
            return None
    if start >= size_bytes or end <= start:
        raise NoSuchRange
    return Span(start, end - start)
