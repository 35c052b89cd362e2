"""A task is submitted: its documents are read, its inputs fixed, its units written, and then it is there.

Everything that takes long happens before the transaction that makes it a task, and outside of any other:
nobody else could write meanwhile. A farm that dies on the way leaves a draft, which is submitted again.
"""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from renderbus_farm.rules import checks
from renderbus_farm.rules.choices import Software, TaskChoices, frames_at_once
from renderbus_farm.rules.isolation import Isolation
from renderbus_farm.rules.items import TaskRecord
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.people import AccountSettings, User
from renderbus_farm.rules.plans import Plan, plan_of
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import (
    accounts,
    environments,
    parts,
    pieces,
    predecessors,
    tasks,
    transfers,
    units,
    whole_files,
)
from renderbus_farm.store.database import Connection
from renderbus_farm.tasks.desk import Command, Desk, own
from renderbus_model.document_values import object_in, text_of
from renderbus_model.documents import Submission
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest, digest_of
from renderbus_model.task_facts import TaskFacts
from renderbus_model.wire.task import SubmitTask


@dataclass(frozen=True, slots=True)
class _Draft:
    """All that a task is submitted with; ``inputs`` is the manifest of its files."""

    owner: int
    documents: Mapping[str, bytes]
    settings: AccountSettings
    isolation: Isolation
    what: Submission
    facts: TaskFacts
    software: Software
    plan: Plan
    inputs: Digest
    packs: frozenset[str]
    blobs: frozenset[Digest]


