"""One pack's way to the farm, tried again where that can help."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus

from rayvision_sync.bulk import Bulk, LineLost
from rayvision_sync.exception import TransferFailed
from rayvision_sync.progress import Share
from rayvision_sync.run import Run
from renderbus_model.pieces.packs import PackBuilder

PART_BYTES = 1 << 20
"""Sent at a time. With a speed limit it is less: a slow line still moves one before its time limit."""

STORED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
GRANT_OVER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
"""What a store answers to a URL that holds no more: a new one is asked for."""

TRY_AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,  # the bytes were damaged on their way: they were right here
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def worth_another_try(status: int) -> bool:
    """Whether an answer (0 for none) can be another one in a moment."""
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return False  # a full disk stays full, and somebody waits for the message
    return status == 0 or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRY_AGAIN


class _Body:
    """The bytes of a pack for one request, at the run's pace."""

    def __init__(self, parts: list[bytes | memoryview], run: Run, share: Share, content_bytes: int) -> None:
        self.len = sum(map(len, parts))
        self._parts = parts
        self._run = run
        self._share = share
        self._content_per_byte = content_bytes / max(1, self.len)

    def __iter__(self) -> Iterator[bytes]:
        part_bytes = self._run.throttle.part_bytes(PART_BYTES)
        for content in _gathered(self._parts, part_bytes):
            self._run.throttle.take(len(content))
            self._run.crew.check()
            yield content  # type: ignore[misc]  # a view of bytes goes out as bytes do
            self._share.moved(len(content), int(len(content) * self._content_per_byte))


def _gathered(parts: list[bytes | memoryview], most_bytes: int) -> Iterator[bytes | memoryview]:
    """The same bytes in parts of at most so many; small ones together, as each costs a system call."""
    small: list[bytes | memoryview] = []
    size_bytes = 0
    for part in parts:
        if size_bytes + len(part) > most_bytes and small:
            yield b"".join(small)
            small, size_bytes = [], 0
        if len(part) > most_bytes:
            view = memoryview(part)
            yield from (view[at : at + most_bytes] for at in range(0, len(part), most_bytes))
        else:
            small.append(part)
            size_bytes += len(part)
    if small:
        yield b"".join(small)


class Sender:
    """Sends packs, each until the farm has it or nothing more can be done.

    Args:
        new_url: asks the farm where to put one more pack.
    """

    def __init__(self, bulk: Bulk, run: Run, new_url: Callable[[], str]) -> None:
        self._bulk = bulk
        self._run = run
        self._new_url = new_url
        self._urls: list[str] = []
        self._lock = threading.Lock()

    def add_urls(self, urls: list[str]) -> None:
        """More places for packs."""
        with self._lock:
            self._urls += urls

    def send(self, pack: PackBuilder, local: str, *, counts: bool) -> None:
        """Put a pack; ``local`` is a file in it, for errors. Progress tells of those that count.

        Raises:
            TransferFailed: refused, or tried too often.
        """
        parts = pack.finish()
        patience = self._run.options.patience
        why, url, tried = "", "", 0
        for tried in patience.tries(self._run.crew.stop):  # noqa: B007 - told below
            url = url or self._url()
            status, why = self._try(parts, url, pack.content_bytes if counts else 0)
            if status in STORED:
                return
            if status in GRANT_OVER:
                url = ""
                with self._lock:
                    self._urls.clear()  # they are as old
            elif not worth_another_try(status):
                raise TransferFailed(local, why)
        raise TransferFailed(local, f"tried {tried} times, last: {why}")

    def _url(self) -> str:
        with self._lock:
            if self._urls:
                return self._urls.pop()
        return self._new_url()

    def _try(self, parts: list[bytes | memoryview], url: str, content_bytes: int) -> tuple[int, str]:
        """One try: the answer's status, 0 for none, and what went wrong."""
        share = self._run.meter.share()
        status, why = 0, ""
        try:
            with self._bulk.put(url, _Body(parts, self._run, share, content_bytes)) as answer:
                status = answer.status
                if status not in STORED:
                    why = f"the farm answered {status}: {answer.message()}"
        except LineLost as error:
            why = error.reason
        finally:
            if status in STORED:
                share.round_up(content_bytes)
            else:
                share.take_back()
        return status, why
