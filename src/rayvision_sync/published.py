"""Arguments of the published classes that choose a transfer engine, its line and its log.

Files travel over the farm's own address here, by one engine. So a line has no effect on uploads and
downloads; it is what ``RayvisionTransfer.create_cmd`` puts into the command of a transmitter. What no
published version would take is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from rayvision_sync.constants import ENGINE_TYPE
from rayvision_sync.exception import UnsupportedEngineType

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

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


class TransferChoice(TypedDict, total=False):
    """What ``RayvisionTransfer`` takes besides the documented arguments."""

    api: RayvisionAPI | None
    transports_json: str | Path
    transmitter_exe: str | Path
    automatic_line: bool
    internet_provider: str


NUMBERS = ("config_bid", "input_bid", "domain", "platform", "local_os", "user_id", "output_bid")
"""What the log-in tells of an account, and ``RayvisionTransfer`` keeps."""

_DOCUMENTED = (*NUMBERS, "manage_task")
_LATER = ("api", *NUMBERS[:-1], "automatic_line", "output_bid", "manage_task")
_LATER_ENDS = ("transports_json", "transmitter_exe", "internet_provider")
_NEEDED = NUMBERS[:-1]

_LINE_NAMES = frozenset(UploadLine.__annotations__) | frozenset(DownloadLine.__annotations__)
_ELSEWHERE = ("server_ip", "proxy_ip")


def transfer_arguments(given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``RayvisionTransfer`` by name, in whichever published order they were given.

    >>> transfer_arguments(["1", "2", "farm", "2", "linux"], {"user_id": 7})["user_id"]
    7

    Raises:
        TypeError: as Python does for a function of these arguments.
    """
    # The documented order begins with a number in a text; an API is neither.
    later = bool(given) and not isinstance(given[0], (str, int))
    order = (*_LATER, *_LATER_ENDS) if later else _DOCUMENTED
    if len(given) > len(order):
        raise TypeError(
            f"RayvisionTransfer takes at most {len(order)} arguments by position, not {len(given)}"
        )
    found = dict(zip(order, given, strict=False))
    if twice := sorted(found.keys() & named.keys()):
        raise TypeError(f"RayvisionTransfer got {twice[0]!r} twice")
    if unknown := sorted(named.keys() - {*_LATER, *_LATER_ENDS}):
        raise TypeError(f"RayvisionTransfer has no argument {unknown[0]!r}")
    found.update(named)
    if absent := [name for name in _NEEDED if name not in found]:
        raise TypeError(f"RayvisionTransfer needs {', '.join(absent)}")
    return found


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