class Submissions:
    """Submits tasks; one and the same never twice at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Condition()
        self._under_way: Counter[int] = Counter()

    def submit(self, ask: SubmitTask, *, by: User) -> None:
        """Read the documents, fix the inputs, and let the units wait for nodes.

        A task that was submitted stays as it is. Without upload.json all files of the account are its
        inputs: a client that sends task.json alone has uploaded the files, and nothing tells which. Without
        ``scene_info`` the farm analyses the scene first, and the units are made when that is done.

        Raises:
            BadValue: a document or input is missing or makes no sense, or the task was aborted.
            NotFound: a task that it names is not the caller's.
        """
        (producer,) = checks.checked_names("producer", [ask.producer])
        (task_id,) = checks.checked_ids("task", [ask.task_id])
        with self._alone(task_id):
            draft = self._read(ask, by)
            if draft is None:
                return
            filled = units.fill(self._desk.database, task_id, draft.plan, self._desk.clock())
            with self._desk.command([task_id], by, "submit") as command:
                self._write(command, draft, filled, producer)

    @contextmanager
    def _alone(self, task_id: int) -> Iterator[None]:
        """Clients repeat what was not answered: the second one waits, and finds a task that is there."""
        with self._lock:
            self._lock.wait_for(lambda: not self._under_way[task_id])
            self._under_way[task_id] += 1
        try:
            yield
        finally:
            with self._lock:
                del self._under_way[task_id]
                self._lock.notify_all()

    @staticmethod
    def _write(command: Command, draft: _Draft, filled: units.Filled, producer: str) -> None:
        task = command.tasks[0]
        if task.submitted_at is not None:
            return
        check_not_aborted(task)
        _check_circle(command.db, task.id, draft.facts)  # again: another may have been submitted meanwhile
        if transfers.documents(command.db, task.id) != draft.documents:
            raise BadValue(f"task {task.id}: a document was replaced meanwhile; submit again")
        held = pieces.hold_for_task(command.db, task.id, draft.packs)
        if not (held and whole_files.hold_for_task(command.db, task.id, draft.owner, draft.blobs)):
            raise BadValue(f"task {task.id}: files of it were removed meanwhile; upload and submit again")
        predecessors.put(command.db, task.id, draft.facts.order.after)
        choices = TaskChoices.of(
            draft.what,
            draft.facts,
            draft.settings,
            draft.isolation,
            producer or task.artist,
            draft.software,
            draft.plan.task_type,
            command.now,
        )
        tasks.submit(command.db, task.id, draft.what, choices, draft.inputs, command.now)
        if draft.facts.clone_original_id:
            tasks.change(command.db, [task.id], clone_original_id=draft.facts.clone_original_id)
        if filled.part_ids:
            parts.submit(command.db, task.id, filled.part_ids, draft.plan.parts)

    def _read(self, ask: SubmitTask, by: User) -> _Draft | None:
        """What a task is to be submitted with; None for one that was submitted."""
        with self._desk.database.reading() as db:
            task = own(db, [ask.task_id], by)[0]
            if task.submitted_at is not None:
                return None
            check_not_aborted(task)
            settings = accounts.settings(db, by.id)
            documents = transfers.documents(db, task.id)
        isolation = Isolation.of(task.id, ask.asset_isolation_model, ask.out_user_id or task.out_user_id)
        what, facts = checks.read_submission(task.id, documents, level_folders=settings.use_level_directory)
        with self._desk.database.reading() as db:
            _check_named(db, task.id, facts, by)
            software = _software(db, task.id, what, facts, documents["task.json"], by)
            stored = _stored(db, task.id, by, what)
        manifest = checks.manifest_of(task.id, what.inputs if what.lists_inputs else tuple(stored), stored)
        with self._desk.database.reading() as db:
            manifest = Manifest(tuple(pieces.with_places(db, by.id, manifest.files)))
        content = manifest.encode()
        digest = digest_of(content)
        self._desk.blobs.put(digest, io.BytesIO(content))
        packs = frozenset(piece.pack for entry in manifest.files for piece in entry.pieces)
        blobs = frozenset(entry.digest for entry in manifest.files if not entry.pieces)
        plan = plan_of(what, facts, frames_at_once(facts, settings))
        return _Draft(
            by.id, documents, settings, isolation, what, facts, software, plan, digest, packs, blobs
        )


def check_not_aborted(task: TaskRecord) -> None:
    """It may still be submitted.

    Raises:
        BadValue: it was aborted.
    """
    if task.wish == Wish.ABANDON.value:
        raise BadValue(f"task {task.id} was aborted; create a new one")


def _check_named(db: Connection, task_id: int, facts: TaskFacts, by: User) -> None:
    """The tasks that a document names are the caller's, and none of them waits for this one.

    Raises:
        BadValue: the tasks would wait for one another.
        NotFound: one is not there, or another account's.
    """
    if facts.clone_original_id:
        own(db, [facts.clone_original_id], by, deleted=True)
    if not facts.order.after:
        return
    own(db, facts.order.after, by)
    _check_circle(db, task_id, facts)


def _check_circle(db: Connection, task_id: int, facts: TaskFacts) -> None:
    if circle := predecessors.circle(db, task_id, facts.order.after):
        way = " after ".join(map(str, circle))
        raise BadValue(f"task {task_id}: additional_info.after: tasks would wait for one another: {way}")


def _software(
    db: Connection, task_id: int, what: Submission, facts: TaskFacts, task_json: bytes, by: User
) -> Software:
    """What the task is rendered with: the stored environment that it names, else its ``software_config``.

    Raises:
        BadValue: there is no environment of that name, or it is for another application.
    """
    if not facts.edit_name:
        written = object_in(task_json, "task.json").get("software_config")
        plugins = written.get("plugins") if isinstance(written, dict) else None
        named = plugins if isinstance(plugins, dict) else {}
        return Software(what.cg_version, {text_of(name): text_of(named[name]) for name in named})
    found = environments.find(db, by.id, facts.edit_name)
    if found is None:
        raise BadValue(
            f"task {task_id}: task_info.edit_name {facts.edit_name[:40]!r}: you have no render environment "
            "of this name; add it first, or leave edit_name empty"
        )
    if found.cg_id != what.cg_id:
        raise BadValue(
            f"task {task_id}: task_info.edit_name {facts.edit_name[:40]!r}: that render environment is for "
            f"{found.cg_name} {found.cg_version}, and the scene for application {what.cg_id}"
        )
    chosen = environments.plugins(db, by.id).get(found.id, [])
    return Software(found.cg_version, {each.name: each.version for each in chosen})


def _stored(db: Connection, task_id: int, by: User, what: Submission) -> dict[FarmPath, FileEntry]:
    """The files that a task may read, as they are now."""
    if what.lists_inputs:
        return transfers.inputs(db, by.id, what.inputs)
    stored = transfers.all_inputs(db, by.id, checks.MOST_UNLISTED_INPUTS + 1)
    checks.check_unlisted(task_id, what.scene, stored)
    return stored
