"""The byte routes of local storage: blobs and packs in by PUT, blobs and ranges of them out by GET.

Who may do what stands in the signed URL, so no account is asked. Answers other than the bytes are JSON,
``{"message": …}``, with the HTTP status that fits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeVar

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from renderbus_farm.blobs.blobs import Arrival, BlobMissing, ServedBlobs
from renderbus_farm.blobs.links import BadLink, Links, MayPack, MayPut
from renderbus_farm.blobs.packs import PackArrival, Packs
from renderbus_farm.errors import why_not_stored
from renderbus_farm.transfers import Transfers
from renderbus_model.pieces import READ_BYTES, BadDigest, Digest, WrongDigest, checked_digest
from renderbus_model.pieces.packs import MOST_PACK_BYTES, BadPack, PackedPiece

log = logging.getLogger(__name__)

STALLED_AFTER_S = 120.0
"""An upload that brings no byte for so long has lost its sender, and must not keep an embedded farm alive."""

Value = TypeVar("Value")


class _Refused(Exception):
    """Why the bytes do not move; ``close`` ends the connection, since what comes on it is not read."""

    def __init__(self, status: int, message: str, *, close: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.close = close

    def response(self) -> Response:
        headers = {"connection": "close"} if self.close else {}
        return JSONResponse({"message": str(self)}, self.status, headers=headers)


class _BlobResponse(FileResponse):
    chunk_size = READ_BYTES  # each part costs a change of threads, so it is worth having few


class ByteRoutes:
    """Takes bytes in and gives them out; ``links`` says who may."""

    def __init__(
        self,
        blobs: ServedBlobs,
        packs: Packs,
        links: Links,
        transfers: Transfers,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._blobs = blobs
        self._packs = packs
        self._links = links
        self._transfers = transfers
        self._clock = clock

    async def put(self, request: Request) -> Response:
        """Store the bytes of a blob; nothing is stored unless they are all there and the right ones."""
        try:
            may = self._may_put(request)
            async with _in_threads(self._blobs.arrival(may.digest)) as arrival:
                await self._take(request, may, arrival)
            await run_in_threadpool(self._transfers.blob_arrived, may.account_id, may.digest, may.size_bytes)
        except Exception as error:
            return _failed(error)
        return JSONResponse({"digest": may.digest, "sizeBytes": may.size_bytes}, 201)

    async def put_pack(self, request: Request) -> Response:
        """Store a pack; nothing of it is stored unless every piece is the one that its digest promises."""
        try:
            may = self._may_pack(request)
            async with _in_threads(self._packs.arrival(may.name)) as arrival:
                size_bytes = await _take_pack(request, arrival)
                rows = await run_in_threadpool(self._kept, arrival, may.name)
            await run_in_threadpool(
                self._transfers.pieces.pack_arrived, may.account_id, may.name, size_bytes, rows
            )
        except Exception as error:
            return _failed(error)
        return JSONResponse({"pieces": len(rows), "sizeBytes": size_bytes}, 201)

    def _kept(self, arrival: PackArrival, name: str) -> list[PackedPiece]:
        try:
            rows = arrival.checked()
        except (BadPack, WrongDigest) as error:
            raise _Refused(409, str(error)) from error
        if not self._transfers.pieces.knows_pack(name):
            arrival.keep()
        return rows

    def _may_pack(self, request: Request) -> MayPack:
        try:
            return self._links.may_pack(request.path_params["pack"], request.query_params, self._clock())
        except BadLink as error:
            raise _Refused(403, str(error), close=True) from error

    async def get(self, request: Request) -> Response:
        """The bytes of a blob, or the ranges of them that are asked for."""
        try:
            digest = _digest(request)
            may = self._links.may_get(digest, request.query_params, self._clock())
            path = await run_in_threadpool(self._blobs.file_of, digest)
        except _Refused as refused:
            return refused.response()
        except BadLink as error:
            return _Refused(403, str(error)).response()
        except BlobMissing as error:
            return _Refused(404, str(error)).response()
        return _BlobResponse(
            path,
            filename=may.name or digest,
            media_type="application/octet-stream",
            # The digest is the best of tags. A browser must not take a user's file for a page of the farm.
            headers={"etag": f'"{digest}"', "x-content-type-options": "nosniff"},
        )

    def _may_put(self, request: Request) -> MayPut:
        try:
            may = self._links.may_put(_digest(request), request.query_params, self._clock())
        except BadLink as error:
            raise _Refused(403, str(error), close=True) from error
        announced = request.headers.get("content-length")
        if announced is not None and int(announced) != may.size_bytes:
            raise _wrong_size(may, int(announced))
        return may

    async def _take(self, request: Request, may: MayPut, arrival: Arrival) -> None:
        size_bytes = 0
        async for part in gathered(request.stream()):
            size_bytes += len(part)
            if size_bytes > may.size_bytes:
                raise _wrong_size(may, size_bytes)
            await run_in_threadpool(arrival.write, part)
        if size_bytes < may.size_bytes:
            raise _wrong_size(may, size_bytes)
        try:
            await run_in_threadpool(arrival.keep)
        except WrongDigest as error:
            raise _Refused(409, str(error)) from error


async def _take_pack(request: Request, arrival: PackArrival) -> int:
    size_bytes = 0
    async for part in gathered(request.stream()):
        size_bytes += len(part)
        if size_bytes > MOST_PACK_BYTES:
            raise _Refused(413, f"pack: more than {MOST_PACK_BYTES} bytes; send smaller ones", close=True)
        await run_in_threadpool(arrival.write, part)
    return size_bytes


def _digest(request: Request) -> Digest:
    try:
        return checked_digest(request.path_params["digest"])
    except BadDigest as error:
        raise _Refused(404, str(error), close=True) from error


def _wrong_size(may: MayPut, found: int) -> _Refused:
    return _Refused(
        413 if found > may.size_bytes else 400,
        f"blob {may.digest}: {found} bytes came or were announced, this URL is for {may.size_bytes}; "
        "ask for a new URL with the right size",
        close=True,
    )


def _failed(error: Exception) -> Response:
    if isinstance(error, _Refused):
        log.info("upload refused", extra={"status": error.status})
        return error.response()
    if isinstance(error, (ClientDisconnect, TimeoutError)):
        log.info("upload broken off")
        return _Refused(408, "the upload stalled; send it again", close=True).response()
    log.error("upload failed", exc_info=error)
    if why := why_not_stored(error):
        return _Refused(507, why, close=True).response()
    return _Refused(
        500, "the farm failed to store the bytes, its log tells more; try again", close=True
    ).response()


@asynccontextmanager
async def _in_threads(context: AbstractContextManager[Value]) -> AsyncIterator[Value]:
    """An arrival, entered and left in a thread: both touch the disk."""
    arrival = await run_in_threadpool(context.__enter__)
    try:
        yield arrival
    except BaseException as error:
        await _shielded(context.__exit__, type(error), error, error.__traceback__)
        raise
    await _shielded(context.__exit__, None, None, None)


async def _shielded(function: Callable[..., Any], *arguments: Any) -> None:
    # Also when the farm ends in the middle: half a file must not stay.
    with anyio.CancelScope(shield=True):
        await run_in_threadpool(function, *arguments)


async def gathered(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger parts: each costs a change of threads.

    Raises:
        TimeoutError: no byte came for ``STALLED_AFTER_S``.
    """
    parts: list[bytes] = []
    size_bytes = 0
    while True:
        try:
            with anyio.fail_after(STALLED_AFTER_S):
                part = await anext(stream)
        except StopAsyncIteration:
            break
        parts.append(part)
        size_bytes += len(part)
        if size_bytes >= READ_BYTES:
            yield b"".join(parts)
            parts.clear()
            size_bytes = 0
    if parts:
        yield b"".join(parts)
