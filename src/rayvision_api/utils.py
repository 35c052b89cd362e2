"""The published helpers: change task.json and upload.json on disk, and small conversions.

Every file is written beside its target and renamed, so that a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rayvision_api.exception import KEY_ERROR, NOT_FOUND, PYTHON_ERROR, TYPE_ERROR, RayvisionError
from renderbus_model.paths import BadPath, farm_path

_HUMP = re.compile(r"([a-z0-9])([A-Z])")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def update_task_info(update_info: dict[str, Any], task_path: str | Path) -> None:
    """Set members of ``task_info`` in task.json, e.g. ``{"pre_frames": "100"}``.

    Raises:
        RayvisionError: 1000002 for a key that ``task_info`` does not have (nothing is changed),
            1000004 when there is no such file.
    """
    document = _read_document(task_path)
    task_info = _member(document, "task_info", dict, task_path)
    for key in update_info:
        if key not in task_info:
            raise RayvisionError(
                KEY_ERROR,
                f"{key!r} is no member of task_info in {task_path} and cannot be updated; "
                f"it has {', '.join(sorted(task_info))}",
            )
    task_info.update(update_info)
    json_save(task_path, document)


def append_to_task(additional_info: dict[str, Any], task_path: str | Path, cover: bool = True) -> None:
    """Add members of your own to task.json, under ``additional_info``.

    Args:
        additional_info: what to add.
        cover: a member that is there already is replaced; otherwise it is an error.

    Raises:
        RayvisionError: 1000002 for a known member without ``cover`` (nothing is changed), 1000004 when
            there is no such file.
    """
    document = _read_document(task_path)
    document.setdefault("additional_info", {})
    known = _member(document, "additional_info", dict, task_path)
    for key in () if cover else additional_info:
        if key in known:
            raise RayvisionError(KEY_ERROR, f"{key!r} already exists in {task_path}, cannot be added")
    known.update(additional_info)
    json_save(task_path, document)


def append_to_upload(files_paths: object, upload_path: str | Path) -> None:
    """Add files to upload.json, each once; of a folder every file below it.

    Args:
        files_paths: a path, or a list of paths.
        upload_path: the document.

    Raises:
        RayvisionError: 1000003 for neither a text nor a list and for a relative path, 1000004 for a file
            that is not there; nothing is changed then.
    """
    if isinstance(files_paths, (str, os.PathLike)):
        files_paths = [os.fspath(files_paths)]
    if not isinstance(files_paths, (list, tuple)):
        kind = type(files_paths).__name__
        raise RayvisionError(TYPE_ERROR, f"files_paths must be a text or a list of texts, not {kind}")
    document = _read_document(upload_path)
    document.setdefault("asset", [])
    assets = _member(document, "asset", list, upload_path)
    known = {entry.get("local") for entry in assets if isinstance(entry, dict)}
    for given in files_paths:
        for local in _files_at(given):
            if local not in known:
                known.add(local)
                assets.append({"local": local, "server": convert_path(local)})
    json_save(upload_path, document)


def _files_at(given: object) -> Iterator[str]:
    if not isinstance(given, (str, os.PathLike)):
        raise RayvisionError(TYPE_ERROR, f"{given!r} in files_paths is no path")
    path = _forward(os.fspath(given))
    if not Path(path).exists():
        raise RayvisionError(NOT_FOUND, f"{path} is not found")
    if not Path(path).is_dir():
        yield path
        return
    yield from map(_forward, files_below(path))


def files_below(folder: str) -> Iterator[str]:
    """Every file below a folder, by name; links to folders are followed, but not in circles.

    A folder that cannot be read gives nothing.
    """
    yield from _files_below(folder, frozenset())


def _files_below(folder: str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(folder)  # noqa: PTH116  (a Path would change the spelling of what is listed)
        itself = (status.st_dev, status.st_ino)
        if itself in above:
            return
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files_below(entry.path, above | {itself})
        else:
            yield entry.path


def _forward(path: str) -> str:
    # Only Windows paths use the backslash as separator; on Linux it is an ordinary character.
    return path.replace("\\", "/") if os.sep == "\\" or _WINDOWS.match(path) else path


def convert_path(path: str) -> str:
    """Where the farm keeps a local file: ``D:\\a\\b.c`` is ``/D/a/b.c``.

    Raises:
        RayvisionError: 1000003, the path is relative or cannot be kept by the farm.
    """
    try:
        return farm_path(path)
    except BadPath as error:
        raise RayvisionError(TYPE_ERROR, str(error)) from error


def json_load(json_path: str | Path, encoding: str = "utf-8") -> Any:
    """What a JSON file says; None when there is no such file.

    Raises:
        RayvisionError: 1000000, the file is not JSON.
    """
    try:
        text = Path(json_path).read_text(encoding)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise RayvisionError(PYTHON_ERROR, f"{json_path} is not text in {encoding}: {error}") from error
    try:
        return json.loads(text.removeprefix("\ufeff"))  # Notepad's mark at the start
    except ValueError as error:
        raise RayvisionError(PYTHON_ERROR, f"{json_path} is not JSON: {error}") from error


def json_save(
    json_path: str | Path,
    data: Any,
    encoding: str = "utf-8",
    ensure_ascii: bool = True,
    indent: int = 2,
) -> None:
    """Write a JSON file; the file that was there is replaced at once or not at all."""
    text = json.dumps(data, ensure_ascii=ensure_ascii, indent=indent)
    target = Path(json_path)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        beside.write_text(text, encoding)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def hump2underline(hump_str: str) -> str:
    """A camel case name in snake case.

    >>> hump2underline("taskOverTimeSec"), hump2underline("c4dFlag")
    ('task_over_time_sec', 'c4d_flag')
    """
    return _HUMP.sub(r"\1_\2", hump_str).lower()


def home_folder() -> Path:
    """``$HOME/renderfarm_sdk`` (``%USERPROFILE%`` on Windows): what has no other place."""
    home = os.environ.get("USERPROFILE" if sys.platform == "win32" else "HOME") or str(Path.home())
    return Path(home, "renderfarm_sdk")


def exists_or_create(folder: str | Path) -> bool:
    """Make a folder, and those above it, where it is not there yet; always True."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    return True


def _read_document(path: str | Path) -> dict[str, Any]:
    document = json_load(path)
    if document is None:
        raise RayvisionError(NOT_FOUND, f"{path} is not found")
    if not isinstance(document, dict):
        raise RayvisionError(PYTHON_ERROR, f"{path}: expected a JSON object")
    return document


def _member(document: dict[str, Any], key: str, kind: type, path: str | Path) -> Any:
    member = document.get(key)
    if not isinstance(member, kind):
        what = "an object" if kind is dict else "a list"
        raise RayvisionError(PYTHON_ERROR, f"{path}: {key}: expected {what}")
    return member
