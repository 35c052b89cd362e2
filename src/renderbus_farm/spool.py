"""Last reports of attempts, kept on the disk of their node until the farm has written them down.

A report says that a frame is rendered and where its pictures are stored. Should the worker or the farm die
before it is in the database, whoever comes next finds it here, and the frame is not rendered twice.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from renderbus_farm.rules.work import ChunkId, Failed, Finished

MOST_KEPT = 1000
"""A node that finds no farm for so many reports lets the oldest go: those frames are rendered again."""

MOST_BYTES = 4 << 20
"""A report of thousands of files; what is longer is sent, and not kept."""

_NEW = ".new"

_reports: msgspec.msgpack.Decoder[Finished | Failed] = msgspec.msgpack.Decoder(Finished | Failed)


class Spool:
    """The reports that a node keeps in ``folder``. Its worker adds, its farm reads and removes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._added = MOST_KEPT  # what lies there already is looked at with the first report

    def keep(self, report: Finished | Failed) -> None:
        """Keep a report: there in full, or not at all. On a full disk it is not, and only sent."""
        content = msgspec.msgpack.encode(report)
        if len(content) > MOST_BYTES:
            return
        path = self._path(report.id)
        new = path.with_name(path.name + _NEW)
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            self._make_room()
            try:
                new.write_bytes(content)
                new.replace(path)  # not synced: a machine that loses power has lost its frame anyway
            finally:
                new.unlink(missing_ok=True)

    def forget(self, chunk: ChunkId) -> None:
        """The farm has written it down, or does not want it."""
        with contextlib.suppress(OSError):  # its folder was taken away
            self._path(chunk).unlink(missing_ok=True)

    def kept(self) -> list[Finished | Failed]:
        """All that is kept, oldest first; what cannot be read is removed. For when its worker has ended."""
        found: list[Finished | Failed] = []
        for half in self._folder.glob(f"*{_NEW}"):
            half.unlink(missing_ok=True)
        for path in self._paths():
            try:
                report = _reports.decode(path.read_bytes())
            except (OSError, msgspec.DecodeError):
                path.unlink(missing_ok=True)
                continue
            if self._path(report.id) == path:
                found.append(report)
            else:
                path.unlink(missing_ok=True)
        return found

    def _make_room(self) -> None:
        self._added += 1
        if self._added > MOST_KEPT:
            paths = self._paths()
            for path in paths[: len(paths) - MOST_KEPT + 1] if len(paths) >= MOST_KEPT else []:
                path.unlink(missing_ok=True)
            self._added = min(len(paths), MOST_KEPT)

    def _paths(self) -> list[Path]:
        aged: list[tuple[float, Path]] = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    aged.append((entry.stat().st_mtime, Path(entry.path)))
        return [path for _, path in sorted(aged) if path.suffix != _NEW]

    def _path(self, chunk: ChunkId) -> Path:
        return self._folder / f"{chunk.frame_id}-{chunk.attempt}"
