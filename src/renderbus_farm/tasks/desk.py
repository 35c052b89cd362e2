"""What every question about tasks and every command on them needs: the caller's own, in a transaction.

A command changes rows and nothing else; the dispatcher's next tick makes it so. Every command may come twice,
in any state of a task.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.rules import checks
from renderbus_farm.rules.items import FrameRecord, TaskRecord
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.patience import GIVES_UP_AFTER_S
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_farm.rules.work import ChunkId, Node
from renderbus_farm.store import frame_lists, frames, records, stages, task_lists, tasks
from renderbus_farm.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Command:
    """A command on its way: the tasks it is about, with the parts of shells, in one transaction."""

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
        touched = frames.move(self.db, what, ids, self.now, ids=frame_ids, statuses=statuses)
        tiled = [task.id for task in self.tasks if task.tiles > 1 and task.id in touched]
        if tiled and what is Happened.RESTARTED:
            stages.ask_for_lost_tiles(self.db, tiled)
        return touched


@dataclass(frozen=True)
class Desk:
    """Where the farm keeps its tasks, and whom to tell when one changes.

    Attributes:
        nodes: the nodes that can take work now.
        wake: called after a command that gives the dispatcher something to do.
        clock: seconds since 1970.
        log_so_far: the end of what was printed for an attempt that renders; empty where nobody knows.
        gives_up_after_s: how long what no node can render waits for one, before it fails.
        limits: how many the farm has of each named limit.
    """

    database: Database
    blobs: Blobs
    nodes: Callable[[], list[Node]]
    wake: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.time
    gives_up_after_s: float = GIVES_UP_AFTER_S
    limits: Mapping[str, int] = field(default_factory=dict)
    log_so_far: Callable[[ChunkId], bytes] = lambda _: b""

    @contextmanager
    def command(
        self,
        task_ids: Iterable[int],
        by: User,
        button: str = "",
        *,
        details: str = "",
        deleted: bool = False,
        moves: bool = True,
    ) -> Iterator[Command]:
        """A transaction on the caller's tasks of these ids; what it changes is counted at its end.

        Args:
            button: what the account's records call it; empty for what they do not tell.
            details: what it was told besides.
            deleted: also on tasks that were deleted.
            moves: it may move frames or change the wish; what leaves both alone need not count them.

        Raises:
            NotFound: some do not exist or are another account's; nothing is changed for the others either.
        """
        ids = checks.checked_ids("task", task_ids)
        now = self.clock()
        with self.database.writing() as db:
            found = with_parts(db, own(db, ids, by, deleted=deleted), deleted=deleted)
            yield Command(db, found, now)
            if moves:
                tasks.refresh(db, ids, now)
            if button:
                records.note(db, by.id, button, ids, by.visit.channel, details, now)
        self.wake()


def own(db: Connection, ids: Sequence[int], by: User, *, deleted: bool = False) -> list[TaskRecord]:
    """The caller's tasks of these ids, in that order.

    Raises:
        NotFound: some do not exist, were deleted or are another account's.
    """
    found = {task.id: task for task in task_lists.records(db, by.id, ids, deleted=deleted)}
    if absent := [task_id for task_id in ids if task_id not in found]:
        raise NotFound("task", absent)
    return [found[task_id] for task_id in ids]


def with_parts(db: Connection, found: Sequence[TaskRecord], *, deleted: bool = False) -> list[TaskRecord]:
    """These tasks, each shell followed by its parts; each once.

    A part that was aborted by itself is left alone, but for being deleted.
    """
    parts = task_lists.parts(db, found, deleted=deleted)
    aborted = () if deleted else (Wish.ABANDON.value,)
    every = [
        each
        for task in found
        for each in (task, *(part for part in parts.get(task.id, ()) if part.wish not in aborted))
    ]
    return list({task.id: task for task in every}.values())


def own_frame(db: Connection, frame_id: int, by: User) -> FrameRecord:
    """A frame of one of the caller's tasks.

    Raises:
        NotFound: there is none of that id.
    """
    checks.checked_ids("frame", [frame_id])
    frame = frame_lists.record(db, by.id, frame_id)
    if frame is None:
        raise NotFound("frame", [frame_id])
    return frame


def check_may_run(found: Iterable[TaskRecord]) -> None:
    """Frames of these tasks may be rendered.

    Raises:
        BadValue: one was aborted, or never submitted.
    """
    for task in found:
        if task.submitted_at is None:
            raise BadValue(f"task {task.id} was not submitted yet; submit it first")
        if task.wish == Wish.ABANDON.value:
            raise BadValue(f"task {task.id} was aborted and cannot go on; submit the scene as a new task")
