"""Where files are cut into pieces: where their content says so, so that an insertion moves no other cut.

FastCDC of 2020 (W. Xia et al., https://ieeexplore.ieee.org/document/9055082) finds the cuts. Scene files are
cut finely, since a small edit changes bytes all over them; other files coarsely. A large file whose beginning
does not compress (video, archives, compressed caches) is written anew as a whole: it gets plain large pieces,
which cost no search. The choice hangs on the name, the size and the first bytes alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

import zstandard

CUTTING = 1
"""Version of these rules: where it differs, equal files may have other pieces. A farm takes any."""

SCENE_SUFFIXES = frozenset(
    f".{kind}"
    for kind in (
        *("blend", "ma", "mb", "hip", "hiplc", "hipnc", "usd", "usda", "usdc"),
        *("ass", "rib", "project", "obj", "fbx", "max", "c4d"),
    )
)

_KIB, _MIB = 1 << 10, 1 << 20
_SAMPLE_BYTES = 64 * _KIB


@dataclass(frozen=True, slots=True)
class Cut:
    """How a file is cut; the sizes are in bytes. ``is_plain``: every ``average`` bytes, whatever they are."""

    average: int
    least: int
    most: int
    is_plain: bool = False


FINE = Cut(64 * _KIB, 16 * _KIB, 256 * _KIB)
COARSE = Cut(1 * _MIB, 256 * _KIB, 4 * _MIB)
PLAIN = Cut(8 * _MIB, 8 * _MIB, 8 * _MIB, is_plain=True)

PLAIN_FROM_BYTES = 32 * _MIB
"""Smaller files are cut by content whatever they hold: the search takes moments."""


def cut_for(name: str, size_bytes: int, beginning: bytes) -> Cut | None:
    """How to cut a file of this name and size that begins so; None for one that is a single piece."""
    fine = PurePath(name).suffix.lower() in SCENE_SUFFIXES
    if size_bytes <= (FINE.average if fine else COARSE.average):
        return None
    if fine:
        return FINE
    sample = beginning[:_SAMPLE_BYTES]
    if size_bytes >= PLAIN_FROM_BYTES and not _shrinks(sample):
        return PLAIN
    return COARSE


def pieces_of(stream: BinaryIO, cut: Cut) -> Iterator[bytes]:
    """What is left of a stream, in pieces."""
    if cut.is_plain:
        while part := stream.read(cut.average):
            yield part
        return
    from pyfastcdc import FastCDC  # loaded by those alone who have a large file to cut

    cutter = FastCDC(cut.average, min_size=cut.least, max_size=cut.most)
    for chunk in cutter.cut_stream(stream):
        yield bytes(chunk.data)  # the library uses its memory again


def pieces_in(content: bytes, cut: Cut) -> list[bytes]:
    """The pieces of bytes in memory."""
    return list(pieces_of(io.BytesIO(content), cut))


def _shrinks(sample: bytes) -> bool:
    return len(zstandard.ZstdCompressor(level=1).compress(sample)) < len(sample) * 0.95
