"""Why a task does not render now, in words for its owner."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.heads import Head, Running, fits, possible, series
from renderbus_farm.rules.lifecycle import Counts
from renderbus_farm.rules.words import counted
from renderbus_farm.rules.work import Node
from renderbus_model.software import title_of
from renderbus_model.statuses import TASK_WORDS, TaskStatus


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task does not render now.

    Attributes:
        can_go_on: false when all that is left of the task fits no node of the farm, busy or free. A farm
            without a node says nothing about what it can do: its nodes may be starting.
        reasons: one sentence each, in English.
    """

    can_go_on: bool
    reasons: tuple[str, ...]


def explain(
    status: TaskStatus,
    counts: Counts,
    heads: Sequence[Head],
    nodes: Sequence[Node],
    running: Sequence[Running],
    *,
    waits_for_start: bool = False,
    analysis: Analysis = Analysis.NONE,
    gives_up_after_s: float = 0.0,
    error: str = "",
    kept_back: Callable[[Head], str] = lambda _: "",
) -> Why:
    """Why the task of these heads waits.

    Args:
        running: what takes places on the whole farm.
        waits_for_start: its account starts its tasks by hand, and has not started this one.
        analysis: where the farm's own analysis of its scene stands.
        gives_up_after_s: after this long without a node that could render them frames fail.
        error: of one of its frames that failed, or of the analysis.
        kept_back: what keeps units from nodes that could render them: shares, limits, their order.
    """
    if word := _about_analysis(status, analysis, error):
        return Why(True, (word,))
    if waits_for_start:
        return Why(True, ("The task waits for you to start it: its account has autoCommit 1.",))
    if status not in (TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING):
        word = _WORDS.get(status, f"The task's status is {TASK_WORDS[status][1]}.")
        return Why(True, (word, f"The first error: {error}") if error else (word,))
    reasons: list[str] = []
    if counts.rendering:
        reasons.append(f"{_frames(counts.rendering)} on the nodes now.")
    if counts.held:
        reasons.append(f"{_frames(counts.held)} held until the test frames have ended and you say go on.")
    waiting = [head for head in heads if head.waiting > 0]
    doable = possible(waiting, nodes)
    if stuck := [head for head in waiting if head not in doable]:
        reasons += _why_stuck(stuck, nodes)
        if gives_up_after_s:
            reasons.append(f"If that stays so for {gives_up_after_s / 60:.0f} min, they fail.")
    kept: Counter[str] = Counter()
    may_begin: list[Head] = []
    for head in doable:
        if why := kept_back(head):
            kept[why] += head.waiting
        else:
            may_begin.append(head)
    reasons += [f"{_frames(count)} waiting: {_of_several(why)}" for why, count in kept.items()]
    if may_begin:
        reasons += _why_busy(may_begin, nodes, running)
    can_go_on = bool(doable or counts.rendering or not waiting or not nodes)
    return Why(can_go_on, tuple(dict.fromkeys(reasons)))


def _about_analysis(status: TaskStatus, analysis: Analysis, error: str) -> str:
    """A word on a task that the farm's own analysis of its scene keeps from rendering, "" for others."""
    if analysis is Analysis.FAILED and status is TaskStatus.FAILED:
        return f"The scene could not be analysed: {error}"
    if analysis is Analysis.WANTED and status is TaskStatus.ANALYSE:
        return "The farm analyses the scene, since task.json has no scene_info; its frames follow."
    if analysis is Analysis.WANTED and status is TaskStatus.STOP:
        return (
            "The farm has yet to analyse the scene; start the task for that "
            "(it was stopped, or its account has manuallyStartAnalysisFlag 1)."
        )
    return ""


def _why_stuck(heads: Sequence[Head], nodes: Sequence[Node]) -> Iterable[str]:
    """A sentence for every reason that keeps frames of these heads from all nodes."""
    waiting: Counter[str] = Counter()
    for head in heads:
        waiting[why_impossible(head, nodes)] += head.waiting
    return [f"{_frames(count)} waiting: {why}." for why, count in waiting.items()]


