"""What may happen to a frame; a task's status worked out from its frames (docs/lifecycle.md draws it).

What may happen is the table ``TRANSITIONS``; nothing else changes a frame's status. A task has no state of
its own: its owner's wish and the count of its frames give its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from renderbus_farm.rules.analysis import Analysis
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, TaskStatus

MOST_LOST_ATTEMPTS = 3
"""A frame that took its process or node down this often will do so again: it fails and says so."""


class Happened(Enum):
    """What can happen to a frame; the value completes the sentence "frame 7 cannot be …"."""

    CLAIMED = "claimed by a node"
    RENDERED = "rendered"
    CRASHED = "failed by its renderer"
    TIMED_OUT = "ended by its time limit"
    NODE_LOST = "lost with its process or node"
    LOST_TOO_OFTEN = "lost once more than allowed"
    FARM_LOST = "given back by a farm that ended"
    SENT_BACK = "failed, to be tried again"
    RECALLED = "taken back for a free node"
    STOPPED = "stopped"
    STARTED = "started again by the user"
    RESTARTED = "restarted by the user"
    RELEASED = "released by the user"
    NO_NODE = "given up because no node can render it"


S, H = FrameStatus, Happened
TRANSITIONS: dict[tuple[FrameStatus, Happened], FrameStatus] = {
    (S.WAITING, H.CLAIMED): S.RENDERING,
    (S.WAITING, H.STOPPED): S.STOPPED,
    (S.WAITING, H.NO_NODE): S.FAILED,
    (S.WAITS_FOR_TEST_FRAMES, H.NO_NODE): S.FAILED,
    (S.WAITS_FOR_TEST_FRAMES, H.RELEASED): S.WAITING,
    (S.WAITS_FOR_TEST_FRAMES, H.STARTED): S.WAITING,
    (S.WAITS_FOR_TEST_FRAMES, H.STOPPED): S.STOPPED,
    # Units of a later stage; when they wait for a node instead is what rules.stages says.
    (S.WAITS_FOR_PREPROCESSING, H.STOPPED): S.STOPPED,
    (S.WAITS_FOR_PREPROCESSING, H.NO_NODE): S.FAILED,
    (S.WAITS_FOR_SIMULATION, H.STOPPED): S.STOPPED,
    (S.WAITS_FOR_SIMULATION, H.NO_NODE): S.FAILED,
    (S.RENDERING, H.RENDERED): S.DONE,
    (S.RENDERING, H.CRASHED): S.FAILED,
    (S.RENDERING, H.TIMED_OUT): S.TIMED_OUT,
    (S.RENDERING, H.NODE_LOST): S.WAITING,
    (S.RENDERING, H.LOST_TOO_OFTEN): S.FAILED,
    (S.RENDERING, H.FARM_LOST): S.WAITING,
    (S.RENDERING, H.SENT_BACK): S.WAITING,
    (S.RENDERING, H.RECALLED): S.WAITING,
    (S.RENDERING, H.STOPPED): S.STOPPED,
    (S.STOPPED, H.STARTED): S.WAITING,
    (S.STOPPED, H.RESTARTED): S.WAITING,
    (S.DONE, H.RESTARTED): S.WAITING,
    (S.FAILED, H.RESTARTED): S.WAITING,
    (S.TIMED_OUT, H.RESTARTED): S.WAITING,
}


def moves(what: Happened) -> dict[FrameStatus, FrameStatus]:
    """Where ``what`` leads from each status that it has a meaning in; frames of other statuses stay."""
    return {before: after for (before, happened), after in TRANSITIONS.items() if happened is what}


class NotAllowed(Exception):
    """Something has no meaning in a frame's status."""

    def __init__(self, frame: Frame, what: Happened) -> None:
        super().__init__(f"frame {frame.id} is {frame.status.name}, cannot be {what.value}")
        self.frame = frame
        self.what = what


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as far as its life goes.

    Attributes:
        attempt: how often it was claimed.
        lost: how many attempts were lost with their process or node since the user last asked for it.
    """

    id: int
    status: FrameStatus = FrameStatus.WAITING
    attempt: int = 0
    lost: int = 0

    def after(self, what: Happened, *, attempt: int | None = None) -> Frame:
        """The frame once ``what`` has happened.

        ``attempt`` is what a report names. A report about an earlier attempt, or about one that was stopped
        meanwhile, comes from a node that was given up: nothing changes.

        Raises:
            NotAllowed: ``what`` has no meaning in this status.
        """
        if attempt is not None and not self.renders(attempt):
            return self
        if what is H.NODE_LOST and self.lost + 1 >= MOST_LOST_ATTEMPTS:
            what = H.LOST_TOO_OFTEN
        if (self.status, what) not in TRANSITIONS:
            raise NotAllowed(self, what)
        lost = {H.NODE_LOST: self.lost + 1, H.LOST_TOO_OFTEN: self.lost + 1, H.STARTED: 0, H.RESTARTED: 0}
        return replace(
            self,
            status=TRANSITIONS[self.status, what],
            attempt=self.attempt + (what is H.CLAIMED),
            lost=lost.get(what, self.lost),
        )

    def renders(self, attempt: int) -> bool:
        """This very attempt is the one that is wanted now."""
        return self.status is S.RENDERING and attempt == self.attempt


class Wish(Enum):
    """What a task's owner wants of it, or what the farm decided in the owner's place."""

    RUN = "run"
    STOP = "stop"
    ABANDON = "abandon"
    NO_FUNDS = "no funds"
    OVER_TIME = "over time"


STOPPED_BY = {
    Wish.STOP: TaskStatus.STOP,
    Wish.NO_FUNDS: TaskStatus.ARREARAGE_STOP,
    Wish.OVER_TIME: TaskStatus.TIME_OUT_STOP,
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many frames of a task stand where; ``failed`` holds those over time too.

    Attributes:
        held: wait for the user's word after the test frames.
        preparing: simulations and pre-passes that render; they are among ``rendering``.
        blocked: wait for units that failed or were stopped; they are among ``waiting``.
    """

    waiting: int = 0
    held: int = 0
    rendering: int = 0
    stopped: int = 0
    done: int = 0
    failed: int = 0
    preparing: int = 0
    blocked: int = 0

    @classmethod
    def of(cls, by_status: Mapping[FrameStatus, int]) -> Counts:
        """The counts of frames by their status."""
        ours = {S.WAITING, S.WAITS_FOR_TEST_FRAMES, S.RENDERING, S.STOPPED, *FRAME_ENDED}
        return cls(
            # The statuses that wait for another stage of the task wait all the same.
            waiting=by_status.get(S.WAITING, 0) + sum(n for s, n in by_status.items() if s not in ours),
            held=by_status.get(S.WAITS_FOR_TEST_FRAMES, 0),
            rendering=by_status.get(S.RENDERING, 0),
            stopped=by_status.get(S.STOPPED, 0),
            done=by_status.get(S.DONE, 0),
            failed=by_status.get(S.FAILED, 0) + by_status.get(S.TIMED_OUT, 0),
        )

    @property
    def ended(self) -> int:
        """Frames that nothing more happens to until a user restarts them."""
        return self.done + self.failed

    @property
    def open(self) -> int:
        """Frames that something may still happen to by itself, or that wait for their owner's word."""
        return self.total - self.ended - self.blocked

    @property
    def total(self) -> int:
        """All frames."""
        return self.waiting + self.held + self.rendering + self.stopped + self.ended


