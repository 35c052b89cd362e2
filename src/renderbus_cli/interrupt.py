"""Ctrl-C and SIGTERM: the first cancels cleanly, the second ends the program at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from renderbus_cli.problems import Exit

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"


class Interrupt:
    """Listens while it is entered; ``asked`` is set from the first signal on.

    The first signal raises KeyboardInterrupt where the main thread is, but not inside ``only_noted``: there,
    work that can be given up in an orderly way watches ``asked``.
    """

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._only_noted = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.asked.is_set():
            return  # a second signal still ends the program at once, also while it is ending
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def only_noted(self) -> Iterator[threading.Event]:
        """A signal inside sets the event given and raises nothing until the end of the block."""
        self._only_noted = True
        try:
            yield self.asked
        finally:
            self._only_noted = False
        if self.asked.is_set():
            raise KeyboardInterrupt

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            if sys.__stderr__ is not None and sys.__stderr__.isatty():
                os.write(2, _SHOW_CURSOR)  # the live display hid it
            os._exit(Exit.STOPPED)
        self.asked.set()
        if not self._only_noted:
            raise KeyboardInterrupt
