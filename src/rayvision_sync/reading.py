"""Reading local files piece by piece: what they are made of, as they are while nobody else writes to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rayvision_sync.exception import FileChanged, UnreadableFile
from rayvision_sync.hashing import open_handle
from rayvision_sync.holes import is_sparse, sparse_pieces
from rayvision_sync.ledger import Stamp
from rayvision_sync.slabs import Slabs
from renderbus_model.pieces import Digest, Hashing, Piece, digest_of, listed
from renderbus_model.pieces.cutting import COARSE, PLAIN, Cut, cut_for, pieces_of
from renderbus_model.pieces.zeros import are_shared_zeros, zeros_digest

_SAMPLE_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read. ``pieces`` is as ``listed`` writes it, empty for a file of one piece."""

    stamp: Stamp
    digest: Digest
    pieces: bytes = b""


Take = Callable[[Digest, "bytes | memoryview"], None]


def read_pieces(
    local: str, take: Take, read: Callable[[int], None] = lambda _: None, slabs: Slabs | None = None
) -> Read:
    """Read a file once.

    Args:
        take: called with each piece, in order; a view is of a slab, which whoever takes it gives back.
        read: told how many bytes were read, as they are.
        slabs: where large pieces are read to.

    Raises:
        FileChanged: it was written to meanwhile.
        UnreadableFile: it cannot be read.
    """
    handle = open_handle(local)
    try:
        before = os.fstat(handle)
        if before.st_size <= _SAMPLE_BYTES:
            found = _small(handle, Stamp.of(before), take, read)
        else:
            with os.fdopen(handle, "rb", buffering=0, closefd=False) as stream:
                contents = _contents(local, stream, before, slabs or Slabs())
                found = _large(contents, Hashing(many=is_sparse(before)), Stamp.of(before), take, read)
        after = os.fstat(handle)
    except OSError as error:
        raise UnreadableFile(local, error.strerror or str(error)) from error
    finally:
        os.close(handle)
    if found is None or found.stamp != Stamp.of(after):
        raise FileChanged(local, "it was written to while it was read")
    return found


def _small(handle: int, stamp: Stamp, take: Take, read: Callable[[int], None]) -> Read | None:
    content = os.read(handle, stamp.size_bytes + 1)
    if len(content) != stamp.size_bytes:
        return None
    read(len(content))
    digest = digest_of(content)
    take(digest, content)
    return Read(stamp, digest)


def _large(
    contents: Iterator[bytes | memoryview],
    whole: Hashing,
    stamp: Stamp,
    take: Take,
    read: Callable[[int], None],
) -> Read | None:
    pieces: list[Piece] = []
    for content in contents:
        size = len(content)
        read(size)
        whole.update(content)
        if whole.size_bytes > stamp.size_bytes:
            return None  # it grows, perhaps for ever
        digest = zeros_digest(size) if are_shared_zeros(content) else digest_of(content)
        pieces.append(Piece(digest, size))
        take(digest, content)
    if whole.size_bytes != stamp.size_bytes:
        return None
    if len(pieces) == 1:
        return Read(stamp, pieces[0].digest)
    return Read(stamp, whole.digest, listed(pieces))


def _contents(
    local: str, stream: BinaryIO, status: os.stat_result, slabs: Slabs
) -> Iterator[bytes | memoryview]:
    cut = cut_for(local, status.st_size, stream.read(_SAMPLE_BYTES))
    stream.seek(0)
    if cut is None:
        return pieces_of(stream, Cut(status.st_size + 1, 0, COARSE.most, is_plain=True))
    if is_sparse(status):
        return sparse_pieces(stream, status.st_size, cut)
    return _plain(stream, slabs) if cut == PLAIN else pieces_of(stream, cut)


def _plain(stream: BinaryIO, slabs: Slabs) -> Iterator[memoryview]:
    while True:
        view, size = memoryview(slabs.take()), 0
        while size < len(view) and (came := os.readv(stream.fileno(), [view[size:]])):
            size += came
        if size == 0:
            slabs.give_back(view)
            return
        yield view[:size]
