"""What rendering left behind and how far it is: small pictures, progress and logs."""

from __future__ import annotations

import io

from renderbus_farm.blobs.blobs import BlobMissing
from renderbus_farm.rules import checks
from renderbus_farm.rules.items import FrameRecord, TaskRecord, page_of
from renderbus_farm.rules.people import User
from renderbus_farm.rules.progress import MOST_PICTURES, PHOTONS, PICTURES, progress_picture
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store import attempts, frame_lists, task_lists
from renderbus_farm.store.database import Connection
from renderbus_farm.tasks.desk import Desk, own, own_frame
from renderbus_model.pieces import Digest
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.frame import (
    FrameLog,
    FrameLogQuery,
    ProgressPicture,
    ProgressPictureQuery,
    RenderLog,
    RenderLogQuery,
    ThumbnailQuery,
)
from renderbus_model.wire.page import Page

URL_HOLDS_S = 3600
"""How long the URL of a small picture holds: as long as somebody looks at a list."""

LONGEST_LOG_BYTES = 4 << 20
"""Of a longer log the end is shown, where a renderer says why it failed; the logs of one page share it."""

RENDER_LOGS = "render"


class Results:
    """Pictures and logs, as their tasks' owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def thumbnails(self, ask: ThumbnailQuery, *, by: User) -> list[str]:
        """Where to get the frame's small picture; nothing while there is none."""
        with self._desk.database.reading() as db:
            frame = own_frame(db, ask.id, by)
        url = self._picture_url(frame)
        return [url] if url else []

    def progress(self, ask: ProgressPictureQuery, *, by: User) -> ProgressPicture:
        """The pictures that render and those done last. No scene of today has photon frames: none are shown.

        Raises:
            BadValue: the frame type is neither photons nor pictures.
        """
        ids = checks.checked_ids("task", [ask.task_id])
        if ask.frame_type not in (None, PHOTONS, PICTURES):
            raise BadValue(
                f"frameType {ask.frame_type}: expected {PHOTONS} (photons) or {PICTURES} (pictures)"
            )
        with self._desk.database.reading() as db:
            task = own(db, ids, by)[0]
            photons = ask.frame_type == PHOTONS
            found = [] if photons else _in_progress(db, task)
            size = frame_lists.picture_size(db, task.id)
        urls = {frame.id: self._picture_url(frame) for frame in found}
        return progress_picture(task, found, size, urls, self._desk.clock())

    def _picture_url(self, frame: FrameRecord) -> str:
        if frame.thumbnail is None:
            return ""
        until = int(self._desk.clock()) + URL_HOLDS_S
        return self._desk.blobs.get_url(Digest(frame.thumbnail), f"{frame.index}.webp", until)

    def frame_log(self, ask: FrameLogQuery, *, by: User) -> FrameLog:
        """What renderer and worker wrote, or have so far; where it was lost with them, the farm's own words.

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
            text = self._text(kept[0], LONGEST_LOG_BYTES) or kept[1] or self._so_far(frame, number)
        return FrameLog(frame_id=frame.id, attempt=number, attempts=frame.attempt, text=text)

    def logs(self, ask: RenderLogQuery, *, by: User) -> Page[RenderLog]:
        """One page of the attempts at a frame with their logs, the last one first.

        There are no logs but those of rendering: of another type every page is empty.
        """
        checks.check_page(ask.page_num, ask.page_size)
        with self._desk.database.reading() as db:
            frame = own_frame(db, ask.id, by)
            total = frame.attempt if ask.rendering_type == RENDER_LOGS else 0
            number, size = ask.page_num, ask.page_size
            tries = frame_lists.attempts_at(db, frame.id, number=number, size=size) if total else []
        items = [
            RenderLog(
                frame_id=frame.id,
                attempt=each.number,
                node_name=each.node,
                start_time=round((each.started_at or 0) * 1000),
                end_time=round((each.ended_at or 0) * 1000),
                log=self._text(each.log, LONGEST_LOG_BYTES // len(tries))
                or each.error
                or self._so_far(frame, each.number),
            )
            for each in tries
        ]
        return page_of(items, total=total, number=number, size=size)

    def _so_far(self, frame: FrameRecord, attempt: int) -> str:
        if frame.status != FrameStatus.RENDERING or attempt != frame.attempt:
            return ""
        return self._desk.log_so_far(ChunkId(frame.id, attempt)).decode("utf-8", "replace")

    def _text(self, log: Digest | None, most_bytes: int) -> str:
        if log is None:
            return ""
        try:
            with self._desk.blobs.get(log) as stream:
                stream.seek(0, io.SEEK_END)
                stream.seek(max(0, stream.tell() - most_bytes))
                return stream.read().decode("utf-8", "replace")
        except BlobMissing as error:
            return f"the log is lost: {error}"


def _in_progress(db: Connection, task: TaskRecord) -> list[FrameRecord]:
    """Of a shell those of its parts, one part after another."""
    parts = task_lists.parts(db, [task]).get(task.id, [task])
    found: list[FrameRecord] = []
    for part in parts:
        if left := MOST_PICTURES - len(found):
            found += frame_lists.in_progress(db, part.id, left)
    return found
