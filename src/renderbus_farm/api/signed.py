"""Who sent this: signature, clock, and whether the same request was seen before."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from renderbus_farm.accounts import Credentials
from renderbus_farm.api.domains import Names
from renderbus_farm.rules.people import API_CHANNEL, DEFAULT_PLATFORM, User, Visit
from renderbus_farm.rules.refusals import (
    BadValue,
    MissingValue,
    SignatureExpired,
    SignatureInvalid,
    UnknownCaller,
)
from renderbus_farm.seen import SeenSignatures
from renderbus_model.wire.signing import (
    SIGNED_HEADERS,
    UNOVERRIDABLE,
    TooLongToSign,
    canonical_string,
    same_signature,
    sign,
)

_REQUIRED = ("accessId", "UTCTimestamp", "nonce", "signature")
_SECONDS = re.compile(r"-?[0-9]{1,12}")
_SMALL = re.compile(r"[0-9]{1,3}")
_METHOD = "[POST]"

log = logging.getLogger(__name__)


class Claim(msgspec.Struct, frozen=True):
    """What the headers of a request say about its sender; nothing of it is believed yet.

    Attributes:
        timestamp: when it was signed, in seconds since 1970.
        signed: the headers that the signature covers, under their published names.
        visit: what else they tell.
        forwarded: hosts that a trusted proxy says the client asked for.
        added: headers that the caller added, by names in small letters. ``Connect(headers=…)`` of the
            published clients signs these too, in the spelling that it was given.
    """

    access_id: str
    timestamp: int
    signature: str
    host: str
    signed: Mapping[str, str]
    visit: Visit
    forwarded: Sequence[str] = ()
    added: Mapping[str, str] = {}

    @classmethod
    def read(
        cls,
        headers: Mapping[str, str],
        forwarded: Sequence[str] = (),
        added: Mapping[str, str] | None = None,
    ) -> Claim:
        """The claim in a request's headers, given by their published names.

        Raises:
            MissingValue: a header is missing.
            BadValue: the timestamp is no number.
        """
        for name in _REQUIRED:
            if not headers.get(name):
                raise MissingValue(f"header {name}: missing; every request is signed with an access key")
        timestamp = headers["UTCTimestamp"]
        if not _SECONDS.fullmatch(timestamp):
            raise BadValue(f"header UTCTimestamp {timestamp[:40]!r}: expected whole seconds since 1970")
        return cls(
            access_id=headers["accessId"],
            timestamp=int(timestamp),
            signature=headers["signature"],
            host=headers.get("host", ""),
            visit=_visit(headers),
            signed={name: headers[name] for name in SIGNED_HEADERS if name in headers},
            forwarded=forwarded,
            added=added or {},
        )

    def signed_headers(self) -> Iterator[Mapping[str, str]]:
        """The sets of headers that the signature may cover, the likeliest first.

        HTTP carries names without their spelling: the two usual ones are tried.
        """
        yield self.signed
        if self.added:
            yield {**self.added, **self.signed}
            yield {**{name.title(): value for name, value in self.added.items()}, **self.signed}


@dataclass(frozen=True, slots=True)
class Sender:
    """A claim that names an account. Only the signature will show whether it comes from there."""

    claim: Claim
    credentials: Credentials


class Signatures:
    """Checks requests against the accounts' keys.

    Args:
        find: whose access id it is, None for nobody's.
        seen: the signatures that were used before.
        window_s: how far a client's clock may be off, in seconds.
        names: under which clients reach the farm.
    """

    def __init__(
        self,
        find: Callable[[str], Credentials | None],
        seen: SeenSignatures,
        *,
        window_s: int,
        names: Names | None = None,
    ) -> None:
        self._find = find
        self._seen = seen
        self._window_s = window_s
        self._names = names or Names()

    def sender(self, claim: Claim, now: float) -> Sender:
        """Whom a claim names. Cheap, and asked before the body is read: a stranger's body costs too much.

        Raises:
            SignatureExpired: signed outside the window.
            UnknownCaller: no account has the access id.
        """
        self._check_clock(claim, now)
        credentials = self._find(claim.access_id)
        if credentials is None:
            raise UnknownCaller(f"access id {claim.access_id[:64]!r}: no such account; check the access id")
        return Sender(claim, credentials)

    def _check_clock(self, claim: Claim, now: float) -> None:
        behind_s = now - claim.timestamp
        if abs(behind_s) > self._window_s:
            raise SignatureExpired(
                f"signature expired: this machine's clock is {_duration(abs(behind_s))} "
                f"{'behind' if behind_s > 0 else 'ahead of'} the farm's ({self._window_s} s are allowed); "
                "set it and try again"
            )

    def caller(self, sender: Sender, path: str, body: Mapping[str, Any], now: float) -> User:
        """The account that signed this request, which is remembered so that nobody can send it again.

        Raises:
            BadValue: the body would replace a signed header.
            SignatureExpired: the body took so long that the window has closed meanwhile.
            SignatureInvalid: signed with another key, for another domain, or used before.
            CannotRemember: the farm's disk takes no more.
        """
        claim = sender.claim
        _check_members(body)
        # Again: a used signature is forgotten when its time is over, so a later body must not bring it back.
        self._check_clock(claim, now)
        if not self._matches(claim, path, body, sender.credentials.access_key):
            domains = list(self._names.candidates(claim.host, claim.forwarded))
            log.info("signature refused", extra={"path": path, "domains": domains})
            raise SignatureInvalid(
                "signature invalid: check the access key, and that the farm knows the name it is reached by"
            )
        if not self._seen.first_use(claim.signature, claim.timestamp, now):
            raise SignatureInvalid("signature invalid: this request was received before; sign it anew")
        return sender.credentials.user.on(claim.visit)

    def _matches(self, claim: Claim, path: str, body: Mapping[str, Any], key: str) -> bool:
        try:
            for headers in claim.signed_headers():
                # Flattening a large body costs more than signing it: once, whatever the domain is.
                after_domain = canonical_string("", path, headers, body).removeprefix(_METHOD)
                for domain in self._names.candidates(claim.host, claim.forwarded):
                    if same_signature(sign(key, f"{_METHOD}{domain}{after_domain}"), claim.signature):
                        return True
            return False
        except TooLongToSign as error:
            raise BadValue(f"body: {error}") from error


def _visit(headers: Mapping[str, str]) -> Visit:
    return Visit(
        host=headers.get("host", ""),
        user_agent=headers.get("user-agent", ""),
        channel=_number(headers.get("channel", ""), API_CHANNEL),
        platform=_number(headers.get("platform", ""), DEFAULT_PLATFORM),
    )


def _number(text: str, otherwise: int) -> int:
    return int(text) if _SMALL.fullmatch(text) else otherwise


def _check_members(body: Mapping[str, Any]) -> None:
    members: Any = body
    while isinstance(members, (dict, Mapping)):  # asked of a dict, Mapping alone takes much longer
        for name in UNOVERRIDABLE & members.keys():
            raise BadValue(f"member {name} of the body: not allowed, it would replace the signed header")
        members = members.get("")  # flattened, {"": {"nonce": 1}} is the same as {"nonce": 1}


def _duration(seconds: float) -> str:
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"
