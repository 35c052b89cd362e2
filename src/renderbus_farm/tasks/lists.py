"""Questions about tasks: lists, details, and why one does not render."""

from __future__ import annotations

from renderbus_farm.rules import checks, dispatch
from renderbus_farm.rules.items import page_of, task_item
from renderbus_farm.rules.people import User
from renderbus_farm.store import frames, tasks
from renderbus_farm.tasks.desk import Desk, own
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import Explanation, TaskItem, TaskListQuery


class TaskLists:
    """Tasks, as their owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(self, ask: TaskListQuery, *, by: User) -> Page[TaskItem]:
        """The caller's submitted tasks, the newest first."""
        checks.check_page(ask.page_num, ask.page_size)
        with self._desk.database.reading() as db:
            found, total = tasks.page(
                db,
                by.id,
                number=ask.page_num,
                size=ask.page_size,
                # An empty list is not covered by the signature, so it must not mean anything.
                statuses=checks.known_statuses(ask.status_list) if ask.status_list else None,
                keyword=checks.checked_keyword(ask.search_keyword),
                since=checks.seconds_of(ask.start_time),
                until=checks.seconds_of(ask.end_time),
            )
        items = [task_item(task, by) for task in found]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)

    def info(self, task_ids: list[int], *, by: User) -> Page[TaskItem]:
        """These tasks, in the order asked.

        Raises:
            NotFound: one does not exist, was deleted, or is another account's.
        """
        ids = checks.checked_ids("task", task_ids)
        with self._desk.database.reading() as db:
            items = [task_item(task, by) for task in own(db, ids, by)]
        return page_of(items, total=len(items), number=1, size=max(100, len(items)))

    def explain(self, task_id: int, *, by: User) -> Explanation:
        """Why the task does not render now, and whether any node of the farm ever could."""
        ids = checks.checked_ids("task", [task_id])
        nodes = self._desk.nodes()
        with self._desk.database.reading() as db:
            task = own(db, ids, by)[0]
            heads = frames.heads(db, task_id)
            running = [dispatch.Running(run.task_id, run.node) for run in frames.rendering(db).values()]
        why = dispatch.explain(TaskStatus(task.status), task.counts, heads, nodes, running)
        return Explanation(possible=why.can_go_on, reasons=list(why.reasons))
