"""Some of a task's results, and what becomes of files that are in their place already."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from rayvision_sync import engine
from rayvision_sync.exception import DownloadFailed
from rayvision_sync.places import Folder
from rayvision_sync.plan import planned_download
from rayvision_sync.progress import OnProgress
from renderbus_model.pieces import digest_of_stream
from renderbus_model.wire.transfer import OutputFile

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.engine import Seen
    from rayvision_sync.run import OnFile


class OnConflict(Enum):
    """What to do with a result where another file has its name."""

    SKIP = "skip"
    OVERWRITE = "overwrite"
    RENAME = "rename"
    """The result gets a number: ``0001-2.png``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which results, and how they are put in place.

    Attributes:
        below: paths of files or folders; none is everything. They begin with the task's folder or in it.
        include: patterns as in a shell, of the name or of the path in the task's folder; none is everything.
    """

    below: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    on_conflict: OnConflict = OnConflict.OVERWRITE

    def paths(self, task_folder: str) -> list[str]:
        """The farm's paths to ask for; "" is everything.

        >>> Choice(below=("beauty/", "18_bus/z")).paths("18_bus")
        ['18_bus/beauty', '18_bus/z']
        """
        given = [path.strip("/") for path in self.below]
        inside = [path == task_folder or path.startswith(f"{task_folder}/") for path in given]
        whole = [
            path if is_whole else f"{task_folder}/{path}".rstrip("/")
            for path, is_whole in zip(given, inside, strict=True)
        ]
        return whole or [""]

    def takes(self, path: str, task_folder: str) -> bool:
        """Whether a result is included.

        >>> Choice(include=("*.exr", "beauty/*")).takes("18_bus/beauty/1.png", "18_bus")
        True
        """
        inner = path.removeprefix(f"{task_folder}/")
        name = path.rpartition("/")[2]
        return not self.include or any(
            fnmatchcase(inner, pattern) or fnmatchcase(name, pattern) for pattern in self.include
        )


@dataclass(frozen=True, slots=True)
class Way:
    """How results travel; as of ``engine.download``."""

    cancel: threading.Event | None = None
    on_file: OnFile | None = None
    on_progress: OnProgress | None = None
    max_speed_kb: float | None = None


EVERYTHING = Choice()
WAY = Way()


def chosen_results(api: RayvisionAPI, task_id: int, task_folder: str, choice: Choice) -> Iterator[OutputFile]:
    """The results of a task that are chosen, each once.

    Raises:
        TransferError: as ``engine.results``.
    """
    found: set[str] = set()
    for path in choice.paths(task_folder):
        for output in engine.results(api, task_id=task_id, path=path):
            if output.path not in found and choice.takes(output.path, task_folder):
                found.add(output.path)
                yield output


def fetch_chosen(
    api: RayvisionAPI,
    outputs: Iterable[OutputFile],
    folder: Path,
    seen: Seen,
    on_conflict: OnConflict,
    *,
    strip: str = "",
    way: Way = WAY,
) -> list[Path]:
    """Fetch what is new since the last call with the same ``seen``; the files that came.

    A file that is there already with the right bytes is no conflict, and stays as it is.

    Raises:
        As ``engine.download``; the next call fetches what is left.
    """
    new = [output for output in outputs if seen.get(output.path) != output.digest]
    attempts = [_attempt(fetch, group) for group, fetch in _groups(api, new, folder, strip, on_conflict, way)]
    failed = [error for _, error in attempts if error is not None]
    failures = {path: why for error in failed for path, why in error.failures.items()}
    seen.update({output.path: output.digest for output in new if output.path not in failures})
    if failed:
        raise DownloadFailed(failures) from failed[0].__cause__
    return [path for fetched, _ in attempts for path in fetched]


Fetch = Callable[[Sequence[OutputFile]], list[Path]]


def _attempt(fetch: Fetch, outputs: Sequence[OutputFile]) -> tuple[list[Path], DownloadFailed | None]:
    try:
        return fetch(outputs), None
    except DownloadFailed as error:
        return [], error


def _groups(
    api: RayvisionAPI, outputs: list[OutputFile], folder: Path, strip: str, on_conflict: OnConflict, way: Way
) -> Iterator[tuple[list[OutputFile], Fetch]]:
    """What to fetch, by how it is put in place."""

    def straight(group: Sequence[OutputFile]) -> list[Path]:
        return _download(api, group, folder, strip, way, way.on_file)

    if not outputs:
        return
    if on_conflict is OnConflict.OVERWRITE:
        yield outputs, straight
        return
    taken = {
        one.output.path
        for one in planned_download(outputs, strip)
        if os.path.lexists(folder.joinpath(*one.parts))
    }
    if free := [output for output in outputs if output.path not in taken]:
        yield free, straight
    if taken and on_conflict is OnConflict.RENAME:
        yield (
            [output for output in outputs if output.path in taken],
            lambda group: _fetch_beside(api, group, folder, strip, way),
        )


def _fetch_beside(
    api: RayvisionAPI, outputs: Sequence[OutputFile], folder: Path, strip: str, way: Way
) -> list[Path]:
    """Fetch results whose names are taken, each under a name that is free."""
    new = [
        one
        for one in planned_download(outputs, strip)
        if not any(_holds_already(path, one.output) for path in _names_taken(folder.joinpath(*one.parts)))
    ]
    if not new:
        return []
    placed: list[Path] = []
    with tempfile.TemporaryDirectory(prefix=".renderbus-", dir=folder) as beside:
        try:
            _download(api, [one.output for one in new], Path(beside), strip, way, None)
        finally:
            below = Folder(folder)
            for one in new:
                arrived = Path(beside, *one.parts)
                if arrived.exists():
                    placed.append(_place(arrived, below.place(one.parts)))
                    if way.on_file is not None:
                        way.on_file(placed[-1])
    return placed


def _holds_already(path: Path, output: OutputFile) -> bool:
    try:
        return holds(path, output)
    except OSError:  # somebody else's: it keeps its name
        return False


def _download(
    api: RayvisionAPI,
    outputs: Sequence[OutputFile],
    folder: Path,
    strip: str,
    way: Way,
    on_file: OnFile | None,
) -> list[Path]:
    return engine.download(
        api,
        outputs,
        folder,
        strip=strip,
        on_file=on_file,
        on_progress=way.on_progress,
        max_speed_kb=way.max_speed_kb,
        cancel=way.cancel,
    )


def _names(path: Path) -> Iterator[Path]:
    """``a.png``, ``a-2.png``, ``a-3.png``, …"""
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def _names_taken(path: Path) -> Iterator[Path]:
    for name in _names(path):
        if not os.path.lexists(name):
            return
        yield name


def _place(arrived: Path, wanted: Path) -> Path:
    """Give a file the first name that is free; nothing is replaced, whoever else takes names meanwhile."""
    for name in _names(wanted):
        if _link(arrived, name):
            return name
    raise AssertionError("names never end")


def _link(arrived: Path, name: Path) -> bool:
    try:
        os.link(arrived, name)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(name):
            return False
        arrived.rename(name)
    return True


def holds(path: Path, output: OutputFile) -> bool:
    """Whether a file has the bytes of a result.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_file() or path.stat().st_size != output.size_bytes:
        return False
    with path.open("rb") as stream:
        return digest_of_stream(stream)[0] == output.digest
