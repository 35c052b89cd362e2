"""One farm as seen from here: sign a question, send it, try again where that is harmless, unwrap or raise.

A ``Connect`` may be used by many threads at once.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from rayvision_api.api.url import ApiUrl, assemble_api_url
from rayvision_api.constants import HEADERS
from rayvision_api.exception import (
    PYTHON_ERROR,
    TYPE_ERROR,
    FarmNotReachable,
    RayvisionAPIError,
    RayvisionError,
)
from rayvision_api.network import (
    CLOCK_OFF_S,
    NoAnswer,
    clock_off_s,
    clock_words,
    failed_request,
    not_a_farm,
    on_this_machine,
)
from rayvision_api.signature import generate_nonce
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import NotAnEnvelope, Refused, unwrap
from renderbus_model.wire.operation import Ask, BadAsk, Operation, Reply
from renderbus_model.wire.signing import canonical_string, normalised, sign

TIME_LIMITS_S = (10.0, 60.0)
"""For connecting, and between two parts of an answer."""

ATTEMPTS = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 4.0
"""Five tries as published; the pauses double, so that a farm that starts again has some 6 s for it."""

CONNECTIONS = 16
"""Kept open to a farm: what the threads of an upload and a few more need."""

_KNOWN: dict[str, Operation[Any, Any]] = {
    path: operation for operation in OPERATIONS for path in operation.paths
}
_ADDRESS = re.compile(
    r"(?:(?P<protocol>https?)://)?"
    r"(?P<domain>(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:\[\]]+)(?::[0-9]{1,5})?(?:/[^\s?#@\\]*)?)",
    re.IGNORECASE,
)


def split_address(domain: str, protocol: str) -> tuple[str, str]:
    """Protocol and domain; a ``domain`` that begins with ``http://`` or ``https://`` says both.

    Raises:
        RayvisionError: no address of a farm.
    """
    found = _ADDRESS.fullmatch(str(domain).strip())
    wanted = (found["protocol"] or str(protocol)).lower() if found else ""
    if not found or wanted not in ("http", "https"):
        raise RayvisionError(
            PYTHON_ERROR,
            f"farm address {str(domain).rpartition('@')[2]!r} (protocol {protocol!r}): expected a host, "
            "maybe with a port, e.g. 127.0.0.1:8800 or https://farm.example",
        )
    return wanted, found["domain"].rstrip("/")


class Connect:
    """Asks one farm in the name of one account.

    Attributes:
        domain: host, with port and path prefix where the address has them; this is what is signed.
        protocol: ``http`` or ``https``.
        platform: the platform id as text.
        timeout: time limits in seconds, for connecting and for the answer.
        url: the published paths by name.
    """

    url = ApiUrl

    def __init__(
        self,
        access_id: str,
        access_key: str,
        protocol: str,
        domain: str,
        platform: str,
        headers: Mapping[str, str] | None = None,
        session: requests.Session | None = None,
        *,
        logger: logging.Logger | None = None,
        timeout: tuple[float, float] = TIME_LIMITS_S,
        wait: Callable[[float], bool] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Remember where to ask; nothing is sent yet.

        Args:
            headers: sent and signed with every request, as published; a farm must know of them.
            session: used as it is and left open; without one a pool of connections is kept here.
            wait: pauses that many seconds, or until it answers True, which means: give up.
            clock: seconds since 1970.
        """
        self.protocol, self.domain = split_address(domain, protocol)
        self.platform = str(platform)
        self.timeout = timeout
        self.logger = logger or logging.getLogger(__name__)
        self._access_key = access_key
        given = {**HEADERS, **(headers or {}), "accessId": access_id, "platform": self.platform}
        self._headers = {name: _header_value(name, value) for name, value in given.items()}
        self._closed = threading.Event()
        self._wait = self._closed.wait if wait is None else wait
        self._clock = clock
        self._own_session = session is None
        self._session = session or _pool()
        # A farm on this machine is not behind the proxy that the environment names.
        alone = self._own_session and on_this_machine(urlsplit(f"//{self.domain}").hostname)
        self._options: dict[str, Any] = {"proxies": dict.fromkeys(("http", "https", "all"))} if alone else {}

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request, before time, nonce and signature are filled in."""
        return self._headers

    @property
    def session(self) -> requests.Session:
        """What requests are sent with: proxies and certificates that were set on it hold for files too."""
        return self._session

    @property
    def address(self) -> str:
        """Where the farm is, e.g. ``http://127.0.0.1:8800``."""
        return assemble_api_url(self.domain, "", self.protocol)

    def close(self) -> None:
        """Give up pauses that are under way, and close the connections kept here."""
        self._closed.set()
        if self._own_session:
            self._session.close()

    def post(self, api_url: str, data: Mapping[Any, Any] | None = None, validator: bool = True) -> Any:
        """Ask by path, as published: the ``data`` of the answer.

        Args:
            api_url: path of the interface.
            data: the body; nothing is an empty object.
            validator: refuse a body that the interface would not understand before it is sent.

        Raises:
            RayvisionAPIError: the farm said no; it is not asked again.
            FarmNotReachable: no answer came, after as many tries as are harmless.
            RayvisionError: the body cannot be sent (1000003), or what answers is no farm.
        """
        path = str(api_url.value) if isinstance(api_url, Enum) else str(api_url)
        operation = _KNOWN.get(path)
        if not isinstance(data or {}, Mapping):
            raise RayvisionError(TYPE_ERROR, f"{path}: expected an object to send, got {type(data).__name__}")
        body: dict[str, Any] = normalised(data or {})
        if validator and operation:
            try:
                operation.read_ask(body)
            except BadAsk as error:
                raise RayvisionError(TYPE_ERROR, str(error)) from error
        return self._ask(path, body, repeatable=operation.repeatable if operation else False)

    def call(self, operation: Operation[Ask, Reply], ask: Ask) -> Reply:
        """Ask by operation, typed on both sides.

        Raises:
            RayvisionAPIError, FarmNotReachable, RayvisionError: as ``post``.
        """
        data = self._ask(operation.path, normalised(operation.body(ask)), repeatable=operation.repeatable)
        try:
            return operation.read_reply(data)
        except msgspec.ValidationError as error:
            raise RayvisionError(
                PYTHON_ERROR,
                f"{self.address}{operation.path}: the answer is not of the expected form ({error}); "
                "farm and client may be of different versions",
            ) from error

    def _ask(self, path: str, body: dict[str, Any], *, repeatable: bool) -> Any:
        content = _encoded(path, body)
        for pause_s in _pauses():
            try:
                return self._once(path, body, content)
            except NoAnswer as failure:  # noqa: PERF203 trying is what the loop is for
                if pause_s is None or not failure.may_try_again(repeatable=repeatable):
                    raise failure.error from failure.__cause__
                self.logger.debug("no answer, trying again", extra={"path": path, "pause_s": pause_s})
                if self._wait(pause_s):
                    raise FarmNotReachable(self.address, "closed while waiting to try again") from failure
        raise AssertionError("the last try returns or raises")

    def _once(self, path: str, body: dict[str, Any], content: bytes) -> Any:
        headers = self._signed_headers(path, body)
        url = f"{self.address}{path}"
        try:
            # Followed redirects would turn the POST into a GET, and hand the signature to another host.
            response = self._session.post(
                url,
                data=content,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
                **self._options,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise failed_request(error, self.address, self.timeout) from error
        self.logger.debug("asked", extra={"path": path, "http_status": response.status_code})
        try:
            return unwrap(response.content)
        except Refused as refused:
            raise RayvisionAPIError(refused.code, self._refusal(refused, response), url) from refused
        except NotAnEnvelope:
            # Its own text quotes the page, which may quote the signature.
            raise not_a_farm(response, self.address, withhold=headers["signature"]) from None

    def _signed_headers(self, path: str, body: dict[str, Any]) -> dict[str, str]:
        """A new time, nonce and signature for every try: the farm refuses one that it has seen."""
        headers = {**self._headers, "UTCTimestamp": str(int(self._clock())), "nonce": generate_nonce()}
        headers["signature"] = sign(self._access_key, canonical_string(self.domain, path, headers, body))
        return headers

    def _refusal(self, refused: Refused, response: requests.Response) -> str:
        """The farm's words, and how far the clocks are apart where a refused signature leaves that open."""
        if refused.code not in (Code.SIGNATURE_EXPIRED, Code.SIGNATURE_INVALID) or "clock" in refused.message:
            return refused.message
        off_s = clock_off_s(response, refused.server_time_ms, self._clock())
        if off_s is None or (refused.code != Code.SIGNATURE_EXPIRED and abs(off_s) < CLOCK_OFF_S):
            return refused.message
        return f"{refused.message}; {clock_words(off_s)}"


def _pool() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _pauses() -> Iterator[float | None]:
    """The pause after each try, partly by chance, so that many clients do not come back as one.

    None follows the last try.
    """
    chance = secrets.SystemRandom()
    for attempt in range(ATTEMPTS - 1):
        yield min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt) * chance.uniform(0.5, 1.0)
    yield None


def _encoded(path: str, body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise RayvisionError(TYPE_ERROR, f"{path}: the body cannot be sent as JSON: {error}") from error


def _header_value(name: str, value: object) -> str:
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        raise RayvisionError(TYPE_ERROR, f"{name}: holds characters that no HTTP header can carry")
    return text
