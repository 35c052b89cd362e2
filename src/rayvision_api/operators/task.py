"""Create, submit, stop, start, give up and delete tasks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from rayvision_api.connect import Connect
from rayvision_api.exception import PYTHON_ERROR, RayvisionError

OUT_USER_MODEL = "OUT_USER_MODEL"


class TaskOperator:
    """Operations on tasks."""

    TASK_PARAM = "taskIds"

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._task_id: int | None = None
        self._creating = threading.Lock()

    @property
    def task_id(self) -> int:
        """The number of the task that is being prepared: the same one until a task is submitted."""
        with self._creating:
            if self._task_id is None:
                created = self.create_task()
                numbers = created.get("taskIdList") if isinstance(created, dict) else None
                if not numbers:
                    raise RayvisionError(PYTHON_ERROR, "the farm created no task number; try again")
                self._task_id = int(numbers[0])
            return self._task_id

    def create_task(
        self,
        count: int = 1,
        task_user_level: int = 50,
        out_user_id: int | None = None,
        labels: Sequence[str] | None = None,
        clone_original_id: int | None = None,
        artist: str | None = None,
    ) -> Any:
        """Numbers for new tasks: ``{"taskIdList": [..], "aliasTaskIdList": [..], "userId": ..}``.

        Args:
            count: how many.
            task_user_level: 50 or 60, the higher the sooner.
            out_user_id: a user of the caller's own service, to tell them apart.
            labels: names of labels.
            clone_original_id: the task that this one repeats.
            artist: who made the scene.
        """
        data = {"count": count, "taskUserLevel": task_user_level}
        more = {
            "outUserId": out_user_id,
            "labels": labels,
            "cloneOriginalId": clone_original_id,
            "artist": artist,
        }
        return self._connect.post(
            self._connect.url.createTask, {**data, **{name: value for name, value in more.items() if value}}
        )

    def submit_task(
        self,
        task_id: int | None = None,
        asset_lsolation_model: str | None = None,
        out_user_id: str | None = None,
        only_id: bool = False,
    ) -> Any:
        """Hand a task over for rendering; its documents and files are uploaded by now.

        Args:
            task_id: without one, the task that is being prepared.
            asset_lsolation_model: ``TASK_ID_MODEL`` or ``OUT_USER_MODEL`` keeps the files apart from other
                tasks' or other users'.
            out_user_id: the user, for ``OUT_USER_MODEL``.
            only_id: answer the task's number instead of the farm's answer.

        Raises:
            RayvisionError: ``OUT_USER_MODEL`` without a user.
        """
        if asset_lsolation_model == OUT_USER_MODEL and not out_user_id:
            raise RayvisionError(
                PYTHON_ERROR, f"{OUT_USER_MODEL} needs out_user_id, to know whose files are meant"
            )
        number = self.task_id if task_id is None else task_id
        data: dict[str, Any] = {"taskId": number}
        if asset_lsolation_model:
            data["assetIsolationModel"] = asset_lsolation_model
        if out_user_id:
            data["outUserId"] = str(out_user_id)
        answer = self._connect.post(self._connect.url.submitTask, data)
        with self._creating:
            self._task_id = None
        return number if only_id else answer

    def stop_task(self, task_param_list: Sequence[int]) -> Any:
        """Stop tasks: what renders is cancelled, what waits is kept."""
        return self._connect.post(self._connect.url.stopTask, {self.TASK_PARAM: task_param_list})

    def start_task(self, task_param_list: Sequence[int]) -> Any:
        """Go on with stopped tasks."""
        return self._connect.post(self._connect.url.startTask, {self.TASK_PARAM: task_param_list})

    def abort_task(self, task_param_list: Sequence[int]) -> Any:
        """Give tasks up."""
        return self._connect.post(self._connect.url.abortTask, {self.TASK_PARAM: task_param_list})

    def delete_task(self, task_param_list: Sequence[int]) -> Any:
        """Remove tasks from the lists."""
        return self._connect.post(self._connect.url.deleteTask, {self.TASK_PARAM: task_param_list})

    def full_speed(self, task_id_list: Sequence[int]) -> Any:
        """Render the frames that were held back until the test frames were seen."""
        return self._connect.post(self._connect.url.fullSpeed, {self.TASK_PARAM: task_id_list})
