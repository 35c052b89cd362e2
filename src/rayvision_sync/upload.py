"""``RayvisionUpload``: the documents and the assets of a task go to the farm."""

from __future__ import annotations

import configparser
import logging
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rayvision_api.utils import home_folder
from rayvision_sync import engine
from rayvision_sync.exception import UnsupportedDatabaseError
from rayvision_sync.ledger import Ledger, ledger_file
from rayvision_sync.progress import OnProgress
from rayvision_sync.transfer import STORAGES, RayvisionTransfer
from rayvision_sync.utils import speed_kb, upload_pairs

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

log = logging.getLogger(__name__)


def open_ledger(api: RayvisionAPI) -> Ledger:
    """The record that ``RayvisionUpload`` keeps for this farm and account by default; close it after use."""
    return Ledger(_ledger_file(RayvisionTransfer.of(api), ""))


class RayvisionUpload:
    """Uploads for one account.

    Every method gives True, or raises what ``engine.upload`` raises; then nothing of that upload exists on
    the farm, and the same call again sends only what is missing.

    Two arguments are ours: ``on_progress`` is told where an upload stands, ``cancel`` ends it.
    """

    def __init__(self, api: RayvisionAPI, db_config_path: str | Path | None = None) -> None:
        """Read the record's settings; nothing is sent.

        Args:
            db_config_path: a db_config.ini; ``on``, ``type`` and ``db_path`` of ``DATABASE_CONFIG`` count.

        Raises:
            UnsupportedDatabaseError: it asks for a record that is not kept in SQLite.
        """
        self.api = api
        self.trans = RayvisionTransfer.of(api)
        self._ledger_file = self._record(db_config_path)

    def upload(
        self,
        task_id: int | str,
        task_json_path: str | Path,
        tips_json_path: str | Path,
        asset_json_path: str | Path,
        upload_json_path: str | Path,
        max_speed: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """The four documents of a task, then every file that upload.json lists."""
        documents = [task_json_path, tips_json_path, asset_json_path, upload_json_path]
        self.upload_config(task_id, documents, max_speed, cancel=cancel)
        return self.upload_asset(upload_json_path, max_speed, on_progress=on_progress, cancel=cancel)

    def upload_config(
        self,
        task_id: int | str,
        config_file_list: Sequence[str | Path],
        max_speed: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """Documents of a task, each under its own name: ``/{task_id}/cfg/task.json``."""
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
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> bool:
        """Every file that an upload.json lists.

        Args:
            upload_json_path: ``{"asset": [{"local": …, "server": …}]}``.
            max_speed: KB/s for all files together, as text.
            is_db: use and keep the record of files that were read before, so that they are not read again.

        Raises:
            BadUploadList, BadSpeed: one of these makes no sense.
        """
        pairs = upload_pairs(upload_json_path)
        speed = speed_kb(max_speed)
        with self._ledger() if is_db else nullcontext() as ledger:
            engine.upload(
                self.api,
                pairs,
                STORAGES["input_bid"],
                on_progress=on_progress,
                max_speed_kb=speed,
                ledger=ledger,
                cancel=cancel,
            )
        return True

    def _ledger(self) -> AbstractContextManager[Ledger | None]:
        return Ledger(self._ledger_file) if self._ledger_file else nullcontext()

    def _record(self, db_config_path: str | Path | None) -> Path | None:
        """The ledger's file, or None where it is switched off."""
        settings = configparser.ConfigParser(interpolation=None)
        if db_config_path is not None and not settings.read(db_config_path, encoding="utf-8"):
            log.warning("no such db_config.ini, defaults hold", extra={"file": str(db_config_path)})
        section = "DATABASE_CONFIG"
        if not settings.getboolean(section, "on", fallback=True):
            return None
        kind = settings.get(section, "type", fallback="sqlite").strip().lower()
        if kind != "sqlite":
            raise UnsupportedDatabaseError(
                f"{db_config_path}: type {kind!r} of the upload record: expected sqlite (or on = false)"
            )
        asked = settings.get(section, "db_path", fallback="").strip()
        return _ledger_file(self.trans, asked)


def _ledger_file(trans: RayvisionTransfer, asked: str) -> Path:
    return ledger_file(_record_folder(asked), str(trans.user_info["domain"]), trans.user_info["user_id"])


def _record_folder(asked: str) -> Path:
    """The first that exists of the setting, ``RAYVISION_DB`` and ``RAYVISION_LOG``, else ``home_folder``."""
    for name in (asked, os.environ.get("RAYVISION_DB", ""), os.environ.get("RAYVISION_LOG", "")):
        if name and Path(name).is_dir():
            return Path(name)
    return home_folder()
