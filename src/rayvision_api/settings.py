"""What a ``Connect`` is told, brought into one form: address, path set, time limits and headers."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from rayvision_api.constants import HEADERS
from rayvision_api.exception import PYTHON_ERROR, TYPE_ERROR, RayvisionError
from renderbus_model.wire.operation import FIRST, HEADER_VERSIONS, SECOND, ApiVersion

API_VERSION_VARIABLE = "RAYVISION_API_VERSION"

CONNECT_WITHIN_S, ANSWER_WITHIN_S = 10.0, 60.0
"""For connecting, and between two parts of an answer; 60 s is the published limit of a request."""

LONGEST_S = 1_000_000.0
"""The longest time limit, some eleven days: systems refuse to wait much longer."""

TimeLimits = tuple[float, float]

_ADDRESS = re.compile(
    r"(?:(?P<protocol>https?)://)?"
    r"(?P<domain>(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:\[\]]+)(?::[0-9]{1,5})?(?:/[^\s?#@\\]*)?)",
    re.IGNORECASE,
)

_SPELLED = {name.lower(): name for name in HEADERS}


def split_address(domain: str, protocol: str) -> tuple[str, str]:
    """Protocol and domain; a ``domain`` that begins with ``http://`` or ``https://`` says both.

    >>> split_address("http://127.0.0.1:8800", "https")
    ('http', '127.0.0.1:8800')

    Raises:
        RayvisionError: no address of a farm.
    """
    found = _ADDRESS.fullmatch(domain.strip()) if isinstance(domain, str) else None
    wanted = (found["protocol"] or str(protocol)).lower() if found else ""
    if not found or wanted not in ("http", "https"):
        raise RayvisionError(
            PYTHON_ERROR,
            f"farm address {str(domain).rpartition('@')[2]!r} (protocol {protocol!r}): expected a host, "
            "maybe with a port, e.g. 127.0.0.1:8800 or https://farm.example",
        )
    return wanted, found["domain"].rstrip("/")


def api_version_of(given: str | int | None) -> ApiVersion:
    """The path set to speak: the given one, else the environment's ``RAYVISION_API_VERSION``, else the first.

    >>> api_version_of(2), api_version_of("1.0.0")
    ('2', '1')

    Raises:
        RayvisionError: there is no such path set.
    """
    wanted = str(given or os.environ.get(API_VERSION_VARIABLE) or FIRST).strip()
    for version, header in HEADER_VERSIONS.items():
        if wanted in (version, header):
            return version
    raise RayvisionError(
        PYTHON_ERROR,
        f"API version {wanted!r}: expected 1 or 2, as argument or in {API_VERSION_VARIABLE}",
    )


def time_limits(given: float | tuple[float, float] | None) -> TimeLimits:
    """Seconds for connecting and for the answer; one number limits both.

    >>> time_limits(None), time_limits(5), time_limits((3, 90))
    ((10.0, 60.0), (5.0, 5.0), (3.0, 90.0))

    Raises:
        RayvisionError: 1000003, no time, a negative one, or more than ``LONGEST_S``.
    """
    if given is None:
        return CONNECT_WITHIN_S, ANSWER_WITHIN_S
    try:
        if isinstance(given, (tuple, list)):
            connecting, answering = map(float, given)
        else:
            connecting, answering = min(float(given), CONNECT_WITHIN_S), float(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise RayvisionError(
            TYPE_ERROR, f"timeout {given!r:.80}: expected seconds, or a pair of them"
        ) from error
    if not (0 < connecting <= LONGEST_S and 0 < answering <= LONGEST_S):
        raise RayvisionError(
            TYPE_ERROR, f"timeout {given!r}: must be more than 0 s, and no more than {LONGEST_S:.0f} s"
        )
    return connecting, answering


def headers_of(
    access_id: str, platform: str | int, api_version: ApiVersion, domain: str, given: Mapping[str, str] | None
) -> dict[str, str]:
    """The headers of every request, in a table of this ``Connect`` alone.

    Args:
        given: the caller's, which go before ours; a published one may be spelled in any case.

    Raises:
        RayvisionError: 1000003, a value that no header can carry.
    """
    headers: dict[str, object] = {**HEADERS, "version": HEADER_VERSIONS[api_version]}
    if api_version == SECOND:
        # As its packages do: the language of texts, 0 Chinese and 1 English.
        headers["languageFlag"] = "0" if "renderbus" in domain else "1"
    headers |= {_SPELLED.get(name.lower(), name): value for name, value in (given or {}).items()}
    headers |= {"accessId": access_id, "platform": platform}
    return checked_headers(headers)


def checked_headers(headers: Mapping[str, object]) -> dict[str, str]:
    """The same, each of them one that HTTP can carry; callers set some after a ``Connect`` was made.

    >>> checked_headers({"X-Shot": 7})
    {'X-Shot': '7'}

    Raises:
        RayvisionError: 1000003, a value that no header can carry.
    """
    return {name: _header_value(name, value) for name, value in headers.items()}


def _header_value(name: str, value: object) -> str:
    if not isinstance(value, (str, int)):
        raise RayvisionError(TYPE_ERROR, f"{name}: expected a text, got {type(value).__name__}")
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        raise RayvisionError(TYPE_ERROR, f"{name}: holds characters that no HTTP header can carry")
    if text != text.strip():
        raise RayvisionError(TYPE_ERROR, f"{name}: begins or ends with a blank, which no HTTP header keeps")
    return text
