"""Ask about tasks and their frames, and have frames rendered again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rayvision_api.connect import Connect
from renderbus_model.wire import frame, task


class QueryOperator:
    """Questions about tasks, frames and tip codes."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def get_task_list(
        self,
        page_num: int = 1,
        page_size: int = 2,
        status_list: Sequence[int] | None = None,
        search_keyword: str | None = None,
        start_time: str | None = None,
        end_time: str | None = None,
    ) -> Any:
        """One page of the caller's tasks, newest first.

        Args:
            page_num: counts from 1.
            page_size: tasks a page.
            status_list: only tasks of these status numbers.
            search_keyword: part of a scene name or of a task number.
            start_time, end_time: submitted between, as ``yyyy-MM-dd HH:mm:ss``.
        """
        more = {
            "statusList": status_list,
            "searchKeyword": search_keyword,
            "startTime": start_time,
            "endTime": end_time,
        }
        return self._connect.post(
            self._connect.url.getTaskList, {"pageNum": page_num, "pageSize": page_size, **_given(more)}
        )

    def task_info(self, task_ids_list: Sequence[int]) -> Any:
        """A page with the tasks of these numbers; an unknown number is refused by the farm."""
        return self._connect.post(self._connect.url.queryTaskInfo, {"taskIds": task_ids_list})

    def task_frames(
        self, task_id: int, page_num: int, page_size: int, search_keyword: str | None = None
    ) -> Any:
        """One page of a task's frames; a page past the last is empty.

        Args:
            task_id: the task.
            page_num: counts from 1.
            page_size: frames a page.
            search_keyword: part of a frame index.
        """
        body = {"taskId": task_id, "pageNum": page_num, "pageSize": page_size}
        return self._connect.post(
            self._connect.url.queryTaskFrames, {**body, **_given({"searchKeyword": search_keyword})}
        )

    def restart_failed_frames(
        self, task_param_list: Sequence[int], status: Sequence[int] | None = None
    ) -> Any:
        """Render again what failed in these tasks, or the frames of these status numbers."""
        body = {"taskIds": task_param_list, **_given({"status": status})}
        return self._connect.post(self._connect.url.restartFailedFrames, body)

    def restart_frame(self, task_id: int, select_all: int, ids_list: Sequence[int] | None = None) -> Any:
        """Render frames again: all of a task (``select_all`` 1), or those of ``ids_list`` (0)."""
        body = {
            "taskIds": task_id,
            "selectAll": int(select_all),
            "ids": [] if select_all else list(ids_list or []),
        }
        return self._connect.post(self._connect.url.restartFrame, body)

    def error_detail(self, code: str | int, language: str = "0") -> Any:
        """What a tip code means and what to do: a list; ``language`` "0" is Chinese, "1" English."""
        return self._connect.post(
            self._connect.url.queryErrorDetail, {"code": str(code), "language": str(language)}
        )

    def get_frame_thumbnall(self, frame_id: int, frame_status: int = 4) -> Any:
        """Paths of a frame's small pictures; only a frame that is done (4) has them."""
        return self._connect.post(
            self._connect.url.loadingFrameThumbnail, {"id": frame_id, "frameStatus": frame_status}
        )

    def frame_log(self, frame_id: int, attempt: int = 0) -> frame.FrameLog:
        """Ours: what the renderer wrote about a frame, of one attempt or (0) of the last."""
        return self._connect.call(frame.FRAME_LOG, frame.FrameLogQuery(frame_id=frame_id, attempt=attempt))

    def explain_task(self, task_id: int) -> task.Explanation:
        """Ours: why a task does not render now."""
        return self._connect.call(task.EXPLAIN_TASK, task.TaskId(task_id=task_id))


def _given(members: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller gave: an interface may take a null for a value."""
    return {name: value for name, value in members.items() if value is not None}
