"""The frames of a task: their list, and commands on chosen ones."""

from __future__ import annotations

from renderbus_farm.rules import checks
from renderbus_farm.rules.items import frame_item, page_of
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.store import frames
from renderbus_farm.tasks.desk import Desk, check_may_run, own
from renderbus_model.wire.frame import ChosenFrames, FrameItem, FrameQuery
from renderbus_model.wire.page import Page


class Frames:
    """Frames, as their tasks' owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(self, ask: FrameQuery, *, by: User) -> Page[FrameItem]:
        """A page of a task's frames, in the order they were asked for; past the last one it is empty."""
        checks.check_page(ask.page_num, ask.page_size)
        ids = checks.checked_ids("task", [ask.task_id])
        keyword = checks.checked_keyword(ask.search_keyword)
        with self._desk.database.reading() as db:
            own(db, ids, by)
            found, total = frames.page(
                db, ask.task_id, number=ask.page_num, size=ask.page_size, keyword=keyword
            )
        now = self._desk.clock()
        items = [frame_item(frame, by, now) for frame in found]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)

    def restart(self, ask: ChosenFrames, *, by: User) -> None:
        """Frames wait again, whatever became of them; those that wait or render already are left alone.

        Raises:
            BadValue: no frame was named, or the task was aborted or never submitted.
            NotFound: a frame is not one of the task's.
        """
        frame_ids = None if ask.select_all else checks.checked_ids("frame", ask.ids or [])
        with self._desk.command([ask.task_id], by) as command:
            check_may_run(command.tasks)
            if frame_ids is not None:
                known = frames.of_task(command.db, ask.task_id, frame_ids)
                if absent := [frame_id for frame_id in frame_ids if frame_id not in known]:
                    raise NotFound("frame", absent)
            statuses = ask.status or None
            touched = command.move(Happened.RESTARTED, command.ids, frame_ids=frame_ids, statuses=statuses)
            command.wish(Wish.RUN, touched)
