"""Rounds over tasks until every one has ended: what fails is told once the others are done."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
from rayvision_sync.exception import DownloadFailed, EndlessTask, TasksFailed

log = logging.getLogger(__name__)


def each_once(task_id_list: Sequence[int] | None) -> list[int]:
    """Each task once, in the caller's order; published callers give texts, too."""
    return list(dict.fromkeys(int(task_id) for task_id in task_id_list or ()))


FARM_AWAY_S = 600.0
"""How long a farm may not answer while its tasks are waited for: longer than it takes to start again."""

Wait = Callable[[float, threading.Event], Collection[int]]
"""Pauses that many seconds, or shorter: the tasks to look at then. Raises ``TransferCancelled``."""


def until_all_ended(
    tasks: Sequence[int],
    one_round: Callable[[int], bool],
    sleep_time: float,
    cancel: threading.Event,
    wait: Wait,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Rounds over the tasks that have not ended, a pause before each; one that fails does not end the others.

    Raises:
        FarmNotReachable: the farm never answered, or has not for ``FARM_AWAY_S``.
        RayvisionError: of the one task that failed, once all others have ended.
        TasksFailed: several did.
    """
    left = list(tasks)
    failures: dict[int, RayvisionError] = {}
    answered_at: float | None = None
    while left:
        due = wait(float(sleep_time), cancel)
        try:
            ended = {task_id for task_id in left if task_id in due and _ended(task_id, one_round, failures)}
            answered_at = clock()
        except FarmNotReachable as error:
            if answered_at is None or clock() - answered_at > FARM_AWAY_S:
                raise
            log.warning("the farm does not answer, asking again", extra={"why": str(error)})
            continue
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
