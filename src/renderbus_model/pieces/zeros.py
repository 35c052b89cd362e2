"""Pieces of nothing but zeros: what the holes of sparse files are cut into."""

from __future__ import annotations

from functools import lru_cache

from renderbus_model.pieces.digests import Digest, digest_of

LONGEST_BYTES = 8 << 20
"""As long as the largest usual piece."""

_ZEROS = bytes(LONGEST_BYTES)


def zeros(size_bytes: int) -> memoryview:
    """So many zeros, at most ``LONGEST_BYTES``; all share their memory."""
    return memoryview(_ZEROS)[:size_bytes]


@lru_cache(64)
def zeros_digest(size_bytes: int) -> Digest:
    """The digest of so many zeros."""
    return digest_of(zeros(size_bytes))


def are_shared_zeros(content: bytes | memoryview) -> bool:
    """Whether these are bytes that ``zeros`` gave: then nobody need look at them."""
    return isinstance(content, memoryview) and content.obj is _ZEROS
