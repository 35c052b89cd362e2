"""What a transmitter's order moves: files of a list, a file or a folder up, results down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rayvision_sync import engine
from rayvision_sync.db_config import read_transmitter_ini
from rayvision_sync.exception import BadDbConfig, DownloadFailed, RefusedPath, UnsupportedDatabaseError
from rayvision_sync.ledgers import OFF, LedgerChoice
from rayvision_sync.lists import farm_path_of, files_at, join_farm, listed, upload_pairs
from rayvision_sync.patience import PATIENCE, Patience
from rayvision_sync.progress import OnProgress
from rayvision_sync.transmitter.arguments import UPLOADS, BadArguments, Order
from rayvision_sync.transmitter.farm import storage_of
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.pieces import Digest

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

Entry = TypeVar("Entry")

Pair = tuple[str, str]
"""Local path and farm path."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told what: ``say`` each line for the client, ``on_progress`` where the transfer stands."""

    say: Callable[[str], None]
    on_progress: OnProgress
    cancel: threading.Event


def carry_out(api: RayvisionAPI, order: Order, telling: Telling) -> None:
    """Move what is ordered.

    Raises:
        BadArguments: the storage is not this account's, or there is nothing of that name to move.
        RayvisionError: as ``engine.upload`` and ``engine.download``.
    """
    storage = storage_of(api, order)
    if order.kind in UPLOADS:
        _upload(api, order, storage, telling)
    else:
        _download(api, order, telling)


def files_of(order: Order) -> list[Pair]:
    """Each file of an upload, and where it goes.

    Raises:
        BadUploadList: the list cannot be used.
        RefusedPath: a path that no farm can keep.
    """
    if order.kind == "upload_json":
        return _chosen(upload_pairs(order.local), order)
    if order.kind == "upload_list":
        return [
            pair for local in _chosen(listed(order.local), order) for pair in files_at(local, order.remote)
        ]
    return path_pairs(order.local, order.remote, keep=order.keep)


def path_pairs(local: str, remote: str, *, keep: bool) -> list[Pair]:
    """One file or folder, and where it goes.

    With ``keep`` it lies below ``remote`` as it does here, by the usual mapping; without, ``remote`` holds
    the file or folder itself. A file's ``remote`` that is no folder (it does not end in ``/``) is the file.
    """
    path = str(Path(local).absolute())
    if Path(path).is_dir():
        if keep:
            return list(files_at(path, remote))
        above = farm_path_of(path).rpartition("/")[0]
        return [(file, join_farm(remote, farm.removeprefix(above))) for file, farm in files_at(path)]
    if not remote.endswith("/"):
        return [(path, remote)]
    return [(path, join_farm(remote, farm_path_of(path) if keep else Path(path).name))]


def _upload(api: RayvisionAPI, order: Order, storage: str, telling: Telling) -> None:
    files = files_of(order)
    choice = _record(order, telling)
    with choice.open(api) or nullcontext() as ledger:
        engine.upload(
            api,
            files,
            storage,
            on_progress=telling.on_progress,
            max_speed_kb=order.speed_kb,
            ledger=ledger,
            cancel=telling.cancel,
            patience=_patience(order),
        )
        if ledger is not None and choice.temporary:
            ledger.forget([local for local, _ in files])
    for local, _ in files:
        telling.say(f"upload file done ({local})")  # clients look for these words


def _record(order: Order, telling: Telling) -> LedgerChoice:
    """Where files are remembered; a record that cannot be used only costs time."""
    if not order.config:
        return LedgerChoice(OFF)
    try:
        return read_transmitter_ini(order.config)
    except (BadDbConfig, UnsupportedDatabaseError) as error:
        telling.say(f"upload record not usable, every file is read: {error}")
        return LedgerChoice(OFF)


def _download(api: RayvisionAPI, order: Order, telling: Telling) -> None:
    paths = [order.remote]
    if order.kind == "download_list":
        paths = _chosen(listed(order.remote), order)
    seen: dict[str, Digest] = {}
    failures: dict[str, str] = {}
    for path in map(_results_path, paths):
        failures |= _fetch(api, order, path, seen, telling)
    if failures:
        raise DownloadFailed(failures)


def _results_path(text: str) -> str:
    if not text.strip("/"):
        raise BadArguments("remote '/': name the results to download, e.g. 18164087_test/l_layer")
    try:
        return checked_farm_path(text)[1:]
    except BadPath as error:
        raise RefusedPath(text, error.why) from error


def _fetch(
    api: RayvisionAPI, order: Order, path: str, seen: dict[str, Digest], telling: Telling
) -> dict[str, str]:
    """Download what lies there; what did not come, and why."""
    try:
        came = engine.fetch_new(
            api,
            0,
            order.local,
            seen,
            telling.on_progress,
            telling.cancel,
            path=path,
            strip="" if order.keep else path,
            on_file=lambda file: telling.say(f"download file done ({file})"),
            max_speed_kb=order.speed_kb,
            patience=_patience(order),
        )
    except DownloadFailed as error:
        return error.failures
    telling.say(f"{path}: {len(came)} new file(s)")
    return {}


def _chosen(entries: Sequence[Entry], order: Order) -> list[Entry]:
    """The entries of a list that the order names."""
    return list(entries if order.entries is None else entries[slice(*order.entries)])


def _patience(order: Order) -> Patience:
    """A farm that starts again needs more tries than the one or two that clients ask for."""
    return Patience(attempts=max(PATIENCE.attempts, order.retries + 1))
