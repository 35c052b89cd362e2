"""``RayvisionDownload``: what tasks rendered comes here, now, frame by frame, or when they have ended."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.utils import home_folder
from rayvision_sync import engine
from rayvision_sync.constants import TASK_END_STATUS_CODE_LIST
from rayvision_sync.exception import WRONG_TYPE, DownloadFailed, RefusedPath, TransferCancelled
from rayvision_sync.manage import RayvisionManageTask
from rayvision_sync.progress import OnProgress
from rayvision_sync.transfer import RayvisionTransfer
from rayvision_sync.utils import speed_kb
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.pieces import Digest

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.run import OnFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one call asked for.

    ``seen`` keeps what came in earlier rounds, so that nothing is fetched, or even read, twice.
    """

    folder: Path
    keep: bool
    max_speed_kb: float
    cancel: threading.Event
    on_file: OnFile | None
    on_progress: OnProgress | None
    seen: dict[str, Digest] = field(default_factory=dict)


class RayvisionDownload:
    """Downloads for one account.

    Three arguments are ours: ``on_file`` is told the path of each file that came, ``on_progress`` where a
    download stands, and ``cancel`` ends it with ``TransferCancelled``.
    """

    def __init__(self, api: RayvisionAPI) -> None:
        self.api = api
        self.manage_task = RayvisionManageTask(api.query)
        self.trans = RayvisionTransfer.of(api, self.manage_task)

    def download(
        self,
        task_id_list: Sequence[int] | None = None,
        max_speed: str | None = None,
        print_log: bool = True,
        download_filename_format: str = "true",
        local_path: str | Path | None = None,
        server_path: str | Sequence[str] | None = None,
        *,
        on_file: OnFile | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """Fetch what there is now: of whole tasks, or what lies below ``server_path``, which goes first.

        Args:
            task_id_list: whole tasks.
            max_speed: KB/s for all files together, as text.
            print_log: name each file on standard error once it is here.
            download_filename_format: "true" puts results into a folder named after task and scene, "false"
                directly into ``local_path``.
            local_path: by default ``renderfarm_sdk`` in the user's home; made where it does not exist.
            server_path: one path or several, e.g. ``18164087_test/l_layer``.

        Raises:
            RayvisionError: neither tasks nor a path were given; or what ``engine.download`` raises.
        """
        self.check_params(task_id_list, server_path)
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)
        paths = [server_path] if isinstance(server_path, str) else list(server_path or [])
        if not paths:
            statuses = self.manage_task.get_task_status(list(task_id_list or []))
            paths = self.manage_task.output_file_names(statuses)
        for path in paths:
            self._fetch(path, wish)
        return True

    def auto_download(
        self,
        task_id_list: Sequence[int] | None = None,
        max_speed: str | None = None,
        print_log: bool = False,
        sleep_time: float = 10,
        download_filename_format: str = "true",
        local_path: str | Path | None = None,
        *,
        on_file: OnFile | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """Fetch frames as they are done, until every task has ended. A list of the caller's is emptied.

        Arguments as ``download``; ``sleep_time`` is the pause before each round, in seconds.

        Raises:
            RayvisionAPIError: the farm does not know one of the tasks.
            RayvisionError: what ``engine.download`` raises. While a task renders, files that do not come are
                tried again in the next round.
        """
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)
        left = _own(task_id_list)
        for task_id in _rounds(left, sleep_time, wish.cancel):
            # Asked before the download: what is done in between is not lost, the last round follows the end.
            paths, ended = self._standing(task_id)
            try:
                for path in paths:
                    self._fetch(path, wish)
            except DownloadFailed as error:
                if ended:
                    raise
                log.warning("tried again next round", extra={"task": task_id, "files": list(error.failures)})
            if ended:
                _drop(left, task_id)
        return True

    def auto_download_after_task_completed(
        self,
        task_id_list: Sequence[int] | None = None,
        max_speed: str | None = None,
        print_log: bool = True,
        sleep_time: float = 10,
        download_filename_format: str = "true",
        local_path: str | Path | None = None,
        *,
        on_file: OnFile | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """Fetch each task once it has ended. Arguments and errors as ``auto_download``."""
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)
        left = _own(task_id_list)
        for task_id in _rounds(left, sleep_time, wish.cancel):
            paths, ended = self._standing(task_id)
            if ended:
                for path in paths:
                    self._fetch(path, wish)
                _drop(left, task_id)
        return True

    @staticmethod
    def check_params(
        task_id_list: Sequence[int] | None, custom_server_output_path: str | Sequence[str] | None
    ) -> None:
        """One of the two must be given.

        Raises:
            RayvisionError: neither is.
        """
        if not task_id_list and not custom_server_output_path:
            raise RayvisionError(PYTHON_ERROR, "download: give task_id_list or server_path")

    def _standing(self, task_id: int) -> tuple[list[str], bool]:
        """The output folders of a task, and whether it is at its end.

        Raises:
            RayvisionError: it has nothing in it that could end.
        """
        statuses = self.manage_task.get_task_status([task_id])
        codes = self.manage_task.find_task_status_codes(statuses)
        if not codes:
            raise RayvisionError(
                PYTHON_ERROR,
                f"task {task_id}: the farm knows of nothing to render in it, so it would never end",
            )
        ended = all(code in TASK_END_STATUS_CODE_LIST for code in codes)
        return self.manage_task.output_file_names(statuses), ended

    def _fetch(self, path: str, wish: _Wish) -> None:
        try:
            asked = checked_farm_path(path)[1:]
        except BadPath as error:
            raise RefusedPath(path, error.why) from error
        engine.fetch_new(
            self.api,
            0,
            wish.folder,
            wish.seen,
            wish.on_progress,
            wish.cancel,
            path=asked,
            strip="" if wish.keep else asked,
            on_file=wish.on_file,
            max_speed_kb=wish.max_speed_kb,
        )


def _wish(
    max_speed: str | None,
    print_log: bool,
    download_filename_format: str,
    local_path: str | Path | None,
    on_file: OnFile | None,
    on_progress: OnProgress | None,
    cancel: threading.Event | None,
) -> _Wish:
    if str(download_filename_format).lower() not in ("true", "false"):
        raise RayvisionError(
            WRONG_TYPE, f"download_filename_format {download_filename_format!r}: expected 'true' or 'false'"
        )

    def tell(file: Path) -> None:
        log.info("downloaded", extra={"file": str(file)})
        if print_log:
            print(f"downloaded {file}", file=sys.stderr)
        if on_file is not None:
            on_file(file)

    return _Wish(
        folder=Path(local_path) if local_path else home_folder(),
        keep=str(download_filename_format).lower() == "true",
        max_speed_kb=speed_kb(max_speed),
        cancel=cancel or threading.Event(),
        on_file=tell,
        on_progress=on_progress,
    )


def _own(task_id_list: Sequence[int] | None) -> list[int]:
    """The caller's own list, which empties as tasks end; of anything else a list to empty."""
    return task_id_list if isinstance(task_id_list, list) else list(task_id_list or [])


def _rounds(left: list[int], sleep_time: float, cancel: threading.Event) -> Iterator[int]:
    """The tasks that are left, round by round, a pause before each round."""
    while left:
        if cancel.wait(float(sleep_time)):
            raise TransferCancelled
        yield from list(dict.fromkeys(left))


def _drop(left: list[int], task_id: int) -> None:
    left[:] = [other for other in left if other != task_id]
