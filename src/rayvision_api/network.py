"""What went wrong on the way to a farm: in plain words, and whether it is worth trying again."""

from __future__ import annotations

import http.client
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

import requests
import urllib3.exceptions

from rayvision_api.exception import FARM_ADVICE, PYTHON_ERROR, FarmNotReachable, RayvisionError

PASSING_STATUSES = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""What a proxy answers while the farm behind it starts again or is busy."""

CLOCK_OFF_S = 60
"""A smaller difference between two clocks is no reason for a refused signature."""

FIRST_WORDS = 120
"""How much of an answer that is none is shown: enough for the title of an error page."""

PROXY_ADVICE = (
    "check the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, or let NO_PROXY name the farm's host"
)

WITHHELD = "(withheld)"

SECRET_FROM = 6
"""A shorter beginning of a secret may be any word."""


@dataclass(eq=False)
class NoAnswer(Exception):
    """A request got no answer of a farm.

    Attributes:
        error: what to tell the caller when it is not tried again.
        nothing_sent: the request never left this machine, so that trying again cannot do anything twice.
        passing: it may be different in a moment.
    """

    error: RayvisionError
    nothing_sent: bool
    passing: bool

    def may_try_again(self, *, repeatable: bool) -> bool:
        """Trying again is of use and does no harm."""
        return self.passing and (repeatable or self.nothing_sent)


def failed_request(error: Exception, address: str, limits_s: tuple[float, float]) -> NoAnswer:
    """A failure of the network, of the name or of the certificate, as a value.

    Args:
        error: one of ``requests``, or one of ``urllib3`` that it lets through (a name that cannot be one).
        limits_s: the time limits for connecting and for the answer.
    """
    connecting = isinstance(error, requests.ConnectTimeout) or any(
        isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in _causes(error)
    )
    for_good = isinstance(error, requests.exceptions.SSLError) or not isinstance(
        error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    )
    if refused := certificate_refused(error):
        return NoAnswer(FarmNotReachable(address, *refused), nothing_sent=True, passing=False)
    reason = _reason(error, address, limits_s)
    if not connecting and not for_good:
        reason += " (the request may have arrived)"
    not_reached = FarmNotReachable(address, reason, _advice(error, address))
    return NoAnswer(not_reached, nothing_sent=connecting, passing=not for_good)


def _advice(error: Exception, address: str) -> str:
    if isinstance(error, requests.exceptions.ProxyError):
        return PROXY_ADVICE
    closed = any(isinstance(cause, http.client.RemoteDisconnected) for cause in _causes(error))
    if closed and address.startswith("http://"):  # as a farm does that waits for a TLS greeting
        hint = address.replace("http://", "https://", 1)
        return f"{FARM_ADVICE}; a farm with a certificate is asked at {hint}"
    return FARM_ADVICE


def _reason(error: Exception, address: str, limits_s: tuple[float, float]) -> str:
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy in between does not let us through: {_words(error)}"
    if isinstance(error, requests.exceptions.SSLError):
        hint = address.replace("https://", "http://", 1)
        return f"no secure connection: {_words(error)}; a farm without a certificate is asked at {hint}"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {limits_s[0]:g} s"
    if isinstance(error, requests.Timeout):
        return f"no answer within {limits_s[1]:g} s"
    return _words(error)


class CertificateRefused(NamedTuple):
    """Why a farm's certificate is not trusted, and what to do."""

    reason: str
    advice: str

    def __str__(self) -> str:
        return f"{self.reason}; {self.advice}"


def certificate_refused(error: BaseException) -> CertificateRefused | None:
    """What is wrong with the certificate of a farm; None when the failure is another one."""
    found = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
    if found is None:
        return None
    # Texts of OpenSSL: "self-signed certificate", "certificate has expired", "IP address mismatch, …".
    why = found.verify_message.rstrip(". ")
    if found.verify_code in _UNKNOWN_AUTHORITY:
        return CertificateRefused(
            f"its certificate is not trusted ({why})",
            f"if it is the right farm, let {CA_VARIABLES[0]} name a file with the certificate of the "
            "authority that signed it",
        )
    if "mismatch" in why.lower():
        return CertificateRefused(
            f"its certificate is for another name ({why})", "ask it by a name that its certificate has"
        )
    return CertificateRefused(
        f"its certificate is not valid ({why})", "the owner of the farm must renew it, or this clock is wrong"
    )


_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""OpenSSL's numbers for a chain that ends at nobody who is trusted (X509_V_ERR_…)."""

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""What may name the file of trusted authorities. requests knows the first two; the third is OpenSSL's own."""


