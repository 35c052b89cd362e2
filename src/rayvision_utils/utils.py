"""The published small helpers of the analysers."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from rayvision_api.utils import convert_path, json_save

__all__ = [
    "check_contain_chinese",
    "convert_path",
    "get_os",
    "json_load",
    "json_save",
    "shown",
    "str2unicode",
]

VERSION = sys.version_info[0]
"""The first number of Python's version, by its published name."""

_CHINESE = re.compile("[\u4e00-\u9fa5]")


def json_load(json_path: str | os.PathLike[str], encoding: str = "utf-8") -> Any:
    """What a JSON file says.

    Raises:
        FileNotFoundError: there is no such file (``rayvision_api.utils.json_load`` gives None instead).
        ValueError: it is not JSON.
    """
    return json.loads(Path(json_path).read_text(encoding))


def check_contain_chinese(string: str) -> bool:
    """Whether a text holds a Chinese character (U+4E00 to U+9FA5).

    >>> check_contain_chinese("场景.blend"), check_contain_chinese("scene.blend")
    (True, False)
    """
    return _CHINESE.search(string) is not None


def str2unicode(handle_str: str | bytes, str_decode: str = "default") -> str:
    """A text; bytes are read in the given encoding, by default as UTF-8, else as GBK.

    What is neither, or not of that encoding, gets marks in place of its bytes.

    >>> str2unicode("场景".encode("gbk"))
    '场景'
    """
    if isinstance(handle_str, str):
        return handle_str
    if str_decode != "default":
        return handle_str.decode(str_decode.lower(), "replace")
    try:
        return handle_str.decode("utf-8")
    except UnicodeDecodeError:
        return handle_str.decode("gbk", "replace")


def get_os() -> str:
    """``windows`` or ``linux``: what this machine counts as; a Mac counts as Linux, whose paths are alike."""
    return "windows" if platform.system() == "Windows" else "linux"


def shown(text: str) -> str:
    """A text that can be written down: bytes that were no UTF-8 become marks.

    >>> shown("w\\udcf6od.png")
    'w\ufffdod.png'
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
