"""Signed URLs to blobs and packs of this farm: who holds one may do what it says until it expires, no more.

``/blobs/{digest}?op=put&size=…&account=…&until=…&sig=…``, ``/blobs/{digest}?op=get&name=…&until=…&sig=…``,
``/packs/{name}?op=pack&account=…&until=…&sig=…`` and ``/events/{account}?op=events&until=…&sig=…``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from renderbus_model.pieces import Digest

_SHORTEST_KEY_BYTES = 32  # as long as the digest of the HMAC


class BadLink(Exception):
    """A URL allows nothing: it is forged, cut off, or too old."""


@dataclass(frozen=True, slots=True)
class MayPut:
    """Exactly these bytes may be stored for this account."""

    digest: Digest
    size_bytes: int
    account_id: int


@dataclass(frozen=True, slots=True)
class MayGet:
    """These bytes may be read; ``name`` is what to save them as."""

    digest: Digest
    name: str


@dataclass(frozen=True, slots=True)
class MayPack:
    """A pack may be stored under this name for this account."""

    name: str
    account_id: int


class Links:
    """Makes and reads signed URLs under one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY_BYTES:
            raise ValueError(f"key of {len(key)} bytes: expected at least {_SHORTEST_KEY_BYTES}")
        self._key = key

    def put_url(self, digest: Digest, size_bytes: int, account_id: int, until: int) -> str:
        """A URL to store bytes until ``until`` (seconds since 1970)."""
        return self._url(digest, {"op": "put", "size": str(size_bytes), "account": str(account_id)}, until)

    def get_url(self, digest: Digest, name: str, until: int) -> str:
        """A URL to read bytes until ``until``."""
        return self._url(digest, {"op": "get", "name": _sendable(name)}, until)

    def pack_url(self, name: str, account_id: int, until: int) -> str:
        """A URL to store a pack until ``until``."""
        return self._url(name, {"op": "pack", "account": str(account_id)}, until, "packs")

    def events_url(self, account_id: int, until: int) -> str:
        """A URL to read what happens to the account's tasks, opened until ``until``."""
        return self._url(str(account_id), {"op": "events"}, until, "events")

    def may_listen(self, account: str, query: Mapping[str, str], now: float) -> int:
        """Whose events a GET of this URL may read.

        Raises:
            BadLink: nobody's.
        """
        self._check(account, query, "events", ("op",), now)
        return int(account)

    def may_pack(self, name: str, query: Mapping[str, str], now: float) -> MayPack:
        """What a PUT to this URL of a pack may do.

        Raises:
            BadLink: nothing.
        """
        self._check(name, query, "pack", ("op", "account"), now)
        return MayPack(name, int(query["account"]))

    def may_put(self, digest: Digest, query: Mapping[str, str], now: float) -> MayPut:
        """What a PUT to this URL may do.

        Raises:
            BadLink: nothing.
        """
        self._check(digest, query, "put", ("op", "size", "account"), now)
        return MayPut(digest, int(query["size"]), int(query["account"]))

    def may_get(self, digest: Digest, query: Mapping[str, str], now: float) -> MayGet:
        """What a GET of this URL may do.

        Raises:
            BadLink: nothing.
        """
        self._check(digest, query, "get", ("op", "name"), now)
        return MayGet(digest, query["name"])

    def _url(self, name: str, members: dict[str, str], until: int, route: str = "blobs") -> str:
        signed = {**members, "until": str(until)}
        return f"/{route}/{name}?{urlencode({**signed, 'sig': self._signature(name, signed)})}"

    def _check(
        self, name: str, query: Mapping[str, str], operation: str, names: tuple[str, ...], now: float
    ) -> None:
        signed = {member: query.get(member, "") for member in (*names, "until")}
        expected = self._signature(name, signed)
        # First of all the signature: only what the farm wrote itself is read further.
        if not hmac.compare_digest(expected.encode(), query.get("sig", "").encode("utf-8", "replace")):
            raise BadLink("this URL was not made by this farm, or was changed; ask for a new one")
        if signed["op"] != operation:
            raise BadLink(f"this URL is for {signed['op'].upper()}, not {operation.upper()}")
        if now > int(signed["until"]):
            raise BadLink("this URL has expired; ask for a new one")

    def _signature(self, name: str, signed: Mapping[str, str]) -> str:
        # JSON keeps apart what plain joining would mix: names may hold any character.
        text = msgspec.json.encode([name, *sorted(signed.items())])
        mac = hmac.new(self._key, text, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _sendable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()
