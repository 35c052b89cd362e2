"""What an upload has read goes into the ledger while it goes on: a kill costs what was in flight, no more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rayvision_sync.ledger import Ledger, Recalled
from rayvision_sync.run import Run
from rayvision_sync.uploading import Uploading

EVERY_S = 1.0


@contextmanager
def remembering(ledger: Ledger | None, uploading: Uploading, run: Run) -> Iterator[None]:
    """While this lasts, and at its end, the ledger is told what was read; in the caller's thread."""
    if ledger is None:
        yield
        return
    due = time.monotonic() + EVERY_S

    def note() -> None:
        read = {local: uploading.read[local] for local in _taken(uploading)}
        files = {local: (one.stamp, Recalled(one.digest, one.pieces)) for local, one in read.items()}
        uploading.fresh.extend(ledger.remember(files))  # too new to tell a change: perhaps later

    def note_when_due() -> None:
        nonlocal due
        if time.monotonic() >= due:
            note()
            due = time.monotonic() + EVERY_S

    run.each_tick = note_when_due
    try:
        yield
    finally:
        run.each_tick = lambda: None
        note()


def _taken(uploading: Uploading) -> Iterator[str]:
    for _ in range(len(uploading.fresh)):
        yield uploading.fresh.popleft()
