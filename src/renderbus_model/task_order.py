"""When a task begins and how its frames go to nodes: ours, in ``additional_info`` of task.json.

``after`` (ids of tasks that come before it), ``not_before`` (a moment) or ``delay`` (seconds after it was
submitted), ``sequential`` ("1": one unit at a time, in order), ``chunk_seconds`` (so much work in one go),
``limits`` (how much it takes of a thing that the farm has few of: ``{"maya": 1}``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from renderbus_model.document_values import BadDocument, text_of

MOST_BEFORE = 1000
MOST_LIMITS = 20
MOST_OF_A_LIMIT = 1_000_000
LONGEST_LIMIT_NAME = 100
LONGEST_DELAY_S = 366 * 86400.0
LONGEST_CHUNK_S = 86400.0

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """What a task waits for besides free nodes.

    Attributes:
        after: ids of tasks that must have ended well.
        not_before: seconds since 1970, 0 for any time.
        delay_s: seconds after it was submitted.
        sequential: one unit at a time, in order.
        chunk_seconds: a node gets as many frames in one go as fill this time; 0 for one unit.
        limits: how much of each named limit one of its units takes.
    """

    after: tuple[int, ...] = ()
    not_before: float = 0.0
    delay_s: float = 0.0
    sequential: bool = False
    chunk_seconds: float = 0.0
    limits: Mapping[str, int] = field(default_factory=lambda: _NOTHING)

    @classmethod
    def read(cls, more: Mapping[str, Any]) -> TaskOrder:
        """Read the members of ``additional_info``.

        >>> TaskOrder.read({"after": ["7"], "sequential": "1"}).after
        (7,)

        Raises:
            BadDocument: a value that makes no sense.
        """
        return cls(
            after=_ids(more.get("after")),
            not_before=_moment(more.get("not_before")),
            delay_s=_seconds(more, "delay", LONGEST_DELAY_S),
            sequential=_switch(more, "sequential"),
            chunk_seconds=_seconds(more, "chunk_seconds", LONGEST_CHUNK_S),
            limits=_limits(more.get("limits")),
        )

    def begins_at(self, submitted_at: float) -> float:
        """The moment before which nothing of it renders, 0 for none."""
        after_delay = submitted_at + self.delay_s if self.delay_s else 0.0
        return max(self.not_before, after_delay)


def _bad(key: str, why: str) -> BadDocument:
    return BadDocument("task.json", f"additional_info.{key}", why)


def _ids(value: object) -> tuple[int, ...]:
    if value in (None, "", []):
        return ()
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MOST_BEFORE:
        raise _bad("after", f"names {len(entries)} tasks; at most {MOST_BEFORE} can come before one")
    texts = [text_of(entry) for entry in entries]
    if wrong := [text for text in texts if not (text.isascii() and text.isdigit() and len(text) < 19)]:
        raise _bad("after", f"{wrong[0][:40]!r} is no id of a task; expected a list of ids")
    return tuple(dict.fromkeys(int(text) for text in texts))


def _moment(value: object) -> float:
    text = text_of(value)
    if not text:
        return 0.0
    try:
        moment = float(text)
    except ValueError:
        moment = _iso(text)
    if not (math.isfinite(moment) and 0 <= moment < 2**40):
        raise _bad("not_before", f"{text[:40]!r} is no moment of our time")
    return moment


def _iso(text: str) -> float:
    try:
        # Python 3.10 knows no "Z" for UTC.
        read = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise _bad(
            "not_before",
            f"{text[:40]!r}: expected a time like 2026-05-01T22:00:00+02:00 (UTC where no offset is named) "
            "or seconds since 1970",
        ) from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=timezone.utc)
    try:
        return read.timestamp()
    except (OverflowError, ValueError):
        raise _bad("not_before", f"{text[:40]!r} is no moment of our time") from None


def _seconds(more: Mapping[str, Any], key: str, most: float) -> float:
    text = text_of(more.get(key))
    if not text:
        return 0.0
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= most:
        raise _bad(key, f"{text[:40]!r}: expected seconds, 0 to {most:.0f}")
    return seconds


def _switch(more: Mapping[str, Any], key: str) -> bool:
    text = text_of(more.get(key))
    if text not in ("", "0", "1", "True", "False"):
        raise _bad(key, f'{text[:40]!r}: expected "1" or "0"')
    return text in ("1", "True")


def _limits(value: object) -> Mapping[str, int]:
    if value in (None, "", {}):
        return _NOTHING
    if not isinstance(value, dict) or len(value) > MOST_LIMITS:
        raise _bad("limits", f'expected an object like {{"maya": 1}} with at most {MOST_LIMITS} members')
    return MappingProxyType({_limit_name(name): _limit_count(name, value[name]) for name in value})


def _limit_name(name: object) -> str:
    text = text_of(name)
    if not text or len(text) > LONGEST_LIMIT_NAME:
        raise _bad("limits", f"{text[:40]!r}: a limit's name has 1 to {LONGEST_LIMIT_NAME} characters")
    return text


def _limit_count(name: object, value: object) -> int:
    text = text_of(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_OF_A_LIMIT):
        raise _bad(f"limits.{text_of(name)[:40]}", f"{text[:40]!r}: expected 1 to {MOST_OF_A_LIMIT}")
    return int(text)
