"""Attempts that ended badly: what follows for the unit, and what is held against the node."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from renderbus_farm.logs import frame_story
from renderbus_farm.rules.failures import Try, next_step
from renderbus_farm.rules.heads import fits
from renderbus_farm.rules.lifecycle import Frame
from renderbus_farm.rules.standing import AT_ONCE, IF_RENDERED_ELSEWHERE, Standing
from renderbus_farm.rules.work import ChunkId, Fault, Node
from renderbus_farm.store import attempts, failures, standings
from renderbus_farm.store.database import Connection
from renderbus_model.pieces import Digest
from renderbus_model.statuses import FRAME_ENDED

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setback:
    """How an attempt ended badly."""

    fault: Fault
    error: str
    seconds: float = 0.0
    log: Digest | None = None


def set_back(
    db: Connection, before: Frame, task_id: int, bad: Setback, nodes: Sequence[Node], now: float
) -> Frame:
    """Write what follows for the unit of this end of its attempt: the unit since then."""
    chunk = ChunkId(before.id, before.attempt)
    node = attempts.nodes(db, [chunk]).get(chunk, "")
    ram_gb = {each.name: each.ram_gb for each in nodes}
    so_far = failures.so_far(db, [before.id]).get(before.id, 0)
    made = [
        *failures.tries(db, before.id, so_far, ram_gb),
        Try(node, bad.fault, bad.error, ram_gb.get(node, 0)),
    ]
    head = failures.heads(db, [before.id])[before.id]
    step = next_step(made, [each for each in nodes if each.places and fits(head, each)])
    after = before.after(step.what, attempt=before.attempt)
    attempts.ended(db, after, step.what, now, seconds=bad.seconds, error=step.error, log=bad.log)
    failures.keep(db, chunk, made, step, now)
    again = after.status not in FRAME_ENDED
    story = {**frame_story(task_id, chunk, node), "why": bad.error, "fault": bad.fault.value}
    log.warning("frame failed, tried again" if again else "frame failed", extra=story)
    if bad.fault in AT_ONCE:
        _hold_against(db, node, task_id, bad.error, now)
    return after


def vindicated(db: Connection, after: Frame, task_id: int, failed: int, now: float) -> None:
    """A unit was rendered that ``failed`` attempts before could not: it was not the scene's fault."""
    chunk = ChunkId(after.id, after.attempt)
    here = attempts.nodes(db, [chunk]).get(chunk, "")
    for each in failures.tries(db, after.id, failed, {}):
        if each.fault in IF_RENDERED_ELSEWHERE and each.node != here:
            _hold_against(db, each.node, task_id, each.error, now)


def _hold_against(db: Connection, node: str, task_id: int, why: str, now: float) -> None:
    """A task failed through this node; after several it is set aside."""
    kept = standings.all_of(db, [node]).get(node)
    before = kept.standing if kept else Standing()
    standing = before.marked(task_id, now)
    standings.keep(db, node, standing, why)
    if standing.times > before.times or (standing.is_aside(now) and not standing.marks):
        for_s = round((standing.aside_until or now) - now)
        log.error("node set aside", extra={"node": node, "for_s": for_s, "why": why})
