"""A worker's lease: renewed while its farm answers; when it runs out the worker kills what it renders.

The farm then gives the same frames to others. Both sides count for themselves, so it takes no contact.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from renderbus_farm.rules.leases import LEASE_S, RENEW_S
from renderbus_farm.rules.work import Renewed


class Renewing(Protocol):
    """What a worker tells its lease, and hears of it."""

    @property
    def told_anew(self) -> threading.Event:
        """Set when what ``renewal`` says has changed so that the farm should know at once."""
        ...

    def renewal(self, number: int) -> Renewed:
        """What it has now."""
        ...

    def give_up(self, why: str) -> None:
        """Kill what it renders, and drop what it has lined up."""
        ...


class Lease:
    """Two threads: one renews, and may hang when the farm reads no more; the other watches the clock.

    Args:
        send: sends a renewal to the farm.
        lease_s: how long a renewal that was answered holds, from when it was sent.
        renew_s: how often to renew.
    """

    def __init__(
        self,
        worker: Renewing,
        send: Callable[[Renewed], None],
        *,
        lease_s: float = LEASE_S,
        renew_s: float = RENEW_S,
    ) -> None:
        self._worker = worker
        self._send = send
        self._lease_s = lease_s
        self._renew_s = renew_s
        self._lock = threading.Lock()
        self._sent: dict[int, float] = {}
        self._until = time.monotonic() + lease_s
        self._ending = threading.Event()
        for body in (self._renew, self._watch):
            threading.Thread(target=body, name=f"lease {body.__name__}", daemon=True).start()

    def answered(self, number: int) -> None:
        """The farm has this renewal, and those before it."""
        with self._lock:
            if number in self._sent:
                self._until = max(self._until, self._sent[number] + self._lease_s)
            self._sent = {later: at for later, at in self._sent.items() if later > number}

    def close(self) -> None:
        """Renew no more; what is rendered then is the worker's business."""
        self._ending.set()
        self._worker.told_anew.set()

    def _renew(self) -> None:
        number = 0
        while not self._ending.is_set():
            self._worker.told_anew.clear()
            number += 1
            with self._lock:
                self._sent[number] = time.monotonic()
                if len(self._sent) > 1000:  # nobody answers; old numbers would not help any more
                    self._sent.pop(min(self._sent))
            self._send(self._worker.renewal(number))
            self._worker.told_anew.wait(self._renew_s)

    def _watch(self) -> None:
        while not self._ending.wait(self._left_s()):
            if self._left_s() > 0:
                continue
            with self._lock:
                self._until = time.monotonic() + self._lease_s
            self._worker.give_up(f"its node could not reach the farm for {self._lease_s:g} s")

    def _left_s(self) -> float:
        with self._lock:
            return max(0.0, self._until - time.monotonic())
