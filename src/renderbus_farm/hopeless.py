"""Frames that no node of the farm can render: they wait for one that can for a while, and then fail.

A task that waits for ever would keep every client waiting that follows it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from renderbus_farm.rules.explain import why_impossible
from renderbus_farm.rules.heads import Head, fits, kind_of, wished
from renderbus_farm.rules.patience import Patience
from renderbus_farm.rules.shares import too_much
from renderbus_farm.rules.work import Node
from renderbus_farm.store import frames, queue
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
MOST_AT_ONCE = 50
"""Sets of frames that one tick gives up: requests wait for no longer transaction."""


class Hopeless:
    """Keeps count of the wait. It is not kept over a restart: the nodes of a farm that begins are starting.

    Args:
        gives_up_after_s: how long a set of frames waits in all.
        limits: how many the farm has of each named limit; of one that was set to 0 there may be some again.
    """

    def __init__(self, gives_up_after_s: float, limits: Mapping[str, int]) -> None:
        self._gives_up_after_s = gives_up_after_s
        self._limits = {name: count for name, count in limits.items() if count}
        self._patience = Patience()
        self._over: list[Head] = []

    def look(self, db: Connection, nodes: Sequence[Node], now: float) -> bool:
        """Whether some frames have waited long enough; to be asked while something waits."""
        looked_at = self._patience.looked_at
        # Either way, since the machine's clock may be set back.
        if looked_at is None or abs(now - looked_at) >= min(LOOK_EVERY_S, self._gives_up_after_s):
            stuck = self._stuck(db, nodes, now)
            self._patience = self._patience.after(stuck.keys(), now)
            self._over = [stuck[set_id] for set_id in self._patience.over(self._gives_up_after_s)]
        return bool(self._over)

    def _stuck(self, db: Connection, nodes: Sequence[Node], now: float) -> dict[int, Head]:
        # The queue may be long, but it has few kinds of frames.
        known: dict[object, bool] = {}
        stuck: dict[int, Head] = {}
        for head in wished(queue.heads(db, now, names=self._limits), nodes):
            kind = kind_of(head)
            if kind not in known:
                known[kind] = any(fits(head, node) for node in nodes)
            if not known[kind] or too_much(head, self._limits):
                stuck[head.set_id] = head
        return stuck

    def give_up(self, db: Connection, nodes: Sequence[Node], now: float) -> set[int]:
        """Some of the frames that have waited long enough fail and say why: the tasks they belong to."""
        over, self._over = self._over[:MOST_AT_ONCE], self._over[MOST_AT_ONCE:]
        self._patience = self._patience.without({head.set_id for head in over})
        for head in over:
            impossible = too_much(head, self._limits) or why_impossible(head, nodes)
            why = f"given up after {_duration(self._gives_up_after_s)}: {impossible}"
            frames.give_up(db, head.set_id, why, now)
            log.warning("frames given up", extra={"task": head.task_id, "set": head.set_id, "why": why})
        return {head.task_id for head in over}


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
