"""One file's way to the farm: read, hashed and streamed from the disk, tried again where that can help."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from rayvision_sync.bulk import Bulk, LineLost
from rayvision_sync.crew import Crew
from rayvision_sync.exception import FileChanged, TransferFailed, UnreadableFile
from rayvision_sync.hashing import open_regular
from rayvision_sync.ledger import Stamp
from rayvision_sync.pace import Throttle
from rayvision_sync.progress import Share
from rayvision_sync.run import Run
from renderbus_model.pieces import Digest, Hashing
from renderbus_model.wire.transfer import BlobToSend, PutGrant

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

PART_BYTES = 256 * 1024
"""Sent at a time: a slow line (5 KB/s) still moves one before its time limit, and a stop is noticed soon."""

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


@dataclass(frozen=True, slots=True)
class Source:
    """A file to upload as it was when its digest was taken."""

    local: str
    stamp: Stamp
    digest: Digest


class _Body:
    """The bytes of a source for one request, checked as they pass; the last part waits for the digest."""

    def __init__(self, source: Source, crew: Crew, share: Share, throttle: Throttle) -> None:
        self.len = source.stamp.size_bytes
        self._source = source
        self._crew = crew
        self._share = share
        self._throttle = throttle

    def __iter__(self) -> Iterator[bytes]:
        local = self._source.local
        hashing = Hashing()
        part_bytes = self._throttle.part_bytes(PART_BYTES)
        with open_regular(local) as stream:
            self._compare(Stamp.of(os.fstat(stream.fileno())))
            while hashing.size_bytes < self.len:
                try:
                    part = stream.read(min(part_bytes, self.len - hashing.size_bytes))
                except OSError as error:
                    raise UnreadableFile(local, error.strerror or str(error)) from error
                if not part:
                    raise FileChanged(local, "it became shorter")
                hashing.update(part)
                if hashing.size_bytes == self.len:
                    self._compare(Stamp.of(os.fstat(stream.fileno())))
                    if hashing.digest != self._source.digest:
                        raise FileChanged(local, "its content is another than when it was first read")
                self._throttle.take(len(part))
                self._crew.check()
                yield part
                self._share.moved(len(part))

    def _compare(self, now: Stamp) -> None:
        if now.size_bytes != self._source.stamp.size_bytes:
            raise FileChanged(
                self._source.local, f"{self._source.stamp.size_bytes} bytes became {now.size_bytes}"
            )
        if now.mtime_ns != self._source.stamp.mtime_ns:
            raise FileChanged(self._source.local, "it was written to")


class Sender:
    """Sends files, each until the farm has it or nothing more can be done."""

    def __init__(self, api: RayvisionAPI, bulk: Bulk, run: Run) -> None:
        self._api = api
        self._bulk = bulk
        self._run = run

    def send(self, source: Source, grant: PutGrant | None) -> None:
        """Put one file where ``grant`` allows it.

        Raises:
            FileChanged: it is no longer the file that was hashed.
            UnreadableFile: it cannot be read any more.
            TransferFailed: refused, or tried too often.
        """
        why = ""
        for _ in self._run.options.patience.tries(self._run.crew.stop):
            grant = grant or self._renewed(source)
            if grant is None:  # stored meanwhile: the answer to an earlier try was lost
                self._run.meter.known(1, source.stamp.size_bytes)
                return
            status, why = self._try(source, grant)
            if status in STORED:
                self._run.meter.arrived()
                return
            if status in GRANT_OVER:
                grant = None
            elif not worth_another_try(status):
                raise TransferFailed(source.local, why)
        raise TransferFailed(source.local, f"tried {self._run.options.patience.attempts} times, last: {why}")

    def _try(self, source: Source, grant: PutGrant) -> tuple[int, str]:
        """One try: the answer's status, 0 for none, and what went wrong."""
        run = self._run
        share = run.meter.share()
        status, why = 0, ""
        try:
            with self._bulk.put(grant.url, _Body(source, run.crew, share, run.throttle)) as answer:
                status = answer.status
                if status not in STORED:
                    why = f"the farm answered {status}: {answer.message()}"
        except LineLost as error:
            why = error.reason
        finally:
            if status not in STORED:
                share.take_back()
        return status, why

    def _renewed(self, source: Source) -> PutGrant | None:
        blob = BlobToSend(digest=source.digest, size_bytes=source.stamp.size_bytes)
        grants = self._api.transmit.missing_blobs([blob])
        return next((grant for grant in grants if grant.digest == source.digest), None)
