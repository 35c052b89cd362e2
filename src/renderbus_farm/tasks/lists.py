"""Questions about tasks: lists, details, where all frames stand, and why a task does not render."""

from __future__ import annotations

from renderbus_farm.rules import checks
from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.explain import explain
from renderbus_farm.rules.failures import doubts_of
from renderbus_farm.rules.heads import wished
from renderbus_farm.rules.items import NO_LABELS, TaskRecord, page_of, task_item
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.rules.standing import set_aside
from renderbus_farm.rules.waiting import kept_back, why_whole
from renderbus_farm.store import failures, frame_lists, labels, queue, stages, task_lists, waiting
from renderbus_farm.store.database import Connection
from renderbus_farm.store.task_lists import Narrowed
from renderbus_farm.tasks.desk import Desk, own
from renderbus_farm.tasks.whys import farm_now
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.frame import FrameTotals
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import Explanation, TaskItem, TaskListQuery


class TaskLists:
    """Tasks, as their owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(self, ask: TaskListQuery, *, by: User) -> Page[TaskItem]:
        """The caller's submitted tasks, the newest first; with ``recycle_flag`` those that were deleted."""
        checks.check_page(ask.page_num, ask.page_size)
        narrowed = Narrowed(
            deleted=ask.recycle_flag == 1,
            # An empty list is not covered by the signature, so it must not mean anything.
            statuses=checks.known_statuses(ask.status_list) if ask.status_list else None,
            keyword=checks.checked_keyword(ask.search_keyword),
            since=checks.seconds_of(ask.start_time),
            until=checks.seconds_of(ask.end_time),
        )
        now = self._desk.clock()
        with self._desk.database.reading() as db:
            found, total = task_lists.page(db, by.id, narrowed, number=ask.page_num, size=ask.page_size)
            labelled = labels.of_tasks(db, by.id, [task.id for task in found])
            parts = task_lists.parts(db, found, deleted=narrowed.deleted)
        items = [
            task_item(
                task,
                by,
                now,
                labelled.get(task.id, NO_LABELS),
                listed=True,
                parts=parts.get(task.id, ()),
            )
            for task in found
        ]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)

    def info(self, task_ids: list[int], *, by: User) -> Page[TaskItem]:
        """These tasks, in the order asked.

        Raises:
            NotFound: one does not exist, was deleted, or is another account's.
        """
        ids = checks.checked_ids("task", task_ids)
        now = self._desk.clock()
        if len(ids) == 1:  # what clients ask for again and again while they watch a task
            one = task_lists.labelled(self._desk.database, by.id, ids[0])
            if one is None:
                raise NotFound("task", ids)
            if not one[0].shell:
                return page_of([task_item(one[0], by, now, one[1])], total=1, number=1, size=100)
        with self._desk.database.reading() as db:
            found = own(db, ids, by)
            labelled = labels.of_tasks(db, by.id, ids)
            parts = task_lists.parts(db, found)
        items = [
            task_item(task, by, now, labelled.get(task.id, NO_LABELS), parts=parts.get(task.id, ()))
            for task in found
        ]
        return page_of(items, total=len(items), number=1, size=max(100, len(items)))

    def totals(self, *, by: User) -> FrameTotals:
        """Where the frames of all the caller's tasks stand."""
        with self._desk.database.reading() as db:
            counts = task_lists.totals(db, by.id)
        return FrameTotals(
            executing_frames_total=counts.rendering,
            done_frames_total=counts.done,
            failed_frames_total=counts.failed,
            waiting_frames_total=counts.waiting + counts.held,
            abandon_frames_total=counts.stopped,
            total_frames=counts.total,
        )

    def explain(self, task_id: int, *, by: User) -> Explanation:
        """Why the task does not render now, and whether any node of the farm ever could.

        Of a shell it is why its parts do not, each reason once.
        """
        ids = checks.checked_ids("task", [task_id])
        with self._desk.database.reading() as db:
            task = own(db, ids, by)[0]
            every = task_lists.parts(db, [task]).get(task.id, [task])
            whys = [self._explained(db, each) for each in every]
        reasons = dict.fromkeys(reason for why in whys for reason in why.reasons)
        return Explanation(possible=any(why.possible for why in whys), reasons=list(reasons))

    def _explained(self, db: Connection, task: TaskRecord) -> Explanation:
        farm, of_task = farm_now(self._desk, db), waiting.of_task(db, task.id)
        heads = wished(queue.heads(db, farm.now, names=self._desk.limits, task_id=task.id), farm.nodes)
        error = frame_lists.first_error(db, task.id) if task.failed else task.analysis_error
        waits = [reason for wait in stages.waits(db, task.id) for reason in wait.reasons]
        # That a start is waited for is told below, also of a task without frames.
        asked = task.counts.waiting and not task.waits_for_start
        held = why_whole(of_task, farm.now) if asked else ""
        doubts = doubts_of(failures.doubts(db, task.id), farm.now)
        if task.counts.waiting:
            doubts += set_aside(farm.aside, farm.now)
        why = explain(
            TaskStatus(task.status),
            task.counts,
            heads,
            farm.nodes,
            farm.running,
            waits_for_start=task.waits_for_start,
            analysis=Analysis(task.analysis),
            gives_up_after_s=self._desk.gives_up_after_s,
            error=error,
            kept_back=lambda head: kept_back(head, of_task, farm),
        )
        return Explanation(
            possible=why.can_go_on,
            reasons=list(dict.fromkeys([*why.reasons, *([held] if held else []), *waits, *doubts])),
        )
