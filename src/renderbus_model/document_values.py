"""Values of the documents, most of which are text, read with a reason where they make no sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

LONGEST_NAME_BYTES = 180
"""Of a file name that is made from a name in a scene: leaves room for a frame number and a suffix."""


class BadDocument(ValueError):
    """A document cannot be used: ``document`` and ``key`` say where."""

    def __init__(self, document: str, key: str, why: str) -> None:
        super().__init__(f"{document}: {key}: {why}" if key else f"{document}: {why}")
        self.document = document
        self.key = key


def safe_name(name: str) -> str:
    """``name`` as a file name on every system: separators, reserved and control characters become ``_``.

    >>> safe_name("beauty/left: eye"), safe_name("..")
    ('beauty_left_ eye', '_')
    """
    cleaned = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]', "_", name).strip(" ")
    cleaned = cleaned.encode()[:LONGEST_NAME_BYTES].decode("utf-8", "ignore").rstrip(" ")
    return re.sub(r"\.+$", "_", cleaned) or "_"


def object_in(content: bytes, document: str) -> dict[str, Any]:
    """What a document says.

    Raises:
        BadDocument: it is no JSON object.
    """
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadDocument(document, "", f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadDocument(document, "", "expected a JSON object")
    return value


def member_of(value: Mapping[str, Any], key: str, document: str) -> dict[str, Any]:
    """A member that must be an object.

    Raises:
        BadDocument: it is missing, or something else.
    """
    member = value.get(key)
    if not isinstance(member, dict):
        raise BadDocument(document, key, "expected an object" if key in value else "is missing")
    return member


def text_of(value: object) -> str:
    """A value as text; None is an empty one."""
    return "" if value is None else str(value).strip()


def number_at(values: Mapping[str, Any], key: str, where: str, default: int) -> int:
    """A whole number from 0 on, written as text or number; the default where nothing is written.

    Raises:
        BadDocument: it is no such number.
    """
    text = text_of(values.get(key))
    if not text:
        return default
    place, shown = f"{where}.{key}", text[:80]
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise BadDocument("task.json", place, f"expected a whole number, got {shown!r}") from None
    if not 0 <= number < 2**31:
        raise BadDocument("task.json", place, f"{shown} is out of range")
    return number


def texts_of(value: object) -> tuple[str, ...]:
    """A list of texts, or one text; nothing for an empty one."""
    if isinstance(value, list):
        return tuple(text_of(entry) for entry in value)
    return (text_of(value),) if text_of(value) else ()