def trusted_authorities(environ: Mapping[str, str] = os.environ) -> str | bool:
    """The file of trusted authorities that the environment names; True for those that come with requests.

    >>> trusted_authorities({"SSL_CERT_FILE": "/etc/ca.pem"}), trusted_authorities({})
    ('/etc/ca.pem', True)
    """
    return next((environ[name] for name in CA_VARIABLES if environ.get(name)), True)


def _words(error: BaseException) -> str:
    """The system's own words, e.g. ``Connection refused``, out of the layers around them."""
    said = ""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            said = cause.strerror
        elif isinstance(cause, (ConnectionError, EOFError)) and not said:
            said = "the connection was closed without an answer"
        elif isinstance(cause, http.client.IncompleteRead):
            said = "the answer broke off"
        elif isinstance(cause, http.client.HTTPException) and not said:
            said = f"what answers there does not speak HTTP ({type(cause).__name__})"
        elif type(cause) is OSError and cause.args:  # a proxy's own words
            said = str(cause.args[0])
    return said or " ".join(str(error).split())[:200] or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: list[BaseException] = [error]
    while left:
        cause = left.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        left.extend(one for one in inner if isinstance(one, BaseException))


def withheld(text: str, secret: str) -> str:
    """A text of a farm's without the secret, also where the text was cut in the middle of it.

    A page may quote what it was sent as HTML, as a part of an address or as JSON.

    >>> withheld("?s=c2lnbg%3D%3D", "c2lnbg=="), withheld("sent c2lnbg", "c2lnbg==")
    ('?s=(withheld)', 'sent (withheld)')
    """
    for length in range(len(secret), SECRET_FROM - 1, -1):
        text = re.sub("".join(map(_spelling, secret[:length])), WITHHELD, text, flags=re.IGNORECASE)
    return text


def _spelling(character: str) -> str:
    if character.isalnum():
        return character
    number = ord(character)
    forms = (re.escape(character), rf"\\{re.escape(character)}", f"%(?:25)*{number:02x}", rf"\\u{number:04x}")
    return rf"(?:{'|'.join(forms)}|&#0*{number};|&#x0*{number:x};)"


def not_a_farm(response: requests.Response, address: str, withhold: str) -> NoAnswer:
    """An answer that is no envelope, e.g. a proxy's error page; ``withhold`` is never shown."""
    status = response.status_code
    if response.is_redirect:
        said = "sent us on to " + repr(withheld(response.headers.get("Location", ""), withhold)[:FIRST_WORDS])
    else:
        said = f"answered {first_words(response.content, withhold)!r}"
    error = RayvisionError(
        PYTHON_ERROR,
        f"{address} {said} with HTTP status {status}, "
        "which is no answer of a farm; check the address and what stands between",
        status=status,
    )
    return NoAnswer(error, nothing_sent=False, passing=status in PASSING_STATUSES)


def on_this_machine(host: str | None) -> bool:
    """Whether a host is this one, which no proxy that the environment names stands before.

    >>> on_this_machine("127.0.0.1"), on_this_machine("farm.example")
    (True, False)
    """
    return host is not None and (host in ("localhost", "::1") or host.startswith("127."))


def first_words(content: bytes, withhold: str) -> str:
    """The beginning of a page without its mark-up, and without ``withhold``.

    >>> first_words(b"<html><h1>502 Bad Gateway</h1></html>", "c2lnbg==")
    '502 Bad Gateway'
    """
    text = content[:4000].decode("utf-8", "replace")
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)", " ", text)
    return withheld(" ".join(re.sub(r"<[^>]*>", " ", text).split()), withhold)[:FIRST_WORDS]


def clock_off_s(response: requests.Response, server_time_ms: int, now_s: float) -> float | None:
    """How many seconds this machine's clock is ahead of the farm's; None when the farm told no time."""
    if server_time_ms > 0:
        return now_s - server_time_ms / 1000
    try:
        return now_s - parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def clock_words(off_s: float) -> str:
    """What to tell and do about a clock that is ``off_s`` ahead of the farm's.

    >>> clock_words(-14 * 60)
    "this machine's clock is 14 min behind the farm's; set it and try again"
    """
    span, side = abs(off_s), "ahead of" if off_s > 0 else "behind"
    if span < CLOCK_OFF_S:
        return f"this machine's clock and the farm's differ by {span:.0f} s"
    return f"this machine's clock is {_span(span)} {side} the farm's; set it and try again"


def _span(seconds: float) -> str:
    for unit, length_s in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{seconds:.0f} s"
