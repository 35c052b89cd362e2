"""Waiting for tasks: until something happens to one, where the farm tells, or until a time is over.

A farm of ours has an event stream; a thread reads it. Events only say when to ask, so a stream that breaks
off or a farm that has none costs nothing but time: then the pause is as long as the caller said.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from rayvision_api.exception import RayvisionAPIError
from rayvision_api.network import PASSING_STATUSES
from rayvision_sync.bulk import Answer, Bulk, LineLost
from rayvision_sync.exception import TransferCancelled
from renderbus_model.wire.codes import Code
from renderbus_model.wire.event import BEHIND, READY, StreamReader, Told

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 30.0
"""Before a stream that broke off is asked for again; the pauses double."""

HEARTBEATS_MISSED = 2.5
"""So many heartbeats of silence, and the stream is taken for dead."""

STEP_S = 0.1
"""How often a wait looks whether it was cancelled."""

GATHER_S, LONGEST_GATHER_S = 0.1, 5.0
"""How long events are gathered before they count: frames often end together."""

log = logging.getLogger(__name__)


class TaskEvents:
    """What happens to some tasks. Its thread ends with the ``with`` statement.

    Args:
        leaves: the tasks to wait for, each with the ids that events may call it by: its own, and those of
            its sub tasks. It may be changed while the thread runs.
    """

    def __init__(self, api: RayvisionAPI, leaves: Mapping[int, Iterable[int]]) -> None:
        self._api = api
        self._leaves = leaves
        self._turn = threading.Condition()
        self._changed: set[int] = set()
        self._all = False
        self._over = threading.Event()
        self._answer: Answer | None = None
        self._worked_s = 0.0
        self._since = time.monotonic()
        self._thread = threading.Thread(target=self._listen, name="events", daemon=True)

    def __enter__(self) -> TaskEvents:
        if self._leaves:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with self._turn:
            if self._answer is not None:
                self._answer.abandon()
        if self._thread.is_alive():
            self._thread.join(STEP_S)  # it may hang in the network, and is left behind there

    def wait(self, timeout_s: float, cancel: threading.Event | None = None) -> set[int]:
        """The tasks that something happened to since the last call, all of them when the time is over.

        Raises:
            TransferCancelled: ``cancel`` was set.
        """
        began = time.monotonic()
        # A long list takes long to ask for: about half of the time goes into that, and no more.
        earliest = began + max(GATHER_S, min(LONGEST_GATHER_S, began - self._since))
        with self._turn:
            while (left := began + timeout_s - time.monotonic()) > 0:
                if cancel is not None and cancel.is_set():
                    raise TransferCancelled
                if self._all or (self._changed and time.monotonic() >= earliest):
                    break
                self._turn.wait(min(left, STEP_S))
            if cancel is not None and cancel.is_set():
                raise TransferCancelled
            everything = self._all or not self._changed
            changed, self._changed, self._all = self._changed, set(), False
        self._since = time.monotonic()
        return set(self._leaves) if everything else changed & set(self._leaves)

    def _listen(self) -> None:
        pause_s, last = FIRST_PAUSE_S, ""
        while not self._over.is_set():
            began = time.monotonic()
            try:
                for told in self._stream(last):
                    last = told.id or last
                    self._take(told)
            except Exception as error:  # whatever it is: waiting goes on as it does without a stream
                if _has_none(error):
                    log.debug("no event stream, asking now and then", extra={"why": str(error)})
                    return
                log.debug("event stream broken off", extra={"why": str(error), "pause_s": pause_s})
            # One that ends as soon as it has begun, by a proxy say, is not asked for again and again.
            pause_s = FIRST_PAUSE_S if time.monotonic() - began > LONGEST_PAUSE_S else pause_s
            if self._over.wait(pause_s):
                return
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    def _stream(self, last: str) -> Iterable[Told]:
        stream = self._api.transmit.open_events()
        connect = self._api.connect
        silence_s = stream.heartbeat_s * HEARTBEATS_MISSED
        with (
            Bulk(connect.address, 1, connect.session) as bulk,
            bulk.listen(stream.url, last, silence_s) as answer,
        ):
            if answer.status != 200:
                raise LineLost(f"the farm answered {answer.status}: {answer.message()}")
            with self._turn:
                self._answer = answer
            try:
                reader = StreamReader()
                for part in answer.arriving():
                    yield from reader.feed(part)
                    if self._over.is_set():
                        return
            finally:
                with self._turn:
                    self._answer = None

    def _take(self, told: Told) -> None:
        with self._turn:
            if told.name in (READY, BEHIND):
                self._all = True
            else:
                self._changed.update(
                    task for task, leaves in self._leaves.items() if told.task_id in {task, *leaves}
                )
            self._turn.notify_all()


def _has_none(error: Exception) -> bool:
    """Whether the farm said that it has no event stream, or none for us; else it may be there again soon."""
    if isinstance(error, RayvisionAPIError):
        return error.error_code != Code.INTERNAL_ERROR
    status = getattr(error, "status", 0)
    return bool(status) and status not in PASSING_STATUSES
