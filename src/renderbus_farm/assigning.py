"""Waiting units go to nodes: what has a free place, the claim of it, and what is taken back for another."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from renderbus_farm.logs import frame_story
from renderbus_farm.rules import dispatch
from renderbus_farm.rules.ageing import Ages
from renderbus_farm.rules.heads import Assignment, Head, Running, wished
from renderbus_farm.rules.lifecycle import Happened
from renderbus_farm.rules.places import free_places
from renderbus_farm.rules.recall import LinedUp, recall
from renderbus_farm.rules.shares import Division
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Node
from renderbus_farm.store import attempts, frames, queue, shares, tasks
from renderbus_farm.store import orders as order_queries
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)

RECALL_AFTER_S = 5.0
"""How long a frame may wait on its node while another is idle; that one has to open the scene first."""


class Assigning:
    """Knows how long each head has waited; it belongs to the dispatcher's thread.

    Args:
        limits: how many the farm has of each named limit.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._ages = Ages()

    def assign(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[Assignment]:
        """What waits and has a free place. The queue may be long: it is read only when there is one."""
        taken = self._taken(db, running)
        if not free_places(nodes, taken):
            return []
        heads = queue.heads(db, now, names=self._limits)
        self._ages = self._ages.seen(heads, now)
        return dispatch.assign(wished(heads, nodes), nodes, taken, self._division(db), self._ages, now)

    def claim(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[ChunkOrder]:
        """Waiting units for free places: the orders for their nodes."""
        queue.release_due(db, now)
        by_head: dict[Head, list[str]] = defaultdict(list)
        for chosen in self.assign(db, nodes, running, now):
            by_head[chosen.head] += [chosen.node] * chosen.frames
        self._ages = self._ages.served(by_head, now)
        claimed = queue.claim(db, by_head, now)
        touched = {head.task_id for head in by_head}
        tasks.begin_clocks(db, touched, now)
        tasks.refresh(db, touched, now)
        orders = order_queries.orders(db, claimed) if claimed else []
        for order in orders:
            log.info("frame claimed", extra=frame_story(order.task_id, order.id, order.node))
        return orders

    def recallable(
        self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float
    ) -> list[LinedUp]:
        """What waits behind another unit while a node has nothing to do."""
        taken = self._taken(db, running)
        if {node.name for node in nodes} <= {run.node for run in taken}:
            return []
        lined_up = [
            replace(each, head=wished([each.head], nodes)[0])
            for each in queue.lined_up(db, now - RECALL_AFTER_S, self._limits)
        ]
        return recall(lined_up, nodes, taken, self._division(db))

    def recall(self, db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float) -> set[int]:
        """Take such units back: the tasks they belong to."""
        recalled = self.recallable(db, nodes, running, now)
        lives = frames.lives(db, {waiting.chunk.frame_id for waiting in recalled})
        for waiting in recalled:
            frame, task_id = lives[waiting.chunk.frame_id]
            attempts.ended(db, frame.after(Happened.RECALLED), Happened.RECALLED, now)
            log.info("frame recalled", extra=frame_story(task_id, waiting.chunk, waiting.node))
        return {waiting.head.task_id for waiting in recalled}

    def _division(self, db: Connection) -> Division:
        return Division(shares.all_of(db), self._limits)

    def _taken(self, db: Connection, running: set[ChunkId]) -> list[Running]:
        """What takes places: claimed units, and those given up that still run until they are cancelled."""
        claimed = queue.running(db, self._limits)
        taken = list(claimed.values())
        if given_up := running - claimed.keys():
            taken += queue.given_up(db, given_up, self._limits)
        return taken
