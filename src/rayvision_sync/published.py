"""Arguments of the published classes that choose a transfer engine, its line and its log.

Files travel over the farm's own address here, by one engine. So a line has no effect on uploads and
downloads; it is what ``RayvisionTransfer.create_cmd`` puts into the command of a transmitter. What no
published version would take is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypedDict

from rayvision_sync.constants import ENGINE_TYPE
from rayvision_sync.exception import UnsupportedEngineType

log = logging.getLogger(__name__)


class Line(TypedDict, total=False):
    """Published keywords that name an engine and a line."""

    engine_type: str
    server_ip: str | None
    server_port: str | int | None
    network_mode: int
    proxy_ip: str | None
    proxy_port: str | int | None


class UploadLine(Line, total=False):
    """Those of uploads."""

    upload_num: int


class DownloadLine(Line, total=False):
    """Those of downloads."""

    enable_hash: bool
    download_num: int


_LINE_NAMES = frozenset(UploadLine.__annotations__) | frozenset(DownloadLine.__annotations__)
_ELSEWHERE = ("server_ip", "proxy_ip")


def check_line(line: Mapping[str, object]) -> None:
    """Take the published keywords of a line.

    Raises:
        TypeError: no published version has such a keyword.
        UnsupportedEngineType: nor such an engine.
    """
    if unknown := sorted(line.keys() - _LINE_NAMES):
        raise TypeError(f"unexpected keyword argument {unknown[0]!r}")
    engine = line.get("engine_type") or ENGINE_TYPE[0]
    if engine not in ENGINE_TYPE:
        raise UnsupportedEngineType(f"engine_type {engine!r}: expected one of {', '.join(ENGINE_TYPE)}")
    for name in _ELSEWHERE:
        if line.get(name):
            log.warning("no effect: files travel over the farm's own address", extra={"argument": name})
