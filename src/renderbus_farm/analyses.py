"""Keeps the analysis of uploaded scenes at what the database says, and keeps what was found."""

from __future__ import annotations

import logging
from collections.abc import Callable

from renderbus_farm.executors.analyser import Analyser, AnalysisOrder
from renderbus_farm.rules import checks
from renderbus_farm.rules.analysis import Wanted, judged, planned
from renderbus_farm.rules.choices import names_in
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import accounts, analyses, tasks, transfers
from renderbus_farm.store.analyses import Unread
from renderbus_farm.store.database import Connection, Database
from renderbus_model.document_values import BadDocument
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
        answers = self._analyser.drain()
        if answers:
            with self._database.writing() as db:
                for task_id, answer in answers.items():
                    self._take(db, task_id, answer, now)
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

    @staticmethod
    def _order(db: Connection, unread: Unread) -> AnalysisOrder:
        document = transfers.documents(db, unread.id).get("task.json", b"{}")
        try:
            wanted = Wanted.read(document)
        except BadDocument:  # replaced since it was submitted; it is told when the frames are made
            wanted = Wanted("", "", {}, "")
        return AnalysisOrder(unread.id, unread.cg_id, unread.scene, unread.inputs, wanted)

    def _take(self, db: Connection, task_id: int, answer: AnalysisAnswer, now: float) -> None:
        """Keep what was found, and make the frames or say why there are none."""
        unread = analyses.find(db, task_id)
        if unread is None:
            return  # stopped, aborted or deleted meanwhile
        documents = transfers.documents(db, task_id)
        verdict = judged(answer, documents.get("task.json", b""))
        why = verdict.why or self._why_no_frames(db, unread, {**documents, **verdict.documents})
        for name, content in verdict.documents.items():
            if name != "task.json" or not why:
                transfers.put_document(db, task_id, name, content)
        if why:
            analyses.fail(db, task_id, why)
            log.warning("scene not analysed", extra={"task": task_id, "why": why})
        else:
            log.info("scene analysed", extra={"task": task_id})
        tasks.refresh(db, [task_id], now)

    @staticmethod
    def _why_no_frames(db: Connection, unread: Unread, documents: dict[str, bytes]) -> str:
        """Make the task's frames; why that is not possible, "" where it was."""
        level_folders = accounts.settings(db, unread.account_id).use_level_directory
        try:
            for name, content in documents.items():
                checks.check_document(name, len(content))
            what, facts = checks.read_submission(unread.id, documents, level_folders=level_folders)
        except BadValue as error:
            return str(error)
        if not what.analysed:
            return "nothing in the scene can be rendered"
        tasks.add_frames(db, unread.id, what)
        analyses.succeed(db, unread, what.frames_text, names_in(what, facts))
        return ""
