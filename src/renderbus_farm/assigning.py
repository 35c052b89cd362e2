"""Waiting frames go to nodes: what has a free place, the claim of it, and what is taken back for another."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

from renderbus_farm.logs import frame_story
from renderbus_farm.rules import dispatch
from renderbus_farm.rules.heads import Assignment, Head, Running, wished
from renderbus_farm.rules.lifecycle import Happened
from renderbus_farm.rules.places import free_places
from renderbus_farm.rules.recall import LinedUp
from renderbus_farm.rules.recall import recall as recalled_from
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Node
from renderbus_farm.store import attempts, frames, tasks
from renderbus_farm.store import orders as order_queries
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)

RECALL_AFTER_S = 5.0
"""How long a frame may wait on its node while another is idle; that one has to open the scene first."""


def assign(db: Connection, nodes: Sequence[Node], running: set[ChunkId]) -> list[Assignment]:
    """What waits and has a free place. The queue may be long: it is read only when there is one."""
    taken = _taken(db, running)
    if not free_places(nodes, taken):
        return []
    return dispatch.assign(wished(frames.heads(db), nodes), nodes, taken)


def claim(db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float) -> list[ChunkOrder]:
    """Waiting frames for free places: the orders for their nodes."""
    frames.release_due(db, now)
    by_head: dict[Head, list[str]] = defaultdict(list)
    for chosen in assign(db, nodes, running):
        by_head[chosen.head] += [chosen.node] * chosen.frames
    claimed = [chunk for head, places in by_head.items() for chunk in frames.claim(db, head, places, now)]
    touched = {head.task_id for head in by_head}
    tasks.begin_clocks(db, touched, now)
    tasks.refresh(db, touched, now)
    orders = order_queries.orders(db, claimed) if claimed else []
    for order in orders:
        log.info("frame claimed", extra=frame_story(order.task_id, order.id, order.node))
    return orders


def recallable(db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float) -> list[LinedUp]:
    """What waits behind another frame while a node has nothing to do."""
    taken = _taken(db, running)
    if {node.name for node in nodes} <= {run.node for run in taken}:
        return []
    return recalled_from(frames.lined_up(db, now - RECALL_AFTER_S), nodes, taken)


def recall(db: Connection, nodes: Sequence[Node], running: set[ChunkId], now: float) -> set[int]:
    """Take such frames back: the tasks they belong to."""
    recalled = recallable(db, nodes, running, now)
    lives = frames.lives(db, {waiting.chunk.frame_id for waiting in recalled})
    for waiting in recalled:
        frame, task_id = lives[waiting.chunk.frame_id]
        attempts.ended(db, frame.after(Happened.RECALLED), Happened.RECALLED, now)
        log.info("frame recalled", extra=frame_story(task_id, waiting.chunk, waiting.node))
    return {waiting.head.task_id for waiting in recalled}


def _taken(db: Connection, running: set[ChunkId]) -> list[Running]:
    """What takes places: claimed frames, and those given up that still run until they are cancelled."""
    claimed = frames.rendering(db)
    taken = [Running(run.task_id, run.node) for run in claimed.values()]
    if given_up := running - set(claimed):
        taken += [Running(0, node) for node in attempts.nodes(db, given_up).values()]
    return taken