def task_status(wish: Wish, counts: Counts, analysis: Analysis = Analysis.NONE) -> TaskStatus:
    """A task's status; the first rule that holds decides.

    A task whose scene could not be analysed by the farm has no frames, and has failed.

    A user who restarts a few frames of a stopped task wants those and not the rest: when they have ended,
    the task is stopped again. What waits for a unit that failed keeps no task from its end.
    """
    if wish is Wish.ABANDON:
        return TaskStatus.ABANDON
    if analysis is Analysis.FAILED:
        return TaskStatus.FAILED
    if counts.total and not counts.open:
        return _ended(counts)
    if wish in STOPPED_BY:
        return STOPPED_BY[wish]
    if not counts.total:
        return TaskStatus.ANALYSE
    if counts.rendering:
        return TaskStatus.PRE_RENDERING if counts.preparing else TaskStatus.RENDERING
    if counts.waiting == counts.blocked:
        return TaskStatus.FINISHED_TEST if counts.held else TaskStatus.STOP
    return TaskStatus.RENDERING if counts.ended else TaskStatus.WAITING


def _ended(counts: Counts) -> TaskStatus:
    if not counts.failed:
        return TaskStatus.FINISHED
    return TaskStatus.FINISHED_HAS_FAILED if counts.done else TaskStatus.FAILED
