"""Whether the files of a folder are what was rendered, by digest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rayvision_sync.collecting import holds
from rayvision_sync.exception import TransferCancelled
from rayvision_sync.plan import planned_download
from renderbus_model.wire.transfer import OutputFile

THREADS = 2
"""Digests are worked out as fast as disks read; more threads only make the disk seek."""

RIGHT, MISSING, DIFFERENT, UNREADABLE = "right", "missing", "different", "unreadable"


@dataclass(frozen=True, slots=True)
class Verified:
    """One result: its path on the farm, its place here, and how that is.

    Attributes:
        state: ``right``, ``missing``, ``different`` or ``unreadable``.
        why: what the system says of an unreadable file.
    """

    path: str
    place: Path
    state: str
    why: str = ""


def verify(
    outputs: Iterable[OutputFile],
    folder: Path,
    *,
    strip: str = "",
    on_verified: Callable[[Verified], None] = lambda _: None,
    cancel: threading.Event | None = None,
) -> list[Verified]:
    """Compare each result with the file of its name below ``folder``; in the order of the results.

    Args:
        strip: what to leave out at the front of each path.
        on_verified: told of each, in the caller's thread.

    Raises:
        RefusedPath: the farm names a place outside the folder.
        TransferCancelled: ``cancel`` was set.
    """
    wanted = [(one.output, folder.joinpath(*one.parts)) for one in planned_download(outputs, strip)]
    done: list[Verified] = []
    with ThreadPoolExecutor(THREADS, "verify") as pool:
        for verified in pool.map(lambda one: _verified(one[0], one[1], cancel), wanted):
            done.append(verified)
            on_verified(verified)
    if cancel is not None and cancel.is_set():
        raise TransferCancelled
    return done


def _verified(output: OutputFile, place: Path, cancel: threading.Event | None) -> Verified:
    if cancel is not None and cancel.is_set():
        return Verified(output.path, place, UNREADABLE, "not looked at")
    if not place.exists():
        return Verified(output.path, place, MISSING)
    try:
        return Verified(output.path, place, RIGHT if holds(place, output) else DIFFERENT)
    except OSError as error:
        return Verified(output.path, place, UNREADABLE, error.strerror or str(error))
