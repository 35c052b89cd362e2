"""Which ledger belongs to a farm and an account, and where it is kept.

It is named after the farm's own id, since an address says little: the farm of this machine has another port
each time, and one farm may be reached under several names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rayvision_api.network import on_this_machine
from rayvision_api.utils import home_folder
from rayvision_sync.constants import RAYVISION_DB, TRANSFER_LOG
from rayvision_sync.exception import UnsupportedDatabaseError
from rayvision_sync.ledger import Ledger
from rayvision_sync.ledger_redis import RedisAddress, RedisLedger
from rayvision_sync.ledger_sqlite import SqliteLedger
from renderbus_model.document_values import safe_name

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

OFF, SQLITE, REDIS = "off", "sqlite", "redis"

ID_WITHIN_S = 5.0
"""A farm tells its id at once; without it the ledger is named after the address."""


@dataclass(frozen=True, slots=True)
class LedgerChoice:
    """Where files are remembered.

    Attributes:
        kind: ``off``, ``sqlite`` or ``redis``.
        folder: of the SQLite files.
        temporary: an upload that ended well forgets its files.
    """

    kind: str = SQLITE
    folder: Path = field(default_factory=lambda: record_folder("") / "db")
    redis: RedisAddress = field(default_factory=RedisAddress)
    temporary: bool = False

    def __post_init__(self) -> None:
        if self.kind not in (OFF, SQLITE, REDIS):
            raise UnsupportedDatabaseError(
                f"type {self.kind!r} of the upload record: expected sqlite or redis, or on = false"
            )

    def open(self, api: RayvisionAPI) -> Ledger | None:
        """The ledger of a farm and account, to be closed after use; None where it is switched off."""
        if self.kind == OFF:
            return None
        farm, user = safe_name(farm_name(api)), safe_name(str(api.user_info["user_id"]))
        if self.kind == REDIS:
            return RedisLedger(self.redis, f"renderbus:ledger:{farm}:{user}")
        return SqliteLedger(self.folder / f"{farm}-{user}.sqlite3")


def open_ledger(api: RayvisionAPI) -> Ledger | None:
    """The ledger that uploads keep where nothing else is said."""
    return LedgerChoice().open(api)


_log_folder_set_here: list[str] = []


def record_folder(asked: str) -> Path:
    """The first that exists of ``asked``, ``RAYVISION_DB`` and ``RAYVISION_LOG``, else ``home_folder``.

    A ``RAYVISION_LOG`` that ``set_log_folder`` put there is a folder for logs alone.
    """
    log_folder = os.environ.get(TRANSFER_LOG, "")
    if log_folder in _log_folder_set_here:
        log_folder = ""
    for name in (asked, os.environ.get(RAYVISION_DB, ""), log_folder):
        if name and Path(name).is_dir():
            return Path(name)
    return home_folder()


def set_log_folder(folder: str) -> None:
    """Tell the transmitters that this process starts where to write their log."""
    if os.environ.get(TRANSFER_LOG) != folder:
        os.environ[TRANSFER_LOG] = folder
        _log_folder_set_here.append(folder)


def farm_name(api: RayvisionAPI) -> str:
    """The farm's own id; its host, port and path where it tells none."""
    connect = api.connect
    here = on_this_machine(urlsplit(connect.address).hostname)
    # A farm on this machine is not behind the proxy that the environment names.
    proxies: dict[str, Any] = dict.fromkeys(("http", "https", "all")) if here else {}
    try:
        answer = connect.session.get(
            f"{connect.address}/healthz",
            timeout=ID_WITHIN_S,
            allow_redirects=False,
            proxies=proxies,
        )
        found = answer.json()
    except (OSError, ValueError):  # what requests raises, and an answer that is no JSON
        found = None
    told = found.get("farm") if isinstance(found, dict) else None
    return told if isinstance(told, str) and told else connect.domain
