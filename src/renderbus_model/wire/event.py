"""The event stream: where it is, what it tells, and its form on the line (Server-Sent Events).

Ours: the published farm has none. A client asks ``openEvents`` for a signed URL and GETs that. Each event has
a name, a JSON object, and an id that resumes the stream behind it (header ``Last-Event-ID``). Comments come
in between, so that a line that is dead is told from one on which nothing happens.

Source of the form: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from renderbus_model.wire.operation import Nothing, Operation, Wire

READY = "ready"
"""The stream begins: ask once how things stand, what happens from now on is told."""

BEHIND = "behind"
"""Some events are not there any more: ask again how things stand."""

TASK = "task"
"""A task has another status: ``{"taskId", "status"}``."""

FRAME = "frame"
"""A frame has ended: ``{"taskId", "frameId", "status"}``; its results can be fetched."""

OVERDUE = "overdue"
"""A task goes on for longer than its ``time_out``, which is told once: ``{"taskId", "seconds"}``."""

HEARTBEAT_S = 15.0
"""A farm writes something at least this often."""

LONGEST_LINE_BYTES = 1 << 20
"""An event is a few hundred bytes: what sends more without an end of line is no stream of events."""


class EventStream(Wire, frozen=True, kw_only=True):
    """GET ``url`` until ``expires_at`` (seconds since 1970); relative to the farm where it begins with ``/``.

    Something comes at least every ``heartbeat_s`` seconds.
    """

    url: str
    expires_at: int
    heartbeat_s: float = HEARTBEAT_S


OPEN_EVENTS = Operation("/api/render/event/openEvents", ask=Nothing, reply=EventStream)


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the stream; a position in it, where ``id`` is not empty."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    id: str = ""

    @property
    def task_id(self) -> int:
        """The task that it is about; 0 for none."""
        task_id = self.data.get("taskId", 0)
        return task_id if isinstance(task_id, int) else 0

    def encoded(self) -> bytes:
        r"""As it goes over the line.

        >>> Told("task", {"taskId": 5, "status": 25}, "7").encoded()
        b'id: 7\nevent: task\ndata: {"taskId":5,"status":25}\n\n'
        """
        place = f"id: {self.id}\n" if self.id else ""
        return f"{place}event: {self.name}\ndata: {msgspec.json.encode(self.data).decode()}\n\n".encode()


class NotAStream(ValueError):
    """What comes is no stream of events."""


class StreamReader:
    """Puts events together from the parts in which they come."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, str] = {}

    def feed(self, part: bytes) -> Iterator[Told]:
        """The events that are complete with this part.

        Raises:
            NotAStream: lines without end, or data that is no JSON object.
        """
        *lines, self._rest = (self._rest + part).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:
            raise NotAStream(f"a line of more than {LONGEST_LINE_BYTES} bytes")
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "replace")
            if text:
                name, _, value = text.partition(":")
                self._fields[name] = value.removeprefix(" ")
            elif told := self._ended():
                yield told

    def _ended(self) -> Told | None:
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        try:
            data = msgspec.json.decode(fields["data"], type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise NotAStream(f"an event without a JSON object: {error}") from error
        return Told(fields.get("event", ""), data, fields.get("id", ""))
