"""Why units wait: one sentence for all that wait for the same, and never none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.explain import why_impossible
from renderbus_farm.rules.heads import Head, Running, fits, wished
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.shares import Division, InUse, too_much
from renderbus_farm.rules.words import counted
from renderbus_farm.rules.work import Node
from renderbus_model.statuses import TASK_ENDED, TASK_WORDS, FrameStatus, TaskStatus

S = FrameStatus

_NEVER = "abort this one, and submit it again without that"


@dataclass(frozen=True, slots=True)
class Before:
    """A task that comes before another one."""

    task_id: int
    status: TaskStatus
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class OfTask:
    """What holds for all units of a task.

    Attributes:
        made: its units are all in the database.
        before: the tasks that come before it and have not ended well.
        backs_off: a unit of it failed and waits for its next try.
    """

    id: int
    wish: Wish = Wish.RUN
    analysis: Analysis = Analysis.NONE
    made: bool = True
    waits_for_start: bool = False
    begins_at: float = 0.0
    before: Sequence[Before] = ()
    backs_off: bool = False


@dataclass(frozen=True, slots=True)
class OfFarm:
    """What holds for the whole farm at a moment.

    Attributes:
        nodes: those that are set aside have no places.
        aside: until when nodes are set aside, by name.
        running: what takes places.
        gives_up_after_s: after this long without a node that could render them units fail.
    """

    nodes: Sequence[Node]
    running: Sequence[Running]
    now: float
    division: Division = field(default_factory=Division)
    aside: Mapping[str, float] = field(default_factory=dict)
    gives_up_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Units of a task that stand alike.

    Attributes:
        head: what they need; its ``waiting`` says how many they are.
        not_before: when the first of them is tried again, 0 where none failed.
        needs: what they need of an earlier stage, in words; empty for nothing.
        node: where one of them renders.
        error: of one that failed.
    """

    head: Head
    status: FrameStatus
    not_before: float = 0.0
    needs: str = ""
    node: str = ""
    error: str = ""


def why(group: Group, task: OfTask, farm: OfFarm) -> str:
    """Why these units do not render now, or that they do."""
    if group.status in _STANDS:
        return _STANDS[group.status]
    if group.status is S.RENDERING:
        return f"It is on node {group.node}." if group.node else "It is on a node."
    if group.status in (S.FAILED, S.TIMED_OUT):
        error = f": {group.error.splitlines()[0]}" if group.error else ""
        return f"It failed{error}; restart it to try again."
    if group.status is S.STOPPED:
        return _STOPPED.get(task.wish, "It was stopped by itself; start the task, or restart the frame.")
    if group.status is not S.WAITING:
        return f"It waits for {group.needs}." if group.needs else "It waits for an earlier stage of its task."
    return why_whole(task, farm.now) or _of_unit(group, task, farm) or _of_farm(group.head, farm)


_STANDS = {
    S.DONE: "It is done.",
    S.WAITS_FOR_TEST_FRAMES: "It is held until the test frames have ended and you say full speed or start.",
}
_STOPPED = {
    Wish.STOP: "Its task was stopped; start it to go on.",
    Wish.ABANDON: "Its task was aborted.",
    Wish.NO_FUNDS: "Its task was stopped for lack of funds.",
    Wish.OVER_TIME: "Its task took longer than its task_stop_time; start it to go on.",
}


def why_whole(task: OfTask, now: float) -> str:
    """What keeps all units of the task from nodes, "" for nothing."""
    if task.analysis is Analysis.WANTED:
        return "The farm has yet to analyse the scene."
    if not task.made:
        return "Its task is just being submitted."
    if task.waits_for_start:
        return "Its task waits for you to start it: its account has autoCommit 1."
    if task.begins_at > now:
        return f"Its task begins at {_moment(task.begins_at)}."
    if task.before:
        first, more = task.before[0], len(task.before) - 1
        others = f" and {more} more" if more else ""
        return f"Its task comes after task {first.task_id}{others}: {first.task_id} {_stands(first)}."
    return ""


