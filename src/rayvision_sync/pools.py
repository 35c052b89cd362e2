"""Several transfers at once: every one runs, and every failure is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rayvision_sync.exception import TransferCancelled

Item = TypeVar("Item")


def run_all(
    items: Sequence[Item], do: Callable[[Item], object], threads: int, cancel: threading.Event
) -> list[tuple[Item, Exception]]:
    """Do each item, ``threads`` at a time; those that failed, in order, with their errors.

    Raises:
        TransferCancelled: ``cancel`` was set.
    """
    with ThreadPoolExecutor(threads, "transfers") as pool:
        try:
            futures = [(item, pool.submit(do, item)) for item in items]
            errors = [(item, future.exception()) for item, future in futures]
        except BaseException:  # Ctrl-C: what runs is told, what waits never starts
            cancel.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if cancel.is_set():
        raise TransferCancelled
    return [(item, error) for item, error in errors if isinstance(error, Exception)]
