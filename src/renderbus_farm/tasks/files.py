"""The results of tasks as a tree of folders, one folder at a time."""

from __future__ import annotations

from renderbus_farm.rules import checks
from renderbus_farm.rules.items import TaskRecord
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import DownloadsDisabled, NotFound, ResultsRemoved
from renderbus_farm.rules.results import entry_of, parts_of, task_of_folder
from renderbus_farm.store import accounts, leftovers, outputs, task_lists
from renderbus_farm.store.database import Connection
from renderbus_farm.tasks.desk import Desk, own
from renderbus_model.wire.transmitter import OutputEntry, OutputFolderQuery

MOST_ENTRIES = 10_000
"""Entries of one folder that are listed: the answer has no pages."""


class ResultTree:
    """Results, as their tasks' owners see them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listing(self, ask: OutputFolderQuery, *, by: User) -> list[OutputEntry]:
        """What is in a folder: of all results, of a task's, or below.

        With ``task_id`` the path may leave the task's folder out; in a shell are the folders of its parts.

        Raises:
            BadValue: a path that no result can have.
            DownloadsDisabled: the account has forbidden itself to fetch results.
            NotFound: no such task or folder of the caller's.
            ResultsRemoved: they were there, and their time is over.
        """
        parts = parts_of(ask.tree_path)
        with self._desk.database.reading() as db:
            if accounts.settings(db, by.id).download_disable:
                raise DownloadsDisabled
            if not parts and not ask.task_id:
                return [entry_of("/", each) for each in outputs.folders(db, by.id, MOST_ENTRIES)]
            task_id = ask.task_id or task_of_folder(parts[0])
            task = own(db, checks.checked_ids("task", [task_id]), by)[0]
            if task.shell:
                if not parts:
                    below = outputs.folders(db, by.id, MOST_ENTRIES, shell_id=task.id)
                    return [entry_of("/", each) for each in below]
                task = _part_of(db, task, parts[0])
            if task.folder and parts and parts[0] == task.folder:
                parts = parts[1:]
            elif not ask.task_id:
                raise NotFound("output folder", [ask.tree_path])
            found = outputs.children(db, task.id, "/".join(parts), MOST_ENTRIES)
            removed_at = None if found else leftovers.results_removed_at(db, task.id)
        if removed_at is not None:
            raise ResultsRemoved(task.id, removed_at)
        if parts and not found:
            raise NotFound("output folder", [ask.tree_path])
        return [entry_of("/".join(("", task.folder or "", *parts)), each) for each in found]


def _part_of(db: Connection, shell: TaskRecord, folder: str) -> TaskRecord:
    for part in task_lists.parts(db, [shell])[shell.id]:
        if part.folder == folder:
            return part
    raise NotFound("output folder", [folder])
