"""A worker process of the local executor: ``python -m renderbus_farm.executors.worker_process``.

Started with its node's name and folder, the folder of the blobs, the size of its cache in bytes, the
operator's choice of renderers and limits as JSON, its farm's process id and the marks of its environment. It
hears orders on its standard input and reports on its standard output; it ends when the first closes or its
farm dies.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from pathlib import Path

import msgspec

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.data_folder import packs_folder
from renderbus_farm.executors.messages import (
    Drop,
    Ready,
    Sender,
    Show,
    SoFar,
    Take,
    received,
    to_worker,
)
from renderbus_farm.processes import FOLDER, MARKER, NODE, adopt_orphans, die_with_parent
from renderbus_farm.renderers.catalogue import Choice, renderers
from renderbus_farm.rules.watch import Limits
from renderbus_farm.worker import Worker
from renderbus_farm.worker_lease import Lease

_OUR_FAULT = 70  # EX_SOFTWARE of sysexits.h


def main(arguments: list[str]) -> None:
    """Work until the farm closes the pipe."""
    name, folder, blobs, cache_bytes, chosen, limits, parent = arguments
    die_with_parent(int(parent))
    adopt_orphans()
    threading.excepthook = _end_at_once
    orders = os.fdopen(os.dup(0), "rb")
    reports = Sender(os.fdopen(os.dup(1), "wb"))
    # Whatever prints in this process must not end up between two messages.
    os.dup2(2, 1)
    marks = {mark: os.environ[mark] for mark in (MARKER, FOLDER, NODE) if mark in os.environ}
    worker = Worker(
        name=name,
        folder=Path(folder),
        blobs=LocalBlobs(Path(blobs)),
        packs=LocalPacks(packs_folder(Path(blobs))),
        cache_bytes=int(cache_bytes),
        renderers=renderers(msgspec.json.decode(chosen, type=Choice)),
        limits=msgspec.json.decode(limits, type=Limits),
        marks=marks,
        report=reports.send,
        ready=lambda node: reports.send(Ready(node)),
    )
    lease = Lease(worker, reports.send)
    while content := received(orders):
        message = to_worker.decode(content)
        if isinstance(message, Take):
            worker.start(message.order)
        elif isinstance(message, Drop):
            worker.cancel(message.chunk)
        elif isinstance(message, Show):
            reports.send(SoFar(message.chunk, worker.log_so_far(message.chunk)))
        else:
            lease.answered(message.number)
    lease.close()
    worker.close()


def _end_at_once(failure: threading.ExceptHookArgs) -> None:
    """A worker that lost a thread would hold its chunks for ever; its end gives them back."""
    traceback.print_exception(failure.exc_type, failure.exc_value, failure.exc_traceback)
    sys.stderr.flush()
    os._exit(_OUR_FAULT)


if __name__ == "__main__":
    main(sys.argv[1:])