def _why_busy(heads: Sequence[Head], nodes: Sequence[Node], running: Sequence[Running]) -> Iterable[str]:
    head = heads[0]
    waiting = sum(head.waiting for head in heads)
    taken = Counter(run.node for run in running)
    fitting = [node for node in nodes if any(fits(head, node) for head in heads)]
    if any(taken[node.name] < node.places for node in fitting):
        yield f"{_frames(waiting)} waiting: a node is free and takes the next one at once."
        return
    others = len({run.task_id for run in running} - {head.task_id})
    also = f", also by {counted(others, 'other task')}" if others else ""
    places = f"all places on the {counted(len(fitting), 'node')} that can render them"
    yield f"{_frames(waiting)} waiting: {places} are taken{also}."


def why_impossible(head: Head, nodes: Sequence[Node]) -> str:
    """Why no node can render these frames."""
    if not nodes:
        return "the farm has no node that is ready"
    title = title_of(head.cg_id)
    with_application = [node for node in nodes if head.cg_id in node.applications]
    if not with_application:
        return f"no node of the farm has {title}; install it on one"
    new_enough = [
        node for node in with_application if series(node.applications[head.cg_id]) >= series(head.version)
    ]
    if head.version and not new_enough:
        newest = max((node.applications[head.cg_id] for node in with_application), key=series)
        return f"the scene was made with {title} {head.version}; the farm's newest is {newest}"
    if lacking := _lacking_plugins(head, new_enough):
        return f"no node of the farm has {title} with {', '.join(lacking)}"
    most_gb = max(math.ceil(node.ram_gb) for node in with_application)
    if head.ram_gb > most_gb:
        return (
            f"the task wants {head.ram_gb} GB of memory; the farm's nodes "
            f"with {title} have {most_gb} GB at most"
        )
    if head.gpus > (most := max(node.gpus for node in with_application)):
        wants = counted(head.gpus, "graphics card")
        return f"the task wants {wants}; the farm's nodes with {title} have {most} at most"
    engines = sorted(set().union(*(node.engines for node in with_application)))
    if not head.engine or head.engine in engines:
        return "no node of the farm has at once all that the task wants: engine, memory and graphics cards"
    instead = f"{', '.join(engines)}: choose one of these in the scene" if engines else "no engine"
    reasons = sorted({node.lacking[head.engine] for node in with_application if head.engine in node.lacking})
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return f"no node of the farm renders with {head.engine}{why}; its nodes with {title} have {instead}"


def _lacking_plugins(head: Head, nodes: Sequence[Node]) -> list[str]:
    """Plug-ins that the scene needs and none of these nodes has, which all say what they have."""
    if not nodes or any(node.plugins is None for node in nodes):
        return []
    return sorted(set(head.plugins) - set().union(*(node.plugins or () for node in nodes)))


def _of_several(reason: str) -> str:
    """The reason of one unit, as that of several.

    >>> _of_several("It takes 1 of maya."), _of_several("Its task is on 1 node.")
    ('each takes 1 of maya.', 'their task is on 1 node.')
    """
    return (
        reason.replace("Its ", "their ", 1)
        if reason.startswith("Its ")
        else reason.replace("It ", "each ", 1)
    )


def _frames(count: int) -> str:
    return "1 frame is" if count == 1 else f"{count} frames are"


_WORDS = {
    TaskStatus.ANALYSE: "The task was not submitted yet.",
    TaskStatus.STOP: "The task was stopped; start it to go on.",
    TaskStatus.ARREARAGE_STOP: "The task was stopped for lack of funds.",
    TaskStatus.TIME_OUT_STOP: "The task took longer than its task_stop_time; start it to go on.",
    TaskStatus.FINISHED: "Every frame is done.",
    TaskStatus.FINISHED_HAS_FAILED: "Every frame has ended, some failed; restart those to try again.",
    TaskStatus.FAILED: "Every frame failed; read a frame's log, then restart them.",
    TaskStatus.ABANDON: "The task was aborted.",
    TaskStatus.FINISHED_TEST: "The test frames have ended; the others wait for full speed or a start.",
}
