"""What nodes report becomes rows: how attempts began and ended, and how far they are."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set

import msgspec

from renderbus_farm.logs import frame_story
from renderbus_farm.rules.lifecycle import Frame, Happened
from renderbus_farm.rules.reports import Verdict, judged
from renderbus_farm.rules.work import (
    ChunkId,
    Damage,
    Failed,
    Fault,
    Finished,
    Node,
    Progress,
    Report,
    Started,
)
from renderbus_farm.setbacks import Setback, set_back, vindicated
from renderbus_farm.store import attempts, failures, frames, rendered, tasks
from renderbus_farm.store.database import Connection
from renderbus_farm.store.rendered import Rendered

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 1.0
"""How often progress is written: lists are asked for about as often."""


Inspect = Callable[[Connection, Damage], bool]
"""Whether what a node found is so; it is then asked for again by the next upload."""


class Reports:
    """Reports that are not written yet; they belong to the thread of the dispatcher.

    Args:
        inspect: looks at stored bytes that a node found damaged, and forgets those that are.
    """

    def __init__(self, inspect: Inspect | None = None) -> None:
        self._inspect = inspect
        self._events: list[Report] = []
        self._progress: dict[ChunkId, float] = {}
        self._progress_written = 0.0

    def add(self, reports: Iterable[Report]) -> None:
        """Keep them until they are written."""
        for report in reports:
            if isinstance(report, Progress):
                self._progress[report.id] = min(100.0, max(0.0, report.percent))
            else:
                self._events.append(report)

    def waiting(self) -> bool:
        """Something came that must not wait."""
        return bool(self._events)

    def progress_due(self, now: float) -> bool:
        """It is time to write how far attempts are."""
        # Either way, since the machine's clock may be set back.
        return bool(self._progress) and abs(now - self._progress_written) >= PROGRESS_EVERY_S

    def apply(self, db: Connection, nodes: Sequence[Node], now: float) -> set[int]:
        """Write how attempts began and ended: the tasks they touched. They are kept until ``written``.

        Args:
            nodes: those of the farm: what failed on one may do on another.
        """
        return _apply(db, [self._inspected(db, event) for event in self._events], nodes, now)

    def _inspected(self, db: Connection, report: Report) -> Report:
        """A node may be broken itself: what it found damaged is looked at here before anybody is told so."""
        if not isinstance(report, Failed) or report.damage is None or self._inspect is None:
            return report
        if self._inspect(db, report.damage):
            return report
        why = f"the node found {report.damage.path} damaged, and the farm did not"
        return msgspec.structs.replace(report, fault=Fault.NODE, error=why, damage=None)

    def write_progress(self, db: Connection, now: float) -> None:
        """Write how far attempts are, if it is time."""
        if self.progress_due(now):
            attempts.progress(db, self._progress)
            self._progress.clear()
            self._progress_written = now

    def written(self) -> Set[ChunkId]:
        """The database has them: the attempts that are over.

        Not to be said before: a full disk must not cost a rendered frame.
        """
        over = {report.id for report in self._events if isinstance(report, Finished | Failed)}
        self._events.clear()
        return over


def _apply(db: Connection, events: Sequence[Report], nodes: Sequence[Node], now: float) -> set[int]:
    lives = frames.lives(db, {report.id.frame_id for report in events})
    begun: list[ChunkId] = []
    done: list[Rendered] = []
    bad: list[tuple[Frame, int, Setback]] = []
    seconds: dict[int, float] = defaultdict(float)
    for report in events:
        if report.id.frame_id not in lives:
            continue
        frame, task_id = lives[report.id.frame_id]
        if not frame.renders(report.id.attempt):
            continue  # from an attempt that was given up
        if isinstance(report, Started):
            begun.append(report.id)
            log.info("frame started", extra=frame_story(task_id, report.id, report.node))
        elif isinstance(report, (Finished, Failed)):
            verdict = judged(report)
            seconds[task_id] += verdict.seconds
            if verdict.fault is None and isinstance(report, Finished):
                done.append(_rendered(frame, task_id, report, verdict))
            else:
                fault = verdict.fault or Fault.SCENE
                bad.append((frame, task_id, Setback(fault, verdict.error, verdict.seconds, report.log)))
            del lives[frame.id]  # whatever else is said of it comes too late
    rendered.began(db, begun, now)
    _write_rendered(db, done, now)
    for frame, task_id, setback in bad:
        set_back(db, frame, task_id, setback, nodes, now)
    tasks.add_render_seconds(db, seconds)
    return set(seconds)


def _rendered(frame: Frame, task_id: int, report: Finished, verdict: Verdict) -> Rendered:
    return Rendered(
        frame.after(Happened.RENDERED, attempt=report.id.attempt),
        task_id,
        report.outputs,
        verdict.seconds,
        report.log,
        report.thumbnail,
        verdict.flags,
    )


def _write_rendered(db: Connection, done: Sequence[Rendered], now: float) -> None:
    failed = failures.so_far(db, [each.after.id for each in done])
    rendered.ended(db, done, now)
    for each in done:
        unit = each.after
        if unit.id in failed:
            vindicated(db, unit, each.task_id, failed[unit.id], now)
        story = frame_story(each.task_id, ChunkId(unit.id, unit.attempt), "")
        log.info("frame rendered", extra={**story, "seconds": each.seconds, "flags": each.flags})
