"""Pictures coming in: while a task renders, and when they are asked for later."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from renderbus_cli import events
from renderbus_cli.asking import one_task
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.show import Show

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI
    from rayvision_sync.collecting import Choice
    from renderbus_model.pieces import Digest
    from renderbus_model.wire.task import TaskItem

GIVEN_UP_WITHIN_S = 10.0
"""How long a cancel waits for the file under way."""


def make_folder(path: Path) -> None:
    """A folder that pictures can be put into.

    Raises:
        Problem: it cannot be made, or not be written into.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the output folder {path} cannot be made: {error.strerror or error}; "
            "choose another with --output",
            Exit.CANNOT_WRITE,
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise Problem(
            f"the output folder {path} cannot be written; choose another with --output", Exit.CANNOT_WRITE
        )


def free_folder(wanted: Path) -> Path:
    """``wanted``, with a number behind its name where it holds something already.

    Task numbers belong to a farm: another one, or this one on new data, may have used the same before, and a
    new task's pictures must not replace anybody's.
    """
    further = (wanted.with_name(f"{wanted.name}-{number}") for number in count(2))
    return next(path for path in chain((wanted,), further) if _is_free(path))


def _is_free(path: Path) -> bool:
    return not os.path.lexists(path) or (path.is_dir() and not any(path.iterdir()))


class Fetcher:
    """Downloads in the background what a task has made, each time it is told that there is more.

    Args:
        fetch: downloads everything that is new; its errors are kept for ``finish``.
    """

    def __init__(self, fetch: Callable[[], object]) -> None:
        self._fetch = fetch
        self._more, self._over = threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="download", daemon=True)
        self._thread.start()

    def more(self) -> None:
        """There is something new."""
        self._more.set()

    def finish(self) -> None:
        """Fetch what is still new, then end.

        Raises:
            Exception: what kept files from arriving.
        """
        self._over.set()
        self._more.set()
        while self._thread.is_alive():
            self._thread.join(0.1)  # in short steps, so that Ctrl-C is heard
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        """Fetch no more; a file under way is given up and leaves nothing half-written.

        The event that ``fetch`` watches must have been set.
        """
        self._over.set()
        self._more.set()
        self._thread.join(GIVEN_UP_WITHIN_S)

    def _work(self) -> None:
        while True:
            self._more.wait()
            self._more.clear()
            last = self._over.is_set()
            began = time.monotonic()
            try:
                self._fetch()
                self._error = None
            except Exception as error:
                self._error = error  # the next round tries again; only the last one counts
            if last:
                return
            # A long list of results takes long to ask for: no more than half of the time goes into that.
            self._over.wait(time.monotonic() - began)


class Arrivals:
    """Fetches the results of one task, or of all parts of a shell, into ``folder``; shows and counts them.

    ``strip`` is left out at the front of their paths: the task's own folder, where ``folder`` stands for it.
    Without a ``choice`` it fetches everything.
    """

    def __init__(
        self,
        api: RayvisionAPI,
        task: TaskItem,
        folder: Path,
        show: Show,
        cancel: threading.Event,
        *,
        strip: str = "",
        choice: Choice | None = None,
    ) -> None:
        from rayvision_sync.collecting import EVERYTHING, Way

        self._api, self._folder, self._show = api, folder, show
        self._task = task
        self._strip, self._choice = strip, choice or EVERYTHING
        self._way = Way(cancel=cancel, on_file=self._arrived)
        self._seen: dict[str, Digest] = {}

    @property
    def known(self) -> int:
        """How many results the task has that are here now, whenever they came."""
        return len(self._seen)

    def fetch(self) -> None:
        """Fetch what is new since the last call.

        Raises:
            RayvisionError: as ``rayvision_sync.collecting.fetch_chosen``.
        """
        from rayvision_sync.collecting import chosen_results, fetch_chosen

        if not self._task.output_file_name:  # a shell, or not analysed yet: its parts may have come since
            self._task = one_task(self._api, self._task.id)
        leaves = self._task.resp_rendering_task_list if self._task.is_open else [self._task]
        fetch_chosen(
            self._api,
            chain.from_iterable(
                chosen_results(self._api, leaf.id, leaf.output_file_name or str(leaf.id), self._choice)
                for leaf in leaves or ()
            ),
            self._folder,
            self._seen,
            self._choice.on_conflict,
            strip=self._strip,
            way=self._way,
        )

    def _arrived(self, path: Path) -> None:
        self._show(events.Downloaded(path=str(path)))
