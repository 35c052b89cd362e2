"""The frames of a task: their list, and commands on chosen ones."""

from __future__ import annotations

from collections.abc import Sequence

from renderbus_farm.rules import checks
from renderbus_farm.rules.items import FrameRecord, TaskRecord, frame_item, page_of
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.store import frame_lists
from renderbus_farm.store.database import Connection
from renderbus_farm.tasks.desk import Desk, check_may_run, own, with_parts
from renderbus_farm.tasks.whys import why_frames
from renderbus_model.wire.frame import ChosenFrames, FrameItem, FrameQuery, WaitingFrames, WhyQuery
from renderbus_model.wire.page import Page


class Frames:
    """Frames, as their tasks' owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(self, ask: FrameQuery, *, by: User) -> Page[FrameItem]:
        """A page of a task's frames, in the order they were asked for; past the last one it is empty.

        Those of a shell are the frames of its parts, one part after another.
        """
        checks.check_page(ask.page_num, ask.page_size)
        ids = checks.checked_ids("task", [ask.task_id])
        keyword = checks.checked_keyword(ask.search_keyword)
        number, size = ask.page_num, ask.page_size
        with self._desk.database.reading() as db:
            task = own(db, ids, by)[0]
            tasks = {each.id: each for each in with_parts(db, [task])}
            if keyword:
                found, total = frame_lists.search(db, list(tasks), keyword, number=number, size=size)
            elif task.shell:
                total = task.counts.total
                found = _page_of_parts(db, list(tasks.values())[1:], number=number, size=size)
            else:
                total = task.counts.total
                found = frame_lists.page(db, task.id, number=number, size=size)
        now = self._desk.clock()
        items = [frame_item(frame, tasks[frame.task_id], by, now) for frame in found]
        return page_of(items, total=total, number=number, size=size)

    def whys(self, ask: WhyQuery, *, by: User) -> Page[WaitingFrames]:
        """What waits in a task, and why; past the last page there is nothing."""
        return why_frames(self._desk, ask, by)

    def restart(self, ask: ChosenFrames, *, by: User) -> None:
        """Frames wait again, whatever became of them; those that wait or render already are left alone.

        Raises:
            BadValue: no frame was named, or the task was aborted or never submitted.
            NotFound: a frame is not one of the task's.
        """
        frame_ids = _chosen(ask)
        with self._desk.command([ask.task_id], by, "restart frames") as command:
            check_may_run(command.tasks)
            _check_of_tasks(command.db, command.ids, frame_ids)
            touched = command.move(
                Happened.RESTARTED, command.ids, frame_ids=frame_ids, statuses=ask.status or None
            )
            command.wish(Wish.RUN, touched)

    def stop(self, ask: ChosenFrames, *, by: User) -> None:
        """Frames that wait or render are stopped; the others of the task go on.

        Raises:
            BadValue: no frame was named.
            NotFound: a frame is not one of the task's.
        """
        frame_ids = _chosen(ask)
        with self._desk.command([ask.task_id], by, "stop frames") as command:
            _check_of_tasks(command.db, command.ids, frame_ids)
            command.move(Happened.STOPPED, command.ids, frame_ids=frame_ids, statuses=ask.status or None)


def _chosen(ask: ChosenFrames) -> list[int] | None:
    """The frames that were named; None for every one."""
    return None if ask.select_all else checks.checked_ids("frame", ask.ids or [])


def _page_of_parts(
    db: Connection, parts: Sequence[TaskRecord], *, number: int, size: int
) -> list[FrameRecord]:
    first, behind = (number - 1) * size, number * size
    found: list[FrameRecord] = []
    before = 0
    for part in parts:
        total = part.counts.total
        if before < behind and first < before + total:
            span = (max(0, first - before), min(total, behind - before))
            found += frame_lists.span(db, part.id, *span)
        before += total
    return found


def _check_of_tasks(db: Connection, task_ids: list[int], frame_ids: list[int] | None) -> None:
    if frame_ids is None:
        return
    known = frame_lists.of_tasks(db, task_ids, frame_ids)
    if absent := [frame_id for frame_id in frame_ids if frame_id not in known]:
        raise NotFound("frame", absent)
