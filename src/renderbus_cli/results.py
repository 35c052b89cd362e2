"""A task's results, asked for later: downloaded, followed until it ends, or compared with what is here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from renderbus_cli import events
from renderbus_cli.asking import counted_unit, one_task
from renderbus_cli.fetching import Arrivals, Fetcher, make_folder
from renderbus_cli.interrupt import Interrupt
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.show import Show, task_words
from renderbus_cli.watch import Watch, follow

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI
    from rayvision_sync.collecting import Choice
    from renderbus_model.wire.task import TaskItem

FOLLOWED = {
    Exit.DONE: "done",
    Exit.FRAMES_FAILED: "failed",
    Exit.STOPPED: "stopped",
    Exit.SUSPENDED: "suspended",
    Exit.NO_WORKER: "no worker",
}


def download_task(
    api: RayvisionAPI,
    task_id: int,
    folder: Path,
    choice: Choice,
    show: Show,
    interrupt: Interrupt,
    *,
    until_end: bool = False,
) -> events.Finished:
    """Fetch what a task has so far, or with ``until_end`` each frame as it is done.

    Raises:
        Problem: there is no such task, or the folder cannot be written.
        RayvisionError: as ``rayvision_sync.collecting.fetch_chosen``.
    """
    from rayvision_sync.exception import TransferCancelled

    began = time.monotonic()
    task, unit = one_task(api, task_id), counted_unit(api, task_id)
    make_folder(folder)
    arrivals = Arrivals(api, task, folder, show, interrupt.asked, choice=choice)
    ended, status = Exit.DONE, "downloaded"
    try:
        if until_end:
            ended, task = _follow(api, task, arrivals, show, interrupt)
            status = FOLLOWED[ended]
        else:
            with interrupt.only_noted():
                arrivals.fetch()
    except (KeyboardInterrupt, TransferCancelled):
        ended, status = Exit.STOPPED, "stopped"
    place = str(folder / (task.output_file_name or "")) if arrivals.known else ""
    if not place and ended is Exit.DONE:
        none = "no such results" if choice.below or choice.include else "no pictures yet"
        show(events.Said(text=f"task {task_id} ({task_words(task.task_status)}) has {none}"))
    finished = events.Finished(
        exit=ended,
        status=status,
        task=task_id,
        folder=place,
        frames_done=task.done_frames,
        frames_failed=task.failed_frames,
        frames_total=task.total_frames,
        unit=unit,
        files=arrivals.known,
        seconds=round(time.monotonic() - began, 3),
    )
    show(finished)
    return finished


def _follow(
    api: RayvisionAPI, task: TaskItem, arrivals: Arrivals, show: Show, interrupt: Interrupt
) -> tuple[Exit, TaskItem]:
    from rayvision_sync.listening import TaskEvents

    watch, fetcher = Watch(api.connect.call, task.id, show), Fetcher(arrivals.fetch)
    try:
        with TaskEvents(api, {task.id: ()}) as told:
            ended = follow(watch, fetcher, timeout_s=None, wait=told.wait)
        fetcher.finish()
    except KeyboardInterrupt:
        interrupt.asked.set()
        fetcher.abandon()
        raise
    return ended, watch.task or task


def verify_task(
    api: RayvisionAPI, task_id: int, folder: Path, show: Show, interrupt: Interrupt
) -> events.Verified:
    """Compare the results of a task with the files in a folder: the task's own, or the one that holds it.

    Raises:
        Problem: there is no such task, or it has no results.
    """
    from rayvision_sync import engine
    from rayvision_sync.verifying import MISSING, RIGHT, verify

    began = time.monotonic()
    task = one_task(api, task_id)
    outputs = list(engine.results(api, task_id=task_id))
    if not outputs:
        raise Problem(
            f"task {task_id} ({task_words(task.task_status)}) has no results on the farm", Exit.NOT_FOUND
        )
    own = task.output_file_name or str(task_id)
    strip = "" if (folder / own).is_dir() else own
    with interrupt.only_noted() as cancel:
        found = verify(outputs, folder, strip=strip, cancel=cancel)
    wrong = [one for one in found if one.state != RIGHT]
    verified = events.Verified(
        exit=Exit.DIFFERENT if wrong else Exit.DONE,
        status="different" if wrong else "verified",
        task=task_id,
        folder=str(folder),
        right=len(found) - len(wrong),
        missing=[one.path for one in wrong if one.state == MISSING],
        different=[
            f"{one.path} ({one.why})" if one.why else one.path for one in wrong if one.state != MISSING
        ],
        seconds=round(time.monotonic() - began, 3),
    )
    show(verified)
    return verified
