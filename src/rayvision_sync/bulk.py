"""HTTP for the bytes themselves: PUT and GET of blobs at URLs that the farm gave.

The URLs are signed: who holds one may use it. So none of them reaches a log or the text of an error, neither
ours nor that of the libraries below.
"""

from __future__ import annotations

import errno
import http.client
import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from rayvision_api.network import certificate_refused, on_this_machine
from renderbus_model.pieces import READ_BYTES

CONNECT_S = 10.0
ANSWER_S = 120.0
"""Longest silence: after the last byte a farm may still have to check and store a file of many gigabytes."""

LONGEST_MESSAGE = 300

DRAINED_BYTES = 16 << 10
"""Of an answer that nobody reads: a new connection costs more than to read so many bytes."""


class Content(Protocol):
    """Bytes to send: ``len`` of them (the name that requests asks for), in parts."""

    len: int

    def __iter__(self) -> Iterator[bytes]: ...


class LineLost(Exception):
    """No answer, or only part of one: worth another try. ``reason`` has no URL in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer:
    """What came back: a status, headers, and the body in parts."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def parts(self, size_bytes: int = READ_BYTES) -> Iterator[bytes]:
        """The body as it arrives.

        Raises:
            LineLost: it broke off.
        """
        try:
            yield from self._response.raw.stream(size_bytes, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            reason = _reason(error)
        else:
            return
        raise LineLost(reason)

    def read_into(self, view: memoryview) -> int:
        """The next bytes of the body, into memory that is there; 0 at its end.

        Raises:
            LineLost: it broke off.
        """
        raw = self._response.raw
        # The layer below urllib3, which would make new memory for each part and copy it.
        below: Any = getattr(raw, "_fp", None)
        try:
            if hasattr(below, "readinto"):
                size: int = below.readinto(view)
            else:
                content = raw.read(len(view), decode_content=False)
                size = len(content)
                view[:size] = content
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            reason = _reason(error)
        else:
            if not size or below is None or below.isclosed():
                raw.release_conn()
            return size
        raise LineLost(reason)

    def arriving(self) -> Iterator[bytes]:
        """The body part by part, each as soon as anything of it is there.

        Raises:
            LineLost: it broke off.
        """
        raw: Any = self._response.raw
        try:
            if hasattr(raw, "read1"):  # of urllib3 2
                while part := raw.read1(READ_BYTES, decode_content=False):
                    yield part
            else:
                yield from raw.stream(1, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            reason = _reason(error)
        else:
            return
        raise LineLost(reason)

    def hang_up(self) -> None:
        """Nothing more is wanted, and the connection is of no more use."""
        self._response.raw.close()

    def abandon(self) -> None:
        """Nothing more is wanted; a thread that waits for the next part goes on. Safe from any thread."""
        with suppress(OSError, ValueError, RuntimeError):
            connection: Any = self._response.raw.connection
            if connection is not None and connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    def message(self) -> str:
        """What the farm says went wrong, in its own words, cut short."""
        try:
            body = self._response.raw.read(4096, decode_content=True) or b""
            said = json.loads(body)
            text = str(said["message"])
        except (urllib3.exceptions.HTTPError, OSError, ValueError, KeyError, TypeError):
            text = self._response.reason or "no reason given"
        return _printable(text)


class _Adapter(HTTPAdapter):
    """Connections on which the system receives as far ahead as was said."""

    def __init__(self, socket_bytes: int | None, **options: Any) -> None:
        self._socket_bytes = socket_bytes
        super().__init__(**options)

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        """Called by the base class."""
        super().init_poolmanager(*sizes, **self._with_buffers(options))

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Called for each connection that goes by a proxy."""
        return super().proxy_manager_for(proxy, **self._with_buffers(options))

    def _with_buffers(self, options: dict[str, Any]) -> dict[str, Any]:
        if self._socket_bytes is None:
            return options
        size = (socket.SOL_SOCKET, socket.SO_RCVBUF, self._socket_bytes)
        return {**options, "socket_options": [*HTTPConnection.default_socket_options, size]}


class Bulk:
    """A pool of connections for bytes. Proxies and certificates are found as requests finds them."""

    def __init__(
        self, base_url: str, connections: int, like: requests.Session, socket_bytes: int | None = None
    ) -> None:
        """``like`` has the user's settings. It sends nothing itself: its cookies and passwords stay there.

        Args:
            socket_bytes: what the system may receive ahead on each connection; None for its own choice.
        """
        self._base_url = base_url
        self._session = requests.Session()
        self._session.verify = like.verify
        self._session.cert = like.cert
        self._session.proxies.update(like.proxies)
        self._session.trust_env = like.trust_env
        adapter = _Adapter(socket_bytes, pool_connections=4, pool_maxsize=connections, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._settings: dict[tuple[str, str], dict[str, Any]] = {}

    def __enter__(self) -> Bulk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    @contextmanager
    def put(self, url: str, content: Content) -> Iterator[Answer]:
        """Send bytes.

        Raises:
            LineLost: no answer.
        """
        # requests sends an empty iterable in chunks, which not every store takes.
        data = content if content.len else b""
        with self._ask("PUT", url, data, {"Content-Type": "application/octet-stream"}) as answer:
            yield answer

    @contextmanager
    def get(self, url: str, start: int) -> Iterator[Answer]:
        """Fetch bytes, from ``start`` on.

        Raises:
            LineLost: no answer.
        """
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with self._ask("GET", url, None, headers) as answer:
            yield answer

    @contextmanager
    def listen(self, url: str, last: str, silence_s: float) -> Iterator[Answer]:
        """An event stream, from behind the event ``last`` on.

        Args:
            silence_s: how long nothing may come before the line counts as lost.

        Raises:
            LineLost: no answer.
        """
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if last:
            headers["Last-Event-ID"] = last
        with self._ask("GET", url, None, headers, silence_s) as answer:
            try:
                yield answer
            finally:
                answer.hang_up()  # it never ends by itself: nobody is to read the rest

    @contextmanager
    def _ask(
        self,
        method: str,
        url: str,
        data: Content | bytes | None,
        headers: dict[str, str],
        silence_s: float = ANSWER_S,
    ) -> Iterator[Answer]:
        address = self._base_url + url if url.startswith("/") else url
        # Prepared outside the session: a password from ~/.netrc or a cookie would spoil a signed URL.
        asked = requests.Request(method, address, headers={"User-Agent": "renderbus", **headers}, data=data)
        reason, response = "", None
        try:
            response = self._session.send(
                asked.prepare(),
                stream=True,
                timeout=(CONNECT_S, silence_s),
                allow_redirects=False,
                **self._settings_for(address),
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            reason = _reason(error)
        if response is None:
            raise LineLost(reason)
        try:
            yield Answer(response)
        except BaseException:
            response.raw.close()  # the rest of the body is not wanted: the connection cannot be used again
            raise
        finally:
            if (response.raw.length_remaining or 0) <= DRAINED_BYTES:
                with suppress(urllib3.exceptions.HTTPError, OSError):
                    response.raw.drain_conn()  # else the connection would be of no more use
            response.close()

    def _settings_for(self, address: str) -> dict[str, Any]:
        """Proxy and certificates for an address. Finding them takes longer than a small file: once a host."""
        parts = urlsplit(address)
        key = (parts.scheme, parts.netloc)
        if key not in self._settings:
            # A farm on this machine is not behind the proxy that the environment names.
            here = on_this_machine(parts.hostname)
            proxies: dict[str, Any] = dict.fromkeys(("http", "https", "all")) if here else {}
            found = dict(self._session.merge_environment_settings(address, proxies, None, None, None))
            found.pop("stream", None)
            self._settings[key] = found
        return self._settings[key]


def _reason(error: BaseException) -> str:
    """Why a connection failed, without the address: requests puts the whole URL into its texts."""
    if refused := certificate_refused(error):
        return str(refused)
    seen: list[BaseException] = [error]
    for one in seen:  # grows while it is walked: causes, and errors that libraries pass as arguments
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen.extend(found for found in inner if isinstance(found, BaseException) and found not in seen)
    for one in seen:
        if isinstance(one, OSError) and one.errno is not None and one.errno in errno.errorcode:
            return os.strerror(one.errno)
    if any(
        isinstance(one, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)) for one in seen
    ):
        return "no answer in time"
    if any(isinstance(one, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)) for one in seen):
        return "the certificate or the encryption was not accepted"
    return "the connection broke off"


def _printable(text: str) -> str:
    cleaned = "".join(letter if letter.isprintable() else " " for letter in text)
    return cleaned if len(cleaned) <= LONGEST_MESSAGE else cleaned[: LONGEST_MESSAGE - 1] + "…"


class _WithoutQueries(logging.Filter):
    """urllib3 logs each request line at DEBUG; signatures stand in the query of the URL."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.split("?", 1)[0] + "?…" if isinstance(value, str) and "?" in value else value
                for value in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutQueries())
