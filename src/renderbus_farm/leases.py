"""Claimed frames that their nodes know no more: they wait again."""

from __future__ import annotations

import logging
from collections.abc import Collection

from renderbus_farm.logs import frame_story
from renderbus_farm.rules.lifecycle import Happened
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store import attempts, frames
from renderbus_farm.store.database import Connection

log = logging.getLogger(__name__)

MISSING_FOR_S = 3.0
"""How long a claimed frame may be unknown to its executor before it counts as lost."""


class Leases:
    """Knows since when a claimed frame is unknown to the nodes; it belongs to the dispatcher's thread."""

    def __init__(self) -> None:
        self._missing: dict[ChunkId, float] = {}
        self._first = True

    def lost(self, claimed: Collection[ChunkId], running: set[ChunkId], now: float) -> list[ChunkId]:
        """Those of ``claimed`` that no node has known for too long; none has grace when a farm begins."""
        missing = [chunk for chunk in claimed if chunk not in running]
        # Never later than now: the machine's clock may be set back.
        self._missing = {chunk: min(now, self._missing.get(chunk, now)) for chunk in missing}
        return [chunk for chunk in missing if self._first or now - self._missing[chunk] >= MISSING_FOR_S]

    def give_back(self, db: Connection, running: set[ChunkId], now: float) -> set[int]:
        """Claimed frames that no node knows wait again: the tasks they belong to."""
        claimed = frames.rendering(db)
        lost = self.lost(set(claimed), running, now)
        lives = frames.lives(db, {chunk.frame_id for chunk in lost})
        # A farm that was killed is no fault of its frames, and its local workers died with it.
        what = Happened.FARM_LOST if self._first else Happened.NODE_LOST
        why = "the farm ended meanwhile" if self._first else "the node lost it"
        for chunk in lost:
            frame, task_id = lives[chunk.frame_id]
            attempts.ended(db, frame.after(what, attempt=chunk.attempt), what, now, error=why)
            self._missing.pop(chunk, None)
            story = frame_story(task_id, chunk, claimed[chunk].node)
            log.warning("frame given back", extra={**story, "why": why})
        return {claimed[chunk].task_id for chunk in lost}

    def began(self) -> None:
        """The first tick is over: what an earlier farm left behind has been given back."""
        self._first = False
