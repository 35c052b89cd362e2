"""Uploads: what is told of them, and that of a whole workspace."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from renderbus_cli import events
from renderbus_cli.interrupt import Interrupt
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.show import Show

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI
    from rayvision_sync.progress import TransferProgress

EVENT_EVERY_S = 0.25

DOCUMENTS = ("task.json", "tips.json", "asset.json", "upload.json")


class Told:
    """Shows where an upload stands, now and then; ``last`` is where it stood last."""

    def __init__(self, show: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._clock = show, clock
        self._shown_at = -EVENT_EVERY_S
        self.last: TransferProgress | None = None

    def __call__(self, progress: TransferProgress) -> None:
        """One report of the SDK."""
        self.last = progress
        now = self._clock()
        if now - self._shown_at >= EVENT_EVERY_S and progress.files_done < progress.files_total:
            self._shown_at = now
            self._show(uploading(progress))

    def end(self) -> None:
        """Show where it stood last, once more."""
        if self.last is not None:
            self._show(uploading(self.last))


def uploading(progress: TransferProgress) -> events.Uploading:
    """What the SDK reports, as an event."""
    left = progress.seconds_left
    return events.Uploading(
        files_done=progress.files_done,
        files_total=progress.files_total,
        bytes_done=progress.bytes_done,
        bytes_total=progress.bytes_total,
        bytes_known=progress.bytes_known,
        bytes_read=progress.bytes_read,
        bytes_to_read=progress.bytes_to_read,
        bytes_per_s=round(progress.bytes_per_s, 1),
        seconds_left=None if left is None else round(left, 1),
    )


def upload_workspace(api: RayvisionAPI, workspace: Path, show: Show, interrupt: Interrupt) -> events.Uploaded:
    """Send the files that upload.json lists, and the documents where task.json has a task's number.

    Raises:
        Problem: there is no upload.json.
        RayvisionError: as ``RayvisionUpload``.
    """
    from rayvision_sync.exception import TransferCancelled
    from rayvision_sync.upload import RayvisionUpload

    listed = workspace / "upload.json" if workspace.is_dir() else workspace
    if not listed.is_file():
        raise Problem(
            f"{workspace} holds no upload.json: expected a folder that an analysis has written", Exit.USAGE
        )
    began = time.monotonic()
    task_id = _task_of(listed.parent)
    told, ended = Told(show), Exit.DONE
    try:
        with interrupt.only_noted() as cancel:
            upload = RayvisionUpload(api)
            if task_id:
                documents = [listed.parent / name for name in DOCUMENTS if (listed.parent / name).is_file()]
                upload.upload_config(task_id, documents, cancel=cancel)
            upload.upload_asset(listed, on_progress=told, cancel=cancel)
            told.end()
    except (KeyboardInterrupt, TransferCancelled):
        ended = Exit.STOPPED
    last = told.last
    uploaded = events.Uploaded(
        exit=ended,
        status="uploaded" if ended is Exit.DONE else "stopped",
        task=task_id,
        files=last.files_done if last else 0,
        bytes_sent=last.bytes_done - last.bytes_known if last else 0,
        bytes_known=last.bytes_known if last else 0,
        seconds=round(time.monotonic() - began, 3),
    )
    show(uploaded)
    return uploaded


def _task_of(workspace: Path) -> int:
    """The task's number in task.json; 0 where the check step has not written one."""
    from rayvision_api.utils import json_load

    document = json_load(workspace / "task.json")
    info = document.get("task_info") if isinstance(document, dict) else None
    number = str(info.get("task_id") or "") if isinstance(info, dict) else ""
    return int(number) if number.isascii() and number.isdigit() else 0
