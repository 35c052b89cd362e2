"""Stages of a task: some units wait until others are done.

A merge needs the tiles of its own frame; what a simulation prepares needs the whole simulation. Nothing else
holds a unit back: whether it waits is worked out from what it needs, again and again, so it never drifts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from renderbus_farm.rules.work import Stage
from renderbus_model.statuses import FrameStatus

S = FrameStatus

NOT_BY_ITSELF = frozenset({S.STOPPED, S.FAILED, S.TIMED_OUT})
"""A unit that stands so is not done before its owner says something."""


class Needs(str, Enum):
    """Which units of the set before it a unit needs."""

    NOTHING = ""
    SAME_FRAME = "same"
    ALL = "all"


def waiting_status(needed: Stage) -> FrameStatus:
    """How a unit waits for those of a set with this stage, as published."""
    return S.WAITS_FOR_SIMULATION if needed is Stage.SIMULATE else S.WAITS_FOR_PREPROCESSING


def settled(status: FrameStatus, needs: Needs, waits: FrameStatus, *, met: bool) -> FrameStatus:
    """Where a unit stands, given whether what it needs is done.

    A merge whose tiles are rendered anew is outdated and follows them. What was rendered from a simulation
    stays: its owner may have stopped liking the simulation, and restarts what shall follow.
    """
    if met:
        return S.WAITING if status is waits else status
    if status is S.WAITING:
        return waits
    outdated = {S.RENDERING, S.DONE, S.FAILED, S.TIMED_OUT}
    return waits if needs is Needs.SAME_FRAME and status in outdated else status


def moves(needs: Needs, waits: FrameStatus, *, met: bool) -> dict[FrameStatus, FrameStatus]:
    """The statuses that change, each with what it becomes."""
    after = {status: settled(status, needs, waits, met=met) for status in FrameStatus}
    return {before: status for before, status in after.items() if status is not before}


@dataclass(frozen=True, slots=True)
class StagedSet:
    """A set of units whose task has stages; ``needs_id`` is the set before it, 0 for none."""

    id: int
    task_id: int
    stage: Stage
    needs_id: int = 0
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True, slots=True)
class StageWait:
    """Units of a set that wait for those of another.

    Attributes:
        layer: of the set that they wait for; a node of Houdini.
        status: how they wait.
        blocked: of ``units`` those whose need failed or was stopped.
    """

    layer: str
    status: FrameStatus
    units: int
    blocked: int = 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """A sentence each for those that wait and those that will wait until somebody does something."""
        simulation = self.status is S.WAITS_FOR_SIMULATION
        what = f"the simulation {self.layer}" if simulation else "tiles of the same picture"
        goes_on = self.units - self.blocked
        waits = (f"{_units(goes_on)} waiting until {what} {_be(simulation)} done.",) if goes_on else ()
        held = f"{_units(self.blocked)} held: {what} failed or {_was(simulation)} stopped; restart to go on."
        return (*waits, held) if self.blocked else waits


def _units(count: int) -> str:
    return "1 frame is" if count == 1 else f"{count} frames are"


def _be(one: bool) -> str:
    return "is" if one else "are"


def _was(one: bool) -> str:
    return "was" if one else "were"


def blocked_sets(
    sets: Collection[StagedSet], statuses: Mapping[int, Collection[FrameStatus]]
) -> frozenset[int]:
    """Those whose units that wait all do so for something that will not be done by itself.

    Args:
        sets: of one task, each behind the one that it needs.
        statuses: which statuses the units of each set have.
    """
    blocked: set[int] = set()
    for each in sets:
        before = statuses.get(each.needs_id, ())
        if each.needs_id in blocked or (each.needs is Needs.ALL and NOT_BY_ITSELF & set(before)):
            blocked.add(each.id)
    return frozenset(blocked)
