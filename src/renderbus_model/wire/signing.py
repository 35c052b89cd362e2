"""The canonical string of headers and body, and its HMAC-SHA256.

Source: the signing functions of the published packages, observed; identical in versions 1.1.5 to 3.0.4.3.
``tests/data/signature-vectors.json`` holds examples that were computed with them.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

IDEMPOTENCY_KEY = "Idempotency-Key"
"""Ours: the same for all tries of one question, which a farm then does once.

Its answer to a second try is that to the first.
"""

UNSIGNED_HEADERS = frozenset({"signature", "Content-Type", "languageFlag", IDEMPOTENCY_KEY})
"""Sent but never signed."""

SIGNED_HEADERS = ("accessId", "channel", "platform", "UTCTimestamp", "nonce", "version")
"""What a client signs of its headers."""

UNOVERRIDABLE = frozenset({"accessId", "UTCTimestamp", "nonce"})
"""A member of the body replaces the header of its name in the signature, which would leave these unsigned."""


LONGEST_NAMES = 32 * 1024 * 1024
"""Characters that all flattened names of a body may have together.

A long name over a long list multiplies: a body of one megabyte could ask for a string of a hundred gigabytes.
"""


MOST_VALUES = 1_000_000
"""Members and entries that a body may have in all: a manifest of a hundred thousand files has 400 000."""


_PLAIN = frozenset({str, int, float, bool, type(None)})


class TooLongToSign(ValueError):
    """A body whose canonical string would fill the memory."""


def normalised(data: Any) -> Any:
    """The body as a server will see it: tuples are lists, keys are text, enumerations are their values.

    A tuple, an integer key or an enumeration would be signed in its Python form but sent in its JSON form,
    and no server could rebuild the signature.
    """
    if isinstance(data, Mapping):
        return {_key(key): normalised(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [normalised(value) for value in data]
    if data is None or isinstance(data, bool):
        return data
    # A subclass (an IntEnum, say) prints in its own way; json.dumps sends the plain value.
    if isinstance(data, str):
        return str.__str__(data)
    if isinstance(data, int):
        return int.__int__(data)
    if isinstance(data, float):
        return float.__float__(data)
    return data


def _key(key: object) -> str:
    # As json.dumps spells keys that are not text.
    if key is None or isinstance(key, bool):
        return {True: "true", False: "false", None: "null"}[key]
    return str(normalised(key))


def canonical_string(domain: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """What is signed: ``[POST]{domain}:{path}&{name=value pairs, sorted by name}``.

    Lists and objects of the body are flattened: ``parent.child`` for a member, ``parent0`` for an entry.
    Values stand in Python's text form (``True``, ``None``, ``1e+16``), nothing is escaped.

    Args:
        domain: host, with port and path prefix if the client's address has them.
        path: path of the interface, from ``/``.
        headers: those that travel; the unsigned ones are left out here.
        body: the JSON object; its members replace headers of the same name.

    Raises:
        TooLongToSign: the names together pass ``LONGEST_NAMES``, or there are more than ``MOST_VALUES``.
    """
    signed = {name: value for name, value in headers.items() if name not in UNSIGNED_HEADERS}
    flat = flattened({**signed, **body})
    pairs = "&".join([f"{name}={flat[name]}" for name in sorted(flat)])
    return f"[POST]{domain}:{path}&{pairs}"


def flattened(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Every scalar by its flattened name; of two with the same name the later one holds.

    A loop, not a recursion: how deep a body nests is its sender's choice.
    """
    flat: dict[str, Any] = {}
    length = count = 0
    left: list[tuple[str, Any]] = [("", whole)]
    while left:
        name, value = left.pop()
        # Most are plain text and numbers, and asking whether something is a Mapping takes long.
        if type(value) in _PLAIN or not isinstance(value, (dict, list, Mapping)):
            flat[name] = value
            continue
        count += len(value)
        if count > MOST_VALUES:
            raise TooLongToSign(f"it has more than {MOST_VALUES} members and entries")
        # Asked before the names are built: this is where they multiply.
        if length + len(name) * len(value) > LONGEST_NAMES:
            raise TooLongToSign(f"the names of the body's members pass {LONGEST_NAMES} characters")
        if isinstance(value, list):
            members = [(f"{name}{index}", entry) for index, entry in enumerate(value)]
        else:
            members = [(f"{name}.{key}" if name else str(key), member) for key, member in value.items()]
        length += sum([len(member) for member, _ in members])
        for index, (member, plain) in enumerate(members):
            if type(plain) not in _PLAIN:
                left.extend(reversed(members[index:]))
                break
            flat[member] = plain
    return flat


def sign(access_key: str, canonical: str) -> str:
    """Base64 of the HMAC-SHA256 of a canonical string."""
    mac = hmac.digest(access_key.encode(), canonical.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b64encode(mac).decode()


def same_signature(one: str, other: str) -> bool:
    """Compared in constant time; a text that is not ASCII is simply another one."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