def _stands(before: Before) -> str:
    """How a task stands that another one comes after, and what to do where that will not change by itself."""
    if before.deleted:
        return f"was deleted; {_NEVER}"
    word = f"is {TASK_WORDS[before.status][1]}"
    if before.status is TaskStatus.ABANDON:
        return f"{word}; {_NEVER}"
    goes_on = before.status not in TASK_ENDED
    return word if goes_on else f"{word}; start it, or restart its frames that failed"


def _of_unit(group: Group, task: OfTask, farm: OfFarm) -> str:
    """What keeps these units from nodes and not others of the task."""
    head = group.head
    if group.not_before > farm.now:
        where = f" on {', '.join(sorted(head.avoid))}" if head.avoid else ""
        return f"It failed{where} and is tried again in {group.not_before - farm.now:.0f} s."
    if not head.sequential:
        return ""
    if any(run.task_id == task.id for run in farm.running):
        return "Its task renders one frame after another, and an earlier one is on a node."
    if task.backs_off:
        return "Its task renders one frame after another, and an earlier one waits for its next try."
    return ""


def _of_farm(head: Head, farm: OfFarm) -> str:
    """Why no node takes these units, which may begin."""
    (wanted,) = wished([head], farm.nodes)
    fitting = [node for node in farm.nodes if fits(wanted, node)]
    if not fitting:
        fails = f"; after {farm.gives_up_after_s / 60:.0f} min so it fails" if farm.gives_up_after_s else ""
        return f"No node can render it: {why_impossible(wanted, farm.nodes)}{fails}."
    if not any(node.places for node in fitting):
        until = [farm.aside[node.name] for node in fitting if node.name in farm.aside]
        again = f" until {_moment(min(until))}" if until else ""
        which = f"The {counted(len(fitting), 'node')} that can render it"
        verb = "is" if len(fitting) == 1 else "are"
        return f"{which} {verb} set aside{again}, since tasks failed there."
    return _of_shares(wanted, fitting, farm) or _of_places(wanted, fitting, farm)


def kept_back(head: Head, task: OfTask, farm: OfFarm) -> str:
    """What keeps units from nodes that could render them and may have places, "" for nothing."""
    (wanted,) = wished([head], farm.nodes)
    fitting = [node for node in farm.nodes if fits(wanted, node)]
    return _of_unit(Group(head, S.WAITING), task, farm) or _of_shares(wanted, fitting, farm)


def _of_shares(head: Head, fitting: Sequence[Node], farm: OfFarm) -> str:
    in_use = InUse(farm.division, farm.running)
    limits = farm.division.limits
    if reason := too_much(head, limits):
        return f"{reason[0].upper()}{reason[1:]}."
    if not in_use.left(head.account_id):
        return f"Its account has {in_use.units[head.account_id]} frames at once, the most that it may have."
    own = {run.node for run in farm.running if run.task_id == head.task_id}
    if head.limit and len(own) >= head.limit:
        return f"Its task is on {counted(len(own), 'node')}, the most that its limit allows."
    if (short := in_use.short(head)) and not _free(fitting, farm) & in_use.holders(head, short):
        name, taken = short[0], in_use.taken(short[0])
        return f"It takes {dict(head.takes)[name]} of {name}, and {taken} of {limits[name]} are in use."
    return ""


def _of_places(head: Head, fitting: Sequence[Node], farm: OfFarm) -> str:
    if _free(fitting, farm):
        return "A node is free for it; it is given out at the next look, in its turn."
    others = len({run.task_id for run in farm.running} - {head.task_id})
    also = f", also by {counted(others, 'other task')}" if others else ""
    return f"All places on the {counted(len(fitting), 'node')} that can render it are taken{also}."


def _free(nodes: Sequence[Node], farm: OfFarm) -> set[str]:
    taken = Counter(run.node for run in farm.running)
    return {node.name for node in nodes if taken[node.name] < node.places}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
