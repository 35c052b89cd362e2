"""What a render process needs inside: the words of ``session`` as plain JSON, and a measure of progress.

Only the standard library is used, because applications bring their own Python. They and their add-ons print
to the standard streams, so the words travel on private copies of them; the streams themselves are the log.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

WORDS_ON = "RENDERBUS_WORDS_ON"
"""Names the descriptor for our words where a program greets on its standard output."""

_END_OF_LOG = "\x00renderbus: end of log "
_PROGRESS_EVERY_S = 0.5
_SAMPLE = re.compile(r"Sample (\d+)/(\d+)")


class Wire:
    """The words: lines of JSON on private copies of the standard streams."""

    def __init__(self) -> None:
        self._asked: IO[str] = os.fdopen(os.dup(0), "r", encoding="utf-8")
        words_on = int(os.environ.get(WORDS_ON, "1"))
        self._said: IO[str] = os.fdopen(os.dup(words_on), "w", encoding="utf-8")
        self._answers = 0
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def words(self) -> Iterator[dict[str, Any]]:
        """What the worker says, until it has gone."""
        for line in self._asked:
            yield json.loads(line)

    def say(self, word: str, **facts: object) -> None:
        """Say something on the way."""
        self._said.write(json.dumps({"word": word, **facts}) + "\n")
        self._said.flush()

    def answer(self, word: str, **facts: object) -> None:
        """Answer, after all that was printed has reached the log."""
        self._answers += 1
        sys.stdout.flush()
        sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)  # Blender's own buffers
        os.write(2, f"{_END_OF_LOG}{self._answers}\n".encode())
        self.say(word, **facts)


class Stopwatch:
    """Turns Blender's statistics lines into per cent; several view layers render one after another."""

    def __init__(self, layers: int, say: Callable[[float], None]) -> None:
        self._layers = max(1, layers)
        self._layer = 0
        self._share = 0.0
        self._told = time.monotonic()
        self._say = say

    def see(self, line: str) -> None:
        """One line, e.g. ``Remaining: 00:01.2 | Mem: 9M | Sample 3/8``."""
        found = _SAMPLE.search(line)
        if not found:
            return
        share = int(found[1]) / max(1, int(found[2]))
        if share < self._share:
            self._layer = min(self._layer + 1, self._layers - 1)
        # Cycles tells the first sample, and then nothing for up to some ten seconds.
        first, self._share = share > 0 and self._share == 0, share
        if first or time.monotonic() - self._told >= _PROGRESS_EVERY_S:
            self._told = time.monotonic()
            self._say(min(99.0, 100.0 * (self._layer + share) / self._layers))
