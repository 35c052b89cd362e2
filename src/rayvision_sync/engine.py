"""Upload and download: what must move is worked out first, then moved by a few threads at once.

An upload reads files, cuts them into pieces, asks what the farm lacks, sends that in packs, and commits the
list of files: until the commit none of them exists for the farm, and doing the same again sends only what is
still missing. A download leaves alone what is here already, by size and digest.

What both take:

- ``on_progress`` is told where the transfer stands, some ten times a second, in the caller's thread;
- ``max_speed_kb`` is the limit in KB/s for all threads together, None for no limit;
- ``threads`` is how many packs or files move at once;
- ``ledger`` knows digests of files as they last were; without one every file is read;
- ``cancel`` ends everything with ``TransferCancelled`` once it is set;
- ``patience`` is how often a pack or a file is tried again.
"""

from __future__ import annotations

import logging
import stat
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from rayvision_sync.bulk import Bulk
from rayvision_sync.exception import (
    DownloadFailed,
    FileChanged,
    MissingFiles,
    TransferError,
)
from rayvision_sync.fetching import Fetcher, Wanted
from rayvision_sync.hashing import stamp_of
from rayvision_sync.ledger import Ledger, Recalled, Stamp
from rayvision_sync.patience import PATIENCE, Patience
from rayvision_sync.places import Folder
from rayvision_sync.plan import planned_download, planned_upload
from rayvision_sync.progress import OnProgress, TransferProgress
from rayvision_sync.reading import Read
from rayvision_sync.remembering import remembering
from rayvision_sync.run import THREADS, OnFile, Options, Run
from rayvision_sync.uploading import Uploading
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import (
    Digest,
    FileEntry,
    Manifest,
    Upload,
    UploadedFile,
    digest_of,
    read_listed,
)
from renderbus_model.pieces.cutting import CUTTING, PLAIN, pieces_in
from renderbus_model.wire.transfer import OutputFile

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

log = logging.getLogger(__name__)

INPUT = "input"

MOST_NAMED_AT_ONCE = 500
"""Files that a commit names in its question; more go as a manifest."""

Seen = MutableMapping[str, Digest]
"""What a caller was given already: digest by the farm's path of a result."""


def upload(
    api: RayvisionAPI,
    files: Iterable[tuple[str | Path, str]],
    storage: str,
    *,
    on_progress: OnProgress | None = None,
    max_speed_kb: float | None = None,
    threads: int = THREADS,
    ledger: Ledger | None = None,
    cancel: threading.Event | None = None,
    patience: Patience = PATIENCE,
) -> TransferProgress:
    """Make local files exist on the farm, all of them or none.

    Args:
        files: local path and farm path of each; where a farm path comes twice, the later file holds.
        storage: ``input`` for assets, ``config`` for a task's documents.

    Raises:
        RefusedPath: a farm path leads out of its place.
        MissingFiles: names every file that is not there.
        FileChanged, UnreadableFile, TransferFailed: with the file's name.
        TransferCancelled: ``cancel`` was set.
    """
    options = Options(on_progress, max_speed_kb, threads, ledger, cancel, patience)
    wanted = planned_upload(files)
    stamps = _stamps(wanted.values())
    run = Run(options, len(wanted), sum(stamps[local].size_bytes for local in wanted.values()))
    with Bulk(api.connect.address, options.threads, api.connect.session) as bulk:
        uploading = Uploading(api, bulk, run)
        recalled = ledger.known(stamps) if ledger is not None else {}
        if storage == INPUT and _all_exist(api, run, wanted, stamps, recalled):
            return _done(run)
        found = _known(api, run, stamps, recalled)
        with remembering(ledger, uploading, run):
            uploading.send_files({local: stamp for local, stamp in stamps.items() if local not in found})
        found.update(uploading.read)
        for local, one in found.items():
            _check_unchanged(local, one.stamp)
        twice = len(wanted) - len(found)
        run.meter.known(
            twice,
            sum(stamps[local].size_bytes for local in wanted.values())
            - sum(stamp.size_bytes for stamp in stamps.values()),
        )
        entries = {path: found[local] for path, local in wanted.items()}
        if storage != INPUT or uploading.sent or not _exist(api, entries):
            _commit(api, run, uploading, storage, entries)
    return _done(run)


