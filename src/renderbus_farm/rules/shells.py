"""A shell: a task with parts, which are tasks of their own. What it shows is worked out from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields

from renderbus_farm.rules.lifecycle import Counts
from renderbus_model.statuses import TASK_ENDED, TaskStatus

T = TaskStatus

_FIRST_THAT_IS_THERE = (T.RENDERING, T.PRE_RENDERING)
_STOPPED = (T.TIME_OUT_STOP, T.ARREARAGE_STOP, T.STOP)
_BEGAN = frozenset({T.FINISHED, T.FINISHED_HAS_FAILED, T.FAILED, T.FINISHED_TEST})


@dataclass(frozen=True, slots=True)
class PartState:
    """A part as far as its shell goes."""

    status: TaskStatus
    counts: Counts = field(default_factory=Counts)
    started_at: float | None = None
    render_seconds: float = 0.0


def shell_status(parts: Collection[TaskStatus]) -> TaskStatus:
    """The status of a shell with parts of these statuses; the first rule that holds decides.

    A part that renders says more than one that waits, one that waits more than one that has ended: a shell is
    at its end when all of its parts are, as clients that download its parts believe too.
    """
    there = set(parts)
    for status in _FIRST_THAT_IS_THERE:
        if status in there:
            return status
    if T.WAITING in there:
        return T.RENDERING if _BEGAN & there else T.WAITING
    for status in (T.ANALYSE, T.FINISHED_TEST):
        if status in there:
            return status
    return _ended(there)


def _ended(there: set[TaskStatus]) -> TaskStatus:
    if not there:
        return T.STOP
    for status in _STOPPED:
        if status in there:
            return status
    if len(there) == 1:
        return next(iter(there))
    judged = there - {T.ABANDON}
    return next(iter(judged)) if len(judged) == 1 else T.FINISHED_HAS_FAILED


def rolled_up(parts: Sequence[PartState], *, aborted: bool = False) -> PartState:
    """All parts as one; ``aborted`` as a whole, it is that whatever its parts came to before.

    A part that had ended by then may be restarted by itself: while it goes on, so does the shell.
    """
    started = [part.started_at for part in parts if part.started_at is not None]
    over = all(has_ended(part.status) for part in parts)
    counted = {each.name: sum(getattr(part.counts, each.name) for part in parts) for each in fields(Counts)}
    return PartState(
        status=TaskStatus.ABANDON if aborted and over else shell_status([part.status for part in parts]),
        counts=Counts(**counted),
        started_at=min(started, default=None),
        render_seconds=sum(part.render_seconds for part in parts),
    )


def has_ended(status: TaskStatus) -> bool:
    """Nothing more happens to it by itself."""
    return status in TASK_ENDED
