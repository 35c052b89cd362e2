"""A few threads that work through a list, and a caller who can stop them at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from rayvision_sync.exception import TransferCancelled

Item = TypeVar("Item")

TICK_S = 0.1
"""How often the caller looks up: for its display, and for a wish to stop."""

LEAVE_AFTER_S = 2.0
"""How long a stop waits for the threads. One that hangs in the network is left behind; it ends by itself at
its next part, and the program does not wait for it."""


class Crew:
    """Runs work in threads until it is done, fails, or is stopped.

    ``stop`` is what the work itself looks at, and waits on instead of sleeping.
    """

    def __init__(
        self,
        threads: int,
        *,
        cancel: threading.Event | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        if threads < 1:
            raise ValueError(f"{threads} threads: at least 1")
        self.stop = threading.Event()
        self._threads = threads
        self._cancel = cancel
        self._tick = tick

    def check(self) -> None:
        """Part of every loop of the work.

        Raises:
            TransferCancelled: this work was stopped.
        """
        if self.stop.is_set():
            raise TransferCancelled

    def work(
        self,
        items: Sequence[Item],
        do: Callable[[Item], None],
        *,
        go_on: bool = False,
        threads: int | None = None,
    ) -> list[tuple[Item, Exception]]:
        """Do each item; the answer is what failed, at most one unless ``go_on``.

        Args:
            threads: other than usual.

        Raises:
            TransferCancelled: the caller's ``cancel`` was set.
        """
        shift = _Shift(items, do, self.stop, go_on)
        workers = [
            threading.Thread(target=shift.run, name=f"transfer-{number}", daemon=True)
            for number in range(min(threads or self._threads, len(items)))
        ]
        shift.busy = len(workers)
        if not workers:
            return []
        try:
            for worker in workers:
                worker.start()
            while not shift.over.wait(TICK_S):
                self._tick()
                if self._cancel is not None and self._cancel.is_set():
                    raise TransferCancelled
            for worker in workers:
                worker.join()
        except BaseException:
            self.stop.set()
            for worker in workers:
                if worker.ident is not None:
                    worker.join(LEAVE_AFTER_S / len(workers))
            raise
        self._tick()
        return shift.failed


class _Shift(Generic[Item]):
    """One list being worked through."""

    def __init__(
        self, items: Sequence[Item], do: Callable[[Item], None], stop: threading.Event, go_on: bool
    ) -> None:
        self._items: Iterator[Item] = iter(items)
        self._do = do
        self._stop = stop
        self._go_on = go_on
        self._lock = threading.Lock()
        self.failed: list[tuple[Item, Exception]] = []
        self.busy = 0
        self.over = threading.Event()

    def run(self) -> None:
        """What each thread does."""
        try:
            while not self._stop.is_set():
                with self._lock:
                    item = next(self._items, _NONE)
                if isinstance(item, _None):
                    break
                self._one(item)
        finally:
            with self._lock:
                self.busy -= 1
                if self.busy == 0:
                    self.over.set()

    def _one(self, item: Item) -> None:
        try:
            self._do(item)
        except TransferCancelled:
            pass
        except Exception as error:
            with self._lock:
                if self._go_on or not self.failed:
                    self.failed.append((item, error))
            if not self._go_on:
                self._stop.set()


class _None:
    """No item is left."""


_NONE = _None()
