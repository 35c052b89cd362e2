"""Upload and download: what must move is worked out first, then moved by a few threads at once.

An upload hashes, asks what the farm lacks, sends that, and commits the list of files: until the commit none
of them exists for the farm, and doing the same again sends only what is still missing. A download leaves
alone what is here already, by size and digest.

What both take:

- ``on_progress`` is told where the transfer stands, some ten times a second, in the caller's thread;
- ``max_speed_kb`` is the limit in KB/s for all threads together, None for no limit;
- ``threads`` is how many files move at once;
- ``ledger`` knows digests of files as they last were; without one every file is read;
- ``cancel`` ends everything with ``TransferCancelled`` once it is set;
- ``patience`` is how often a file is tried again.
"""

from __future__ import annotations

import logging
import stat
import threading
from collections import Counter
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
from rayvision_sync.ledger import Ledger, Stamp
from rayvision_sync.patience import PATIENCE, Patience
from rayvision_sync.places import Folder
from rayvision_sync.plan import planned_download, planned_upload
from rayvision_sync.progress import OnProgress, TransferProgress
from rayvision_sync.run import THREADS, OnFile, Options, Run
from rayvision_sync.sending import Sender, Source
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest
from renderbus_model.wire.transfer import MOST_DIGESTS_A_QUESTION, BlobToSend, OutputFile, PutGrant

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

log = logging.getLogger(__name__)

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
    try:
        return _upload(api, wanted, storage, options)
    except FileChanged as error:
        if ledger is None or not _remembered(ledger, error.path):
            raise
        # Unchanged by its stamp and yet of other content: the ledger is wrong, not the file.
        ledger.forget([error.path])
        return _upload(api, wanted, storage, options)


def _upload(
    api: RayvisionAPI, wanted: dict[FarmPath, str], storage: str, options: Options
) -> TransferProgress:
    stamps = _stamps(wanted.values())
    run = Run(options, len(wanted), sum(stamps[local].size_bytes for local in wanted.values()))
    digests = run.digests(stamps)
    sources = {digest: Source(local, stamp, digest) for local, (stamp, digest) in digests.items()}
    files = Counter(digests[local][1] for local in wanted.values())
    with Bulk(api.connect.address, options.threads, api.connect.session) as bulk:
        _send(api, Sender(api, bulk, run), run, sources, files)
    for local, (stamp, _) in digests.items():
        _check_unchanged(local, stamp)
    entries = Manifest.of(
        FileEntry(path, digests[local][1], digests[local][0].size_bytes) for path, local in wanted.items()
    ).files
    api.transmit.commit_files(storage, entries)
    run.tick()
    done = run.meter.now()
    log.info(
        "uploaded",
        extra={"files": done.files_done, "bytes": done.bytes_total, "bytes_known": done.bytes_known},
    )
    return done


def _send(
    api: RayvisionAPI, sender: Sender, run: Run, sources: dict[Digest, Source], files: Counter[Digest]
) -> None:
    """Send what the farm lacks, one question's worth after the other, so that no grant grows old waiting."""
    blobs = [BlobToSend(digest=one.digest, size_bytes=one.stamp.size_bytes) for one in sources.values()]
    for start in range(0, len(blobs), MOST_DIGESTS_A_QUESTION):
        asked = blobs[start : start + MOST_DIGESTS_A_QUESTION]
        missing = {grant.digest: grant for grant in api.transmit.missing_blobs(asked)}
        grants: list[PutGrant] = []
        for blob in asked:
            # Of several files with one content, one travels.
            same = files[blob.digest] - (blob.digest in missing)
            run.meter.known(same, same * blob.size_bytes)
            grants += [missing[blob.digest]] if blob.digest in missing else []
        run.tick()
        for _, error in run.crew.work(grants, lambda grant: sender.send(sources[grant.digest], grant)):
            raise error


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


def _remembered(ledger: Ledger, local: str) -> bool:
    stamp = _stamp(local)
    return stamp is not None and bool(ledger.known({local: stamp}))


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
    with Bulk(api.connect.address, threads, api.connect.session) as bulk:
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
