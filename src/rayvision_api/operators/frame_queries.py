"""Ask about the frames of a task: lists, counts, pictures and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from rayvision_api.answers import FrameItem, FramePage, FrameTotals, ProgressPicture, RenderLogPage
from rayvision_api.operators.operator import Number, Operator, whole_number
from renderbus_model.wire import frame

ALL_FRAMES_PAGE = 100
LAST_PAGE = 2000
"""Where ``get_all_frames`` stops by itself; as published."""


class FrameQueries(Operator):
    """Questions about frames."""

    def task_frames(
        self, task_id: Number, page_num: int = 1, page_size: int = 100, search_keyword: str | None = None
    ) -> FramePage:
        """One page of a task's frames; a page past the last is empty.

        Args:
            task_id: the task.
            page_num: counts from 1.
            page_size: frames a page.
            search_keyword: part of a frame index.

        Raises:
            RayvisionAPIError: no task of the caller.

        >>> page = api.query.task_frames(task_id, page_num=1, page_size=2)
        >>> page["total"], [frame["frameIndex"] for frame in page["items"]]
        (3, ['1', '2'])
        """
        answer = self._ask(
            frame.QUERY_TASK_FRAMES,
            taskId=task_id,
            pageNum=page_num,
            pageSize=page_size,
            searchKeyword=search_keyword or None,
        )
        return cast(FramePage, answer)

    def get_all_frames(
        self,
        task_id: Number,
        start_page: int = 1,
        end_page: int = LAST_PAGE,
        page_size: int = ALL_FRAMES_PAGE,
    ) -> dict[str, FrameItem]:
        """A task's frames by ``frameIndex``; of two with one index, in two layers say, the later one.

        Args:
            task_id: the task.
            start_page, end_page: the pages to ask for; it ends where the frames do.
            page_size: frames a page.

        >>> sorted(api.query.get_all_frames(task_id))
        ['1', '2', '3']
        """
        first, last = whole_number("start_page", start_page), whole_number("end_page", end_page)
        frames = self._frames(task_id, first, last, page_size)
        return {found["frameIndex"]: found for found in frames}

    def all_frame_status(self) -> FrameTotals:
        """How many frames of all the caller's tasks stand where.

        >>> task_id > 0 and api.query.all_frame_status()["totalFrames"]
        3
        """
        return cast(FrameTotals, self._ask(frame.QUERY_ALL_FRAME_STATS))

    def get_task_processing_img(self, task_id: Number, frame_type: int | None = None) -> ProgressPicture:
        """How far the pictures of a task are, tile by tile.

        Args:
            task_id: the task.
            frame_type: 2 photon frames, 5 pictures; what renders now without.

        Raises:
            RayvisionAPIError: no task of the caller.

        >>> api.query.get_task_processing_img(task_id)["currentTaskType"]
        'Render'
        """
        answer = self._ask(frame.LOAD_TASK_PROCESS_IMG, taskId=task_id, frameType=frame_type or None)
        return cast(ProgressPicture, answer)

    def get_frame_thumbnall(self, frame_id: Number, frame_status: int = 4) -> list[str]:
        """Paths of a frame's small pictures, below the farm's address; only a frame that is done has them.

        Args:
            frame_id: the frame, as ``task_frames`` tells it.
            frame_status: 4, done.

        Raises:
            RayvisionAPIError: no frame of the caller.

        >>> api.query.get_frame_thumbnall(frame_id)
        []
        """
        answer = self._ask(frame.FRAME_THUMBNAIL, id=frame_id, frameStatus=frame_status)
        return cast("list[str]", answer)

    def get_render_log(
        self,
        renderingType: str = "render",
        pageNum: int = 1,
        pageSize: int = 1,
        frame_id: Number | None = None,
    ) -> RenderLogPage:
        """What renderer and worker wrote about a frame.

        Args:
            renderingType: the published kind of log, ``render``.
            pageNum: counts from 1; the last attempt comes first.
            pageSize: attempts a page.
            frame_id: the frame, as ``task_frames`` tells it.

        Raises:
            RayvisionError: 1000003, no frame was named.
            RayvisionAPIError: no frame of the caller.

        >>> api.query.get_render_log(frame_id=frame_id)["items"]
        []
        """
        answer = self._ask(
            frame.SHOW_LOG, renderingType=renderingType, pageNum=pageNum, pageSize=pageSize, id=frame_id
        )
        return cast(RenderLogPage, answer)

    def frame_log(self, frame_id: int, attempt: int = 0) -> frame.FrameLog:
        """Ours: what the renderer wrote about a frame, of one attempt or (0) of the last.

        >>> api.query.frame_log(frame_id).text
        ''
        """
        return self._connect.call(frame.FRAME_LOG, frame.FrameLogQuery(frame_id=frame_id, attempt=attempt))

    def _frames(
        self, task_id: Number, first: int = 1, last: int = LAST_PAGE, size: int = ALL_FRAMES_PAGE
    ) -> Iterator[FrameItem]:
        for number in range(first, last + 1):
            items = self.task_frames(task_id, number, size)["items"]
            if not items:
                return
            yield from items