def _done(run: Run) -> TransferProgress:
    run.tick()
    done = run.meter.now()
    log.info(
        "uploaded",
        extra={"files": done.files_done, "bytes": done.bytes_total, "bytes_known": done.bytes_known},
    )
    return done


def _all_exist(
    api: RayvisionAPI,
    run: Run,
    wanted: dict[FarmPath, str],
    stamps: dict[str, Stamp],
    recalled: dict[str, Recalled],
) -> bool:
    """Whether the farm has this very set of files, by what the ledger knows of them: one short question."""
    if len(recalled) < len(stamps):
        return False
    files = {path: Read(stamps[local], recalled[local].digest) for path, local in wanted.items()}
    if not _exist(api, files):
        return False
    run.meter.known(len(files), sum(file.stamp.size_bytes for file in files.values()))
    return True


def _exist(api: RayvisionAPI, files: dict[FarmPath, Read]) -> bool:
    """Whether the farm has this very set of files; a few need no extra question."""
    if len(files) <= MOST_NAMED_AT_ONCE:
        return False
    listed = ((path, file.digest, file.stamp.size_bytes) for path, file in files.items())
    return api.transmit.committed(Upload.digest_of_set(listed))


def _known(
    api: RayvisionAPI, run: Run, stamps: dict[str, Stamp], recalled: dict[str, Recalled]
) -> dict[str, Read]:
    """Files that are as they were when they were last read, and that the farm has, whole or in pieces."""
    if not recalled:
        return {}
    ask = api.transmit.missing_pieces
    lacking = ask(list(dict.fromkeys(one.digest for one in recalled.values()))).digests
    found = {
        local: Read(stamps[local], one.digest) for local, one in recalled.items() if one.digest not in lacking
    }
    # An upload that was killed has sent the pieces of a file and not said yet that they are one.
    cut = {local: one for local, one in recalled.items() if local not in found and one.pieces}
    pieces = {local: [piece.digest for piece in read_listed(one.pieces)] for local, one in cut.items()}
    wanted = dict.fromkeys(digest for digests in pieces.values() for digest in digests)
    absent = ask(list(wanted)).digests if wanted else frozenset()
    for local, digests in pieces.items():
        if absent.isdisjoint(digests):
            found[local] = Read(stamps[local], cut[local].digest, cut[local].pieces)
    run.meter.known(len(found), sum(one.stamp.size_bytes for one in found.values()))
    run.tick()
    return found


def _commit(
    api: RayvisionAPI, run: Run, uploading: Uploading, storage: str, files: dict[FarmPath, Read]
) -> None:
    """Make the files exist: named in the question itself, or in a manifest that is sent before."""
    if len(files) <= MOST_NAMED_AT_ONCE and not any(one.pieces for one in files.values()):
        entries = (FileEntry(path, one.digest, one.stamp.size_bytes) for path, one in files.items())
        named = Manifest.of(entries).files
        run.patiently(lambda: api.transmit.commit_files(storage, named))
        return
    listed = tuple(
        UploadedFile(path, one.digest, one.stamp.size_bytes, one.pieces)
        for path, one in sorted(files.items())
    )
    content = Upload(listed, CUTTING).encode()
    pieces = [(digest_of(part), part) for part in pieces_in(content, PLAIN)]
    uploading.send_content("the list of files", pieces)
    digests = [digest for digest, _ in pieces]
    run.patiently(lambda: api.transmit.commit_files(storage, manifest=digests))


def _stamps(files: Iterable[str]) -> dict[str, Stamp]:
    found = {local: _stamp(local) for local in files}
    if missing := [local for local, stamp in found.items() if stamp is None]:
        raise MissingFiles(missing)
    return {local: stamp for local, stamp in found.items() if stamp is not None}


def _stamp(local: str) -> Stamp | None:
    try:
        return stamp_of(local)
    except OSError:
        return None


def _check_unchanged(local: str, stamp: Stamp) -> None:
    """What the farm had already was not read again: it must still be what was hashed."""
    now = _stamp(local)
    if now is None:
        raise FileChanged(local, "it is gone")
    if (now.size_bytes, now.mtime_ns) != (stamp.size_bytes, stamp.mtime_ns):
        raise FileChanged(local, "it was written to")


