"""Read and change the documents of a task on disk.

Every file is written beside its target and renamed, so that a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rayvision_api.exception import KEY_ERROR, NOT_FOUND, PYTHON_ERROR, TYPE_ERROR, RayvisionError
from rayvision_api.paths import convert_path, files_below, forward


def json_load(json_path: str | os.PathLike[str], encoding: str = "utf-8") -> Any:
    """What a JSON file says; None when there is no such file.

    Raises:
        RayvisionError: 1000000, the file is not JSON.

    >>> json_load(task_json)["task_info"]["cg_id"]
    '2007'
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
    json_path: str | os.PathLike[str],
    data: Any,
    encoding: str = "utf-8",
    ensure_ascii: bool = True,
    indent: int = 2,
) -> None:
    """Write a JSON file; the file that was there is replaced at once or not at all.

    Args:
        json_path: the file.
        data: what it says.
        encoding: of the file; where it lacks a character, all but ASCII is written by number.
        ensure_ascii: write other characters as ``\\u`` and their number.
        indent: spaces a level.

    Raises:
        OSError: it cannot be written.

    >>> json_save(f"{folder}/notes.json", {"a": 1})
    >>> json_load(f"{folder}/notes.json")
    {'a': 1}
    """
    text = json.dumps(data, ensure_ascii=ensure_ascii, indent=indent)
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:  # half of a surrogate pair, as in the names of files that are no UTF-8
        content = json.dumps(data, indent=indent).encode(encoding)
    target = Path(json_path)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def check_and_read(json_path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a document says.

    Raises:
        RayvisionError: 1000004, there is no such file; 1000000, it is not a JSON object.

    >>> sorted(check_and_read(upload_json))
    ['asset']
    """
    document = json_load(json_path)
    if document is None:
        raise RayvisionError(NOT_FOUND, f"{json_path} is not found")
    if not isinstance(document, dict):
        raise RayvisionError(PYTHON_ERROR, f"{json_path}: expected a JSON object")
    return document


def update_task_info(update_info: dict[str, Any], task_path: str | os.PathLike[str]) -> None:
    """Set members of ``task_info`` in task.json.

    Args:
        update_info: values by name, as text.
        task_path: the document.

    Raises:
        RayvisionError: 1000002 for a key that ``task_info`` does not have (nothing is changed),
            1000003 for what are no values by name, 1000004 when there is no such file.

    >>> update_task_info({"pre_frames": "100", "stop_after_test": "1"}, task_json)
    >>> json_load(task_json)["task_info"]["pre_frames"]
    '100'
    """
    _must_have_names(update_info)
    document = check_and_read(task_path)
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


def append_to_task(
    additional_info: dict[str, Any], task_path: str | os.PathLike[str], cover: bool = True
) -> None:
    """Add members of your own to task.json, under ``additional_info``.

    Args:
        additional_info: what to add.
        cover: a member that is there already is replaced; otherwise it is an error.

    Raises:
        RayvisionError: 1000002 for a known member without ``cover`` (nothing is changed), 1000003 for what
            are no members by name, 1000004 when there is no such file.

    >>> append_to_task({"env": "houdini_env"}, task_json)
    >>> json_load(task_json)["additional_info"]
    {'env': 'houdini_env'}
    """
    _must_have_names(additional_info)
    document = check_and_read(task_path)
    document.setdefault("additional_info", {})
    known = _member(document, "additional_info", dict, task_path)
    for key in () if cover else additional_info:
        if key in known:
            raise RayvisionError(KEY_ERROR, f"{key!r} already exists in {task_path}, cannot be added")
    known.update(additional_info)
    json_save(task_path, document)


def append_to_upload(files_paths: object, upload_path: str | os.PathLike[str]) -> None:
    """Add files to upload.json, each once; of a folder every file below it.

    Args:
        files_paths: a path, or a list of paths.
        upload_path: the document.

    Raises:
        RayvisionError: 1000003 for neither a text nor a list and for a relative path, 1000004 for a file
            that is not there; nothing is changed then.

    >>> append_to_upload([task_json], upload_json)
    >>> json_load(upload_json)["asset"][-1]["local"] == task_json
    True
    """
    if isinstance(files_paths, (str, os.PathLike)):
        files_paths = [os.fspath(files_paths)]
    if not isinstance(files_paths, (list, tuple)):
        kind = type(files_paths).__name__
        raise RayvisionError(TYPE_ERROR, f"files_paths must be a text or a list of texts, not {kind}")
    document = check_and_read(upload_path)
    document.setdefault("asset", [])
    assets = _member(document, "asset", list, upload_path)
    known = {entry.get("local") for entry in assets if isinstance(entry, dict)}
    for given in files_paths:
        for local in _files_at(given):
            if local not in known:
                known.add(local)
                assets.append({"local": local, "server": convert_path(local)})
    json_save(upload_path, document)


def check_upload_file(file_path: str, upload_info: dict[str, Any]) -> bool:
    """Whether upload.json's content has this local path.

    >>> check_upload_file("/tex/a.png", {"asset": [{"local": "/tex/a.png", "server": "/tex/a.png"}]})
    True
    """
    return any(entry.get("local") == file_path for entry in upload_info.get("asset") or ())


def _must_have_names(given: object) -> None:
    if not isinstance(given, Mapping):
        raise RayvisionError(TYPE_ERROR, f"expected values by name, got {type(given).__name__}")


def _files_at(given: object) -> Iterator[str]:
    if not isinstance(given, (str, os.PathLike)):
        raise RayvisionError(TYPE_ERROR, f"{given!r} in files_paths is no path")
    path = forward(os.fspath(given))
    if not path or not Path(path).exists():
        raise RayvisionError(NOT_FOUND, f"{path or repr(path)} is not found")
    if not Path(path).is_dir():
        yield path
        return
    yield from map(forward, files_below(path))


def _member(document: dict[str, Any], key: str, kind: type, path: str | os.PathLike[str]) -> Any:
    member = document.get(key)
    if not isinstance(member, kind):
        what = "an object" if kind is dict else "a list"
        raise RayvisionError(PYTHON_ERROR, f"{path}: {key}: expected {what}")
    return member
