"""What a user may do with tasks: create, submit, stop, start, abort, delete, full speed, restart."""

from __future__ import annotations

from renderbus_farm.rules import checks
from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.items import alias
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.limits import checked_level
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MayNotDelete
from renderbus_farm.store import accounts, analyses, labels, records, tasks, transfers
from renderbus_farm.tasks.desk import Desk, check_may_run, own
from renderbus_farm.tasks.submission import Submissions
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.task import CreatedTasks, CreateTask, RestartTasks, SubmitTask, TaskDocument

MOST_NEW_TASKS = 1000

_FAILED = (FrameStatus.FAILED, FrameStatus.TIMED_OUT)


class Tasks:
    """Commands on tasks, by their owners."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._submissions = Submissions(desk)

    def create(self, ask: CreateTask, *, by: User) -> CreatedTasks:
        """Ids for tasks that are submitted later; their labels exist from now on.

        Raises:
            BadValue: a count or level that makes no sense, or names that are too long or too many.
            NotFound: the task that they are copies of is not the caller's.
        """
        if not 1 <= ask.count <= MOST_NEW_TASKS:
            raise BadValue(f"count {ask.count}: expected 1 to {MOST_NEW_TASKS}")
        checked_level(ask.task_user_level)
        original = checks.checked_ids("task", [ask.clone_original_id]) if ask.clone_original_id else []
        checks.checked_names("artist", [ask.artist])
        names = checks.checked_names("label", ask.labels or [])
        with self._desk.database.writing() as db:
            own(db, original, by, deleted=True)
            now = self._desk.clock()
            ids = [tasks.create(db, by.id, ask, now) for _ in range(ask.count)]
            labels.put_on(db, by.id, ids, [name for name in names if name])
            records.note(db, by.id, "create", ids, by.visit.channel, "", now)
        return CreatedTasks(
            task_id_list=ids, alias_task_id_list=[alias(task_id) for task_id in ids], user_id=by.id
        )

    def store_document(self, ask: TaskDocument, *, by: User) -> None:
        """Keep one of a task's documents; the last one sent holds.

        Raises:
            BadValue: not one of the four, or too large.
        """
        content = ask.content.encode()
        checks.check_document(ask.file_name, len(content))
        with self._desk.command([ask.task_id], by, moves=False) as command:
            transfers.put_document(command.db, ask.task_id, ask.file_name, content)

    def submit(self, ask: SubmitTask, *, by: User) -> None:
        """See ``Submissions.submit``."""
        self._submissions.submit(ask, by=by)

    def stop(self, task_ids: list[int], *, by: User) -> None:
        """Frames that render are cancelled, waiting ones are kept. What has ended stays as it is."""
        with self._desk.command(task_ids, by, "stop") as command:
            ids = [task.id for task in command.tasks if task.goes_on and task.wish == Wish.RUN.value]
            command.wish(Wish.STOP, ids)
            command.move(Happened.STOPPED, ids)

    def start(self, task_ids: list[int], *, by: User) -> None:
        """Stopped frames wait again, and so do those held for the test frames.

        A task that waits for its first start goes on as it was submitted.

        Raises:
            BadValue: a task was aborted, or never submitted.
        """
        with self._desk.command(task_ids, by, "start") as command:
            check_may_run(command.tasks)
            # What its account's choice held back begins as it was submitted, test frames first.
            ids = [task.id for task in command.tasks if not task.waits_for_start]
            touched = command.move(Happened.STARTED, ids)
            held = (task for task in command.tasks if task.wish != Wish.RUN.value or task.waits_for_start)
            command.wish(Wish.RUN, touched | {task.id for task in held})

    def abort(self, task_ids: list[int], *, by: User) -> None:
        """Give tasks up for good. What has ended stays as it is."""
        with self._desk.command(task_ids, by, "abort") as command:
            ids = [task.id for task in command.tasks if task.goes_on or task.submitted_at is None]
            command.wish(Wish.ABANDON, ids)
            command.move(Happened.STOPPED, ids)

    def delete(self, task_ids: list[int], *, by: User) -> None:
        """Tasks are shown among the deleted ones alone; their frames that render are cancelled.

        Raises:
            MayNotDelete: the caller is a sub account whose main account does not allow it.
        """
        with self._desk.command(task_ids, by, "delete", deleted=True) as command:
            place = accounts.membership_of(command.db, by.id)
            if place and not accounts.settings(command.db, place.main_account_id).sub_delete_task:
                raise MayNotDelete
            command.wish(Wish.STOP, [task.id for task in command.tasks if task.wish == Wish.RUN.value])
            command.move(Happened.STOPPED, command.ids)
            tasks.delete(command.db, command.ids)

    def full_speed(self, task_ids: list[int], *, by: User) -> str:
        """Frames held for the test frames wait for nodes. Answers a word that older clients print.

        Raises:
            BadValue: a task was aborted, or never submitted.
        """
        with self._desk.command(task_ids, by, "full speed") as command:
            check_may_run(command.tasks)
            released = command.move(Happened.RELEASED, command.ids)
            command.wish(Wish.RUN, released)
        return "SUCCESS"

    def restart_failed(self, ask: RestartTasks, *, by: User) -> None:
        """Failed frames, or those of the asked statuses, wait again; a failed analysis begins anew.

        Raises:
            BadValue: a task was aborted, or never submitted.
        """
        with self._desk.command(ask.task_ids, by, "restart") as command:
            check_may_run(command.tasks)
            touched = command.move(Happened.RESTARTED, command.ids, statuses=ask.status or _FAILED)
            failed = not ask.status or FrameStatus.FAILED in ask.status
            unread = {task.id for task in command.tasks if failed and task.analysis == Analysis.FAILED.value}
            analyses.ask_again(command.db, unread)
            command.wish(Wish.RUN, touched | unread)
