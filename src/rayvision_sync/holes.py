"""The holes of sparse files: a simulation's cache can be hundreds of gigabytes with little in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import BinaryIO

from renderbus_model.pieces.cutting import Cut, pieces_of
from renderbus_model.pieces.zeros import zeros

_SEEK_DATA = getattr(os, "SEEK_DATA", None)
_BLOCK_BYTES = 512  # what st_blocks counts


def is_sparse(status: os.stat_result) -> bool:
    """Whether a file has so much less on the disk that looking for its holes is worth while."""
    return _SEEK_DATA is not None and status.st_blocks * _BLOCK_BYTES < status.st_size // 2


def long_holes(handle: int, size_bytes: int, least_bytes: int) -> list[tuple[int, int]]:
    """Where the holes of a file of this size begin and end that are so long; moves its position."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < size_bytes and _SEEK_DATA is not None:
        try:
            data = os.lseek(handle, at, _SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:
                return found  # the file system does not tell
            data = size_bytes  # no data up to the end
        if data - at >= least_bytes:
            found.append((at, min(data, size_bytes)))
        at = os.lseek(handle, data, os.SEEK_HOLE) if data < size_bytes else size_bytes
    return found


def sparse_pieces(stream: BinaryIO, size_bytes: int, cut: Cut) -> Iterator[bytes | memoryview]:
    """The pieces of a sparse file as ``pieces_of`` gives them, without reading its long holes.

    No cut falls into a long run of zeros, so pieces that begin in one are as long as they may be.
    """
    at = 0
    holes = [*long_holes(stream.fileno(), size_bytes, cut.most), (size_bytes, size_bytes)]
    for start, end in holes:
        stream.seek(at)
        for content in pieces_of(stream, cut) if at < start else ():
            yield content
            at += len(content)
            if at >= start:
                break
        for _ in range((end - at) // cut.most):
            yield zeros(cut.most)
            at += cut.most
    stream.seek(at)
    yield from pieces_of(stream, cut)
