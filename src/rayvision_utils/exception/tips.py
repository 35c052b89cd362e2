"""What an analysis found out about a scene: texts by code, kept in tips.json."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from rayvision_api.exception import RayvisionError
from rayvision_api.utils import json_save

NO_PATH = 20003
"""The published code of tips that were to be saved nowhere."""


class TipsInfo:
    """Findings by code; a text is kept once per code.

    Attributes:
        tips: ``{code: [text, …]}``, in the order added.
        save_path: the folder that tips.json goes to.
    """

    def __init__(self, save_path: str | os.PathLike[str] | None = None) -> None:
        self.save_path = save_path
        self.tips: dict[str, list[str]] = {}

    def add(self, key: str | int, *values: str) -> None:
        """Add texts under a code.

        >>> tips = TipsInfo()
        >>> tips.add("10012", "no wood.png")
        >>> tips.add("10012", "no wood.png", "no oak.png")
        >>> tips.tips
        {'10012': ['no wood.png', 'no oak.png']}
        """
        texts = self.tips.setdefault(str(key), [])
        texts.extend(value for value in dict.fromkeys(values) if value not in texts)

    def take_back(self, key: str | int, value: str) -> None:
        """Remove one text; a code without texts goes too."""
        texts = self.tips.get(str(key), [])
        if value in texts:
            texts.remove(value)
            if not texts:
                del self.tips[str(key)]

    def set_tips(self, key: str | int, value: str | list[str]) -> None:
        """Replace whatever is under a code."""
        self.tips[str(key)] = list(value) if isinstance(value, list) else [value]

    def save_tips(self, path: str | os.PathLike[str] | None = None) -> None:
        """Write ``{path}/tips.json``, or into ``save_path`` without a path.

        Raises:
            RayvisionError: 20003, neither is known.
        """
        folder = path or self.save_path
        if not folder:
            raise RayvisionError(NO_PATH, "the folder for tips.json is not defined: give save_tips a path")
        json_save(Path(folder, "tips.json"), self.tips, ensure_ascii=False)

    def save_and_exit(self, path: str | os.PathLike[str], exit_code: int = -1) -> NoReturn:
        """Write tips.json and end the program."""
        self.save_tips(path)
        sys.exit(exit_code)
