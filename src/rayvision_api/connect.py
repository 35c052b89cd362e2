"""One farm as seen from here: sign a question, send it, try again where that is harmless, unwrap or raise.

A ``Connect`` may be used by many threads at once, and behind a fork by each process.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions

from rayvision_api.api.url import ApiUrl, LaterApiUrl, assemble_api_url
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
    withheld,
)
from rayvision_api.question import encoded, interface_path, plain
from rayvision_api.session import Connections
from rayvision_api.settings import api_version_of, checked_headers, headers_of, split_address, time_limits
from rayvision_api.signature import generate_nonce
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.codes import Code
from renderbus_model.wire.envelope import NotAnEnvelope, Refused, unwrap
from renderbus_model.wire.operation import SECOND, Ask, BadAsk, Operation, Reply
from renderbus_model.wire.signing import (
    IDEMPOTENCY_KEY,
    SIGNED_HEADERS,
    TooLongToSign,
    canonical_string,
    sign,
)

ATTEMPTS = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 4.0
"""Five tries as published; the pauses double, so that a farm that starts again has some 6 s for it."""

_KNOWN: dict[str, Operation[Any, Any]] = {
    path: operation for operation in OPERATIONS for path in operation.paths
}


class Connect:
    """Asks one farm in the name of one account.

    Attributes:
        domain: host, with port and path prefix where the address has them; this is what is signed.
        protocol: ``http`` or ``https``.
        platform: the platform id as text.
        api_version: the path set that is spoken, ``1`` or ``2``.
        timeout: time limits in seconds, for connecting and for the answer.
        url: the published paths by name, of the path set that is spoken.
        logger: says at DEBUG which path was asked; never bodies, keys or signatures.

    >>> connect = Connect(access_id, access_key, "http", domain, "2", timeout=30)
    >>> connect.post(connect.url.queryUserProfile)["userName"] == api.user_info["user_name"]
    True
    >>> connect.close()
    """

    def __init__(
        self,
        access_id: str,
        access_key: str,
        protocol: str,
        domain: str,
        platform: str,
        headers: Mapping[str, str] | None = None,
        session: requests.Session | None = None,
        logger: logging.Logger | None = None,
        timeout: float | tuple[float, float] | None = None,
        *,
        api_version: str | int | None = None,
        wait: Callable[[float], bool] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Remember where to ask; nothing is sent yet.

        Args:
            access_id, access_key: of the account. The key is used for signing and never sent.
            protocol: ``https`` or ``http``; a domain that begins with one of them says it itself.
            domain: host, maybe with port and path.
            platform: number of the farm's area.
            headers: sent with every request; the farm's signature covers the published ones alone.
            session: used as it is, its headers and proxies too, and left open; without one a pool of
                connections is kept here.
            logger: where to write; ``rayvision_api.connect`` without one.
            timeout: seconds for the answer, or a pair for connecting and for the answer; 10 and 60 without.
            api_version: the path set, ``1`` as documented or ``2``; else the environment's
                ``RAYVISION_API_VERSION``.
            wait: pauses that many seconds, or until it answers True, which means: give up.
            clock: seconds since 1970.

        Raises:
            RayvisionError: no address of a farm, no such path set, a value that no header can carry.
        """
        self.protocol, self.domain = split_address(domain, protocol)
        self.timeout = time_limits(timeout)
        self.api_version = api_version_of(api_version)
        self.url: type[ApiUrl] | type[LaterApiUrl] = LaterApiUrl if self.api_version == SECOND else ApiUrl
        self.logger = logger or logging.getLogger(__name__)
        self._access_key = _key_text(access_key)
        self._headers = headers_of(access_id, platform, self.api_version, self.domain, headers)
        self.platform = self._headers["platform"]
        self._closed = threading.Event()
        self._wait = self._closed.wait if wait is None else wait
        self._clock = clock
        self._connections = Connections(session)
        # A farm on this machine is not behind the proxy that the environment names.
        alone = self._connections.own and on_this_machine(urlsplit(f"//{self.domain}").hostname)
        self._options: dict[str, Any] = {"proxies": dict.fromkeys(("http", "https", "all"))} if alone else {}

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request, before time, nonce and signature are filled in.

        The table belongs to this object: what is set here is sent from now on. Of another name than the
        published ones it is not signed.

        >>> api.connect.headers["X-Studio"] = "our own"
        >>> api.connect.headers["accessId"] == access_id
        True
        """
        return self._headers

    @property
    def session(self) -> requests.Session:
        """What requests are sent with: proxies and certificates that were set on it hold for files too.

        >>> api.connect.session.headers["X-Studio"] = "our own"
        """
        return self._connections.session

    @property
    def address(self) -> str:
        """Where the farm is.

        >>> api.connect.address == f"http://{domain}"
        True
        """
        return assemble_api_url(self.domain, "", self.protocol)

    def close(self) -> None:
        """Give up pauses that are under way, and close the connections kept here.

        >>> api.connect.close()
        """
        self._closed.set()
        self._connections.close()

    def post(self, api_url: str, data: Mapping[Any, Any] | None = None, validator: bool = True) -> Any:
        """Ask by path, as published: the ``data`` of the answer.

        Args:
            api_url: path of the interface, e.g. of ``url``; any path set's. One is documented without its
                first slash.
            data: the body; nothing is an empty object. Tuples are sent as lists, keys as text.
            validator: refuse a body that the interface would not understand before it is sent.

        Raises:
            RayvisionAPIError: the farm said no; it is not asked again.
            FarmNotReachable: no answer came, after as many tries as are harmless.
            RayvisionError: the body cannot be sent (1000003), or what answers is no farm.

        >>> api.connect.post("/api/render/user/queryUserProfile")["userId"] == api.user_info["user_id"]
        True
        """
        path = interface_path(api_url)
        operation = _KNOWN.get(path)
        body = plain(path, data)
        if validator and operation:
            try:
                operation.read_ask(body)
            except BadAsk as error:
                raise RayvisionError(TYPE_ERROR, str(error)) from error
        return self._ask(path, body, operation)

    def call(self, operation: Operation[Ask, Reply], ask: Ask) -> Reply:
        """Ask by operation, typed on both sides.

        Raises:
            RayvisionAPIError, FarmNotReachable, RayvisionError: as ``post``.

        >>> from renderbus_model.wire.task import GET_TASK_LIST, TaskListQuery
        >>> api.connect.call(GET_TASK_LIST, TaskListQuery(page_size=5)).items
        []
        """
        path = operation.path_in(self.api_version)
        data = self._ask(path, plain(path, operation.body(ask, self.api_version)), operation)
        try:
            return operation.read_reply(data)
        except msgspec.ValidationError as error:
            raise RayvisionError(
                PYTHON_ERROR,
                f"{self.address}{path}: the answer is not of the expected form ({error}); "
                "farm and client may be of different versions",
            ) from error

    def _ask(self, path: str, body: dict[str, Any], operation: Operation[Any, Any] | None) -> Any:
        content = encoded(path, body)
        # All tries of one question carry the same key. A farm that does not know it may create an
        # unsubmitted task twice, which costs nothing and is never listed.
        once = {IDEMPOTENCY_KEY: secrets.token_hex(16)} if operation and not operation.repeatable else {}
        for pause_s in _pauses():
            try:
                return self._once(path, body, content, once)
            except NoAnswer as failure:  # noqa: PERF203 trying is what the loop is for
                if pause_s is None or not failure.may_try_again(repeatable=operation is not None):
                    raise failure.error from failure.__cause__
                self.logger.debug("no answer, trying again", extra={"path": path, "pause_s": pause_s})
                if self._wait(pause_s):
                    raise FarmNotReachable(self.address, "closed while waiting to try again") from failure
        raise AssertionError("the last try returns or raises")

    def _once(self, path: str, body: dict[str, Any], content: bytes, more: dict[str, str]) -> Any:
        headers = {**self._signed_headers(path, body), **more}
        url = f"{self.address}{path}"
        try:
            # Followed redirects would turn the POST into a GET, and hand the signature to another host.
            response = self.session.post(
                url,
                data=content,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
                **self._options,
            )
        # OSError: the file of trusted authorities is not there.
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise failed_request(error, self.address, self.timeout) from error
        self.logger.debug("asked", extra={"path": path, "http_status": response.status_code})
        try:
            return unwrap(response.content)
        except Refused as refused:
            words = withheld(self._refusal(refused, response), headers["signature"])
            raise RayvisionAPIError(refused.code, words, url) from None  # it may quote the signature too
        except NotAnEnvelope:
            # Its own text quotes the page, which may quote the signature.
            raise not_a_farm(response, self.address, withhold=headers["signature"]) from None

    def _signed_headers(self, path: str, body: dict[str, Any]) -> dict[str, str]:
        """A new time, nonce and signature for every try: the farm refuses one that it has seen."""
        headers = {
            **checked_headers(self._headers),
            "UTCTimestamp": str(int(self._clock())),
            "nonce": generate_nonce(),
        }
        signed = {name: headers[name] for name in SIGNED_HEADERS if name in headers}
        try:
            canonical = canonical_string(self.domain, path, signed, body)
        except TooLongToSign as error:
            raise RayvisionError(TYPE_ERROR, f"{path}: the body cannot be signed: {error}") from error
        return {**headers, "signature": sign(self._access_key, canonical)}

    def _refusal(self, refused: Refused, response: requests.Response) -> str:
        """The farm's words, and how far the clocks are apart where a refused signature leaves that open."""
        if refused.code not in (Code.SIGNATURE_EXPIRED, Code.SIGNATURE_INVALID) or "clock" in refused.message:
            return refused.message
        off_s = clock_off_s(response, refused.server_time_ms, self._clock())
        if off_s is None or (refused.code != Code.SIGNATURE_EXPIRED and abs(off_s) < CLOCK_OFF_S):
            return refused.message
        return f"{refused.message}; {clock_words(off_s)}"


def _key_text(access_key: str) -> str:
    try:
        access_key.encode()
    except (AttributeError, UnicodeEncodeError):
        # The error itself would quote the key.
        raise RayvisionError(TYPE_ERROR, "access_key: expected a text that UTF-8 can carry") from None
    return access_key


def _pauses() -> Iterator[float | None]:
    """The pause after each try, partly by chance, so that many clients do not come back as one.

    None follows the last try.
    """
    chance = secrets.SystemRandom()
    for attempt in range(ATTEMPTS - 1):
        yield min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt) * chance.uniform(0.5, 1.0)
    yield None
