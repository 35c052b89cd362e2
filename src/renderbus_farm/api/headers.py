"""What the application reads of a request's headers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from renderbus_farm.rules.refusals import BadValue
from renderbus_model.wire.signing import IDEMPOTENCY_KEY, SIGNED_HEADERS

LONGEST_IDEMPOTENCY_KEY = 200

FORWARDED_HOST = "X-Forwarded-Host"

_PUBLISHED = {
    name.lower().encode(): name
    for name in (
        *SIGNED_HEADERS,
        "signature",
        "host",
        "user-agent",
        "Content-Length",
        IDEMPOTENCY_KEY,
        FORWARDED_HOST,
    )
}


_OF_LIBRARIES = frozenset(
    b"accept accept-encoding accept-language authorization connection content-encoding content-type cookie "
    b"keep-alive languageflag te transfer-encoding".split()
)
"""Headers that HTTP libraries add, and the one that published clients do not sign."""

_OF_PROXIES = re.compile(
    rb"cf-.*|forwarded|traceparent|tracestate|via|x-forwarded-.*|x-real-ip|x-request-id", re.DOTALL
)


def read_headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """Those headers that mean something to the farm, by their published names."""
    return {
        published: value.decode("latin-1")
        for name, value in scope["headers"]
        if (published := _PUBLISHED.get(name)) is not None
    }


def callers_headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """Headers that somebody added on purpose, by their names in small letters, as HTTP carries them."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name not in _PUBLISHED and name not in _OF_LIBRARIES and not _OF_PROXIES.fullmatch(name)
    }


def idempotency_key(headers: dict[str, str]) -> str | None:
    """The key under which a question may be asked again; None for none.

    Raises:
        BadValue: too long, or not printable ASCII.
    """
    key = headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
        raise BadValue(
            f"header {IDEMPOTENCY_KEY} {key[:40]!r}: expected 1 to {LONGEST_IDEMPOTENCY_KEY} "
            "printable ASCII characters"
        )
    return key


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose word about a request is taken: addresses and networks, e.g. ``10.0.0.0/8``."""

    trusted: Sequence[str] = ()

    def forwarded_hosts(self, scope: Mapping[str, Any], headers: dict[str, str]) -> tuple[str, ...]:
        """The hosts that a trusted proxy says the client asked for; nothing from anybody else."""
        named = headers.get(FORWARDED_HOST)
        if not named or not self._trusts(scope.get("client")):
            return ()
        return tuple(part.strip() for part in named.split(",") if part.strip())

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        if not client:
            return False
        try:
            address = ip_address(client[0])
        except ValueError:
            return False  # a socket in the file system has no address
        return any(address in ip_network(network, strict=False) for network in self.trusted)
