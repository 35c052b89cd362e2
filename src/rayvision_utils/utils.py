"""The published small helpers of the analysers."""

from __future__ import annotations

import json
import os
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

_CHINESE = re.compile("[\u4e00-\u9fa5]")


def json_load(json_path: str | os.PathLike[str], encodings: str = "utf-8") -> Any:
    """What a JSON file says.

    Raises:
        FileNotFoundError: there is no such file (``rayvision_api.utils.json_load`` gives None instead).
        ValueError: it is not JSON.
    """
    return json.loads(Path(json_path).read_text(encodings))


def check_contain_chinese(check_str: str) -> bool:
    """Whether a text holds a Chinese character (U+4E00 to U+9FA5).

    >>> check_contain_chinese("场景.blend"), check_contain_chinese("scene.blend")
    (True, False)
    """
    return _CHINESE.search(check_str) is not None


def str2unicode(text: str | bytes) -> str:
    """A text; bytes are read as UTF-8, else as GBK with marks for what is neither."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("gbk", "replace")


def get_os() -> str:
    """``windows`` or ``linux``: what this machine counts as."""
    return "windows" if sys.platform == "win32" else "linux"


def shown(text: str) -> str:
    """A text that can be written down: bytes that were no UTF-8 become marks.

    >>> shown("w\\udcf6od.png")
    'w\ufffdod.png'
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
