"""The published names for signing a request; the rule is ``renderbus_model.wire.signing``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from renderbus_model.wire import signing

FIRST_NONCE, NONCES = 100_000, 899_999
"""A nonce has six digits, as published; the farm remembers whole signatures, so this many are enough."""


def generate_timestamp() -> str:
    """Whole seconds since 1970."""
    return str(int(time.time()))


def generate_nonce() -> str:
    """Six digits that nobody can foresee."""
    return str(FIRST_NONCE + secrets.randbelow(NONCES))


def generate_signature(key: str, msg: str) -> bytes:
    """Base64 of the HMAC-SHA256 of ``msg``."""
    return signing.sign(key, msg).encode("ascii")


def generate_headers_body_str(
    domain_name: str, api_url: str, header: Mapping[str, str], body: Mapping[str, Any]
) -> str:
    """What is signed: method, domain, path, and the sorted pairs of header and body."""
    return signing.canonical_string(domain_name, str(api_url), header, signing.normalised(body))
