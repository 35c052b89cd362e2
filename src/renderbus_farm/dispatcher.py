"""One tick: take reports, apply the rules, claim frames, start and cancel work.

The database says what should be; a tick compares it with what runs, starts what is missing and cancels what
should stop. A crash at any point heals at the next tick: there is no list of pending effects to lose.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence

from renderbus_farm.assigning import Assigning
from renderbus_farm.executors.executor import Executor, NoSuchNode
from renderbus_farm.hopeless import Hopeless
from renderbus_farm.leases import Leases
from renderbus_farm.logs import frame_story
from renderbus_farm.reporting import Inspect, Reports
from renderbus_farm.rules.heads import possible, wished
from renderbus_farm.rules.lifecycle import Happened, Wish
from renderbus_farm.rules.patience import GIVES_UP_AFTER_S
from renderbus_farm.rules.standing import trusted
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Node
from renderbus_farm.store import clocks, frames, queue, standings, tasks
from renderbus_farm.store.database import Connection, Database
from renderbus_farm.timekeeping import Timekeeping

log = logging.getLogger(__name__)

TICK_S = 0.5
"""How often to look while something renders or waits; reports and commands wake the loop earlier."""

IDLE_TICK_S = 5.0


class Dispatcher:
    """Keeps an executor at what a database says. ``tick`` and ``next_wake`` belong to one thread.

    Args:
        gives_up_after_s: how long frames that no node can render wait for one before they fail.
        inspect: looks at stored bytes that a node found damaged.
        limits: how many the farm has of each named limit, e.g. licences.
        steady: seconds on a clock that is never set, and stands still while the machine sleeps.
    """

    def __init__(
        self,
        database: Database,
        executor: Executor,
        *,
        gives_up_after_s: float = GIVES_UP_AFTER_S,
        inspect: Inspect | None = None,
        limits: Mapping[str, int] | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._executor = executor
        self._reports = Reports(inspect)
        self._leases = Leases(nodes_outlive_farm=executor.nodes_outlive_farm, steady=steady)
        self._assigning = Assigning(limits or {})
        self._wanted: set[ChunkId] = set()
        self._hopeless = Hopeless(gives_up_after_s, limits or {})
        self._time = Timekeeping(steady)
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
            waiting = queue.heads(db, math.inf, delayed=True)
        return bool(possible(wished(waiting, nodes), nodes) if nodes else waiting)

    def tick(self, now: float) -> None:
        """Look once, and do what is to be done; ``now`` in seconds since 1970."""
        # Before the transaction: may be slow. Reports first: what has ended is in ``running`` until then.
        self._time.look(now)
        self._reports.add(self._executor.drain())
        self._leases.look(self._executor.renewed(), now)
        nodes = self._trusted(now)
        running = self._executor.running()
        if self._reports.waiting() or self._something_to_do(nodes, running, now):
            orders = self._change(nodes, running, now)
            self._executor.written(self._reports.written())
            for order in orders:
                self._start(order)
            running = self._executor.running()
        for chunk in running - self._wanted:  # stopped, aborted, deleted, given up
            self._executor.cancel(chunk)
        self._leases.began()

    def _trusted(self, now: float) -> list[Node]:
        """The nodes, those that were set aside without places for new work."""
        with self._database.reading() as db:
            aside = standings.aside(db, now)
        nodes = self._executor.nodes()
        return trusted(nodes, aside) if aside else nodes

    def _something_to_do(self, nodes: Sequence[Node], running: set[ChunkId], now: float) -> bool:
        """Whether a look at the database finds a reason to write; sets what is wanted now."""
        with self._database.reading() as db:
            claimed = frames.rendering(db)
            self._wanted = set(claimed)
            waiting = queue.any_waits(db)
            self._busy = bool(claimed or running or waiting)
            if not self._busy:
                self._time.rest()
                return False
            if self._time.due(now) or clocks.overdue(db, now):
                return True
            if self._leases.lost(db, claimed) or tasks.over_time(db, now):
                return True
            if self._reports.progress_due(now) or self._leases.due(now) or queue.any_due(db, now):
                return True
            if waiting and self._hopeless.look(db, nodes, now):
                return True
            if waiting and self._assigning.assign(db, nodes, running, now):
                return True
            return bool(self._assigning.recallable(db, nodes, running, now))

    def _change(self, nodes: Sequence[Node], running: set[ChunkId], now: float) -> list[ChunkOrder]:
        """All that this tick writes, in one transaction: what to start; sets what is wanted from now on."""
        with self._database.writing() as db:
            self._time.write(db, now)
            touched = self._reports.apply(db, nodes, now)
            touched |= self._leases.give_back(db, nodes, now)
            self._leases.write(db, now)
            touched |= _stop_over_time(db, now)
            _remind(db, now)
            self._hopeless.look(db, nodes, now)  # a farm that always has something to write looks too
            touched |= self._hopeless.give_up(db, nodes, now)
            self._reports.write_progress(db, now)
            tasks.refresh(db, touched, now)
            orders = self._assigning.claim(db, nodes, running, now)
            if not orders and (recalled := self._assigning.recall(db, nodes, running, now)):
                tasks.refresh(db, recalled, now)
                orders = self._assigning.claim(db, nodes, running, now)
            self._wanted = set(frames.rendering(db))
        self._leases.grant([order.id for order in orders])
        self._busy = True
        return orders

    def _start(self, order: ChunkOrder) -> None:
        try:
            self._executor.start(order)
        except NoSuchNode as error:  # nobody renews its lease: it is given back by a later tick
            story = frame_story(order.task_id, order.id, order.node)
            log.error("order refused", extra={**story, "why": str(error)})


def _stop_over_time(db: Connection, now: float) -> set[int]:
    """Stop the tasks whose ``task_stop_time`` is over."""
    over = set(tasks.over_time(db, now))
    if over:
        tasks.wish(db, over, Wish.OVER_TIME)
        frames.move(db, Happened.STOPPED, over, now)
        for task_id in over:
            log.warning("task stopped, over time", extra={"task": task_id})
    return over


def _remind(db: Connection, now: float) -> None:
    """Tell once of tasks that take longer than their owners' ``time_out``; they go on."""
    for late in clocks.remind(db, clocks.overdue(db, now), now):
        log.warning(
            "task takes longer than its reminder", extra={"task": late.task_id, "seconds": late.after_s}
        )
