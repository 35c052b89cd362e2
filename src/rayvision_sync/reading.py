"""Reading local files piece by piece: what they are made of, as they are while nobody else writes to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rayvision_sync.exception import FileChanged, UnreadableFile
from rayvision_sync.hashing import open_handle
from rayvision_sync.ledger import Stamp
from renderbus_model.pieces import Digest, Hashing, Piece, digest_of, listed
from renderbus_model.pieces.cutting import COARSE, Cut, cut_for, pieces_of

_SAMPLE_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read. ``pieces`` is as ``listed`` writes it, empty for a file of one piece."""

    stamp: Stamp
    digest: Digest
    pieces: bytes = b""


def read_pieces(
    local: str, take: Callable[[Digest, bytes], None], read: Callable[[int], None] = lambda _: None
) -> Read:
    """Read a file once.

    Args:
        take: called with each piece, in order.
        read: told how many bytes were read, as they are.

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
                found = _large(local, stream, Stamp.of(before), take, read)
        after = os.fstat(handle)
    except OSError as error:
        raise UnreadableFile(local, error.strerror or str(error)) from error
    finally:
        os.close(handle)
    if found is None or found.stamp != Stamp.of(after):
        raise FileChanged(local, "it was written to while it was read")
    return found


def _small(
    handle: int, stamp: Stamp, take: Callable[[Digest, bytes], None], read: Callable[[int], None]
) -> Read | None:
    content = os.read(handle, stamp.size_bytes + 1)
    if len(content) != stamp.size_bytes:
        return None
    read(len(content))
    digest = digest_of(content)
    take(digest, content)
    return Read(stamp, digest)


def _large(
    local: str,
    stream: BinaryIO,
    stamp: Stamp,
    take: Callable[[Digest, bytes], None],
    read: Callable[[int], None],
) -> Read | None:
    cut = cut_for(local, stamp.size_bytes, stream.read(_SAMPLE_BYTES))
    stream.seek(0)
    whole = Hashing()
    pieces: list[Piece] = []
    for content in _whole(stream, stamp) if cut is None else pieces_of(stream, cut):
        read(len(content))
        whole.update(content)
        if whole.size_bytes > stamp.size_bytes:
            return None  # it grows, perhaps for ever
        digest = digest_of(content)
        pieces.append(Piece(digest, len(content)))
        take(digest, content)
    if whole.size_bytes != stamp.size_bytes:
        return None
    if len(pieces) == 1:
        return Read(stamp, pieces[0].digest)
    return Read(stamp, whole.digest, listed(pieces))


def _whole(stream: BinaryIO, stamp: Stamp) -> Iterator[bytes]:
    yield from pieces_of(stream, Cut(stamp.size_bytes + 1, 0, COARSE.most, is_plain=True))
