"""Handlers of the operations on what an account did."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.page import Page
from renderbus_model.wire.record import LOGIN_RECORD, TASK_RECORD, LoginRecord, RecordQuery, TaskRecord


@handles(TASK_RECORD)
def task_record(farm: Farm, caller: User, ask: RecordQuery) -> Page[TaskRecord]:
    """The caller's commands on tasks, newest first."""
    return farm.records.commands(ask, by=caller)


@handles(LOGIN_RECORD)
def login_record(farm: Farm, caller: User, ask: RecordQuery) -> Page[LoginRecord]:
    """The caller's log-ins, newest first."""
    return farm.records.logins(ask, by=caller)
