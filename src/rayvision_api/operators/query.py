"""Ask about tasks; with what is asked about their frames and about the farm, all that ``api.query`` has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from rayvision_api.answers import TaskPage
from rayvision_api.operators.farm_queries import FarmQueries
from rayvision_api.operators.frame_commands import FrameCommands
from rayvision_api.operators.operator import Number, whole_number
from renderbus_model.wire import frame, task
from renderbus_model.wire.page import Page


class QueryOperator(FrameCommands, FarmQueries):
    """Questions about tasks, frames, software and tip codes, and restarts of frames."""

    def get_task_list(
        self,
        page_num: int = 1,
        page_size: int = 2,
        status_list: Sequence[Number] | None = None,
        search_keyword: str | None = None,
        start_time: str | None = None,
        end_time: str | None = None,
        recycle_flag: int | None = None,
    ) -> TaskPage:
        """One page of the caller's tasks, newest first.

        Args:
            page_num: counts from 1.
            page_size: tasks a page.
            status_list: only tasks of these status numbers.
            search_keyword: part of a scene name or of a task number.
            start_time, end_time: submitted between, as ``yyyy-MM-dd HH:mm:ss`` UTC.
            recycle_flag: 1 lists deleted tasks instead.

        >>> page = api.query.get_task_list(page_num=1, page_size=1, search_keyword=str(task_id))
        >>> [task["id"] for task in page["items"]] == [task_id]
        True
        """
        answer = self._ask(
            task.GET_TASK_LIST,
            pageNum=page_num,
            pageSize=page_size,
            statusList=None if status_list in (None, [], ()) else status_list,
            searchKeyword=search_keyword or None,
            startTime=start_time or None,
            endTime=end_time or None,
            recycleFlag=recycle_flag or None,
        )
        return cast(TaskPage, answer)

    def task_info(self, task_ids_list: Sequence[Number]) -> TaskPage:
        """A page with the tasks of these numbers.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.query.task_info([task_id])["items"][0]["totalFrames"]
        3
        """
        return cast(TaskPage, self._ask(task.QUERY_TASK_INFO, taskIds=task_ids_list))

    def get_small_task_id(self, task_id: Number) -> list[int]:
        """The tasks that a task was split into, by layer or camera; of one that was not, itself.

        >>> api.query.get_small_task_id(task_id) == [task_id]
        True
        """
        number = whole_number("task_id", task_id)
        items = self.task_info([number])["items"]
        parts = items[0].get("respRenderingTaskList") if items else None
        return [part["id"] for part in parts] if parts else [number]

    def explain_task(self, task_id: int) -> task.Explanation:
        """Ours: why a task does not render now.

        >>> "no node" in " ".join(api.query.explain_task(task_id).reasons)
        True
        """
        return self._connect.call(task.EXPLAIN_TASK, task.TaskId(task_id=task_id))

    def explain_frames(
        self, task_id: int, frame_number: int | None = None, page_num: int = 1, page_size: int = 100
    ) -> Page[frame.WaitingFrames]:
        """Ours: what waits in a task and why; with a frame number all units with that frame.

        >>> api.query.explain_frames(task_id).items[0].frames
        '1-3[1]'
        """
        ask = frame.WhyQuery(
            task_id=whole_number("task_id", task_id),
            page_num=whole_number("page_num", page_num),
            page_size=whole_number("page_size", page_size),
            frame=None if frame_number is None else whole_number("frame_number", frame_number),
        )
        return self._connect.call(frame.EXPLAIN_FRAMES, ask)


class Query(QueryOperator):
    """The name of the first packages."""
