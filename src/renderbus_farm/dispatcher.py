"""One tick: take reports, apply the rules, claim frames, start and cancel work.

The database says what should be; a tick compares it with what runs, starts what is missing and cancels what
should stop. A crash at any point heals at the next tick: there is no list of pending effects to lose.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from renderbus_farm.executors.executor import Executor, NoSuchNode
from renderbus_farm.rules import dispatch
from renderbus_farm.rules.dispatch import Assignment, Head, Running
from renderbus_farm.rules.lifecycle import Frame, Happened, Wish
from renderbus_farm.rules.work import (
    ChunkId,
    ChunkOrder,
    Failed,
    Finished,
    Node,
    Output,
    Progress,
    Report,
    Started,
)
from renderbus_farm.store import attempts, frames, tasks, transfers
from renderbus_farm.store.database import Connection, Database
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.statuses import FRAME_ENDED

log = logging.getLogger(__name__)

TICK_S = 0.5
"""How often to look while something renders or waits; reports and commands wake the loop earlier."""

IDLE_TICK_S = 5.0
PROGRESS_EVERY_S = 1.0
"""How often progress is written: lists are asked for about as often."""

LONGEST_ERROR = 4000
"""Characters of an error that lists carry; the log has the rest."""

MISSING_FOR_S = 3.0
"""How long a claimed frame may be unknown to its executor before it counts as lost."""


class Dispatcher:
    """Keeps an executor at what a database says. ``tick`` and ``next_wake`` belong to one thread."""

    def __init__(self, database: Database, executor: Executor) -> None:
        self._database = database
        self._executor = executor
        self._events: list[Report] = []
        self._progress: dict[ChunkId, float] = {}
        self._progress_written = 0.0
        self._missing: dict[ChunkId, float] = {}
        self._wanted: set[ChunkId] = set()
        self._first = True
        self._busy = True

    def next_wake(self) -> float:
        """Seconds until the next tick is due if nothing wakes the loop before."""
        return TICK_S if self._busy else IDLE_TICK_S

    def anything_left(self, now: float) -> bool:
        """Something renders, or waits for a node that the farm has; safe from any thread.

        A task that waits for its owner's word (stopped, test frames ended) does not count, nor one that no
        node could ever render.
        """
        del now
        nodes = self._executor.nodes()
        with self._database.reading() as db:
            if frames.rendering(db):
                return True
            waiting = frames.heads(db)
        return bool(dispatch.possible(waiting, nodes) if nodes else waiting)

    def tick(self, now: float) -> None:
        """Look once, and do what is to be done; ``now`` in seconds since 1970."""
        # Before the transaction: may be slow. Reports first: what has ended is in ``running`` until then.
        for report in self._executor.drain():
            if isinstance(report, Progress):
                self._progress[report.id] = min(100.0, max(0.0, report.percent))
            else:
                self._events.append(report)
        nodes = self._executor.nodes()
        running = self._executor.running()
        if self._events or self._something_to_do(nodes, running, now):
            orders = self._change(nodes, running, now)
            self._events.clear()  # not before they are written: a full disk must not cost a rendered frame
            for order in orders:
                self._start(order)
            running = self._executor.running()
        for chunk in running - self._wanted:  # stopped, aborted, deleted, given up
            self._executor.cancel(chunk)
        self._first = False

    def _something_to_do(self, nodes: Sequence[Node], running: set[ChunkId], now: float) -> bool:
        """Whether a look at the database finds a reason to write; sets what is wanted now."""
        with self._database.reading() as db:
            claimed = frames.rendering(db)
            self._wanted = set(claimed)
            waiting = frames.any_waits(db)
            self._busy = bool(claimed or running or waiting)
            if not self._busy:
                return False
            if self._lost(self._wanted, running, now) or tasks.over_time(db, now) or self._progress_due(now):
                return True
            return waiting and bool(self._assign(db, nodes, running))

    def _change(self, nodes: Sequence[Node], running: set[ChunkId], now: float) -> list[ChunkOrder]:
        """All that this tick writes, in one transaction: what to start; sets what is wanted from now on."""
        with self._database.writing() as db:
            touched = self._apply(db, self._events, now)
            touched |= self._give_back(db, running, now)
            touched |= _stop_over_time(db, now)
            self._write_progress(db, now)
            tasks.refresh(db, touched, now)
            orders = self._claim(db, nodes, running, now)
            self._wanted = set(frames.rendering(db))
        self._busy = True
        return orders

    def _apply(self, db: Connection, events: Sequence[Report], now: float) -> set[int]:
        """Take the reports: the tasks they touched."""
        lives = frames.lives(db, {report.id.frame_id for report in events})
        touched: set[int] = set()
        for report in events:
            if report.id.frame_id not in lives:
                continue
            frame, task_id = lives[report.id.frame_id]
            if not frame.renders(report.id.attempt):
                continue  # from an attempt that was given up
            if isinstance(report, Started):
                attempts.started(db, report.id, now)
                log.info("frame started", extra=_story(task_id, report.id, report.node))
            elif isinstance(report, (Finished, Failed)):
                lives[frame.id] = (_ended(db, frame, task_id, report, now), task_id)
                touched.add(task_id)
        return touched

    def _give_back(self, db: Connection, running: set[ChunkId], now: float) -> set[int]:
        """Claimed frames that no node knows wait again: the tasks they belong to."""
        claimed = frames.rendering(db)
        lost = self._lost(set(claimed), running, now)
        lives = frames.lives(db, {chunk.frame_id for chunk in lost})
        # A farm that was killed is no fault of its frames, and its local workers died with it.
        what = Happened.FARM_LOST if self._first else Happened.NODE_LOST
        why = "the farm ended meanwhile" if self._first else "the node lost it"
        for chunk in lost:
            frame, task_id = lives[chunk.frame_id]
            attempts.ended(db, frame.after(what, attempt=chunk.attempt), what, now, error=why)
            self._missing.pop(chunk, None)
            log.warning("frame given back", extra={**_story(task_id, chunk, claimed[chunk].node), "why": why})
        return {claimed[chunk].task_id for chunk in lost}

    def _lost(self, claimed: Collection[ChunkId], running: set[ChunkId], now: float) -> list[ChunkId]:
        """Those of ``claimed`` that no node has known for too long; none has grace when a farm begins."""
        missing = [chunk for chunk in claimed if chunk not in running]
        self._missing = {chunk: self._missing.get(chunk, now) for chunk in missing}
        return [chunk for chunk in missing if self._first or now - self._missing[chunk] >= MISSING_FOR_S]

    def _claim(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[ChunkOrder]:
        """Waiting frames for free places: the orders for their nodes."""
        by_head: dict[Head, list[str]] = defaultdict(list)
        for chosen in self._assign(db, nodes, running):
            by_head[chosen.head].append(chosen.node)
        claimed = [chunk for head, places in by_head.items() for chunk in frames.claim(db, head, places, now)]
        touched = {head.task_id for head in by_head}
        tasks.begin_clocks(db, touched, now)
        tasks.refresh(db, touched, now)
        orders = frames.orders(db, claimed) if claimed else []
        for order in orders:
            log.info("frame claimed", extra=_story(order.task_id, order.id, order.node))
        return orders

    def _assign(self, db: Connection, nodes: Sequence[Node], running: set[ChunkId]) -> list[Assignment]:
        """What waits and has a free place. The queue may be long: it is read only when there is one."""
        claimed = frames.rendering(db)
        taken = [Running(run.task_id, run.node) for run in claimed.values()]
        if given_up := running - set(claimed):  # they take their places until they are gone
            taken += [Running(0, node) for node in attempts.nodes(db, given_up).values()]
        if not dispatch.free_places(nodes, taken):
            return []
        return dispatch.assign(frames.heads(db), nodes, taken)

    def _progress_due(self, now: float) -> bool:
        return bool(self._progress) and now - self._progress_written >= PROGRESS_EVERY_S

    def _write_progress(self, db: Connection, now: float) -> None:
        if self._progress_due(now):
            attempts.progress(db, self._progress)
            self._progress.clear()
            self._progress_written = now

    def _start(self, order: ChunkOrder) -> None:
        try:
            self._executor.start(order)
        except NoSuchNode as error:  # unknown to the executor, it is given back by a later tick
            log.error(
                "order refused", extra={**_story(order.task_id, order.id, order.node), "why": str(error)}
            )


def _ended(db: Connection, frame: Frame, task_id: int, report: Finished | Failed, now: float) -> Frame:
    """Write how an attempt ended: the frame since then."""
    what, error = _outcome(report)
    after = frame.after(what, attempt=report.id.attempt)
    if what is Happened.NODE_LOST and after.status in FRAME_ENDED:
        error = f"given up after {after.lost} attempts that were lost; the last one: {error}"
    thumbnail = report.thumbnail if isinstance(report, Finished) else None
    seconds = report.seconds if 0 <= report.seconds < math.inf else 0.0
    attempts.ended(
        db,
        after,
        what,
        now,
        seconds=seconds,
        error=_sendable(error),
        log=report.log,
        thumbnail=thumbnail,
    )
    tasks.add_render_seconds(db, task_id, seconds)
    if isinstance(report, Finished) and what is Happened.RENDERED:
        transfers.replace_outputs(db, task_id, frame.id, report.outputs)
        log.info("frame rendered", extra={**_story(task_id, report.id, ""), "seconds": seconds})
    else:
        log.warning("frame failed", extra={**_story(task_id, report.id, ""), "why": error})
    return after


def _sendable(error: str) -> str:
    """Text of a node, which may hold bytes that are no text, or a whole traceback."""
    text = error.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST_ERROR else f"{text[:LONGEST_ERROR]}…"


def _outcome(report: Finished | Failed) -> tuple[Happened, str]:
    if isinstance(report, Finished):
        if not report.outputs:
            return Happened.CRASHED, "the renderer ended without a picture"
        if bad := _bad_path(report.outputs):
            return Happened.CRASHED, f"the node sent a picture that cannot be kept: {bad}"
        return Happened.RENDERED, ""
    if report.timed_out:
        return Happened.TIMED_OUT, report.error
    return (Happened.NODE_LOST if report.lost else Happened.CRASHED), report.error


def _bad_path(outputs: Iterable[Output]) -> str:
    """What is wrong with a path among the outputs; each becomes a path on the user's machine."""
    return next((why for made in outputs if (why := _why_bad(made.path))), "")


def _why_bad(path: str) -> str:
    try:
        return "" if checked_farm_path(path) == f"/{path}" else f"path {path!r} is not in its one spelling"
    except BadPath as error:
        return str(error)


def _stop_over_time(db: Connection, now: float) -> set[int]:
    """Stop the tasks whose ``task_stop_time`` is over."""
    over = set(tasks.over_time(db, now))
    if over:
        tasks.wish(db, over, Wish.OVER_TIME)
        frames.move(db, Happened.STOPPED, over, now)
        for task_id in over:
            log.warning("task stopped, over time", extra={"task": task_id})
    return over


def _story(task_id: int, chunk: ChunkId, node: str) -> dict[str, object]:
    return {"task": task_id, "frame": chunk.frame_id, "attempt": chunk.attempt, "node": node}
