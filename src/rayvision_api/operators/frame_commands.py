"""Have frames rendered again, or stopped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.operators.frame_queries import FrameQueries
from rayvision_api.operators.operator import Number, several, whole_number
from renderbus_model.wire import frame, label, task
from renderbus_model.wire.operation import Operation

LABEL_ON, LABEL_OFF = 1, 2
"""The two published types of ``opera_user_label`` that do something."""


class FrameCommands(FrameQueries):
    """The commands that the published packages keep among the questions."""

    def restart_failed_frames(
        self, task_param_list: Sequence[Number], status: Sequence[Number] | None = None
    ) -> Any:
        """Render again what failed in these tasks.

        Args:
            task_param_list: the tasks.
            status: the frames of these status numbers instead.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.query.restart_failed_frames(task_param_list=[task_id])
        """
        return self._ask(task.RESTART_FAILED_FRAMES, taskIds=task_param_list, status=status or None)

    def restart_frame(
        self,
        task_id: Number,
        select_all: int = 1,
        ids_list: Sequence[Number] | None = None,
        status: Sequence[Number] | None = None,
    ) -> Any:
        """Render frames again.

        Args:
            task_id: their task.
            select_all: 1 all of the task, 0 those of ``ids_list``.
            ids_list: frames, as ``task_frames`` tells them.
            status: of these only those of these status numbers.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task or frame of the caller.

        >>> api.query.restart_frame(task_id=task_id, select_all=1)
        >>> api.query.restart_frame(task_id, 0, [frame_id])
        """
        return self._choose(frame.RESTART_FRAME, task_id, select_all, ids_list, status)

    def stop_frame(
        self,
        task_id: Number,
        select_all: int = 1,
        ids_list: Sequence[Number] | None = None,
        status: Sequence[Number] | None = None,
    ) -> Any:
        """Stop frames; the others of the task go on.

        Args:
            task_id: their task.
            select_all: 1 all of the task, 0 those of ``ids_list``.
            ids_list: frames, as ``task_frames`` tells them.
            status: of these only those of these status numbers.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task or frame of the caller.

        >>> api.query.stop_frame(task_id, 0, [frame_id])
        """
        return self._choose(frame.STOP_TASK_FRAMES, task_id, select_all, ids_list, status)

    def get_custome_frames(self, task_id: Number, restartframes: Collection[Number]) -> Any:
        """Render frames again by their indices, in every layer that has them.

        Args:
            task_id: their task.
            restartframes: as ``frameIndex`` says, e.g. ``["2-4[1]", "10"]``, or one alone.

        Returns:
            None.

        Raises:
            RayvisionError: 1000000, the task has none of these frames.

        >>> api.query.get_custome_frames(task_id, ["1", "3"])
        """
        return self.restart_frame(task_id, 0, self._ids(task_id, restartframes))

    def frame_number_to_stop(self, task_id: Number, stop_frame: Collection[Number]) -> Any:
        """Stop frames by their indices, in every layer that has them.

        Args:
            task_id: their task.
            stop_frame: as ``frameIndex`` says, e.g. ``["2-4[1]", "10"]``, or one alone.

        Returns:
            None.

        Raises:
            RayvisionError: 1000000, the task has none of these frames.

        >>> api.query.frame_number_to_stop(task_id, ["2"])
        """
        return self.stop_frame(task_id, 0, self._ids(task_id, stop_frame))

    def opera_user_label(
        self, task_id: Number, status: int, label_name: str | None = None, type: int = 0
    ) -> Any:
        """Put a label on a task or take it off.

        Args:
            task_id: the task.
            status: sent as published, 0 or 1, and has no effect.
            label_name: the label; it is made where the caller has none of that name.
            type: 1 puts it on, 2 takes it off, others do nothing.

        Returns:
            None.

        Raises:
            RayvisionAPIError: no task of the caller.

        >>> api.query.opera_user_label(task_id, 1, "for the client", type=1)
        """
        return self._ask(
            label.OPERATE_USER_LABEL,
            taskId=task_id,
            status=status,
            type=type if type in (LABEL_ON, LABEL_OFF) else 0,
            newName=label_name if type == LABEL_ON else None,
            delName=label_name if type == LABEL_OFF else None,
        )

    def _choose(
        self,
        operation: Operation[Any, Any],
        task_id: Number,
        select_all: int,
        ids_list: Sequence[Number] | None,
        status: Sequence[Number] | None,
    ) -> Any:
        every = whole_number("select_all", select_all)
        return self._ask(
            operation,
            taskId=task_id,
            selectAll=every,
            ids=[] if every else (ids_list or []),
            status=status or None,
        )

    def _ids(self, task_id: Number, indices: Collection[Number]) -> list[int]:
        wanted = set(map(str, several(indices)))
        ids = [found["id"] for found in self._frames(task_id) if str(found["frameIndex"]) in wanted]
        if not ids:
            raise RayvisionError(
                PYTHON_ERROR, f"task {task_id} has none of the frames {', '.join(sorted(wanted))}"
            )
        return ids
