"""What happens to an account's tasks, told to whoever listens, as it happens.

Kept in this process's memory alone: a farm that starts again has forgotten it all, and says so to those who
come back (``BEHIND``). Nothing is lost by that: an event only says that it is worth while to ask.

A listener is a position in its account's last events, not a queue: one that reads slowly costs no memory. It
finds that what it has not read is gone, and asks for everything again.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from renderbus_farm.blobs.links import Links
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import Refusal
from renderbus_farm.store.happened import FrameOver, Happening, TaskOverdue, TaskStands
from renderbus_model.wire.codes import Code
from renderbus_model.wire.event import BEHIND, FRAME, OVERDUE, READY, TASK, EventStream, Told

KEPT = 512
"""Events of an account: what a listener may be behind. More are told by asking how things stand."""

MOST_LISTENERS = 64
"""Of one account at once. Each is an open connection."""

URL_HOLDS_S = 3600
"""How long a stream may be opened, and opened again, with one URL."""


class TooManyListeners(Refusal):
    """The account has as many open streams as it may."""

    def __init__(self) -> None:
        super().__init__(
            Code.FORBIDDEN, f"this account reads {MOST_LISTENERS} event streams already; end one of them"
        )


class Listener:
    """One reader of an account's events: a position in them. ``wake`` is called where there is more."""

    def __init__(self, tape: _Tape, at: int, first: Told, wake: Callable[[], None]) -> None:
        self._tape = tape
        self._at = at
        self._first: list[Told] = [first]
        self._wake = wake
        self._woken = False

    def take(self) -> list[Told] | None:
        """Everything since the last call; None when nothing more will ever come."""
        tape = self._tape
        with tape.lock:
            if tape.closed:
                return None
            self._woken = False
            first, self._first = self._first, []
            oldest = tape.next - len(tape.kept)
            if self._at < oldest:
                self._at = tape.next
                return [*first, Told(BEHIND, {}, tape.id_of(tape.next))]
            new = [tape.kept[place - oldest] for place in range(self._at, tape.next)]
            self._at = tape.next
        return first + new

    def woken(self) -> None:
        """Under the tape's lock: there is more; once until it is taken."""
        if not self._woken:
            self._woken = True
            self._wake()


class _Tape:
    """The last events of one account, and who reads them."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self.lock = threading.Lock()
        self.kept: deque[Told] = deque(maxlen=KEPT)
        self.next = 0  # number of the next event
        self.listeners: set[Listener] = set()
        self.closed = False

    def id_of(self, following: int) -> str:
        """The position before the event of that number."""
        return f"{self._boot}-{following}"

    def place_of(self, event_id: str) -> int | None:
        """The number of the event behind that position; None where it is none of this process."""
        boot, _, number = event_id.partition("-")
        if boot != self._boot or not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        return int(number) if int(number) <= self.next else None


class Events:
    """Tells and keeps. Safe for threads. ``clock`` gives seconds since 1970."""

    def __init__(self, links: Links, clock: Callable[[], float] = time.time) -> None:
        self._links = links
        self._clock = clock
        self._boot = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._tapes: dict[int, _Tape] = {}  # of accounts that somebody listened to
        self._closed = False

    def open(self, *, by: User) -> EventStream:
        """Where the caller may read what happens to its tasks."""
        until = int(self._clock()) + URL_HOLDS_S
        return EventStream(url=self._links.events_url(by.id, until), expires_at=until)

    def publish(self, account_id: int, kind: str, task_id: int, data: Mapping[str, Any]) -> None:
        """Tell the account's listeners; where nobody ever listened it costs next to nothing.

        Args:
            kind: the event's name on the stream.
            data: what it says, besides the task.
        """
        tape = self._tapes.get(account_id)
        if tape is None:
            return
        with tape.lock:
            tape.next += 1
            tape.kept.append(Told(kind, {"taskId": task_id, **data}, tape.id_of(tape.next)))
            for listener in tape.listeners:
                listener.woken()

    def happened(self, noted: Sequence[Happening]) -> None:
        """What a transaction changed, in its order; a listener of ``Database``."""
        if not self._tapes:
            return
        owners = {one.task_id: one.account_id for one in noted if isinstance(one, TaskStands)}
        # Frames first: who hears that a task has ended knows of all of them.
        for one in noted:
            if isinstance(one, FrameOver) and one.task_id in owners:
                data = {"frameId": one.frame_id, "status": int(one.status)}
                self.publish(owners[one.task_id], FRAME, one.task_id, data)
        for one in noted:
            if isinstance(one, TaskStands) and one.status is not one.before:
                self.publish(one.account_id, TASK, one.task_id, {"status": int(one.status)})
            elif isinstance(one, TaskOverdue):
                self.publish(one.account_id, OVERDUE, one.task_id, {"seconds": one.after_s})

    @contextmanager
    def listening(self, account_id: int, wake: Callable[[], None], *, after: str = "") -> Iterator[Listener]:
        """A place to read the account's events from.

        Args:
            wake: called, once for each ``take``, by the thread that publishes; it must be quick.
            after: the id of the last event that was read; where that is too old, or of another process, the
                listener is told to ask how things stand.

        Raises:
            TooManyListeners: the account has as many as it may.
        """
        tape = self._tape(account_id)
        with tape.lock:
            if len(tape.listeners) >= MOST_LISTENERS:
                raise TooManyListeners
            place = tape.place_of(after) if after else None
            resumed = place is not None and place >= tape.next - len(tape.kept)
            at = place if place is not None and resumed else tape.next
            name = READY if resumed or not after else BEHIND
            listener = Listener(tape, at, Told(name, {}, tape.id_of(at)), wake)
            tape.listeners.add(listener)
        try:
            yield listener
        finally:
            with tape.lock:
                tape.listeners.discard(listener)

    def close(self) -> None:
        """The farm ends: so does every stream. Closing twice is harmless."""
        with self._lock:
            self._closed = True
            tapes = list(self._tapes.values())
        for tape in tapes:
            with tape.lock:
                tape.closed = True
                for listener in tape.listeners:
                    listener.woken()

    def _tape(self, account_id: int) -> _Tape:
        with self._lock:
            tape = self._tapes.setdefault(account_id, _Tape(self._boot))
            tape.closed = self._closed
            return tape
