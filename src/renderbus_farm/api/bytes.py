"""The byte routes of local storage: blobs and packs in by PUT, blobs and ranges of them out by GET.

Who may do what stands in the signed URL, so no account is asked. Answers other than the bytes are JSON,
``{"message": …}``, with the HTTP status that fits. Everything here blocks: it runs in threads of its own,
whichever way the bytes come and go (``byte_threads``, ``byte_asgi``).
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from urllib.parse import quote

from renderbus_farm.api.byte_requests import (
    PACKS,
    Body,
    BrokenOff,
    ByteRequest,
    NoSuchRange,
    Reply,
    Span,
    asked_span,
)
from renderbus_farm.blobs.blobs import Arrival, BlobMissing, ServedBlobs
from renderbus_farm.blobs.links import BadLink, Links, MayPack, MayPut
from renderbus_farm.blobs.packs import PackArrival, Packs
from renderbus_farm.errors import why_not_stored
from renderbus_farm.transfers import Transfers
from renderbus_model.pieces import BadDigest, Digest, WrongDigest, checked_digest
from renderbus_model.pieces.packs import MOST_PACK_BYTES, BadPack, PackedPiece

log = logging.getLogger(__name__)


class _Refused(Exception):
    """Why the bytes do not move; ``close`` ends the connection, since what comes on it is not read."""

    def __init__(
        self, status: int, message: str, *, close: bool = False, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.close = close
        self.headers = headers or {}

    def reply(self) -> Reply:
        answer = _told(self.status, {"message": str(self)}, close=self.close)
        return Reply(answer.status, {**answer.headers, **self.headers}, answer.content, close=self.close)


def _told(status: int, content: dict[str, object], *, close: bool = False) -> Reply:
    encoded = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Reply(status, {"content-type": "application/json"}, encoded, close=close)


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

    def answer(self, request: ByteRequest, body: Body) -> Reply:
        """Do what is asked, or say why not."""
        try:
            if request.method != "PUT":
                return self._get(request)
            return self._put_pack(request, body) if request.route == PACKS else self._put(request, body)
        except Exception as error:
            return _failed(error)

    def _put(self, request: ByteRequest, body: Body) -> Reply:
        """Store the bytes of a blob; nothing is stored unless they are all there and the right ones."""
        may = self._may_put(request)
        with self._blobs.arrival(may.digest) as arrival:
            _take(body, may, arrival)
        self._transfers.blob_arrived(may.account_id, may.digest, may.size_bytes)
        return _told(201, {"digest": may.digest, "sizeBytes": may.size_bytes})

    def _put_pack(self, request: ByteRequest, body: Body) -> Reply:
        """Store a pack; nothing of it is stored unless every piece is the one that its digest promises."""
        may = self._may_pack(request)
        if (request.body_bytes or 0) > MOST_PACK_BYTES:
            raise _pack_too_large()
        with self._packs.arrival(may.name, request.body_bytes) as arrival:
            size_bytes = _filled(body, arrival, MOST_PACK_BYTES, _pack_too_large)
            if request.body_bytes is not None and size_bytes < request.body_bytes:
                raise BrokenOff
            rows = self._kept(arrival, may.name)
        self._transfers.pieces.pack_arrived(may.account_id, may.name, size_bytes, rows)
        return _told(201, {"pieces": len(rows), "sizeBytes": size_bytes})

    def _kept(self, arrival: PackArrival, name: str) -> list[PackedPiece]:
        try:
            rows = arrival.checked()
        except (BadPack, WrongDigest) as error:
            raise _Refused(409, str(error)) from error
        if not self._transfers.pieces.knows_pack(name):
            arrival.keep()
        return rows

    def _may_pack(self, request: ByteRequest) -> MayPack:
        try:
            return self._links.may_pack(request.name, request.query, self._clock())
        except BadLink as error:
            raise _Refused(403, str(error), close=True) from error

    def _get(self, request: ByteRequest) -> Reply:
        """The bytes of a blob, or the range of them that is asked for."""
        digest = _digest(request)
        try:
            may = self._links.may_get(digest, request.query, self._clock())
            # A browser's partial copy of other bytes must not be mixed with these.
            tag = f'"{digest}"'
            asked = request.headers.get("range", "") if _is_for_part(request, tag) else ""
            file = self._blobs.get(digest)
        except BadLink as error:
            raise _Refused(403, str(error)) from error
        except BlobMissing as error:
            raise _Refused(404, str(error)) from error
        try:
            size_bytes = os.fstat(file.fileno()).st_size
            span = asked_span(asked, size_bytes)
        except NoSuchRange:
            file.close()
            told = {"content-range": f"bytes */{size_bytes}"}
            raise _Refused(416, f"blob {digest} has only {size_bytes} bytes", headers=told) from None
        except BaseException:
            file.close()
            raise
        headers = {
            "content-type": "application/octet-stream",
            "content-disposition": _saved_as(may.name or digest),
            "accept-ranges": "bytes",
            # The digest is the best of tags. A browser must not take a user's file for a page of the farm.
            "etag": tag,
            "x-content-type-options": "nosniff",
        }
        if span is None:
            return Reply(200, headers, file=file, span=Span(0, size_bytes))
        last = span.start + span.size_bytes - 1
        return Reply(
            206, {**headers, "content-range": f"bytes {span.start}-{last}/{size_bytes}"}, file=file, span=span
        )

    def _may_put(self, request: ByteRequest) -> MayPut:
        try:
            may = self._links.may_put(_digest(request), request.query, self._clock())
        except BadLink as error:
            raise _Refused(403, str(error), close=True) from error
        if request.body_bytes is not None and request.body_bytes != may.size_bytes:
            raise _wrong_size(may, request.body_bytes)
        return may


def _take(body: Body, may: MayPut, arrival: Arrival) -> None:
    size_bytes = _filled(body, arrival, may.size_bytes, lambda: _wrong_size(may, may.size_bytes + 1))
    if size_bytes < may.size_bytes:
        raise _wrong_size(may, size_bytes)
    try:
        arrival.keep()
    except WrongDigest as error:
        raise _Refused(409, str(error)) from error


def _filled(
    body: Body, arrival: Arrival | PackArrival, most_bytes: int, too_large: Callable[[], _Refused]
) -> int:
    """Take a body to its end; how many bytes it had."""
    size_bytes = 0
    while came := body.read_into(arrival.room()):
        size_bytes += came
        if size_bytes > most_bytes:
            raise too_large()
        arrival.came(came)
    return size_bytes


def _pack_too_large() -> _Refused:
    return _Refused(413, f"pack: more than {MOST_PACK_BYTES} bytes; send smaller ones", close=True)


def _is_for_part(request: ByteRequest, tag: str) -> bool:
    """Whether a range counts: only for GET, and only while the bytes are those that the asker has seen."""
    return request.method == "GET" and request.headers.get("if-range", tag) == tag


def _saved_as(name: str) -> str:
    """What a browser saves a file as: quoted where that is unmistakable, else encoded (RFC 6266)."""
    encoded = quote(name, safe="")
    return f'attachment; filename="{name}"' if encoded == name else f"attachment; filename*=utf-8''{encoded}"


def _digest(request: ByteRequest) -> Digest:
    try:
        return checked_digest(request.name)
    except BadDigest as error:
        raise _Refused(404, str(error), close=True) from error


def _wrong_size(may: MayPut, found: int) -> _Refused:
    return _Refused(
        413 if found > may.size_bytes else 400,
        f"blob {may.digest}: {found} bytes came or were announced, this URL is for {may.size_bytes}; "
        "ask for a new URL with the right size",
        close=True,
    )


def _failed(error: Exception) -> Reply:
    if isinstance(error, _Refused):
        log.info("bytes refused", extra={"status": error.status})
        return error.reply()
    if isinstance(error, BrokenOff):
        log.info("upload broken off")
        return _Refused(408, "the upload stalled; send it again", close=True).reply()
    log.error("byte request failed", exc_info=error)
    if why := why_not_stored(error):
        return _Refused(507, why, close=True).reply()
    return _Refused(
        500, "the farm failed to move the bytes, its log tells more; try again", close=True
    ).reply()
