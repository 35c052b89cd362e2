"""Set what holds for tasks: priority, limits, hardware, full speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from rayvision_api.operators.operator import Number, Operator
from renderbus_model.wire import task


class TaskSettings(Operator):
    """Settings of tasks that exist."""

    def update_priority(self, task_id: Number, priority: Number) -> Any:
        """Set how soon a task renders.

        Args:
            task_id: the task.
            priority: 0 to 100, the higher the sooner; the published levels are 50 and 60.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task of the caller, or no such priority.

        >>> api.task.update_priority(task_id, 60)
        >>> api.query.task_info([task_id])["items"][0]["taskUserLevel"]
        60
        """
        return self._ask(task.UPDATE_TASK_USER_LEVEL, taskId=task_id, taskUserLevel=priority)

    def update_task_level(self, task_id: Number, task_level: Number) -> Any:
        """The name that the first packages have for ``update_priority``.

        >>> api.task.update_task_level(task_id, 60)
        """
        return self.update_priority(task_id, task_level)

    def set_task_overtime_top(self, task_id_list: Sequence[Number], overtime: float) -> Any:
        """Set how long tasks may render before they are stopped.

        Args:
            task_id_list: the tasks.
            overtime: seconds, of which a part counts as a whole one; 0 is without a limit.

        Returns:
            A text that says nothing but that it was done.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.task.set_task_overtime_top(task_id_list=[task_id], overtime=1800)
        'SUCCESS'
        """
        whole = isinstance(overtime, float) and math.isfinite(overtime)
        seconds = math.ceil(overtime) if whole else overtime
        return self._ask(task.SET_OVER_TIME_STOP, taskIds=task_id_list, overTime=seconds)

    def full_speed(self, task_id_list: Sequence[Number]) -> str:
        """Render the frames that were held back until the test frames were seen.

        Args:
            task_id_list: the tasks.

        Returns:
            A text that says nothing but that it was done.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> done = api.task.full_speed([task_id])
        """
        return cast(str, self._ask(task.FULL_SPEED, taskIds=task_id_list))

    def update_task_limit(self, taskId: Number, taskLimit: Number) -> Any:
        """Set on how many nodes at once a task renders.

        Args:
            taskId: the task.
            taskLimit: the most nodes; 0 is without a limit.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task of the caller.

        >>> api.task.update_task_limit(task_id, 5)
        >>> api.query.task_info([task_id])["items"][0]["taskLimit"]
        5
        """
        return self._ask(task.UPDATE_TASK_LIMIT, taskId=taskId, taskLimit=taskLimit)

    def edit_task_hardware_config(
        self,
        taskIds: Sequence[Number],
        hardwareConfigIds: Sequence[Number],
        model: str,
        gpuNum: str | None,
        ram: str,
    ) -> Any:
        """Choose the kind of node that tasks render on, as ``user.get_hardware_config`` lists them.

        Args:
            taskIds: the tasks.
            hardwareConfigIds: ids of the kinds.
            model: its model.
            gpuNum: graphics cards, e.g. ``2*GPU``.
            ram: memory, e.g. ``64GB``.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task of the caller, or no such hardware.

        >>> for kind in api.user.get_hardware_config()[:1]:
        ...     api.task.edit_task_hardware_config(
        ...         [task_id], [kind["id"]], kind["model"], kind["gpuNum"], kind["ram"])
        """
        return self._ask(
            task.EDIT_TASK_HARDWARE_CONFIG,
            taskIds=taskIds,
            hardwareConfigIds=hardwareConfigIds,
            model=model,
            gpuNum=gpuNum,
            ram=ram,
        )
