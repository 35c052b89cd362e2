"""Labels, which are also the projects of task.json, and the tasks that carry them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from renderbus_farm.rules.checks import checked_ids, checked_names
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MissingValue, NotFound
from renderbus_farm.store import accounts, labels, records
from renderbus_farm.store.database import Connection, Database
from renderbus_farm.tasks.desk import own
from renderbus_model.wire.label import (
    AddLabel,
    AddTaskLabel,
    DeleteTaskLabel,
    Label,
    Labels,
    OperateUserLabel,
    ProjectListQuery,
)

_OWN, _WITH_MAIN, _ALL = 0, 1, 2  # flag of the list of projects
_NOTHING, _PUT_ON, _TAKE_OFF = 0, 1, 2  # type of operateUserLabel


class AccountLabels:
    """The labels of each account. ``clock`` gives seconds since 1970."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def add(self, ask: AddLabel, *, by: User) -> None:
        """The label exists from now on. No name and an empty one are the label without a name, and no error.

        Raises:
            BadValue: the name is too long.
        """
        names = checked_names("label", [ask.new_name])
        with self._database.writing() as db:
            labels.add(db, by.id, names)

    def remove(self, name: str, *, by: User) -> None:
        """The label is gone, and no task carries it. One that is not there is gone already."""
        names = checked_names("label", [name])
        with self._database.writing() as db:
            labels.remove(db, labels.ids_of(db, by.id, names).values())

    def every(self, *, by: User) -> Labels:
        """All labels of the caller, oldest first."""
        return self.projects(ProjectListQuery(), by=by)

    def projects(self, ask: ProjectListQuery, *, by: User) -> Labels:
        """The caller's labels and, for a sub account that asks for them, those of its main account.

        Raises:
            BadValue: the flag is none of the three.
        """
        if ask.flag not in (_OWN, _WITH_MAIN, _ALL):
            raise BadValue(f"flag {ask.flag}: expected 0, 1 or 2")
        with self._database.reading() as db:
            found = labels.every(db, _owners(db, by.id, ask.flag))
        return Labels(
            project_name_list=[Label(project_id=number, project_name=name) for number, name in found]
        )

    def put_on(self, ask: AddTaskLabel, *, by: User) -> None:
        """The tasks carry the label, which is made where the caller has none of that name.

        Raises:
            MissingValue: the label has no name.
            NotFound: some tasks are not the caller's; nothing is changed for the others either.
        """
        ids = checked_ids("task", ask.task_ids)
        with self._database.writing() as db:
            own(db, ids, by)
            self._put_on(db, ids, ask.label, by)

    def take_off(self, ask: DeleteTaskLabel, *, by: User) -> None:
        """Take labels off the named tasks, or off all tasks of the caller.

        Raises:
            MissingValue: no label is named.
            NotFound: a label or a task is not the caller's; nothing is changed for the others either.
        """
        if not ask.label_ids and not ask.label_names:
            raise MissingValue("members labelIds and labelNames: both missing; name the labels to take off")
        with self._database.writing() as db:
            ids = _named(db, by, ask.label_ids or [], ask.label_names or [])
            task_ids = checked_ids("task", ask.task_ids) if ask.task_ids else None
            if task_ids is not None:
                own(db, task_ids, by)
            labels.take_off(db, ids, task_ids)
            self._note(db, by, "delete label", task_ids or [], ids)

    def operate(self, ask: OperateUserLabel, *, by: User) -> None:
        """Put a label on one task or take one off it.

        Raises:
            BadValue: the type is none of the three.
            MissingValue: the label has no name.
            NotFound: the task is not the caller's, or the label to take off.
        """
        ids = checked_ids("task", [ask.task_id])
        with self._database.writing() as db:
            own(db, ids, by)
            if ask.type == _PUT_ON:
                self._put_on(db, ids, ask.new_name, by)
            elif ask.type == _TAKE_OFF:
                found = _named(db, by, [], [ask.del_name or ""])
                labels.take_off(db, found, ids)
                self._note(db, by, "delete label", ids, found)
            elif ask.type != _NOTHING:
                raise BadValue(f"type {ask.type}: expected 1 to put a label on, 2 to take one off, or 0")

    def _put_on(self, db: Connection, task_ids: list[int], label: str | None, by: User) -> None:
        names = [name for name in checked_names("label", [label]) if name]
        if not names:
            raise MissingValue("the label's name: missing; give the label a name")
        labels.put_on(db, by.id, task_ids, names)
        self._note(db, by, "add label", task_ids, names)

    def _note(
        self, db: Connection, by: User, button: str, task_ids: list[int], which: Iterable[object]
    ) -> None:
        details = ", ".join(str(each) for each in which)
        records.note(db, by.id, button, task_ids, by.visit.channel, details, self._clock())


def _owners(db: Connection, account_id: int, flag: int) -> list[int]:
    place = accounts.membership_of(db, account_id)
    main = place.main_account_id if place else account_id
    if flag == _ALL:
        return accounts.family(db, main)
    return [account_id, main] if flag == _WITH_MAIN else [account_id]


def _named(db: Connection, by: User, ids: list[int], names: list[str]) -> list[int]:
    """The ids of these labels of the caller, by id and by name.

    Raises:
        NotFound: some are not the caller's.
    """
    wanted = checked_ids("label", ids) if ids else []
    kept = set(labels.owned(db, by.id, wanted))
    if absent := [label_id for label_id in wanted if label_id not in kept]:
        raise NotFound("label", absent)
    named = checked_names("label", names)
    found = labels.ids_of(db, by.id, named)
    if unknown := [name for name in named if name not in found]:
        raise NotFound("label", unknown)
    return [*wanted, *found.values()]
