"""What becomes of a unit that could not be rendered: try again now, later, elsewhere, or fail.

Every path ends: each bad end counts, and none is tried again more often than ``MOST_TRIES`` times since its
owner last asked for it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from renderbus_farm.rules.lifecycle import MOST_LOST_ATTEMPTS, Happened
from renderbus_farm.rules.work import Fault, Node

MOST_TRIES = 5
"""Bad ends of one unit, whatever was at fault, before it fails."""

OPINIONS = 2
"""Nodes that must find fault with a unit's scene, where the farm has as many that could render it."""

MOST_STUCK = 2
MOST_OUT_OF_MEMORY = 2

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
"""A node that is restarted, or whose disk is cleared, is back by then."""

_SCENES_FAULT = frozenset({Fault.SCENE, Fault.PICTURE})


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that ended badly: where, why, and in whose words.

    Attributes:
        ram_gb: memory of that node, 0 where it is not known.
    """

    node: str
    fault: Fault
    error: str
    ram_gb: float = 0.0


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens to the unit.

    Attributes:
        what: ``SENT_BACK`` or ``NODE_LOST`` where it is tried again.
        error: why, for its owner.
        wait_s: before it is tried again.
        memory_gb: memory that its node must have then, 0 for what its task asks anyway.
    """

    what: Happened
    error: str
    wait_s: float = 0.0
    memory_gb: int = 0


def next_step(tries: Sequence[Try], fitting: Collection[Node]) -> NextStep:
    """What happens to a unit after its last bad end.

    Args:
        tries: its bad ends since its owner last asked for it, the oldest first; at least one.
        fitting: the nodes of the farm that could render it, those where it was tried included.
    """
    last = tries[-1]
    if last.fault is Fault.TIME:
        return NextStep(Happened.TIMED_OUT, last.error)
    if last.fault is Fault.INPUTS:
        return NextStep(Happened.CRASHED, last.error)
    if why := _over(tries, fitting):
        lost = last.fault is Fault.LOST
        return NextStep(Happened.LOST_TOO_OFTEN if lost else Happened.CRASHED, why)
    elsewhere = untried(tries, fitting)
    what = Happened.NODE_LOST if last.fault is Fault.LOST else Happened.SENT_BACK
    # The first loss costs no time: mostly its node went away, and another takes over.
    at_once = elsewhere or (last.fault in (Fault.LOST, Fault.STUCK) and len(tries) == 1)
    wait_s = 0.0 if at_once else wait_after(len(tries))
    return NextStep(what, last.error, wait_s, _memory_gb(tries))


def _memory_gb(tries: Sequence[Try]) -> int:
    """More than had those nodes where it was too little, whatever else went wrong since; 0 where none had."""
    too_little = [each.ram_gb for each in tries if each.fault is Fault.MEMORY]
    return math.ceil(max(too_little)) + 1 if too_little else 0


def untried(tries: Sequence[Try], fitting: Collection[Node]) -> list[Node]:
    """Nodes that could render the unit and have not failed at it."""
    failed_on = {each.node for each in tries}
    return [node for node in fitting if node.name not in failed_on]


def wait_after(failures: int) -> float:
    """Seconds before the next try on a node that has failed already: each wait is three times the last.

    >>> [wait_after(failures) for failures in (1, 2, 3, 9)]
    [5.0, 15.0, 45.0, 300.0]
    """
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 3 ** min(failures - 1, 10)))


def may_begin(not_before: float, now: float) -> bool:
    """The wait is over. One longer than any that is given means that the clock was set back: it is over."""
    return not now < not_before <= now + LONGEST_WAIT_S


def _over(tries: Sequence[Try], fitting: Collection[Node]) -> str:
    """Why the unit has failed for good; empty where it is tried again."""
    last = tries[-1]
    same = [each for each in tries if each.fault is last.fault]
    if last.fault in _SCENES_FAULT:
        opinions = [each for each in tries if each.fault in _SCENES_FAULT]
        if len(opinions) >= OPINIONS or not untried(tries, fitting):
            return in_words(opinions)
    elif last.fault is Fault.LOST and len(same) >= MOST_LOST_ATTEMPTS:
        return f"given up after {len(same)} attempts that were lost; the last one: {last.error}"
    elif last.fault is Fault.STUCK and len(same) >= MOST_STUCK:
        return in_words(same)
    elif last.fault is Fault.MEMORY:
        if len(same) >= MOST_OUT_OF_MEMORY:
            return in_words(same)
        if not any(math.ceil(node.ram_gb) > math.ceil(last.ram_gb) for node in fitting):
            return f"{last.error}; no node that could render it has more than {math.ceil(last.ram_gb)} GB"
    if len(tries) >= MOST_TRIES:
        return f"given up after {len(tries)} attempts; the last one: {last.error}"
    return ""


def in_words(tries: Sequence[Try]) -> str:
    """Several reasons in one text, each with its node; the same reason of several nodes is told once.

    >>> in_words([Try("w-01", Fault.SCENE, "no camera")])
    'no camera'
    >>> in_words([Try("w-01", Fault.SCENE, "no camera"), Try("w-02", Fault.SCENE, "no camera")])
    'no camera (on w-01 and w-02)'
    """
    nodes = list(dict.fromkeys(each.node for each in tries))
    errors = list(dict.fromkeys(each.error for each in tries))
    if len(errors) == 1:
        return errors[0] if len(nodes) == 1 else f"{errors[0]} (on {' and '.join(nodes)})"
    return "\n".join(f"{each.node}: {each.error}" for each in tries)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What a task's owner is told of units that failed and of pictures that look odd.

    Attributes:
        delayed: units that wait before they are tried again.
        next_at: when the first of them may begin, in seconds since 1970.
        error: why it failed.
        odd: frames that are done and look odd.
        example: one of them, and what is odd about it.
    """

    delayed: int = 0
    next_at: float = 0.0
    error: str = ""
    odd: int = 0
    example: str = ""


def doubts_of(doubts: Doubts, now: float) -> list[str]:
    """One sentence for each kind of them."""
    told = []
    if doubts.delayed:
        in_s = max(0.0, min(LONGEST_WAIT_S, doubts.next_at - now))
        which = "1 frame waits" if doubts.delayed == 1 else f"{doubts.delayed} frames wait"
        first_line = doubts.error.partition("\n")[0]
        told.append(f"{which} for another try, the next in {in_s:.0f} s; the last one failed: {first_line}")
    if doubts.odd:
        which = "1 frame is" if doubts.odd == 1 else f"{doubts.odd} frames are"
        told.append(f"{which} done but should be looked at: {doubts.example}.")
    return told
