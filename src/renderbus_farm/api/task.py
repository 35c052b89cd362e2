"""Handlers of the operations on tasks and their frames.

What a user commands is part of a task's story, so it is logged; what a user only asks is not.
"""

from __future__ import annotations

import logging

from renderbus_farm.api.handlers import Farm, handles, is_quick_page
from renderbus_farm.rules.people import User
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import (
    ABORT_TASK,
    CREATE_TASK,
    DELETE_TASK,
    EDIT_TASK_HARDWARE_CONFIG,
    EXPLAIN_TASK,
    FULL_SPEED,
    GET_TASK_LIST,
    QUERY_TASK_INFO,
    RESTART_FAILED_FRAMES,
    SET_OVER_TIME_STOP,
    START_TASK,
    STOP_TASK,
    SUBMIT_TASK,
    TASK_JSON_FILE,
    UPDATE_TASK_LIMIT,
    UPDATE_TASK_USER_LEVEL,
    CreatedTasks,
    CreateTask,
    Explanation,
    RestartTasks,
    SubmitTask,
    TaskDocument,
    TaskHardware,
    TaskId,
    TaskIds,
    TaskItem,
    TaskLevel,
    TaskListQuery,
    TaskNodeLimit,
    TaskTimeLimit,
)

MOST_QUICK_TASKS = 8
"""So many tasks by id are read in less time than another thread takes to wake."""

log = logging.getLogger(__name__)


@handles(CREATE_TASK)
def create_task(farm: Farm, caller: User, ask: CreateTask) -> CreatedTasks:
    """Ids for tasks that are submitted later."""
    made = farm.tasks.create(ask, by=caller)
    tell("task created", caller, made.task_id_list)
    return made


@handles(TASK_JSON_FILE, large_body=True)
def task_json_file(farm: Farm, caller: User, ask: TaskDocument) -> None:
    """Keep one of a task's documents; the last one sent holds."""
    farm.tasks.store_document(ask, by=caller)


@handles(SUBMIT_TASK)
def submit_task(farm: Farm, caller: User, ask: SubmitTask) -> None:
    """Read the documents and let the frames wait for nodes. Submitting twice is harmless."""
    farm.tasks.submit(ask, by=caller)
    tell("task submitted", caller, [ask.task_id])


@handles(STOP_TASK)
def stop_task(farm: Farm, caller: User, ask: TaskIds) -> None:
    """Frames that render are cancelled, waiting ones are kept. Stopping twice is harmless."""
    farm.tasks.stop(ask.task_ids, by=caller)
    tell("task stopped", caller, ask.task_ids)


@handles(START_TASK)
def start_task(farm: Farm, caller: User, ask: TaskIds) -> None:
    """A stopped task goes on."""
    farm.tasks.start(ask.task_ids, by=caller)
    tell("task started", caller, ask.task_ids)


@handles(ABORT_TASK)
def abort_task(farm: Farm, caller: User, ask: TaskIds) -> None:
    """Give tasks up for good."""
    farm.tasks.abort(ask.task_ids, by=caller)
    tell("task abandoned", caller, ask.task_ids)


@handles(DELETE_TASK)
def delete_task(farm: Farm, caller: User, ask: TaskIds) -> None:
    """Tasks are no longer listed."""
    farm.tasks.delete(ask.task_ids, by=caller)
    tell("task deleted", caller, ask.task_ids)


@handles(FULL_SPEED)
def full_speed(farm: Farm, caller: User, ask: TaskIds) -> str:
    """After the test frames, render the rest."""
    answer = farm.tasks.full_speed(ask.task_ids, by=caller)
    tell("task set to full speed", caller, ask.task_ids)
    return answer


@handles(GET_TASK_LIST, quick=is_quick_page)
def get_task_list(farm: Farm, caller: User, ask: TaskListQuery) -> Page[TaskItem]:
    """The caller's tasks, newest first."""
    return farm.lists.page(ask, by=caller)


@handles(QUERY_TASK_INFO, quick=lambda ask: len(ask.task_ids) <= MOST_QUICK_TASKS)
def query_task_info(farm: Farm, caller: User, ask: TaskIds) -> Page[TaskItem]:
    """An item for every asked id; an unknown id refuses the whole question."""
    return farm.lists.info(ask.task_ids, by=caller)


@handles(RESTART_FAILED_FRAMES)
def restart_failed_frames(farm: Farm, caller: User, ask: RestartTasks) -> None:
    """Failed frames of these tasks wait again."""
    farm.tasks.restart_failed(ask, by=caller)
    tell("task restarted", caller, ask.task_ids)


@handles(UPDATE_TASK_USER_LEVEL)
def update_task_user_level(farm: Farm, caller: User, ask: TaskLevel) -> None:
    """Frames of a higher level go first."""
    farm.changes.level(ask, by=caller)
    tell("task level changed", caller, [ask.task_id])


@handles(SET_OVER_TIME_STOP)
def set_over_time_stop(farm: Farm, caller: User, ask: TaskTimeLimit) -> str:
    """The tasks stop once they have rendered longer."""
    answer = farm.changes.time_limit(ask, by=caller)
    tell("task time limit changed", caller, ask.task_ids)
    return answer


@handles(UPDATE_TASK_LIMIT)
def update_task_limit(farm: Farm, caller: User, ask: TaskNodeLimit) -> None:
    """The task is on no more nodes at once."""
    farm.changes.node_limit(ask, by=caller)
    tell("task node limit changed", caller, [ask.task_id])


@handles(EDIT_TASK_HARDWARE_CONFIG)
def edit_task_hardware_config(farm: Farm, caller: User, ask: TaskHardware) -> None:
    """The tasks take nodes that have as much."""
    farm.changes.hardware(ask, by=caller)
    tell("task hardware changed", caller, ask.task_ids)


@handles(EXPLAIN_TASK)
def explain_task(farm: Farm, caller: User, ask: TaskId) -> Explanation:
    """Why a task does not render now."""
    return farm.lists.explain(ask.task_id, by=caller)


def tell(event: str, caller: User, task_ids: list[int]) -> None:
    """Write a command into the log, a line for each task."""
    for task_id in task_ids:
        log.info(event, extra={"task": task_id, "user": caller.id})
