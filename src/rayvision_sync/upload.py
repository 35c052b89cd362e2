"""``RayvisionUpload``: the documents and the assets of a task go to the farm."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rayvision_api.utils import home_folder
from rayvision_log.core import logger_of
from rayvision_sync import db_config, engine
from rayvision_sync.constants import PACKAGE_NAME, TRANSFER_LOG
from rayvision_sync.exception import UploadsFailed
from rayvision_sync.ledgers import OFF, LedgerChoice, record_folder, set_log_folder
from rayvision_sync.lists import files_to_upload
from rayvision_sync.pools import run_all
from rayvision_sync.progress import OnProgress
from rayvision_sync.published import check_line
from rayvision_sync.records import note_uploaded
from rayvision_sync.transfer import STORAGES, RayvisionTransfer
from rayvision_sync.utils import speed_kb
from renderbus_model.document_values import safe_name

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.published import UploadLine


class RayvisionUpload:
    """Uploads for one account.

    Every method gives True, or raises what ``engine.upload`` raises; then nothing of that upload exists on
    the farm, and the same call again sends only what is missing.

    Two arguments are ours: ``on_progress`` is told where an upload stands, ``cancel`` ends it. Published
    keywords that choose an engine and a line are taken (``published``).

    Attributes:
        transfer_log_path, redis_config, sqlite_config, database_config: what db_config.ini says; changes
            hold for later uploads.
        db_ini: the folder that ``create_db_ini`` writes into.
    """

    def __init__(
        self,
        api: RayvisionAPI,
        db_config_path: str | Path | None = None,
        transports_json: str | Path = "",
        transmitter_exe: str | Path = "",
        automatic_line: bool = True,
        internet_provider: str = "",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        """Read the record's settings; nothing is sent.

        Args:
            db_config_path: a db_config.ini; without one, or where it does not exist, the packaged one.
            transports_json, transmitter_exe, automatic_line, internet_provider: for ``trans.create_cmd``.
            logger, log_folder, log_name, log_level: where to write; as in ``RayvisionAPI``.

        Raises:
            BadDbConfig: a value in the file makes no sense.
        """
        self.api = api
        self.logger = logger_of(PACKAGE_NAME, logger, log_folder, log_name, log_level)
        self.trans = RayvisionTransfer.of(
            api,
            transports_json=transports_json,
            transmitter_exe=transmitter_exe,
            automatic_line=automatic_line,
            internet_provider=internet_provider,
        )
        self._source: object = db_config_path or db_config.PACKAGED
        self.transfer_log_path, self.redis_config, self.sqlite_config, self.database_config = (
            self.load_db_config(db_config_path)
        )
        folder = record_folder(str(self.database_config["db_path"]).strip())
        self.check_transfer_log_path(self.transfer_log_path)
        self.db_ini, self._db = str(folder / "db_ini"), folder / "db"

    def upload(
        self,
        task_id: int | str,
        task_json_path: str | Path,
        tips_json_path: str | Path,
        asset_json_path: str | Path,
        upload_json_path: str | Path,
        max_speed: str | None = None,
        transmit_type: str = "upload_json",
        *,
        is_record: bool = False,
        redis_flag: str | None = None,
        redis_obj: Any = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        **line: Unpack[UploadLine],
    ) -> bool:
        """The four documents of a task, then every file that upload.json lists; as the two below."""
        self._ledger_choice()  # a record that cannot be kept is told before anything is sent
        documents = [task_json_path, tips_json_path, asset_json_path, upload_json_path]
        self.upload_config(task_id, documents, max_speed, cancel=cancel, **line)
        return self.upload_asset(
            upload_json_path,
            max_speed,
            transmit_type=transmit_type,
            is_record=is_record,
            redis_flag=redis_flag,
            redis_obj=redis_obj,
            on_progress=on_progress,
            cancel=cancel,
            **line,
        )

    def upload_config(
        self,
        task_id: int | str,
        config_file_list: Sequence[str | Path],
        max_speed: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        **line: Unpack[UploadLine],
    ) -> bool:
        """Documents of a task, each under its own name: ``/{task_id}/cfg/task.json``."""
        check_line(line)
        files = [(path, f"/{task_id}/cfg/{Path(path).name}") for path in config_file_list]
        engine.upload(
            self.api,
            files,
            STORAGES["config_bid"],
            on_progress=on_progress,
            max_speed_kb=speed_kb(max_speed),
            cancel=cancel,
        )
        return True

    def upload_asset(
        self,
        upload_json_path: str | Path,
        max_speed: str | None = None,
        is_db: bool = True,
        *,
        transmit_type: str = "upload_json",
        is_record: bool = False,
        redis_flag: str | None = None,
        redis_obj: Any = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        **line: Unpack[UploadLine],
    ) -> bool:
        """Every file that a list names.

        Args:
            upload_json_path: ``{"asset": [{"local": …, "server": …}]}``, or a list as ``transmit_type`` says.
            max_speed: KB/s for all files together, as text.
            is_db: use and keep the record of files that were read before, so that they are not read again.
            transmit_type: ``upload_json``, or ``upload_list`` for a text of one file or folder a line.
            is_record: note each file in Redis once all are there, in the hash ``redis_flag`` ("upload_done"
                without one) of ``redis_obj`` (the server of this machine, table 2, without one).

        Raises:
            BadUploadList, BadSpeed: one of these makes no sense.
            UnsupportedDatabaseError: the record's settings name another database than sqlite and redis.
        """
        check_line(line)
        files = files_to_upload(upload_json_path, transmit_type)
        speed = speed_kb(max_speed)
        choice = self._ledger_choice() if is_db else LedgerChoice(OFF)
        with choice.open(self.api) or nullcontext() as ledger:
            engine.upload(
                self.api,
                files,
                STORAGES["input_bid"],
                on_progress=on_progress,
                max_speed_kb=speed,
                ledger=ledger,
                cancel=cancel,
            )
            if ledger is not None and choice.temporary:
                ledger.forget([local for local, _ in files])
        if is_record:
            note_uploaded([local for local, _ in files], redis_flag, redis_obj)
        return True

    def multi_thread_upload(self, upload_pool: Sequence[str | Path], thread_num: int = 10) -> bool:
        """``upload_asset`` for each list of ``upload_pool``, ``thread_num`` at a time.

        Raises:
            UploadsFailed: some failed, it says which and why; all others were uploaded.
            TransferCancelled: a ``cancel`` that was handed in is set.
        """
        return self.thread_pool_upload(upload_pool, thread_num)

    def thread_pool_upload(
        self, upload_pool: Sequence[str | Path], pool_size: int = 10, **options: Any
    ) -> bool:
        """The same; ``options`` are those of ``upload_asset``, for each of them."""
        cancel = options.pop("cancel", None) or threading.Event()

        def upload_one(path: str | Path) -> None:
            self.upload_asset(path, cancel=cancel, **options)

        if failed := run_all(list(upload_pool), upload_one, pool_size, cancel):
            raise UploadsFailed((str(path), error) for path, error in failed) from failed[0][1]
        return True

    def load_db_config(self, db_config_path: str | Path | None = None) -> db_config.DbConfig:
        """What a db_config.ini says, without one the packaged file.

        Returns:
            ``(transfer_log_path, redis_config, sqlite_config, database_config)``, the last three by key.

        Raises:
            BadDbConfig: it is no ini file, or the port is no number.
        """
        return db_config.load(db_config_path)

    def create_db_ini(self, upload_json_path: str | Path) -> str:
        """Write the file that tells a transmitter where to remember files; its path.

        Raises:
            UnsupportedDatabaseError: another database than sqlite and redis.
        """
        kind = self._ledger_choice(on="true").kind
        name = safe_name(Path(upload_json_path).absolute().parent.name)
        path = Path(self.db_ini, "db_redis.ini" if kind == "redis" else f"{name}.ini")
        platform = str(self.trans.user_info["platform"])
        db_config.write_transmitter_ini(path, self._config(), platform, self._db / f"{name}.db")
        return str(path)

    def check_transfer_log_path(self, transfer_log_path: str | Path) -> str:
        """The folder of the transmitter's log: what is given, else ``RAYVISION_LOG``, where they exist.

        ``RAYVISION_LOG`` is set to the answer, for a transmitter that is started later.
        """
        given, set_before = str(transfer_log_path).strip(), os.environ.get(TRANSFER_LOG, "")
        found = next((path for path in (given, set_before) if path and Path(path).exists()), "")
        folder = found or str(home_folder())
        set_log_folder(folder)
        return folder

    def _config(self) -> db_config.DbConfig:
        return db_config.DbConfig(
            str(self.transfer_log_path), self.redis_config, self.sqlite_config, self.database_config
        )

    def _ledger_choice(self, **database: str) -> LedgerChoice:
        config = self._config()._replace(database_config={**self.database_config, **database})
        return db_config.choice(config, self._db, self._source)
