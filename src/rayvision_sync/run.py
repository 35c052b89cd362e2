"""One transfer while it goes on: its options, its threads, its speed limit and its count."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rayvision_api.exception import FarmNotReachable
from rayvision_sync.crew import Crew
from rayvision_sync.hashing import read_digest
from rayvision_sync.ledger import Ledger, Recalled, Stamp
from rayvision_sync.pace import Throttle
from rayvision_sync.patience import PATIENCE, Patience
from rayvision_sync.progress import Meter, OnProgress
from renderbus_model.pieces import Digest

THREADS = 4

OnFile = Callable[[Path], None]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Options:
    """How files are moved; the same for both ways.

    Attributes:
        on_progress: told where the transfer stands, some ten times a second, in the caller's thread.
        max_speed_kb: KB/s for all threads together, None for no limit.
        threads: files that move at once.
        ledger: digests of files as they last were, None to read every file.
        cancel: once it is set, everything ends with ``TransferCancelled``.
        patience: how often a file is tried again.
        on_file: told of each result once it is in place, in the caller's thread.
    """

    on_progress: OnProgress | None = None
    max_speed_kb: float | None = None
    threads: int = THREADS
    ledger: Ledger | None = None
    cancel: threading.Event | None = None
    patience: Patience = PATIENCE
    on_file: OnFile | None = None


class Run:
    """One transfer of so many files and bytes."""

    def __init__(self, options: Options, files: int, size_bytes: int) -> None:
        self.options = options
        self.meter = Meter(files, size_bytes)
        self.crew = Crew(options.threads, cancel=options.cancel, tick=self.tick)
        self.throttle = Throttle(options.max_speed_kb, self.crew.stop)
        self._here: deque[Path] = deque()
        self.each_tick: Callable[[], None] = lambda: None

    def patiently(self, ask: Callable[[], Value]) -> Value:
        """The farm's answer, also where the farm is away for a moment.

        Raises:
            FarmNotReachable: for as long as patience lasts.
            TransferCancelled: the caller's ``cancel`` was set.
        """
        last: FarmNotReachable | None = None
        for _ in self.options.patience.tries(self.crew.stop):
            try:
                return ask()
            except FarmNotReachable as error:  # noqa: PERF203 - trying is what the loop is for
                last = error
        assert last is not None  # there is at least one try
        raise last

    def tick(self) -> None:
        """Tell the caller where this stands."""
        self.each_tick()
        while self._here:
            file = self._here.popleft()
            if self.options.on_file is not None:
                self.options.on_file(file)
        if self.options.on_progress is not None:
            self.options.on_progress(self.meter.now())

    def arrived(self, file: Path) -> None:
        """A result is in place."""
        self.meter.arrived()
        self._here.append(file)

    def digests(
        self, files: dict[str, Stamp], *, leave_out_unreadable: bool = False
    ) -> dict[str, tuple[Stamp, Digest]]:
        """What each file is: from the ledger where it did not change since, else by reading it.

        Args:
            leave_out_unreadable: a file that cannot be read has no place in the answer.

        Raises:
            FileChanged, UnreadableFile: with the file's name.
            TransferCancelled: the caller's ``cancel`` was set.
        """
        ledger = self.options.ledger
        known = ledger.known(files) if ledger is not None else {}
        read: dict[str, tuple[Stamp, Digest]] = {}

        def take(path: str) -> None:
            read[path] = read_digest(path, self.crew, self.meter)

        try:
            unread = [path for path in files if path not in known]
            self.meter.to_read(sum(files[path].size_bytes for path in unread))
            failed = self.crew.work(unread, take, go_on=leave_out_unreadable)
        finally:
            if ledger is not None:
                ledger.remember({path: (stamp, Recalled(digest)) for path, (stamp, digest) in read.items()})
        if failed and not leave_out_unreadable:
            raise failed[0][1]
        return {**{path: (files[path], one.digest) for path, one in known.items()}, **read}
