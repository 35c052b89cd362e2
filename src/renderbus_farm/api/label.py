"""Handlers of the operations on labels, which are also the projects of task.json."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.label import (
    ADD_LABEL,
    ADD_TASK_LABEL,
    DELETE_LABEL,
    DELETE_TASK_LABEL,
    GET_LABEL_LIST,
    LIST_PROJECTS,
    OPERATE_USER_LABEL,
    AddLabel,
    AddTaskLabel,
    DeleteLabel,
    DeleteTaskLabel,
    Labels,
    OperateUserLabel,
    ProjectListQuery,
)
from renderbus_model.wire.operation import Nothing


@handles(ADD_LABEL)
def add_label(farm: Farm, caller: User, ask: AddLabel) -> None:
    """A label that is there already is left as it is."""
    farm.labels.add(ask, by=caller)


@handles(DELETE_LABEL)
def delete_label(farm: Farm, caller: User, ask: DeleteLabel) -> None:
    """A label that is gone already is no error."""
    farm.labels.remove(ask.del_name, by=caller)


@handles(GET_LABEL_LIST)
def get_label_list(farm: Farm, caller: User, ask: Nothing) -> Labels:  # noqa: ARG001 - asks nothing
    """All labels of the caller."""
    return farm.labels.every(by=caller)


@handles(LIST_PROJECTS)
def list_projects(farm: Farm, caller: User, ask: ProjectListQuery) -> Labels:
    """Labels of the caller, and of its main account where it asks for them."""
    return farm.labels.projects(ask, by=caller)


@handles(ADD_TASK_LABEL)
def add_task_label(farm: Farm, caller: User, ask: AddTaskLabel) -> None:
    """The tasks carry the label from now on."""
    farm.labels.put_on(ask, by=caller)


@handles(DELETE_TASK_LABEL)
def delete_task_label(farm: Farm, caller: User, ask: DeleteTaskLabel) -> None:
    """The tasks carry the labels no more; the labels themselves stay."""
    farm.labels.take_off(ask, by=caller)


@handles(OPERATE_USER_LABEL)
def operate_user_label(farm: Farm, caller: User, ask: OperateUserLabel) -> None:
    """Put a label on one task or take one off it."""
    farm.labels.operate(ask, by=caller)
