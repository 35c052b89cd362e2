"""What rendering left behind: small pictures and logs."""

from __future__ import annotations

import io

from renderbus_farm.blobs.blobs import BlobMissing
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.store import attempts
from renderbus_farm.tasks.desk import Desk, own_frame
from renderbus_model.pieces import Digest
from renderbus_model.wire.frame import FrameLog, FrameLogQuery, ThumbnailQuery

URL_HOLDS_S = 3600
"""How long the URL of a small picture holds: as long as somebody looks at a list."""

LONGEST_LOG_BYTES = 4 << 20
"""Of a longer log the end is shown, where a renderer says why it failed."""


class Results:
    """Pictures and logs, as their tasks' owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def thumbnails(self, ask: ThumbnailQuery, *, by: User) -> list[str]:
        """Where to get the frame's small picture; nothing while there is none."""
        with self._desk.database.reading() as db:
            frame = own_frame(db, ask.id, by)
        if frame.thumbnail is None:
            return []
        until = int(self._desk.clock()) + URL_HOLDS_S
        return [self._desk.blobs.get_url(Digest(frame.thumbnail), f"{frame.number}.webp", until)]

    def frame_log(self, ask: FrameLogQuery, *, by: User) -> FrameLog:
        """What renderer and worker wrote; where that was lost with them, the farm's own words.

        Raises:
            NotFound: no such frame, or no such attempt at it.
        """
        with self._desk.database.reading() as db:
            frame = own_frame(db, ask.frame_id, by)
            number = ask.attempt or frame.attempt
            if not 0 <= number <= frame.attempt:
                raise NotFound(f"attempt at frame {frame.id}", [number])
            kept = attempts.log_of(db, frame.id, number)
        text = ""
        if kept is not None:
            text = self._text(kept[0]) or kept[1]
        return FrameLog(frame_id=frame.id, attempt=number, attempts=frame.attempt, text=text)

    def _text(self, log: Digest | None) -> str:
        if log is None:
            return ""
        try:
            with self._desk.blobs.get(log) as stream:
                stream.seek(0, io.SEEK_END)
                stream.seek(max(0, stream.tell() - LONGEST_LOG_BYTES))
                return stream.read().decode("utf-8", "replace")
        except BlobMissing as error:
            return f"the log is lost: {error}"
