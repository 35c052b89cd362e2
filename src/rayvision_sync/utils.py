"""Small things that the classes of this package share."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rayvision_sync.constants import DEFAULT_MAX_SPEED
from rayvision_sync.exception import FILE_NOT_FOUND, BadSpeed, BadUploadList


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


def upload_pairs(upload_json_path: str | Path) -> list[tuple[str, str]]:
    """Local and farm path of each file that an upload.json lists under ``asset``.

    Raises:
        BadUploadList: it is not there, not JSON, or an entry lacks one of the two.
    """
    name = str(upload_json_path)
    try:
        content = Path(upload_json_path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadUploadList(name, error.strerror or str(error), FILE_NOT_FOUND) from error
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadUploadList(name, f"is not JSON: {error}") from error
    entries = document.get("asset") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise BadUploadList(name, "asset: expected a list of objects with local and server")
    return [_pair(name, number, entry) for number, entry in enumerate(entries)]


def _pair(name: str, number: int, entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        local, server = entry.get("local"), entry.get("server")
        if isinstance(local, str) and isinstance(server, str) and local and server:
            return local, server
    raise BadUploadList(name, f"asset[{number}]: expected an object with the texts local and server")
