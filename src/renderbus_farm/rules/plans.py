"""What a task's documents ask for becomes sets of units, in stages, and where that is asked for in parts.

A set's units differ in nothing but frame and tile. A part is a task of its own below a shell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.stages import Needs, waiting_status
from renderbus_farm.rules.units import MERGES, Cut, Unit, units
from renderbus_farm.rules.work import Stage
from renderbus_model.documents import Submission
from renderbus_model.frame_sets import FrameSet
from renderbus_model.frames import format_frames
from renderbus_model.statuses import FrameStatus, FrameType
from renderbus_model.task_facts import TaskFacts

_FIRST = frozenset({FrameType.PRIORITY, FrameType.PRIORITY_MERGE})
_NEVER_HELD = _FIRST | {FrameType.SIMULATION}
_SIMULATION = FrameType.SIMULATION
MOST_UNITS = 4_000_000
"""Of one task: a million frames in four tiles."""


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """A set of units to make.

    Attributes:
        first: its test frames.
        needs_index: the set of the same part that it needs, None for none.
        held: its units but those of test frames wait for the owner's word.
        tiles, tiles_kind: how its pictures are cut, or how those that it merges were.
        waits: how its units stand that need others, as published; WAITING where they need none.
    """

    frames: FrameSet
    cut: Cut
    first: frozenset[int]
    stage: Stage = Stage.RENDER
    needs: Needs = Needs.NOTHING
    needs_index: int | None = None
    waits: FrameStatus = FrameStatus.WAITING
    held: bool = False
    tiles: int = 1
    tiles_kind: str = ""

    def units(self) -> Iterator[Unit]:
        """Its units, in order."""
        return units(self.frames.numbers, self.first, self.cut)

    def status_of(self, kind: FrameType) -> FrameStatus:
        """How a unit of this type stands at first."""
        return FrameStatus.WAITS_FOR_TEST_FRAMES if self.held and kind not in _NEVER_HELD else self.waits


@dataclass(frozen=True, slots=True)
class Part:
    """Sets that are rendered as one task."""

    sets: tuple[PlannedSet, ...]

    @property
    def _rendered(self) -> list[FrameSet]:
        return [each.frames for each in self.sets if each.stage is not Stage.MERGE]

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of its layers."""
        return tuple(dict.fromkeys(frames.layer for frames in self._rendered if frames.layer))

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras that were chosen for it."""
        chosen = (frames.choice.camera for frames in self._rendered)
        return tuple(dict.fromkeys(camera for camera in chosen if camera))

    @property
    def frames_text(self) -> str:
        """Its frames as ranges."""
        return format_frames(number for frames in self._rendered for number in frames.numbers)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a task is to render; of several parts it is the shell."""

    parts: tuple[Part, ...]

    @property
    def task_type(self) -> str:
        """``taskType`` as published: Houdini's tasks with simulations are called so."""
        simulates = any(each.stage is Stage.SIMULATE for part in self.parts for each in part.sets)
        return "GopRender" if simulates else "Render"


def plan_of(what: Submission, facts: TaskFacts, together: int) -> Plan:
    """The plan of a task whose units have up to ``together`` frames.

    Layers and cameras become parts where the document wants them layered. What simulates and what reads its
    caches stays one task.

    Raises:
        BadValue: so many tiles of so many frames are more than a farm can keep apart.
    """
    pictures = sum(len(each.numbers) for each in what.frame_sets)
    if facts.tiles > 1 and pictures * (facts.tiles + 1) > MOST_UNITS:
        raise BadValue(
            f"{pictures} pictures in {facts.tiles} tiles each: a task has at most {MOST_UNITS} frames, tiles "
            "and pictures put together; submit it in several tasks, or with fewer tiles"
        )
    first = [frozenset() if each.simulates else what.priority.of(each.numbers) for each in what.frame_sets]
    held = what.stop_after_test and any(first)
    if facts.layered and len(what.frame_sets) > 1 and not any(each.simulates for each in what.frame_sets):
        groups: list[Collection[int]] = [(index,) for index in range(len(what.frame_sets))]
    else:
        groups = [range(len(what.frame_sets))] if what.frame_sets else []
    return Plan(
        tuple(
            Part(
                tuple(
                    _sets([(what.frame_sets[index], first[index]) for index in group], facts, together, held)
                )
            )
            for group in groups
        )
    )


def _sets(
    wanted: Collection[tuple[FrameSet, frozenset[int]]], facts: TaskFacts, together: int, held: bool
) -> Iterator[PlannedSet]:
    made = 0
    simulated: int | None = None
    for frames, first in wanted:
        before = Needs.NOTHING if simulated is None else Needs.ALL
        waits = FrameStatus.WAITING if simulated is None else waiting_status(Stage.SIMULATE)
        if frames.simulates:
            cut = Cut(len(frames.numbers) if frames.whole else 1, main=_SIMULATION, first=_SIMULATION)
            yield PlannedSet(frames, cut, first, Stage.SIMULATE, before, simulated, waits, held)
            simulated, made = made, made + 1
            continue
        cut = Cut(1 if facts.tiles > 1 else together, facts.tiles)
        kind = facts.tiles_kind if facts.tiles > 1 else ""
        tiled = (held, facts.tiles, kind)
        yield PlannedSet(frames, cut, first, Stage.RENDER, before, simulated, waits, *tiled)
        made += 1
        if facts.tiles > 1:
            needs = (Needs.SAME_FRAME, made - 1, waiting_status(Stage.RENDER))
            yield PlannedSet(frames, MERGES, first, Stage.MERGE, *needs, *tiled)
            made += 1
