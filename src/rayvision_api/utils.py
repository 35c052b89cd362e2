"""The published helpers, all under one name: documents on disk, paths, signing, and small conversions."""

from __future__ import annotations

import platform

from rayvision_api.api.url import assemble_api_url
from rayvision_api.constants import SUPPORT_UPLOAD_FILE_NAME
from rayvision_api.exception import UploadFileNotSupportError
from rayvision_api.json_operator import (
    append_to_task,
    append_to_upload,
    check_and_read,
    check_upload_file,
    json_load,
    json_save,
    update_task_info,
)
from rayvision_api.paths import convert_path, exists_or_create, files_below, home_folder
from rayvision_api.signature import (
    formatted_headers,
    generate_headers_body_str,
    generate_nonce,
    generate_signature,
    generate_timestamp,
    headers_body_sort,
    hump2underline,
)

__all__ = [
    "append_to_task",
    "append_to_upload",
    "assemble_api_url",
    "check_and_read",
    "check_file_name",
    "check_upload_file",
    "convert_path",
    "exists_or_create",
    "files_below",
    "formatted_headers",
    "generate_headers_body_str",
    "generate_nonce",
    "generate_signature",
    "generate_timestamp",
    "get_os",
    "headers_body_sort",
    "home_folder",
    "hump2underline",
    "json_load",
    "json_save",
    "to_bytes",
    "update_task_info",
]


def check_file_name(name: str | None) -> str:
    """The name of a task's document; ``task.json`` without one.

    >>> check_file_name(None), check_file_name("tips.json")
    ('task.json', 'tips.json')

    Raises:
        UploadFileNotSupportError: a task has no document of this name.
    """
    if not name:
        return "task.json"
    if name not in SUPPORT_UPLOAD_FILE_NAME:
        known = ", ".join(SUPPORT_UPLOAD_FILE_NAME)
        raise UploadFileNotSupportError(error=f"{name!r} is no document of a task, which are {known}")
    return name


def get_os() -> str:
    """This machine's system.

    >>> get_os() in ("linux", "windows", "darwin")
    True
    """
    return platform.system().lower()


def to_bytes(string: str | bytes) -> bytes:
    """A text in UTF-8; bytes stay as they are.

    >>> to_bytes("片")
    b'\\xe7\\x89\\x87'
    """
    return string.encode("utf-8") if isinstance(string, str) else string
