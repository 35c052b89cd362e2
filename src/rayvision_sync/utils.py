"""Small things that the classes of this package share."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from rayvision_api.exception import PYTHON_ERROR
from rayvision_api.utils import json_save
from rayvision_sync.constants import DEFAULT_MAX_SPEED, ENGLISH, TASK_STATUS_DESCRIPTION
from rayvision_sync.exception import WRONG_TYPE, BadSpeed, BadUploadList, RayvisionError
from rayvision_sync.lists import upload_pairs

NO_UPLOAD_FILE = 200001
"""Published code: the list to cut is not there."""


def speed_kb(max_speed: str | float | None) -> float:
    """``max_speed`` in KB/s; it is published as text, and None is the default.

    >>> speed_kb("2048"), speed_kb(None)
    (2048.0, 1048576.0)

    Raises:
        BadSpeed: no number, or not above 0.
    """
    try:
        speed = float(DEFAULT_MAX_SPEED if max_speed is None else max_speed)
    except (TypeError, ValueError):
        raise BadSpeed(max_speed) from None
    if not 0 < speed < float("inf"):
        raise BadSpeed(max_speed)
    return speed


def get_task_status_description(task_status_code: str | None = None, language: str = ENGLISH) -> str:
    """The words of a task's status.

    >>> get_task_status_description("25"), get_task_status_description("25", "0")
    ('Done', '已完成')

    Raises:
        RayvisionError: 1000000, there is no such status or language.
    """
    try:
        return TASK_STATUS_DESCRIPTION[str(task_status_code)][language]
    except KeyError:
        raise RayvisionError(
            PYTHON_ERROR, f"task status {task_status_code!r} in language {language!r} is none that is known"
        ) from None


def str2unicode(handle_str: str | bytes, str_decode: str = "default") -> str:
    """Text of bytes: in the encoding given, else UTF-8, else GBK, else as the system's file names.

    >>> str2unicode("木".encode("gbk")), str2unicode("木")
    ('木', '木')
    """
    if isinstance(handle_str, str):
        return handle_str
    for encoding in ("utf-8", "gbk") if str_decode == "default" else (str_decode,):
        with suppress(UnicodeDecodeError):
            return handle_str.decode(encoding)
    return os.fsdecode(handle_str)


def cutting_upload(
    upload_path: str | Path,
    max_resources_number: int | None = None,
    after_cutting_position: str | Path | None = None,
) -> list[str]:
    """Cut an upload.json into ``upload_1.json``, ``upload_2.json``, … with a part of its files each.

    Args:
        upload_path: the list.
        max_resources_number: files of each part at most; without a number nothing is cut.
        after_cutting_position: folder for the parts; that of the list where it does not exist.

    Returns:
        The paths of the parts, or the list itself where there is nothing to cut.

    Raises:
        RayvisionError: 200001, there is no such file; 1000003, a number below 1.
        BadUploadList: it is no upload.json.
    """
    source = Path(upload_path)
    if not source.exists():
        raise RayvisionError(NO_UPLOAD_FILE, f"upload file is not exist: {upload_path}")
    if max_resources_number is None:
        return [str(upload_path)]
    if max_resources_number < 1:
        raise RayvisionError(WRONG_TYPE, f"max_resources_number {max_resources_number}: at least 1")
    count = len(upload_pairs(source))
    if count <= max_resources_number:
        return [str(upload_path)]
    folder = Path(after_cutting_position) if after_cutting_position else source.parent
    folder = folder if folder.is_dir() else source.parent
    entries = msgspec.json.decode(source.read_bytes().removeprefix(b"\xef\xbb\xbf"))["asset"]
    starts = range(0, count, max_resources_number)
    parts = [folder / f"upload_{number}.json" for number in range(1, len(starts) + 1)]
    if any(part.exists() and part.samefile(source) for part in parts):
        raise BadUploadList(str(source), "has the name of one of its parts; choose another folder")
    for part, start in zip(parts, starts, strict=True):
        json_save(part, {"asset": entries[start : start + max_resources_number]})
    return [str(part) for part in parts]
