"""``RayvisionManageTask``: where tasks stand, in the words and shapes that were published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_sync.constants import ENGLISH, TASK_END_STATUS_CODE_LIST, TASK_STATUS_DESCRIPTION, TEST_DONE


class Query(Protocol):
    """What is asked: ``api.query`` of a ``RayvisionAPI``."""

    def task_info(self, task_ids_list: Sequence[int]) -> Any:
        """A page of task items."""
        ...


class RayvisionManageTask:
    """Reads task items. A task whose ``is_opener`` is ``"1"`` is a shell: its sub tasks render."""

    def __init__(self, query: Query) -> None:
        self.query = query

    def get_task_status(self, task_id_list: Sequence[int]) -> list[dict[str, Any]]:
        """Where these tasks stand.

        Returns:
            One ``{task_id, task_status_code, task_status_text, task_status_description, is_opener,
            output_file_name, sub_task_status}`` a task; all texts but the last, a list of the same shape.
            Where the farm tells them, also ``userId`` and ``bid``: whose results, in which storage.

        Raises:
            RayvisionAPIError: the farm does not know one of them.
            RayvisionError: 1000000, a status that was never published.
        """
        page = self.query.task_info(list(task_id_list))
        items = page.get("items") if isinstance(page, Mapping) else None
        return self.task_info_iterater(items or [])

    def task_info_iterater(self, task_info_list: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same from items as the farm sends them.

        Raises:
            RayvisionError: as ``get_task_status``.
        """
        return [self._status(item) for item in task_info_list]

    def output_file_names(self, task_status_list: Iterable[Mapping[str, Any]]) -> list[str]:
        """The output folders of tasks and, in place of shells, of their sub tasks; in order."""
        return [leaf["output_file_name"] for leaf in _leaves(task_status_list) if leaf["output_file_name"]]

    def find_task_status_codes(self, task_status_list: Iterable[Mapping[str, Any]]) -> list[str]:
        """The status numbers, as text, of tasks and, in place of shells, of their sub tasks."""
        return [leaf["task_status_code"] for leaf in _leaves(task_status_list)]

    def is_task_end(self, task_id: int, is_test_stop: bool = False) -> bool | None:
        """Whether nothing more comes of a task: True, False, or None for a shell with nothing in it.

        With ``is_test_stop`` a task whose test frames are done is at its end, too.
        """
        codes = self.find_task_status_codes(self.get_task_status([task_id]))
        return all(is_end(code, is_test_stop) for code in codes) if codes else None

    def _status(self, item: Mapping[str, Any]) -> dict[str, Any]:
        code = str(item.get("taskStatus"))
        if code not in TASK_STATUS_DESCRIPTION:
            raise RayvisionError(
                PYTHON_ERROR, f"task {item.get('id')}: status {code} is none that is known here"
            )
        later = {name: item[name] for name in ("userId", "bid") if name in item}
        return {
            **later,
            "task_id": str(item.get("id")),
            "task_status_code": code,
            "task_status_text": item.get("statusText"),
            "task_status_description": TASK_STATUS_DESCRIPTION[code][ENGLISH],
            "is_opener": str(item.get("isOpen", 0)),
            "output_file_name": item.get("outputFileName"),
            "sub_task_status": self.task_info_iterater(item.get("respRenderingTaskList") or []),
        }


def task_ids(statuses: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """The ids of tasks and of all their sub tasks."""
    for status in statuses:
        if str(status["task_id"]).isdecimal():
            yield int(status["task_id"])
        yield from task_ids(status["sub_task_status"])


def is_end(code: str, is_test_stop: bool = False) -> bool:
    """Whether a task of this status ends a wait for its results."""
    return code in TASK_END_STATUS_CODE_LIST or (is_test_stop and code == TEST_DONE)


def _leaves(statuses: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for status in statuses:
        if status["is_opener"] == "1":
            yield from _leaves(status["sub_task_status"])
        else:
            yield status
