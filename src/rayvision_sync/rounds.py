"""Rounds over tasks until every one has ended: what fails is told once the others are done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from rayvision_api.exception import RayvisionAPIError, RayvisionError
from rayvision_sync.exception import DownloadFailed, EndlessTask, TasksFailed, TransferCancelled

log = logging.getLogger(__name__)


def each_once(task_id_list: Sequence[int] | None) -> list[int]:
    """Each task once, in the caller's order; published callers give texts, too."""
    return list(dict.fromkeys(int(task_id) for task_id in task_id_list or ()))


def until_all_ended(
    tasks: Sequence[int], one_round: Callable[[int], bool], sleep_time: float, cancel: threading.Event
) -> None:
    """Rounds over the tasks that have not ended, a pause before each; one that fails does not end the others.

    Raises:
        RayvisionError: of the one task that failed, once all others have ended.
        TasksFailed: several did.
    """
    left = list(tasks)
    failures: dict[int, RayvisionError] = {}
    while left:
        if cancel.wait(float(sleep_time)):
            raise TransferCancelled
        ended = {task_id for task_id in left if _ended(task_id, one_round, failures)}
        left = [task_id for task_id in left if task_id not in ended]
    if failures:
        first = next(iter(failures.values()))
        raise first if len(failures) == 1 else TasksFailed(failures)


def _ended(task_id: int, one_round: Callable[[int], bool], failures: dict[int, RayvisionError]) -> bool:
    try:
        return one_round(task_id)
    except (RayvisionAPIError, EndlessTask, DownloadFailed) as error:
        log.warning(
            "task given up, its error is raised once the others have ended",
            extra={"task": task_id, "why": str(error)},
        )
        failures[task_id] = error
        return True
