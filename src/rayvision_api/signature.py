"""The published names for signing a request; the rule is ``renderbus_model.wire.signing``."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from renderbus_model.wire import signing

FIRST_NONCE, NONCES = 100_000, 899_999
"""A nonce has six digits, as published; the farm remembers whole signatures, so this many are enough."""


_HUMP = re.compile(r"([a-z0-9])([A-Z])")


def generate_timestamp() -> str:
    """Whole seconds since 1970.

    >>> int(generate_timestamp()) > 1_593_561_600
    True
    """
    return str(int(time.time()))


def generate_nonce() -> str:
    """Six digits that nobody can foresee.

    >>> len(generate_nonce())
    6
    """
    return str(FIRST_NONCE + secrets.randbelow(NONCES))


def generate_signature(key: str, msg: str) -> bytes:
    """Base64 of the HMAC-SHA256 of ``msg``.

    >>> generate_signature("a-key", "[POST]farm.example:/api/render/user/queryUserProfile&nonce=1")
    b'qi7G1aq85EhrU4lb+m3+sk/zbuDq16Zy4vBWiqjVobQ='
    """
    return signing.sign(key, msg).encode("ascii")


def generate_headers_body_str(
    domain_name: str, api_url: str, header: Mapping[str, str], body: Mapping[str, Any]
) -> str:
    """What is signed: method, domain, path, and the sorted pairs of header and body.

    >>> generate_headers_body_str("farm.example", "/api/x", {"nonce": "1"}, {"ids": (7, 8)})
    '[POST]farm.example:/api/x&ids0=7&ids1=8&nonce=1'
    """
    return signing.canonical_string(domain_name, str(api_url), header, signing.normalised(body))


def formatted_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Lists and objects flattened to names: ``parent.child`` for a member, ``parent0`` for an entry.

    >>> formatted_headers({"ids": [7, 8], "env": {"cgId": 2000}})
    {'ids0': 7, 'ids1': 8, 'env.cgId': 2000}
    """
    return signing.flattened(signing.normalised(headers))


def headers_body_sort(header: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Header and body, flattened, in the order in which they are signed; the body goes before the header.

    >>> headers_body_sort({"platform": "2", "nonce": "1"}, {"platform": 3})
    {'nonce': '1', 'platform': 3}
    """
    flat = formatted_headers({**header, **body})
    return {name: flat[name] for name in sorted(flat)}


def hump2underline(hump_str: str) -> str:
    """A camel case name in snake case.

    >>> hump2underline("taskOverTimeSec"), hump2underline("c4dFlag")
    ('task_over_time_sec', 'c4d_flag')
    """
    return _HUMP.sub(r"\1_\2", hump_str).lower()
