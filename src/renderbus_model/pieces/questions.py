"""Many digests in one question, and yes or no to each in its answer: base64, which is cheap to sign."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence

from renderbus_model.pieces.digests import BadDigest, Digest, of_raw, raw

_DIGEST_BYTES = 32


def packed_digests(digests: Iterable[Digest]) -> str:
    """Digests one behind the other, 43 characters each."""
    return base64.b64encode(b"".join(map(raw, digests))).decode()


def read_digests(text: str) -> list[Digest]:
    """Read what ``packed_digests`` wrote.

    Raises:
        BadDigest: not of that form.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadDigest(f"digests: not base64: {error}") from error
    if len(content) % _DIGEST_BYTES:
        raise BadDigest(f"digests: {len(content)} bytes, expected a multiple of {_DIGEST_BYTES}")
    return [of_raw(content[at : at + _DIGEST_BYTES]) for at in range(0, len(content), _DIGEST_BYTES)]


def packed_bits(answers: Sequence[bool]) -> str:
    """One bit each, the first in the lowest bit of the first byte.

    >>> read_bits(packed_bits([True, False, True]), 3)
    [True, False, True]
    """
    number = int("".join("1" if answer else "0" for answer in reversed(answers)) or "0", 2)
    return base64.b64encode(number.to_bytes((len(answers) + 7) // 8, "little")).decode()


def read_bits(text: str, count: int) -> list[bool]:
    """Read what ``packed_bits`` wrote for so many answers.

    Raises:
        ValueError: it has another number of them.
    """
    content = base64.b64decode(text, validate=True)
    if len(content) != (count + 7) // 8:
        raise ValueError(f"{len(content)} bytes answer {count} questions")
    return [bool(content[at >> 3] >> (at & 7) & 1) for at in range(count)]
