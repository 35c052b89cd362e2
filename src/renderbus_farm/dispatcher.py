"""One tick: take reports, apply the rules, claim frames, start and cancel work.

The database says what should be; a tick compares it with what runs, starts what is missing and cancels what
should stop. A crash at any point heals at the next tick: there is no list of pending effects to lose.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence

from renderbus_farm.executors.executor import Executor, NoSuchNode
from renderbus_farm.hopeless import Hopeless
from renderbus_farm.rules import dispatch
from renderbus_farm.rules.dispatch import Assignment, Head, LinedUp, Running
from renderbus_farm.rules.lifecycle import Frame, Happened, Wish
from renderbus_farm.rules.patience import GIVES_UP_AFTER_S
from renderbus_farm.rules.reports import judged
from renderbus_farm.rules.work import (
    ChunkId,
    ChunkOrder,
    Failed,
    Finished,
    Node,
    Progress,
    Report,
    Started,
)
from renderbus_farm.store import attempts, frames, tasks, transfers
from renderbus_farm.store.database import Connection, Database
from renderbus_model.statuses import FRAME_ENDED

log = logging.getLogger(__name__)

TICK_S = 0.5
"""How often to look while something renders or waits; reports and commands wake the loop earlier."""

IDLE_TICK_S = 5.0
PROGRESS_EVERY_S = 1.0
"""How often progress is written: lists are asked for about as often."""

RECALL_AFTER_S = 5.0
"""How long a frame may wait on its node while another is idle; that one has to open the scene first."""

MISSING_FOR_S = 3.0
"""How long a claimed frame may be unknown to its executor before it counts as lost."""


class Dispatcher:
    """Keeps an executor at what a database says. ``tick`` and ``next_wake`` belong to one thread.

    Args:
        gives_up_after_s: how long frames that no node can render wait for one before they fail.
    """

    def __init__(
        self, database: Database, executor: Executor, *, gives_up_after_s: float = GIVES_UP_AFTER_S
    ) -> None:
        self._database = database
        self._executor = executor
        self._events: list[Report] = []
        self._progress: dict[ChunkId, float] = {}
        self._progress_written = 0.0
        self._missing: dict[ChunkId, float] = {}
        self._wanted: set[ChunkId] = set()
        self._hopeless = Hopeless(gives_up_after_s)
        self._first = True
        self._busy = True

    def next_wake(self) -> float:
        """Seconds until the next tick is due if nothing wakes the loop before."""
        return TICK_S if self._busy else IDLE_TICK_S

    def anything_left(self) -> bool:
        """Something renders, or waits for a node that the farm has; safe from any thread.

        A task that waits for its owner's word (stopped, test frames ended) does not count, nor one that no
        node could ever render.
        """
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
            if waiting and (self._hopeless.look(db, nodes, now) or self._assign(db, nodes, running)):
                return True
            return bool(self._recallable(db, nodes, running, now))

    def _change(self, nodes: Sequence[Node], running: set[ChunkId], now: float) -> list[ChunkOrder]:
        """All that this tick writes, in one transaction: what to start; sets what is wanted from now on."""
        with self._database.writing() as db:
            touched = self._apply(db, self._events, now)
            touched |= self._give_back(db, running, now)
            touched |= _stop_over_time(db, now)
            touched |= self._hopeless.give_up(db, nodes, now)
            self._write_progress(db, now)
            tasks.refresh(db, touched, now)
            orders = self._claim(db, nodes, running, now)
            if not orders and (recalled := self._recall(db, nodes, running, now)):
                tasks.refresh(db, recalled, now)
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
        # Never later than now: the machine's clock may be set back.
        self._missing = {chunk: min(now, self._missing.get(chunk, now)) for chunk in missing}
        return [chunk for chunk in missing if self._first or now - self._missing[chunk] >= MISSING_FOR_S]

    def _claim(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[ChunkOrder]:
        """Waiting frames for free places: the orders for their nodes."""
        by_head: dict[Head, list[str]] = defaultdict(list)
        for chosen in self._assign(db, nodes, running):
            by_head[chosen.head] += [chosen.node] * chosen.frames
        claimed = [chunk for head, places in by_head.items() for chunk in frames.claim(db, head, places, now)]
        touched = {head.task_id for head in by_head}
        tasks.begin_clocks(db, touched, now)
        tasks.refresh(db, touched, now)
        orders = frames.orders(db, claimed) if claimed else []
        for order in orders:
            log.info("frame claimed", extra=_story(order.task_id, order.id, order.node))
        return orders

    def _recall(self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float) -> set[int]:
        """Take back what waits behind another frame while a node has nothing to do: the tasks."""
        recalled = self._recallable(db, nodes, running, now)
        lives = frames.lives(db, {waiting.chunk.frame_id for waiting in recalled})
        for waiting in recalled:
            frame, task_id = lives[waiting.chunk.frame_id]
            attempts.ended(db, frame.after(Happened.RECALLED), Happened.RECALLED, now)
            log.info("frame recalled", extra=_story(task_id, waiting.chunk, waiting.node))
        return {waiting.head.task_id for waiting in recalled}

    def _recallable(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[LinedUp]:
        taken = self._taken(db, running)
        if {node.name for node in nodes} <= {run.node for run in taken}:
            return []
        return dispatch.recall(frames.lined_up(db, now - RECALL_AFTER_S), nodes, taken)

    @staticmethod
    def _taken(db: Connection, running: set[ChunkId]) -> list[Running]:
        """What takes places: claimed frames, and those given up that still run until they are cancelled."""
        claimed = frames.rendering(db)
        taken = [Running(run.task_id, run.node) for run in claimed.values()]
        if given_up := running - set(claimed):
            taken += [Running(0, node) for node in attempts.nodes(db, given_up).values()]
        return taken

    def _assign(self, db: Connection, nodes: Sequence[Node], running: set[ChunkId]) -> list[Assignment]:
        """What waits and has a free place. The queue may be long: it is read only when there is one."""
        taken = self._taken(db, running)
        if not dispatch.free_places(nodes, taken):
            return []
        return dispatch.assign(frames.heads(db), nodes, taken)

    def _progress_due(self, now: float) -> bool:
        # Either way, since the machine's clock may be set back.
        return bool(self._progress) and abs(now - self._progress_written) >= PROGRESS_EVERY_S

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
    verdict = judged(report)
    what, error = verdict.what, verdict.error
    after = frame.after(what, attempt=report.id.attempt)
    if what is Happened.NODE_LOST and after.status in FRAME_ENDED:
        error = f"given up after {after.lost} attempts that were lost; the last one: {error}"
    small = report.thumbnail if isinstance(report, Finished) else None
    attempts.ended(
        db, after, what, now, seconds=verdict.seconds, error=error, log=report.log, thumbnail=small
    )
    tasks.add_render_seconds(db, task_id, verdict.seconds)
    story = _story(task_id, report.id, "")
    if isinstance(report, Finished) and what is Happened.RENDERED:
        transfers.replace_outputs(db, task_id, frame.id, report.outputs)
        log.info("frame rendered", extra={**story, "seconds": verdict.seconds})
    else:
        log.warning("frame failed", extra={**story, "why": error, "outcome": what.name})
    return after


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
