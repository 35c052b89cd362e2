"""Files on their way to the farm: read, cut, asked for and sent by a few threads at once.

Every thread does what is next: it sends pieces that lie ready, or else reads a file on; who reads waits where
the others do not keep up. So reading, hashing, compressing and sending overlap, also with one large file, and
what is in memory stays bounded.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import zstandard

from rayvision_sync.bulk import Bulk
from rayvision_sync.crew import TICK_S
from rayvision_sync.ledger import Stamp
from rayvision_sync.reading import Read, read_pieces
from rayvision_sync.run import Run
from rayvision_sync.sending import Sender
from rayvision_sync.slabs import Slabs
from renderbus_model.pieces import Digest
from renderbus_model.pieces.packs import PACK_BYTES, PackBuilder, stored_form

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI
    from rayvision_api.operators.transmit import Lacking

IN_FLIGHT_BYTES = 64 << 20
"""Of all packs that are being sent: what a kill at any moment loses at most."""

PIECES_A_BATCH = 8192
BATCHES_WAITING = 1
READERS = 2
"""Threads that read at once; more would only take turns at the interpreter."""

PACKS_A_BATCH = 2
"""A question costs both ends some milliseconds, and what waits for its answer is in memory."""

FILES_AT_ONCE = 64
"""Small files that a thread takes up at a time."""

SMALLEST_PACK_BYTES = 256 << 10
PACK_WITHIN_S = 2.0
"""With a speed limit, a pack is what goes out in this time: a break then costs seconds, not minutes."""


@dataclass(eq=False)
class _File:
    """A file that is being sent; pieces of it are on their way until ``left`` is 0."""

    local: str
    left: int = 1  # the reader's own


class _Piece(NamedTuple):
    """A piece in memory, and a file that it is of."""

    digest: Digest
    content: bytes | memoryview
    file: _File


@dataclass
class _State:
    """What the threads share; under the lock of ``turn``."""

    files: Iterator[list[str]]
    turn: threading.Condition = field(default_factory=threading.Condition)
    reading: int = 0
    is_read: bool = False
    filling: list[_Piece] = field(default_factory=list)
    filling_bytes: int = 0
    batches: deque[list[_Piece]] = field(default_factory=deque)
    wanted: list[_Piece] = field(default_factory=list)  # missing at the farm
    wanted_bytes: int = 0
    asking: int = 0
    sending: int = 0
    counts: bool = True  # whether its bytes are those of the files to upload
    taken: set[Digest] = field(default_factory=set)  # pieces that are known or on their way


class Uploading:
    """Reads files and sends what the farm lacks of them."""

    def __init__(self, api: RayvisionAPI, bulk: Bulk, run: Run) -> None:
        self._api = api
        self._run = run
        self._sender = Sender(bulk, run, self._new_url)
        self._slabs = Slabs()
        self._threads = run.options.threads
        self._pack_bytes = min(PACK_BYTES, IN_FLIGHT_BYTES // self._threads)
        if run.options.max_speed_kb:
            slow = int(run.options.max_speed_kb * 1024 * PACK_WITHIN_S / self._threads)
            self._pack_bytes = max(SMALLEST_PACK_BYTES, min(self._pack_bytes, slow))
        self.read: dict[str, Read] = {}
        self.fresh: deque[str] = deque()  # read, and not remembered yet
        self.sent = False  # anything

    def send_files(self, files: dict[str, Stamp]) -> None:
        """Send these local files; ``read`` then says what each is.

        Raises:
            FileChanged, UnreadableFile, TransferFailed: with the file's name.
            TransferCancelled: the caller's ``cancel`` was set.
        """
        # Large files first: at the end, small ones fill what the last of them leaves idle.
        large = [[path] for path, stamp in files.items() if stamp.size_bytes > PACK_BYTES]
        small = [path for path, stamp in files.items() if stamp.size_bytes <= PACK_BYTES]
        groups = [small[at : at + FILES_AT_ONCE] for at in range(0, len(small), FILES_AT_ONCE)]
        little = len(groups) <= 1 and not large
        # One more than may send: somebody reads meanwhile.
        self._run_all(iter([*large, *groups]), 2 if little else self._threads + 1)

    def send_content(self, name: str, pieces: list[tuple[Digest, bytes]]) -> None:
        """Send bytes that are in memory; ``name`` is for errors."""
        state = _State(iter(()), is_read=True, counts=False)
        file = _File(name, len(pieces) + 1)
        state.batches.append([_Piece(digest, content, file) for digest, content in pieces])
        self._work(state)

    def _run_all(self, files: Iterator[list[str]], threads: int) -> None:
        state = _State(files)
        failed = self._run.crew.work(range(threads), lambda _: self._work(state), threads=threads)
        for _, error in failed:
            raise error

    def _work(self, state: _State) -> None:
        packer = zstandard.ZstdCompressor(level=1)
        while True:
            self._run.crew.check()
            pack: list[_Piece] = []
            batch: list[_Piece] = []
            group: list[str] | None = None
            with state.turn:
                if self._may_send(state):
                    pack = self._next_pack(state)
                elif state.batches:
                    batch = state.batches.popleft()
                    state.asking += 1
                    state.turn.notify_all()  # who reads may wait for room
                elif state.reading < min(READERS, self._threads) and not state.is_read:
                    group = next(state.files, None)
                    state.reading += group is not None
                    state.is_read = group is None
                    if group is None:
                        state.turn.notify_all()
                        self._close_batch(state)
                        continue
                elif self._nothing_left(state):
                    return
                else:
                    state.turn.wait(TICK_S)
                    continue
            if pack:
                self._send(state, pack, packer)
            elif batch:
                self._ask(state, batch)
            elif group:
                self._read(state, group)

    def _may_send(self, state: _State) -> bool:
        if state.sending == self._threads:
            return False
        return state.wanted_bytes >= self._pack_bytes or bool(state.wanted and self._nothing_left(state))

    @staticmethod
    def _nothing_left(state: _State) -> bool:
        return state.is_read and not (state.reading or state.batches or state.filling or state.asking)

    def _next_pack(self, state: _State) -> list[_Piece]:
        """As many of the wanted pieces as make a pack."""
        pack: list[_Piece] = []
        size = 0
        while state.wanted and (not pack or size + len(state.wanted[-1].content) <= self._pack_bytes):
            pack.append(state.wanted.pop())
            size += len(pack[-1].content)
        state.wanted_bytes -= size
        state.sending += 1
        return pack

    def _read(self, state: _State, group: list[str]) -> None:
        try:
            for local in group:
                self._run.crew.check()
                file = _File(local)

                def take(digest: Digest, content: bytes | memoryview, file: _File = file) -> None:
                    self._take(state, _Piece(digest, content, file))

                self.read[local] = read_pieces(local, take, self._run.meter.read, self._slabs)
                self.fresh.append(local)
                with state.turn:
                    self._arrived(file)
        finally:
            with state.turn:
                state.reading -= 1
                if state.is_read and not state.reading:
                    self._close_batch(state)
                state.turn.notify_all()

    def _take(self, state: _State, piece: _Piece) -> None:
        """One more piece was read; where the others do not keep up, this thread waits for them."""
        with state.turn:
            if piece.digest in state.taken:
                self._run.meter.known(0, len(piece.content))
                self._slabs.give_back(piece.content)
                return
            piece.file.left += 1
            state.filling.append(piece)
            state.filling_bytes += len(piece.content)
            if state.filling_bytes < self._pack_bytes * PACKS_A_BATCH and len(state.filling) < PIECES_A_BATCH:
                return
            self._close_batch(state)
            while len(state.batches) > BATCHES_WAITING:
                state.turn.wait(TICK_S)
                self._run.crew.check()
        self._run.crew.check()

    @staticmethod
    def _close_batch(state: _State) -> None:
        if state.filling:
            state.batches.append(state.filling)
            state.filling, state.filling_bytes = [], 0
            state.turn.notify()

    def _ask(self, state: _State, batch: list[_Piece]) -> None:
        """Which of these the farm lacks; the others need not travel."""
        try:
            with state.turn:
                fresh = {piece.digest: piece for piece in batch if piece.digest not in state.taken}
                state.taken.update(fresh)
            answer = self._missing(list(fresh), PACKS_A_BATCH) if fresh else None
            if answer is not None:
                self._sender.add_urls(answer.packs)
            lacking = answer.digests if answer is not None else frozenset()
            with state.turn:
                for piece in batch:
                    if piece.digest in lacking and fresh.get(piece.digest) is piece:
                        state.wanted.append(piece)
                        state.wanted_bytes += len(piece.content)
                    else:
                        self._run.meter.known(0, len(piece.content) if state.counts else 0)
                        self._slabs.give_back(piece.content)
                        self._arrived(piece.file)
        finally:
            with state.turn:
                state.asking -= 1
                state.turn.notify_all()

    def _send(self, state: _State, pieces: list[_Piece], packer: zstandard.ZstdCompressor) -> None:
        self.sent = True
        pack = PackBuilder()
        for piece in pieces:
            pack.add(piece.digest, piece.content, stored_form(piece.content, packer))
        self._sender.send(pack, pieces[0].file.local, counts=state.counts)
        with state.turn:
            state.sending -= 1
            state.turn.notify_all()
            for piece in pieces:
                self._slabs.give_back(piece.content)
                self._arrived(piece.file)

    def _arrived(self, file: _File) -> None:
        file.left -= 1
        if not file.left:
            self._run.meter.arrived()

    def _new_url(self) -> str:
        return self._missing([], 1).packs[0]

    def _missing(self, digests: list[Digest], packs: int) -> Lacking:
        return self._run.patiently(lambda: self._api.transmit.missing_pieces(digests, packs=packs))
