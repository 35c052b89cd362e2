"""What a user may do with tasks and frames.

A command changes rows and nothing else; the dispatcher's next tick makes it so. Every command may come twice,
in any state of a task.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.rules import checks, dispatch
from renderbus_farm.rules.items import FrameRecord, TaskRecord, alias, frame_item, page_of, task_item
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, NotFound, named
from renderbus_farm.rules.work import Node
from renderbus_farm.store import accounts, attempts, frames, tasks, transfers
from renderbus_farm.store.database import Connection, Database
from renderbus_model.pieces import Digest, digest_of
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import (
    ChosenFrames,
    FrameItem,
    FrameLog,
    FrameLogQuery,
    FrameQuery,
    ThumbnailQuery,
)
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import (
    CreatedTasks,
    CreateTask,
    Explanation,
    RestartTasks,
    SubmitTask,
    TaskDocument,
    TaskItem,
    TaskListQuery,
)

MOST_NEW_TASKS = 1000
URL_HOLDS_S = 3600
"""How long the URL of a small picture holds: as long as somebody looks at a list."""

LONGEST_LOG_BYTES = 4 << 20
"""Of a longer log the end is shown, where a renderer says why it failed."""

_FAILED = (FrameStatus.FAILED, FrameStatus.TIMED_OUT)
_ISOLATION = (None, "", "TASK_ID_MODEL", "OUT_USER_MODEL")


@dataclass(frozen=True, slots=True)
class _Command:
    """A command on its way: the tasks it is about, in the transaction that changes them."""

    db: Connection
    tasks: Sequence[TaskRecord]
    now: float

    @property
    def ids(self) -> list[int]:
        return [task.id for task in self.tasks]

    def wish(self, what: Wish, ids: Collection[int]) -> None:
        tasks.wish(self.db, ids, what)

    def move(
        self,
        what: Happened,
        ids: Collection[int],
        *,
        frame_ids: Collection[int] | None = None,
        statuses: Collection[int] | None = None,
    ) -> set[int]:
        return frames.move(self.db, what, ids, self.now, ids=frame_ids, statuses=statuses)


class Tasks:
    """Tasks and frames, as their owners see them.

    Args:
        nodes: the nodes that can take work now.
        wake: called after a command that gives the dispatcher something to do.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        *,
        nodes: Callable[[], list[Node]],
        wake: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._nodes = nodes
        self._wake = wake
        self._clock = clock

    @contextmanager
    def _command(self, task_ids: Iterable[int], by: User, *, deleted: bool = False) -> Iterator[_Command]:
        """A transaction on the caller's tasks of these ids; what it changes is counted at its end.

        Raises:
            NotFound: some do not exist or are another account's; nothing is changed for the others either.
        """
        ids = checks.checked_ids("task", task_ids)
        now = self._clock()
        with self._database.writing() as db:
            found = self._own(db, ids, by, deleted=deleted)
            yield _Command(db, found, now)
            tasks.refresh(db, ids, now)
        self._wake()

    @staticmethod
    def _own(db: Connection, ids: Sequence[int], by: User, *, deleted: bool = False) -> list[TaskRecord]:
        found = {task.id: task for task in tasks.records(db, by.id, ids, deleted=deleted)}
        if absent := [task_id for task_id in ids if task_id not in found]:
            raise NotFound("task", absent)
        return [found[task_id] for task_id in ids]

    def create(self, ask: CreateTask, *, by: User) -> CreatedTasks:
        """Ids for tasks that are submitted later; their labels exist from now on.

        Raises:
            BadValue: a count or level that makes no sense, or names that are too long or too many.
        """
        if not 1 <= ask.count <= MOST_NEW_TASKS:
            raise BadValue(f"count {ask.count}: expected 1 to {MOST_NEW_TASKS}")
        if not 0 <= ask.task_user_level <= 100:
            raise BadValue(f"taskUserLevel {ask.task_user_level}: expected 50, or 60 for urgent")
        if ask.clone_original_id:
            checks.checked_ids("task", [ask.clone_original_id])
        checks.checked_names("artist", [ask.artist])
        labels = checks.checked_names("label", ask.labels or [])
        with self._database.writing() as db:
            accounts.add_labels(db, by.id, [name for name in labels if name])
            ids = [tasks.create(db, by.id, ask, self._clock()) for _ in range(ask.count)]
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
        with self._command([ask.task_id], by) as command:
            transfers.put_document(command.db, ask.task_id, ask.file_name, content)

    def submit(self, ask: SubmitTask, *, by: User) -> None:
        """Read the documents, fix the inputs, and let the frames wait for nodes.

        A task that was submitted stays as it is.

        Raises:
            BadValue: a document or input is missing or makes no sense, or the task was aborted.
        """
        if ask.asset_isolation_model not in _ISOLATION:
            raise BadValue(
                f"assetIsolationModel {ask.asset_isolation_model!r}: expected {named(_ISOLATION[2:])}"
            )
        if ask.asset_isolation_model == "OUT_USER_MODEL" and not ask.out_user_id:
            raise BadValue("assetIsolationModel OUT_USER_MODEL needs outUserId")
        with self._command([ask.task_id], by) as command:
            task = command.tasks[0]
            if task.submitted_at is not None:
                return
            if task.wish == Wish.ABANDON.value:
                raise BadValue(f"task {task.id} was aborted; create a new one")
            what = checks.read_submission(task.id, transfers.documents(command.db, task.id))
            stored = transfers.inputs(command.db, by.id, what.inputs)
            manifest = checks.manifest_of(task.id, what.inputs, stored).encode()
            digest = digest_of(manifest)
            self._blobs.put(digest, io.BytesIO(manifest))
            tasks.submit(command.db, task.id, what, digest, command.now)

    def stop(self, task_ids: list[int], *, by: User) -> None:
        """Frames that render are cancelled, waiting ones are kept. What has ended stays as it is."""
        with self._command(task_ids, by) as command:
            ids = [task.id for task in command.tasks if _goes_on(task) and task.wish == Wish.RUN.value]
            command.wish(Wish.STOP, ids)
            command.move(Happened.STOPPED, ids)

    def start(self, task_ids: list[int], *, by: User) -> None:
        """Stopped frames wait again, and so do those held for the test frames.

        Raises:
            BadValue: a task was aborted, or never submitted.
        """
        with self._command(task_ids, by) as command:
            _check_may_run(command.tasks)
            touched = command.move(Happened.STARTED, command.ids)
            command.wish(
                Wish.RUN, touched | {task.id for task in command.tasks if task.wish != Wish.RUN.value}
            )

    def abort(self, task_ids: list[int], *, by: User) -> None:
        """Give tasks up for good. What has ended stays as it is."""
        with self._command(task_ids, by) as command:
            ids = [task.id for task in command.tasks if _goes_on(task) or task.submitted_at is None]
            command.wish(Wish.ABANDON, ids)
            command.move(Happened.STOPPED, ids)

    def delete(self, task_ids: list[int], *, by: User) -> None:
        """Tasks are shown no more; their frames that render are cancelled."""
        with self._command(task_ids, by, deleted=True) as command:
            command.wish(Wish.STOP, [task.id for task in command.tasks if task.wish == Wish.RUN.value])
            command.move(Happened.STOPPED, command.ids)
            tasks.delete(command.db, command.ids)

    def full_speed(self, task_ids: list[int], *, by: User) -> str:
        """Frames held for the test frames wait for nodes. Answers a word that older clients print."""
        with self._command(task_ids, by) as command:
            released = command.move(Happened.RELEASED, command.ids)
            command.wish(Wish.RUN, released)
        return "SUCCESS"

    def restart_failed(self, ask: RestartTasks, *, by: User) -> None:
        """Failed frames, or those of the asked statuses, wait again.

        Raises:
            BadValue: a task was aborted, or never submitted.
        """
        with self._command(ask.task_ids, by) as command:
            _check_may_run(command.tasks)
            touched = command.move(Happened.RESTARTED, command.ids, statuses=ask.status or _FAILED)
            command.wish(Wish.RUN, touched)

    def restart_frames(self, ask: ChosenFrames, *, by: User) -> None:
        """Frames wait again, whatever became of them; those that wait or render already are left alone.

        Raises:
            BadValue: no frame was named, or the task was aborted or never submitted.
            NotFound: a frame is not one of the task's.
        """
        frame_ids = None if ask.select_all else checks.checked_ids("frame", ask.ids or [])
        with self._command([ask.task_id], by) as command:
            _check_may_run(command.tasks)
            if frame_ids is not None:
                known = frames.of_task(command.db, ask.task_id, frame_ids)
                if absent := [frame_id for frame_id in frame_ids if frame_id not in known]:
                    raise NotFound("frame", absent)
            statuses = ask.status or None
            touched = command.move(Happened.RESTARTED, command.ids, frame_ids=frame_ids, statuses=statuses)
            command.wish(Wish.RUN, touched)

    def page(self, ask: TaskListQuery, *, by: User) -> Page[TaskItem]:
        """The caller's submitted tasks, the newest first."""
        checks.check_page(ask.page_num, ask.page_size)
        with self._database.reading() as db:
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
        with self._database.reading() as db:
            items = [task_item(task, by) for task in self._own(db, ids, by)]
        return page_of(items, total=len(items), number=1, size=max(100, len(items)))

    def frames(self, ask: FrameQuery, *, by: User) -> Page[FrameItem]:
        """A page of a task's frames, in the order they were asked for; past the last one it is empty."""
        checks.check_page(ask.page_num, ask.page_size)
        ids = checks.checked_ids("task", [ask.task_id])
        keyword = checks.checked_keyword(ask.search_keyword)
        with self._database.reading() as db:
            self._own(db, ids, by)
            found, total = frames.page(
                db, ask.task_id, number=ask.page_num, size=ask.page_size, keyword=keyword
            )
        now = self._clock()
        items = [frame_item(frame, by, now) for frame in found]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)

    def thumbnails(self, ask: ThumbnailQuery, *, by: User) -> list[str]:
        """Where to get the frame's small picture; nothing while there is none."""
        with self._database.reading() as db:
            frame = self._own_frame(db, ask.id, by)
        if frame.thumbnail is None:
            return []
        until = int(self._clock()) + URL_HOLDS_S
        return [self._blobs.get_url(Digest(frame.thumbnail), f"{frame.number}.webp", until)]

    def frame_log(self, ask: FrameLogQuery, *, by: User) -> FrameLog:
        """What renderer and worker wrote; where that was lost with them, the farm's own words.

        Raises:
            NotFound: no such frame, or no such attempt at it.
        """
        with self._database.reading() as db:
            frame = self._own_frame(db, ask.frame_id, by)
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
            with self._blobs.get(log) as stream:
                stream.seek(0, io.SEEK_END)
                stream.seek(max(0, stream.tell() - LONGEST_LOG_BYTES))
                return stream.read().decode("utf-8", "replace")
        except BlobMissing as error:
            return f"the log is lost: {error}"

    @staticmethod
    def _own_frame(db: Connection, frame_id: int, by: User) -> FrameRecord:
        checks.checked_ids("frame", [frame_id])
        frame = frames.record(db, by.id, frame_id)
        if frame is None:
            raise NotFound("frame", [frame_id])
        return frame

    def explain(self, task_id: int, *, by: User) -> Explanation:
        """Why the task does not render now, and whether any node of the farm ever could."""
        ids = checks.checked_ids("task", [task_id])
        nodes = self._nodes()
        with self._database.reading() as db:
            task = self._own(db, ids, by)[0]
            heads = frames.heads(db, task_id)
            running = [dispatch.Running(run.task_id, run.node) for run in frames.rendering(db).values()]
        why = dispatch.explain(TaskStatus(task.status), task.counts, heads, nodes, running)
        return Explanation(possible=why.can_go_on, reasons=list(why.reasons))


def _goes_on(task: TaskRecord) -> bool:
    return task.submitted_at is not None and task.counts.ended < task.counts.total


def _check_may_run(found: Iterable[TaskRecord]) -> None:
    for task in found:
        if task.submitted_at is None:
            raise BadValue(f"task {task.id} was not submitted yet; submit it first")
        if task.wish == Wish.ABANDON.value:
            raise BadValue(f"task {task.id} was aborted and cannot go on; submit the scene as a new task")
