"""Following a task on the farm: what changed since the last look, and when to look again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from renderbus_cli import events
from renderbus_cli.fetching import Fetcher
from renderbus_cli.problems import Exit, outcome
from renderbus_cli.show import Show
from renderbus_cli.units import unit_of
from renderbus_model.statuses import FRAME_ENDED, FrameStatus
from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameItem, FrameQuery
from renderbus_model.wire.operation import Operation
from renderbus_model.wire.task import EXPLAIN_TASK, QUERY_TASK_INFO, TaskId, TaskIds, TaskItem

Ask = TypeVar("Ask", bound=msgspec.Struct)
Reply = TypeVar("Reply")

PAGE_SIZE = 500
LONGEST_PAUSE_S = 1.5
SHORTEST_PAUSE_S = 0.8
SHORTEST_PAUSE_AT_THE_END_S = 0.1
"""Between two looks: seldom enough to leave the processors to the renderer, often enough to end at once."""

LATE_SHARE = 0.125
"""Of the time already waited, this much is waited again where nothing says when a frame should end."""

FRAMES_EVERY_S = 1.0
"""How often to ask how far rendering frames are; ended ones are asked for when their count changes."""

EXPLAIN_AFTER_S = 1.5
EXPLAIN_EVERY_S = 2.0
IMPOSSIBLE_FOR_S = 8.0
"""Of a farm that has just started some workers are missing: "no worker can" must be true for so long."""

_WORDS = {FrameStatus.DONE: "done", FrameStatus.FAILED: "failed", FrameStatus.TIMED_OUT: "timed out"}


class Call(Protocol):
    """``Connect.call``: ask the farm for one operation."""

    def __call__(self, operation: Operation[Ask, Reply], ask: Ask) -> Reply:
        """The reply."""
        ...


def seconds_left(ended: int, running_percent: Iterable[float], total: int, elapsed_s: float) -> float | None:
    """How long the rest takes if it goes on like this; None until there is something to judge by.

    >>> seconds_left(1, [50.0], 4, 30.0)
    50.0
    """
    progress = ended + sum(running_percent) / 100
    if not ended or elapsed_s <= 0 or ended >= total:
        return None
    return max(0.0, elapsed_s / progress * (total - progress))


def pause_s(pace_s: float | None, since_change_s: float, *, is_end_near: bool = False) -> float:
    """When to look again: around the time the next frame should be done.

    Args:
        pace_s: seconds from one ended frame to the next, by the last change; None before there are two.
        since_change_s: seconds since a frame ended, or since the task was submitted.
        is_end_near: only frames that render are left. They decide when the command ends, so they are not
            left to what the pace promises.
    """
    late = pace_s is None or is_end_near or since_change_s >= pace_s
    wanted = since_change_s * LATE_SHARE if pace_s is None or late else pace_s - since_change_s
    shortest = SHORTEST_PAUSE_AT_THE_END_S if is_end_near else SHORTEST_PAUSE_S
    return min(LONGEST_PAUSE_S, max(shortest, wanted))


class _Tally(NamedTuple):
    """How many frames are done, failed and rendering."""

    done: int
    failed: int
    rendering: int

    @classmethod
    def of(cls, frames: Iterable[FrameItem]) -> _Tally:
        statuses = Counter(frame.frame_status for frame in frames)
        failed = statuses[FrameStatus.FAILED] + statuses[FrameStatus.TIMED_OUT]
        return cls(statuses[FrameStatus.DONE], failed, statuses[FrameStatus.RENDERING])

    @classmethod
    def sum(cls, tallies: Iterable[_Tally]) -> _Tally:
        columns = list(zip(*tallies, strict=True))
        return cls(*map(sum, columns)) if columns else cls(0, 0, 0)


class Watch:
    """One task, looked at again and again; each look shows what is new.

    ``reasons`` are the farm's last words on why nothing renders, ``unit`` what the task's counts count.
    """

    def __init__(
        self, call: Call, task_id: int, show: Show, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._call, self._task_id, self._show, self._clock = call, task_id, show, clock
        self._frames: dict[int, FrameItem] = {}
        self._pages = 1
        self._tallies: dict[int, _Tally] = {}  # by page, as of the last look at it
        self._settled_pages: set[int] = set()  # every frame on them has ended: not asked for again
        self._counts: tuple[int, int, int] | None = None
        self._began = self._changed = clock()
        self._pace_s: float | None = None
        self._frames_at = self._explained_at = 0.0
        self._idle_since: float | None = None
        self._impossible_since: float | None = None
        self.task: TaskItem | None = None
        self.grew = False
        self.unit = "frame"
        self.reasons: list[str] = []

    def look(self) -> TaskItem:
        """Ask how the task is and show what changed; ``grew`` then says whether frames became done."""
        task = self._call(QUERY_TASK_INFO, TaskIds(task_ids=[self._task_id])).items[0]
        now = self._clock()
        counts = (task.done_frames, task.failed_frames, task.abort_frames)
        changed = counts != self._counts
        before = self.task.done_frames if self.task else 0
        if changed:
            more = sum(counts) - sum(self._counts or (0, 0, 0))
            # The time until the first frame is that of opening the scene, too.
            known = self._counts is not None and sum(self._counts) > 0 and more > 0
            self._pace_s = (now - self._changed) / more if known else None
            self._changed = now
            if self._counts is None or sum(counts) < sum(self._counts):
                self._settled_pages.clear()  # frames were restarted
        self.grew, self.task, self._counts = task.done_frames > before, task, counts
        if changed or (task.executing_frames and now - self._frames_at >= FRAMES_EVERY_S):
            self._look_at_frames(task)
            self._frames_at = now
            self._show(self._progress(task, now))
        self._look_for_reasons(task, now)
        return task

    @property
    def pause_s(self) -> float:
        """Seconds until the next look is worth while."""
        task = self.task
        left = task.total_frames - task.done_frames - task.failed_frames if task else 0
        is_end_near = task is not None and left <= task.executing_frames
        return pause_s(self._pace_s, self._clock() - self._changed, is_end_near=is_end_near)

    def impossible(self) -> bool:
        """No worker of the farm can ever render it, and this has not just begun to be so."""
        since = self._impossible_since
        return since is not None and self._clock() - since >= IMPOSSIBLE_FOR_S

    def _look_at_frames(self, task: TaskItem) -> None:
        """Ask for the frames that can have changed: page by page until what is known makes up the counts."""
        counts = _Tally(task.done_frames, task.failed_frames, task.executing_frames)
        rendering = [page for page, tally in self._tallies.items() if tally.rendering]
        for page in rendering:
            self._look_at_page(page)
        page = 0
        while page < self._pages:
            page += 1
            if self._tallies and _Tally.sum(self._tallies.values()) == counts:
                return
            if page not in rendering and page not in self._settled_pages:
                self._look_at_page(page)

    def _look_at_page(self, page: int) -> None:
        asked = FrameQuery(task_id=self._task_id, page_num=page, page_size=PAGE_SIZE)
        found = self._call(QUERY_TASK_FRAMES, asked)
        self._pages = max(1, found.page_count)
        self._tallies[page] = _Tally.of(found.items)
        for frame in found.items:
            self._saw(frame)
        if found.items and all(_ended(frame) for frame in found.items):
            self._settled_pages.add(page)

    def _saw(self, frame: FrameItem) -> None:
        before = self._frames.get(frame.id)
        self._frames[frame.id] = frame
        if before is None and self.unit == "frame":
            self.unit = unit_of([frame.frame_index])
        if _ended(frame) and (before is None or not _ended(before)):
            self._show(
                events.FrameEnded(
                    id=frame.id,
                    frame=frame.frame_index,
                    layer=frame.layer_name,
                    camera=frame.camera_name,
                    status=_WORDS[FrameStatus(frame.frame_status)],
                    seconds=frame.frame_execute_time,
                    error=frame.error,
                    flags=frame.flags,
                )
            )

    def _progress(self, task: TaskItem, now: float) -> events.Progress:
        running = [
            events.Running(
                frame=frame.frame_index,
                layer=frame.layer_name,
                camera=frame.camera_name,
                percent=frame.frame_percent,
            )
            for frame in self._frames.values()
            # One that is lined up on its node has not started.
            if frame.frame_status == FrameStatus.RENDERING and frame.start_time
        ]
        ended = task.done_frames + task.failed_frames
        percent = [frame.percent for frame in running]
        return events.Progress(
            done=task.done_frames,
            failed=task.failed_frames,
            total=task.total_frames,
            running=running,
            seconds_left=seconds_left(ended, percent, task.total_frames, now - self._began),
            unit=self.unit,
        )

    def _look_for_reasons(self, task: TaskItem, now: float) -> None:
        """After a while in which nothing renders, ask why."""
        if task.executing_frames or outcome(task.task_status) is not None:
            self._idle_since = self._impossible_since = None
            return
        self._idle_since = now if self._idle_since is None else self._idle_since
        if now - self._idle_since < EXPLAIN_AFTER_S or now - self._explained_at < EXPLAIN_EVERY_S:
            return
        self._explained_at = now
        answer = self._call(EXPLAIN_TASK, TaskId(task_id=self._task_id))
        if answer.possible:
            self._impossible_since = None
        elif self._impossible_since is None:
            self._impossible_since = now
        self.reasons = answer.reasons
        self._show(events.Waits(possible=answer.possible, reasons=answer.reasons))


def _ended(frame: FrameItem) -> bool:
    return frame.frame_status in FRAME_ENDED


def follow(
    watch: Watch, fetcher: Fetcher, *, timeout_s: float | None, wait: Callable[[float], object]
) -> Exit:
    """Watch until the task has ended, suspends, cannot be rendered, or ``timeout_s`` have passed."""
    began = time.monotonic()
    while True:
        task = watch.look()
        if watch.grew:
            fetcher.more()
        if (ended := outcome(task.task_status)) is not None:
            return ended
        if watch.impossible():
            return Exit.NO_WORKER
        pause = watch.pause_s
        if timeout_s is not None:
            left = began + timeout_s - time.monotonic()
            if left <= 0:
                return Exit.TIMED_OUT
            pause = min(pause, left)
        wait(pause)
