"""Looks whether a farm, running or stopped, is what ``rules.soundness`` says, and counts again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import psutil

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.processes import FOLDER, marked
from renderbus_farm.rules.shares import Division, InUse
from renderbus_farm.rules.soundness import Breach, Rule
from renderbus_farm.rules.work import ChunkId, Failed, Finished
from renderbus_farm.store import counting, queue, soundness, tasks
from renderbus_farm.store.database import Database
from renderbus_model.pieces import READ_BYTES, Hashing

REPORTS, SCRATCH = "reports", "render"
"""Folders of a node."""

LEFT_AFTER_S = 24 * 3600.0
"""Half-written files and scratch of that age belong to nothing that still goes on."""

_report: msgspec.msgpack.Decoder[Finished | Failed] = msgspec.msgpack.Decoder(Finished | Failed)


class _TakenBack(Exception):
    """Ends a transaction of which nothing shall stay."""


def check_database(database: Database) -> list[Breach]:
    """What the rows say wrongly of themselves; nothing is changed. The farm may be running."""
    found: list[Breach] = []
    try:
        with database.writing() as db:
            found = soundness.breaches(db)
            raise _TakenBack
    except _TakenBack:
        return found


def count_again(database: Database) -> None:
    """Set right all counts, and the statuses that are worked out from them."""
    with database.writing() as db:
        counting.count_again(db)
        tasks.refresh(db, tasks.all_ids(db), time.time())


def check_limits(database: Database, limits: Mapping[str, int]) -> Iterator[Breach]:
    """Whether live attempts keep to the farm's named limits, e.g. licences."""
    with database.reading() as db:
        running = queue.running(db, limits)
    in_use = InUse(Division({}, limits), running.values())
    for name, most in limits.items():
        if in_use.taken(name) > most:
            yield Breach(Rule.RESOURCES, f"{in_use.taken(name)} of {name} are in use, the farm has {most}")


def check_results(database: Database, blobs: Blobs) -> Iterator[Breach]:
    """Whether the files of results are there, and as long as they should be; their bytes are not read."""
    with database.reading() as db:
        named = soundness.named_blobs(db)
    absent = set(named) - blobs.have(named.keys())
    if absent:  # some may have been replaced by new results meanwhile
        with database.reading() as db:
            absent &= soundness.named_blobs(db).keys()
    for digest in sorted(absent):
        yield Breach(Rule.MATCHES_ITS_DIGEST, f"blob {digest}, which a result needs, is not there")
    for digest in sorted(named.keys() - absent):
        size_bytes = named[digest]
        try:
            with blobs.get(digest) as content:
                found_bytes = content.seek(0, 2)
        except BlobMissing:
            continue
        if size_bytes is not None and found_bytes != size_bytes:
            what = f"blob {digest} has {found_bytes} bytes instead of {size_bytes}"
            yield Breach(Rule.MATCHES_ITS_DIGEST, what)


def check_bytes(blobs: Blobs) -> Iterator[Breach]:
    """Read every stored blob, and compare its bytes with its digest."""
    for digest, _ in blobs.names():
        hashing = Hashing()
        try:
            with blobs.get(digest) as content:
                while part := content.read(READ_BYTES):
                    hashing.update(part)
        except BlobMissing:
            continue
        except OSError as error:
            yield Breach(Rule.MATCHES_ITS_DIGEST, f"blob {digest} cannot be read: {error.strerror or error}")
            continue
        if hashing.digest != digest:
            yield Breach(Rule.MATCHES_ITS_DIGEST, f"blob {digest} holds bytes of {hashing.digest}")


def check_folder(folder: DataFolder, database: Database, now: float) -> Iterator[Breach]:
    """What lies in a farm's folder and runs in its name."""
    nodes = folder.path / "nodes"
    yield from _processes(nodes, farm_pid(folder))
    yield from _reports(nodes)
    with database.reading() as db:
        live = {ChunkId(*each) for each in soundness.live_attempts(db)}
    for path in (folder.blobs / "incoming").glob("*"):
        if _age_s(path, now) > LEFT_AFTER_S:
            yield Breach(Rule.LEAVES_NOTHING, f"{path} was half written and left")
    for path in nodes.glob(f"*/{SCRATCH}/*-*"):
        if _attempt_of(path) not in live and _age_s(path, now) > LEFT_AFTER_S:
            yield Breach(Rule.LEAVES_NOTHING, f"{path} belongs to no attempt that is alive")


def farm_pid(folder: DataFolder) -> int | None:
    """The process of the farm that runs on this folder, None where none does."""
    running = folder.running()
    return running.pid if running is not None and psutil.pid_exists(running.pid) else None


def _processes(nodes: Path, farm: int | None) -> Iterator[Breach]:
    """Processes of the farm's nodes that are no descendants of the farm that runs."""
    ours: set[int] = set()
    started: float | None = None
    if farm is not None:
        try:
            process = psutil.Process(farm)
            ours = {child.pid for child in process.children(recursive=True)}
            started = process.create_time()
        except psutil.NoSuchProcess:
            started = None
    for pid in sorted(set(marked({FOLDER: str(nodes)})) - ours):
        try:
            process = psutil.Process(pid)
            if started is not None and process.create_time() >= started:
                continue  # started while we looked
            name = process.name()
        except psutil.NoSuchProcess:
            continue
        yield Breach(Rule.FENCED, f"process {pid} ({name}) renders for a farm that is no more")


def _reports(nodes: Path) -> Iterator[Breach]:
    for path in nodes.glob(f"*/{REPORTS}/*-*"):
        try:
            report = _report.decode(path.read_bytes())
        except FileNotFoundError:
            continue  # delivered meanwhile
        except (OSError, msgspec.DecodeError) as error:
            if path.suffix:
                continue  # it is only just written
            yield Breach(Rule.KEEPS_REPORTS, f"report {path} cannot be read: {error}")
            continue
        if report.id != _attempt_of(path):
            yield Breach(Rule.KEEPS_REPORTS, f"report {path} is of another attempt: {report.id}")


def _attempt_of(path: Path) -> ChunkId | None:
    frame_id, _, number = path.name.partition("-")
    return ChunkId(int(frame_id), int(number)) if frame_id.isdigit() and number.isdigit() else None


def _age_s(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
