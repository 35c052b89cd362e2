"""Leases of attempts: a node renews them while it is there, and what it renews no more waits again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence

from renderbus_farm.logs import frame_story
from renderbus_farm.rules.leases import LEASE_S, RENEW_S, OwnTime
from renderbus_farm.rules.lifecycle import Frame, Happened
from renderbus_farm.rules.work import ChunkId, Fault, Node
from renderbus_farm.setbacks import Setback, set_back
from renderbus_farm.store import attempts, frames
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)


_SILENT = f"its node was silent for {LEASE_S:.0f} s"


class Leases:
    """Until when each claimed attempt is believed to render; it belongs to the dispatcher's thread.

    The rows say the same for those who look at the database, and for the farm that comes after this one.

    Args:
        nodes_outlive_farm: what an earlier farm started may still run. Its leases then stand; otherwise all
            of it is dead, and waits again at once.
        steady: seconds on a clock that is never set. Rows are written by the other one, which others know.
    """

    def __init__(self, *, nodes_outlive_farm: bool, steady: Callable[[], float]) -> None:
        self._nodes_outlive_farm = nodes_outlive_farm
        self._steady = steady
        self._time = OwnTime()
        self._until: dict[ChunkId, float] = {}  # in our own time
        self._renewed: set[ChunkId] = set()
        self._now = 0.0
        self._written = 0.0
        self._first = True

    def look(self, renewed: Collection[ChunkId], now: float) -> None:
        """Time has passed, and nodes have renewed these."""
        self._now = now
        self._time = self._time.after(self._steady())
        for chunk in renewed:
            self._until[chunk] = self._time.lived_s + LEASE_S
        self._renewed.update(renewed)

    def grant(self, chunks: Iterable[ChunkId]) -> None:
        """These were just claimed."""
        self._until |= dict.fromkeys(chunks, self._time.lived_s + LEASE_S)

    def lost(self, db: Connection, claimed: Collection[ChunkId]) -> list[ChunkId]:
        """Those of ``claimed`` whose lease has run out."""
        fresh = [chunk for chunk in claimed if chunk not in self._until]
        if fresh and self._first:
            self._until |= self._of_earlier_farm(db, fresh)
        own = self._time.lived_s
        self._until = {chunk: self._until.get(chunk, own + LEASE_S) for chunk in claimed}
        return [chunk for chunk, until in self._until.items() if until <= own]

    def _of_earlier_farm(self, db: Connection, chunks: Collection[ChunkId]) -> dict[ChunkId, float]:
        own = self._time.lived_s
        if not self._nodes_outlive_farm:
            return dict.fromkeys(chunks, own)
        left_s = attempts.leases(db, chunks)
        # Never longer than a lease: the machine's clock may have been set back.
        return {chunk: own + min(LEASE_S, max(0.0, left_s[chunk] - self._now)) for chunk in chunks}

    def give_back(self, db: Connection, nodes: Sequence[Node], now: float) -> set[int]:
        """Attempts whose lease has run out are over, and their frames wait again: the tasks of these.

        Args:
            nodes: those of the farm: what was lost on one may be rendered on another.
        """
        claimed = frames.rendering(db)
        lost = self.lost(db, claimed)
        lives = frames.lives(db, {chunk.frame_id for chunk in lost})
        for chunk in lost:
            frame, task_id = lives[chunk.frame_id]
            self._until.pop(chunk, None)
            if self._first:
                _lost_with_farm(db, frame, task_id, claimed[chunk].node, now)
            else:
                set_back(db, frame, task_id, Setback(Fault.LOST, _SILENT), nodes, now)
        return {claimed[chunk].task_id for chunk in lost}

    def due(self, now: float) -> bool:
        """It is time to write renewals."""
        # Either way, since the machine's clock may be set back.
        return bool(self._renewed) and abs(now - self._written) >= RENEW_S

    def write(self, db: Connection, now: float) -> None:
        """Write renewals, if it is time: all of a farm's in one go."""
        if self.due(now):
            attempts.renew(db, self._renewed & self._until.keys(), now + LEASE_S)
            self._renewed.clear()
            self._written = now

    def began(self) -> None:
        """The first tick is over: what an earlier farm left behind has been given back."""
        self._first = False


def _lost_with_farm(db: Connection, frame: Frame, task_id: int, node: str, now: float) -> None:
    """A farm that was killed is no fault of its frames: it does not count against them."""
    chunk, what, why = ChunkId(frame.id, frame.attempt), Happened.FARM_LOST, "the farm ended meanwhile"
    attempts.ended(db, frame.after(what, attempt=frame.attempt), what, now, error=why)
    log.warning("frame given back", extra={**frame_story(task_id, chunk, node), "why": why})
