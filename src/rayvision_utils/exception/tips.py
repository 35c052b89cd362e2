"""What an analysis found out about a scene: texts by code, kept in tips.json."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from rayvision_api.exception import TYPE_ERROR, RayvisionError
from rayvision_api.utils import json_save

NO_PATH = 20003
"""The published code of tips that were to be saved nowhere."""

Code = str | int
"""Of a tip. The published ones are text; a number means the same code, and is written as text."""


class TipsInfo:
    """Findings by code; a text is kept once per code.

    Attributes:
        tips_list: ``{code: [text, …]}``, in the order added; what ``set_tips`` was given, as it was given.
        path: the folder that tips.json goes to.
    """

    def __init__(self, save_path: str | os.PathLike[str] | None = None) -> None:
        self.path = save_path
        self.tips_list: dict[Any, Any] = {}

    def add(self, key: Code, *values: str) -> None:
        """Add texts under a code.

        Raises:
            RayvisionError: 1000003, one of them is no text; nothing is added.

        >>> tips = TipsInfo()
        >>> tips.add("10012", "no wood.png")
        >>> tips.add("10012", "no wood.png", "no oak.png")
        >>> tips.tips_list
        {'10012': ['no wood.png', 'no oak.png']}
        """
        _must_be_texts(values)
        known = self._known(key)
        self.tips_list[known] = list(dict.fromkeys([*self._texts(known), *values]))

    def take_back(self, key: Code, *values: str) -> None:
        """Remove texts; a code without texts goes too."""
        known = self._known(key)
        gone = frozenset(values)
        left = [text for text in self._texts(known) if text not in gone]
        if left:
            self.tips_list[known] = left
        else:
            self.tips_list.pop(known, None)

    def set_tips(self, key: Code, value: str | list[str]) -> None:
        """Replace whatever is under a code.

        Raises:
            RayvisionError: 1000003, it is neither a text nor a list of texts.

        >>> tips = TipsInfo()
        >>> tips.set_tips("15013", "saved by another version")
        >>> tips.tips_list
        {'15013': 'saved by another version'}
        """
        _must_be_texts([value] if isinstance(value, str) else value)
        self.tips_list[self._known(key)] = value

    def save_tips(self, path: str | os.PathLike[str] | None = None) -> None:
        """Write ``{path}/tips.json``, or into the tips' own folder without a path.

        In the file every code has a list, also one that was set to a text: its readers count on that.

        Raises:
            RayvisionError: 20003, neither folder is known.
        """
        folder = path or self.path
        if not folder:
            raise RayvisionError(NO_PATH, "the folder for tips.json is not defined: give save_tips a path")
        document = {str(code): self._texts(code) for code in self.tips_list}
        json_save(Path(folder, "tips.json"), document, ensure_ascii=False)

    def save_and_exit(self, path: str | os.PathLike[str], exit_code: int = -1) -> NoReturn:
        """Write tips.json and end the program."""
        self.save_tips(path)
        sys.exit(exit_code)

    def _known(self, key: Code) -> Code:
        found: Code = next((code for code in self.tips_list if str(code) == str(key)), key)
        return found

    def _texts(self, code: Code) -> list[str]:
        found = self.tips_list.get(code, [])
        return [found] if isinstance(found, str) else list(found)


def _must_be_texts(given: object) -> None:
    # What else stood in tips.json would be in the way of its readers, the farm's too.
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, str) for each in given):
        raise RayvisionError(TYPE_ERROR, f"a tip is a text or a list of texts, not {given!r:.80}")
