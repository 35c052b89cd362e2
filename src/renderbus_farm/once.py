"""Questions that must not be asked twice, made safe to send again: the answer is kept under a key."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import msgspec

from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import answers
from renderbus_farm.store.database import Database

KEPT_S = 24 * 3600
"""How long an answer is remembered: a client that is cut off asks again within minutes, or the next day."""


class Once:
    """Remembers what was answered. ``clock`` gives seconds since 1970."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def answer(self, caller: User, key: str, path: str, ask: Any, act: Callable[[], Any]) -> Any:
        """What ``act`` returns, or what it returned when this account asked the same under this key.

        Act and answer are kept in one transaction, so a farm that dies in between has done neither. A refusal
        is not kept: the same question may be asked again.

        Raises:
            BadValue: another question was asked under this key.
            Refusal: ``act`` refuses.
        """
        asked = hashlib.sha256(path.encode() + b"\0" + msgspec.json.encode(ask)).digest()
        with self._database.writing() as db:
            now = self._clock()
            answers.forget(db, before=now - KEPT_S)
            kept = answers.find(db, caller.id, key)
            if kept is None:
                answer = msgspec.json.encode(act())
                answers.keep(db, caller.id, key, asked, answer, now=now)
            elif kept[0] == asked:
                answer = kept[1]
            else:
                raise BadValue(
                    f"header Idempotency-Key {key!r}: another question was asked under this key; "
                    "use a new one"
                )
        return msgspec.Raw(answer)