def results(api: RayvisionAPI, *, task_id: int = 0, path: str = "") -> Iterator[OutputFile]:
    """What a task has rendered so far, or what lies below ``path``.

    Raises:
        TransferError: the farm's list does not go on, but begins again.
    """
    last = ""
    for output in api.transmit.list_outputs(task_id=task_id, path=path):
        if output.path <= last:
            raise TransferError(f"the farm's list of results goes back from {last!r} to {output.path!r}")
        last = output.path
        yield output


def download(
    api: RayvisionAPI,
    outputs: Iterable[OutputFile],
    folder: str | Path,
    *,
    strip: str = "",
    on_file: OnFile | None = None,
    on_progress: OnProgress | None = None,
    max_speed_kb: float | None = None,
    threads: int = THREADS,
    ledger: Ledger | None = None,
    cancel: threading.Event | None = None,
    patience: Patience = PATIENCE,
) -> list[Path]:
    """Fetch results into a folder; those that are there already, whole and unchanged, stay as they are.

    Args:
        strip: what to leave out at the front of each path: the task's output folder, or the asked path.
        on_file: told of each file once it is in place, in the caller's thread.

    Returns:
        The files that were fetched now.

    Raises:
        RefusedPath: the farm names a place outside the folder, or a link leads out of it. Nothing is fetched.
        DownloadFailed: some could not be fetched; all others are in place.
        TransferCancelled: ``cancel`` was set.
    """
    options = Options(on_progress, max_speed_kb, threads, ledger, cancel, patience, on_file)
    placed = planned_download(outputs, strip)
    below = Folder(Path(folder))
    targets = [below.place(one.parts) for one in placed]
    wanted = [
        Wanted(one.output, target, target.with_name(one.part))
        for one, target in zip(placed, targets, strict=True)
    ]
    run = Run(options, len(wanted), sum(one.output.size_bytes for one in wanted))
    left = _not_here(run, wanted)
    fetched: list[Path] = []
    buffers = run.throttle.socket_bytes(threads)
    with Bulk(api.connect.address, threads, api.connect.session, buffers) as bulk:
        fetcher = Fetcher(api, bulk, run)

        def fetch(one: Wanted) -> None:
            fetcher.fetch(one)
            fetched.append(one.target)
            run.arrived(one.target)

        try:
            failed = run.crew.work(left, fetch, go_on=True)
        except BaseException:
            fetcher.leave()
            raise
    run.tick()
    if failed:
        # One of the causes, so that callers can tell a full disk here from a farm that does not answer.
        raise DownloadFailed({one.output.path: _words(error) for one, error in failed}) from failed[0][1]
    return fetched


def fetch_new(
    api: RayvisionAPI,
    task_id: int,
    folder: str | Path,
    seen: Seen,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    *,
    path: str = "",
    strip: str = "",
    on_file: OnFile | None = None,
    max_speed_kb: float | None = None,
    threads: int = THREADS,
    ledger: Ledger | None = None,
    patience: Patience = PATIENCE,
) -> list[Path]:
    """Fetch what a task has rendered since the last call with the same ``seen``.

    What was rendered anew comes again; a file that was fetched and then moved away does not. ``path`` narrows
    to a file or folder; with it ``task_id`` may be 0.

    Raises:
        As ``download``; the next call fetches what is left.
    """
    found = results(api, task_id=task_id, path=path)
    new = [output for output in found if seen.get(output.path) != output.digest]
    if not new:
        return []
    try:
        fetched = download(
            api,
            new,
            folder,
            strip=strip,
            on_file=on_file,
            on_progress=on_progress,
            max_speed_kb=max_speed_kb,
            threads=threads,
            ledger=ledger,
            cancel=cancel,
            patience=patience,
        )
    except DownloadFailed as error:
        seen.update({output.path: output.digest for output in new if output.path not in error.failures})
        raise
    seen.update({output.path: output.digest for output in new})
    return fetched


def _not_here(run: Run, wanted: list[Wanted]) -> list[Wanted]:
    """Those that are not in place with the right bytes; the others are counted as known."""
    here: dict[str, Stamp] = {}
    for one in wanted:
        try:
            status = one.target.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_size == one.output.size_bytes:
            here[str(one.target)] = Stamp.of(status)
    digests = run.digests(here, leave_out_unreadable=True)
    left = []
    for one in wanted:
        if str(one.target) in digests and digests[str(one.target)][1] == one.output.digest:
            run.meter.known(1, one.output.size_bytes)
        else:
            left.append(one)
    return left


def _words(error: Exception) -> str:
    return str(getattr(error, "why", None) or error)
