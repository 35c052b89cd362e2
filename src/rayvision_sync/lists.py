"""What to upload or download, from the lists that users and published clients write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from rayvision_api.utils import files_below
from rayvision_sync.exception import FILE_NOT_FOUND, BadUploadList, RefusedPath
from renderbus_model.paths import BadPath, FarmPath, farm_path

PAIRS = ("upload_json", "upload_file_pairs")
LIST = ("upload_list", "upload_file_list")
"""What an upload's list is, in the words of later and of earlier published versions."""


def files_to_upload(path: str | Path, transmit_type: str) -> list[tuple[str, str]]:
    """Local and farm path of each file that a list names.

    Args:
        transmit_type: ``upload_json`` for pairs, ``upload_list`` for a text.

    Raises:
        BadUploadList: another type, or the list cannot be used.
    """
    if transmit_type in PAIRS:
        return upload_pairs(path)
    if transmit_type in LIST:
        return [pair for local in listed(path) for pair in files_at(local)]
    raise BadUploadList(str(path), f"transmit_type {transmit_type!r}: expected upload_json or upload_list")


def upload_pairs(upload_json_path: str | Path) -> list[tuple[str, str]]:
    """Local and farm path of each file that an upload.json lists under ``asset``.

    Raises:
        BadUploadList: it is not there, not JSON, or an entry lacks one of the two.
    """
    name = str(upload_json_path)
    try:
        document = msgspec.json.decode(_content(name))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadUploadList(name, f"is not JSON: {error}") from error
    entries = document.get("asset") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise BadUploadList(name, "asset: expected a list of objects with local and server")
    return [_pair(name, number, entry) for number, entry in enumerate(entries)]


def listed(path: str | Path) -> list[str]:
    """The lines of a UTF-8 text; empty ones are left out.

    Raises:
        BadUploadList: it is not there, or no text.
    """
    try:
        lines = _content(str(path)).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadUploadList(str(path), f"is not UTF-8: {error}") from error
    return [line.strip() for line in lines if line.strip()]


def files_at(local: str, below: str = "/") -> Iterator[tuple[str, str]]:
    """A file, or every file of a folder: local path, and farm path by the usual mapping, below ``below``.

    Raises:
        RefusedPath: the path is relative, or none that a farm can keep.
    """
    files: Iterable[str] = files_below(local) if Path(local).is_dir() else (local,)
    return ((file, join_farm(below, farm_path_of(file))) for file in files)


def farm_path_of(local: str) -> FarmPath:
    """Where the farm keeps a file of this machine.

    Raises:
        RefusedPath: the path is relative, or none that a farm can keep.
    """
    try:
        return farm_path(local)
    except BadPath as error:
        raise RefusedPath(local, error.why) from error


def join_farm(folder: str, path: str) -> str:
    """A path below a folder of the farm.

    >>> join_farm("/", "/D/a.ma"), join_farm("/shot/", "a.ma")
    ('/D/a.ma', '/shot/a.ma')
    """
    return f"{folder.rstrip('/')}/{path.lstrip('/')}"


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadUploadList(name, error.strerror or str(error), FILE_NOT_FOUND) from error


def _pair(name: str, number: int, entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        local, server = entry.get("local"), entry.get("server")
        if isinstance(local, str) and isinstance(server, str) and local and server:
            return local, server
    raise BadUploadList(name, f"asset[{number}]: expected an object with the texts local and server")
