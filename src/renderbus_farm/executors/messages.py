"""What a farm and its worker processes tell each other through pipes: MessagePack behind its length."""

from __future__ import annotations

import struct
import threading
from typing import IO

import msgspec

from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Finished, Node, Progress, Renewed, Started

_LENGTH = struct.Struct(">I")
_LARGEST_BYTES = 16 << 20  # an order or a report has a few kilobytes; more is a fault, not a message


class BrokenPipeline(Exception):
    """The other side sent what is no message, or ended within one."""


class Take(msgspec.Struct, frozen=True, tag=True):
    """To a worker: render this chunk after those that it has."""

    order: ChunkOrder


class Drop(msgspec.Struct, frozen=True, tag=True):
    """To a worker: give this chunk up."""

    chunk: ChunkId


class Kept(msgspec.Struct, frozen=True, tag=True):
    """To a worker: the farm has this renewal."""

    number: int


class Show(msgspec.Struct, frozen=True, tag=True):
    """To a worker: what was printed so far for this chunk?"""

    chunk: ChunkId


class SoFar(msgspec.Struct, frozen=True, tag=True):
    """From a worker: the end of that; empty for a chunk that does not render there now."""

    chunk: ChunkId
    log: bytes


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From a worker, once: what its node can do."""

    node: Node


ToWorker = Take | Drop | Kept | Show
FromWorker = Ready | SoFar | Renewed | Started | Progress | Finished | Failed

to_worker: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
from_worker: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)


class Sender:
    """Writes messages to a pipe, one at a time, from any thread."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, message: ToWorker | FromWorker) -> None:
        """Send one.

        Raises:
            OSError: the other side is gone.
        """
        content = msgspec.msgpack.encode(message)
        with self._lock:
            self._pipe.write(_LENGTH.pack(len(content)) + content)
            self._pipe.flush()


def received(pipe: IO[bytes]) -> bytes | None:
    """The next message's bytes; None when the other side has closed the pipe.

    Raises:
        BrokenPipeline: no message.
    """
    head = pipe.read(_LENGTH.size)
    if not head:
        return None
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _LARGEST_BYTES + 1
    content = pipe.read(length) if length <= _LARGEST_BYTES else b""
    if len(content) != length:
        raise BrokenPipeline("the other process ended within a message, or sent something else")
    return content
