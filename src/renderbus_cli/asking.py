"""The way into a farm, and what several commands ask it about its tasks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from renderbus_cli.embedded import join_or_start
from renderbus_cli.options import FarmOptions
from renderbus_cli.problems import Exit, Problem, problem_of
from renderbus_cli.session import Account, OwnFarm, choose
from renderbus_cli.units import unit_of
from renderbus_model.wire.frame import (
    EXPLAIN_FRAMES,
    QUERY_TASK_FRAMES,
    FrameItem,
    FrameQuery,
    WaitingFrames,
    WhyQuery,
)
from renderbus_model.wire.task import QUERY_TASK_INFO, TaskIds, TaskItem

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI

FRAMES_A_PAGE = 1000


@contextmanager
def entered(options: FarmOptions) -> Iterator[RayvisionAPI]:
    """Log in to the farm that was asked for; an embedded one is joined or started.

    Raises:
        Problem: no such farm is configured, or the embedded one does not start.
    """
    farm = choose(options)
    if isinstance(farm, OwnFarm):
        farm = join_or_start(farm.data)
    with log_in(farm) as api:
        yield api


def log_in(account: Account) -> RayvisionAPI:
    """The SDK's entry, for this account.

    Raises:
        Problem: the farm does not take these keys.
        FarmNotReachable: no farm answers there.
    """
    from rayvision_api import RayvisionAPI
    from rayvision_api.exception import RayvisionAPIError

    try:
        return RayvisionAPI(
            access_id=account.access_id,
            access_key=account.access_key,
            domain=account.url,
            logger=logging.getLogger("renderbus"),
        )
    except RayvisionAPIError as error:
        refused = problem_of(error)
        if refused.status is not Exit.REFUSED:
            raise
        where = f"{account.url} was asked with access id and key from {account.origin}"
        raise Problem(f"{refused.message} ({where})", Exit.REFUSED) from error


def one_task(api: RayvisionAPI, task_id: int) -> TaskItem:
    """A task of this account.

    Raises:
        Problem: there is none of this id.
    """
    found = api.connect.call(QUERY_TASK_INFO, TaskIds(task_ids=[task_id])).items
    if not found:
        raise Problem(f"the farm has no task {task_id} of this account", Exit.NOT_FOUND)
    return found[0]


def all_frames(api: RayvisionAPI, task_id: int) -> list[FrameItem]:
    """Every frame of a task, in the farm's order."""
    frames: list[FrameItem] = []
    page = pages = 1
    while page <= pages:
        asked = FrameQuery(task_id=task_id, page_num=page, page_size=FRAMES_A_PAGE)
        found = api.connect.call(QUERY_TASK_FRAMES, asked)
        frames += found.items
        page, pages = page + 1, found.page_count
    return frames


def counted_unit(api: RayvisionAPI, task_id: int) -> str:
    """What a task's counts count, by its first frames: see ``units.unit_of``."""
    asked = FrameQuery(task_id=task_id, page_num=1, page_size=FRAMES_A_PAGE)
    return unit_of(item.frame_index for item in api.connect.call(QUERY_TASK_FRAMES, asked).items)


def every_why(api: RayvisionAPI, task_id: int, frame: int | None) -> Iterator[WaitingFrames]:
    """What waits in a task and why, in the farm's order; or where one of its frames stands."""
    page = pages = 1
    while page <= pages:
        asked = WhyQuery(task_id=task_id, page_num=page, page_size=FRAMES_A_PAGE, frame=frame)
        found = api.connect.call(EXPLAIN_FRAMES, asked)
        yield from found.items
        page, pages = page + 1, found.page_count
