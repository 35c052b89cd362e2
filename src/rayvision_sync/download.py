"""``RayvisionDownload``: what tasks rendered comes here, now, frame by frame, or when they have ended."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.utils import home_folder
from rayvision_log.core import logger_of
from rayvision_sync import engine
from rayvision_sync.constants import PACKAGE_NAME
from rayvision_sync.exception import (
    WRONG_TYPE,
    DownloadFailed,
    EndlessTask,
    RefusedPath,
)
from rayvision_sync.listening import TaskEvents
from rayvision_sync.manage import RayvisionManageTask, is_end, task_ids
from rayvision_sync.progress import OnProgress
from rayvision_sync.published import check_line
from rayvision_sync.rounds import each_once, until_all_ended
from rayvision_sync.transfer import RayvisionTransfer
from rayvision_sync.utils import speed_kb
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.pieces import Digest

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.published import DownloadLine
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
    download stands, and ``cancel`` ends it with ``TransferCancelled``. Published keywords that choose an
    engine and a line are taken (``published``).
    """

    def __init__(
        self,
        api: RayvisionAPI,
        transports_json: str | Path = "",
        transmitter_exe: str | Path = "",
        automatic_line: bool = True,
        internet_provider: str = "",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        """Nothing is asked yet; arguments as ``RayvisionUpload``."""
        self.api = api
        self.logger = logger_of(PACKAGE_NAME, logger, log_folder, log_name, log_level)
        self.manage_task = RayvisionManageTask(api.query)
        self.trans = RayvisionTransfer.of(
            api,
            self.manage_task,
            transports_json=transports_json,
            transmitter_exe=transmitter_exe,
            automatic_line=automatic_line,
            internet_provider=internet_provider,
        )

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
        **line: Unpack[DownloadLine],
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
        check_line(line)
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)
        paths = [server_path] if isinstance(server_path, str) else list(server_path or [])
        if not paths:
            statuses = self.manage_task.get_task_status(each_once(task_id_list))
            paths = self.manage_task.output_file_names(statuses)
        for path in dict.fromkeys(paths):
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
        is_test_stop: bool = False,
        on_file: OnFile | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        **line: Unpack[DownloadLine],
    ) -> bool:
        """Fetch frames as they are done, until every task has ended.

        Arguments as ``download``; with ``is_test_stop`` a task has also ended when its test frames have.
        ``sleep_time`` is the pause before each round, in seconds. A farm of ours tells when there is
        something to fetch, so that a round begins at once.

        Raises:
            RayvisionAPIError: the farm does not know one of the tasks.
            EndlessTask: one has nothing in it that could end.
            DownloadFailed: files did not come after the end. While a task renders, they are tried again in
            the
                next round.
            TasksFailed: the same of several tasks. In all four cases the other tasks were downloaded.
            RayvisionError: the farm does not answer, or what ``engine.download`` raises.
        """
        check_line(line)
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)

        tasks = each_once(task_id_list)
        leaves: dict[int, set[int]] = {task_id: set() for task_id in tasks}

        def one_round(task_id: int) -> bool:
            # Asked before the download: what is done in between is not lost, the last round follows the end.
            paths, ended = self._standing(task_id, is_test_stop, leaves)
            try:
                for path in paths:
                    self._fetch(path, wish)
            except DownloadFailed as error:
                if ended:
                    raise
                log.warning("tried again next round", extra={"task": task_id, "files": list(error.failures)})
            return ended

        with TaskEvents(self.api, leaves) as events:
            until_all_ended(tasks, one_round, sleep_time, wish.cancel, events.wait)
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
        is_test_stop: bool = False,
        on_file: OnFile | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        **line: Unpack[DownloadLine],
    ) -> bool:
        """Fetch each task once it has ended. Arguments and errors as ``auto_download``."""
        check_line(line)
        wish = _wish(max_speed, print_log, download_filename_format, local_path, on_file, on_progress, cancel)

        tasks = each_once(task_id_list)
        leaves: dict[int, set[int]] = {task_id: set() for task_id in tasks}

        def one_round(task_id: int) -> bool:
            paths, ended = self._standing(task_id, is_test_stop, leaves)
            for path in paths if ended else ():
                self._fetch(path, wish)
            return ended

        with TaskEvents(self.api, leaves) as events:
            until_all_ended(tasks, one_round, sleep_time, wish.cancel, events.wait)
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

    def _standing(
        self, task_id: int, is_test_stop: bool, leaves: dict[int, set[int]]
    ) -> tuple[list[str], bool]:
        """The output folders of a task, and whether it is at its end; notes its sub tasks in ``leaves``.

        Raises:
            EndlessTask: it has nothing in it that could end.
        """
        statuses = self.manage_task.get_task_status([task_id])
        codes = self.manage_task.find_task_status_codes(statuses)
        leaves[task_id] = set(task_ids(statuses))
        if not codes:
            raise EndlessTask(task_id)
        ended = all(is_end(code, is_test_stop) for code in codes)
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
