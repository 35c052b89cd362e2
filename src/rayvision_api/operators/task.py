"""Create, submit, stop, start, give up and delete tasks."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any, cast

from rayvision_api.answers import CreatedTasks
from rayvision_api.connect import Connect
from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.operators.operator import Number
from rayvision_api.operators.task_settings import TaskSettings
from renderbus_model.wire import task

OUT_USER_MODEL = "OUT_USER_MODEL"


class TaskOperator(TaskSettings):
    """Operations on tasks.

    Attributes:
        TASK_PARAM: what the interfaces call a list of tasks.
    """

    TASK_PARAM = "taskIds"

    def __init__(self, connect: Connect) -> None:
        """Nothing is created yet."""
        super().__init__(connect)
        self._task_id: int | None = None
        self._creating = threading.Lock()
        self._process = os.getpid()

    @property
    def task_id(self) -> int:
        """The number of the task that is being prepared: the same one until a task is submitted.

        A forked process prepares a task of its own.

        Raises:
            RayvisionError: 1000000, the farm created none.

        >>> api.task.task_id == api.task.task_id
        True
        """
        with self._lock_here():
            if self._task_id is None:
                self._task_id = self.new_task_id()
            return self._task_id

    def _lock_here(self) -> threading.Lock:
        """This process's lock: the parent's may be held, in a fork for ever, by a thread that is not here."""
        if self._process != os.getpid():
            self._task_id, self._creating, self._process = None, threading.Lock(), os.getpid()
        return self._creating

    def new_task_id(self) -> int:
        """The number of one new task, which is not kept here.

        Raises:
            RayvisionError: 1000000, the farm created none.

        >>> api.task.new_task_id() == api.task.new_task_id()
        False
        """
        created = self.create_task(count=1)
        numbers = created.get("taskIdList") if isinstance(created, dict) else None
        if not numbers:
            raise RayvisionError(PYTHON_ERROR, "the farm created no task number; try again")
        return int(numbers[0])

    def create_task(
        self,
        count: int = 1,
        task_user_level: int = 50,
        out_user_id: Number | None = None,
        labels: Sequence[str] | None = None,
        clone_original_id: Number | None = None,
        artist: str | None = None,
    ) -> CreatedTasks:
        """Numbers for new tasks. A task that is never submitted is removed after some days.

        Args:
            count: how many.
            task_user_level: 50 or 60, the higher the sooner.
            out_user_id: a user of the caller's own service, to tell them apart.
            labels: names of labels.
            clone_original_id: the task that this one repeats.
            artist: who made the scene.

        Raises:
            RayvisionError: 1000003, a value of the wrong kind.
            RayvisionAPIError: more than the farm creates at once.

        >>> len(api.task.create_task(count=2, labels=["label_test1", "label_test2"])["taskIdList"])
        2
        """
        answer = self._ask(
            task.CREATE_TASK,
            count=count,
            taskUserLevel=task_user_level,
            outUserId=out_user_id or None,
            labels=labels or None,
            cloneOriginalId=clone_original_id or None,
            artist=artist or None,
        )
        return cast(CreatedTasks, answer)

    def submit_task(
        self,
        task_id: Number | None = None,
        asset_lsolation_model: str | None = None,
        out_user_id: str | int | None = None,
        only_id: bool = False,
        producer: str | None = None,
    ) -> Any:
        """Hand a task over for rendering; its documents and files are uploaded by now.

        Args:
            task_id: without one, the task that is being prepared.
            asset_lsolation_model: ``TASK_ID_MODEL`` or ``OUT_USER_MODEL`` keeps the files apart from other
                tasks' or other users'.
            out_user_id: the user, for ``OUT_USER_MODEL``.
            only_id: answer the task's number instead of the farm's answer.
            producer: the artist's name, as lists show it.

        Returns:
            None, or the task's number.

        Raises:
            RayvisionError: ``OUT_USER_MODEL`` without a user.
            RayvisionAPIError: the task's documents are missing or make no sense.

        >>> api.task.submit_task(task_id, only_id=True) == task_id  # once more does nothing
        True
        """
        model = str(asset_lsolation_model).strip().upper() if asset_lsolation_model else None
        user = str(out_user_id).strip() if out_user_id else None
        if model == OUT_USER_MODEL and not user:
            raise RayvisionError(
                PYTHON_ERROR, f"{OUT_USER_MODEL} needs out_user_id, to know whose files are meant"
            )
        number = self.task_id if task_id is None else task_id
        answer = self._ask(
            task.SUBMIT_TASK,
            taskId=number,
            assetIsolationModel=model,
            outUserId=user,
            producer=producer or None,
        )
        with self._lock_here():
            self._task_id = None
        return number if only_id else answer

    def stop_task(self, task_param_list: Sequence[Number]) -> Any:
        """Stop tasks: what renders is cancelled, what waits is kept. Stopping twice is harmless.

        Args:
            task_param_list: the tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.task.stop_task(task_param_list=[task_id])
        >>> api.query.task_info([task_id])["items"][0]["taskStatus"]
        10
        """
        return self._ask(task.STOP_TASK, taskIds=task_param_list)

    def start_task(self, task_param_list: Sequence[Number]) -> Any:
        """Go on with stopped tasks.

        Args:
            task_param_list: the tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.task.stop_task([task_id])
        >>> api.task.start_task([task_id])
        >>> api.query.task_info([task_id])["items"][0]["taskStatus"]
        0
        """
        return self._ask(task.START_TASK, taskIds=task_param_list)

    def abort_task(self, task_param_list: Sequence[Number]) -> Any:
        """Give tasks up: nothing of them renders any more.

        Args:
            task_param_list: the tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.task.abort_task([task_id])
        >>> api.query.task_info([task_id])["items"][0]["taskStatus"]
        35
        """
        return self._ask(task.ABORT_TASK, taskIds=task_param_list)

    def delete_task(self, task_param_list: Sequence[Number]) -> Any:
        """Remove tasks from the lists; ``query.get_task_list(recycle_flag=1)`` shows them.

        Args:
            task_param_list: the tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.task.delete_task([task_id])
        >>> api.query.get_task_list()["items"]
        []
        """
        return self._ask(task.DELETE_TASK, taskIds=task_param_list)


class Task(TaskOperator):
    """The name of the first packages, with their order of arguments."""

    def create_task(  # type: ignore[override] # the order that the first packages published
        self,
        count: int = 1,
        out_user_id: Number | None = None,
        task_user_level: int = 50,
        labels: Sequence[str] | None = None,
    ) -> CreatedTasks:
        """As ``TaskOperator.create_task``, whose second and third argument stand the other way round."""
        return super().create_task(count, task_user_level, out_user_id, labels)
