"""Keeps the analysis of uploaded scenes at what the database says, and keeps what was found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from renderbus_farm.executors.analyser import Analyser, AnalysisOrder
from renderbus_farm.rules import checks
from renderbus_farm.rules.analysis import Wanted, judged, planned
from renderbus_farm.rules.choices import names_in
from renderbus_farm.rules.plans import Plan, plan_of
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import accounts, analyses, parts, tasks, transfers, units
from renderbus_farm.store.analyses import Unread
from renderbus_farm.store.database import Connection, Database
from renderbus_model.document_values import BadDocument
from renderbus_model.documents import Submission
from renderbus_model.scene_analysis import AnalysisAnswer

log = logging.getLogger(__name__)


class Analyses:
    """For one thread. What runs is known to the analyser alone, so that a farm begins anew what it lost.

    Args:
        wake: called when a task has frames to render now.
    """

    def __init__(
        self, database: Database, analyser: Analyser, *, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._analyser = analyser
        self._wake = wake

    def anything_left(self) -> bool:
        """A scene is read, or is to be; safe from any thread."""
        with self._database.reading() as db:
            return bool(analyses.wanted(db))

    def tick(self, now: float) -> None:
        """Look once, and do what is to be done; ``now`` in seconds since 1970."""
        for task_id, answer in self._analyser.drain().items():
            self._keep(task_id, answer, now)
            self._wake()
        with self._database.reading() as db:
            wanted = analyses.wanted(db)
            plan = planned([each.id for each in wanted], self._analyser.running(), self._analyser.places)
            orders = [self._order(db, each) for each in wanted if each.id in plan.begin]
        for task_id in plan.give_up:
            self._analyser.give_up(task_id)
        for order in orders:
            self._analyser.begin(order)
            log.info("analysis begins", extra={"task": order.task_id, "scene": order.scene})

    def _keep(self, task_id: int, answer: AnalysisAnswer, now: float) -> None:
        """Keep what was found, and make the task's frames or say why there are none.

        It is worked out before the transaction that writes it, which keeps everybody else from writing.
        """
        with self._database.reading() as db:
            unread = analyses.find(db, task_id)
            if unread is None:
                return  # stopped, aborted or deleted meanwhile
            documents = transfers.documents(db, task_id)
            level_folders = accounts.settings(db, unread.account_id).use_level_directory
        together = unread.frames_at_once
        outcome = _outcome(task_id, answer, documents, together, level_folders=level_folders)
        plan = outcome.plan
        filled = units.fill(self._database, task_id, plan, now) if plan else units.Filled()
        with self._database.writing() as db:
            unread = analyses.find(db, task_id)  # again: it may have been started or stopped meanwhile
            if unread is not None:
                _write(db, unread, outcome, filled, now)
        if unread is None:
            units.clear(self._database, task_id)
            return
        if outcome.why:
            log.warning("scene not analysed", extra={"task": task_id, "why": outcome.why})
        else:
            log.info("scene analysed", extra={"task": task_id})

    @staticmethod
    def _order(db: Connection, unread: Unread) -> AnalysisOrder:
        document = transfers.documents(db, unread.id).get("task.json", b"{}")
        try:
            wanted = Wanted.read(document)
        except BadDocument:  # replaced since it was submitted; it is told when the frames are made
            wanted = Wanted("", "", {}, "")
        return AnalysisOrder(unread.id, unread.cg_id, unread.scene, unread.inputs, wanted)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes of an analysis: documents to keep, and either frames or the reason why there are none."""

    documents: Mapping[str, bytes]
    why: str = ""
    what: Submission | None = None
    plan: Plan | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def _outcome(
    task_id: int,
    answer: AnalysisAnswer,
    documents: Mapping[str, bytes],
    together: int,
    *,
    level_folders: bool,
) -> _Outcome:
    verdict = judged(answer, documents.get("task.json", b""))
    if verdict.why:
        return _Outcome(verdict.documents, verdict.why)
    found = {**documents, **verdict.documents}
    try:
        for name, content in found.items():
            checks.check_document(name, len(content))
        what, facts = checks.read_submission(task_id, found, level_folders=level_folders)
        if not what.analysed:
            return _Outcome(verdict.documents, "nothing in the scene can be rendered")
        plan = plan_of(what, facts, together)
        return _Outcome(verdict.documents, "", what, plan, names_in(what, facts))
    except BadValue as error:
        return _Outcome({"tips.json": found["tips.json"]}, str(error))
    except (ValueError, TypeError, LookupError, RecursionError):  # another look at the scene would not help
        log.exception("analysis makes no sense", extra={"task": task_id})
        return _Outcome({}, "what was found in the scene makes no sense to this farm")


def _write(db: Connection, unread: Unread, outcome: _Outcome, filled: units.Filled, now: float) -> None:
    plan = outcome.plan
    for name, content in outcome.documents.items():
        transfers.put_document(db, unread.id, name, content)
    if outcome.what is None or plan is None:
        analyses.fail(db, unread.id, outcome.why)
    else:
        analyses.succeed(db, unread, outcome.what.frames_text, plan.task_type, outcome.names)
        if filled.part_ids:
            parts.submit(db, unread.id, filled.part_ids, plan.parts)
    tasks.refresh(db, [unread.id], now)
