"""A farm with many tasks and frames, made without its server: what ``api.py`` asks about.

    python benchmarks/api_farm.py FOLDER                              # 5,000 tasks, 1,000,000 frames
    python benchmarks/api_farm.py FOLDER --tasks 50 --frames 10000

One task has a tenth of all frames, so that there is a list of frames with a far end. One frame in fifty
failed, all others are done: a farm without workers would soon give up what waits.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.housekeeping import DAY_S
from renderbus_farm.main import add_user
from renderbus_farm.pieces import Pieces
from renderbus_farm.rules.people import User
from renderbus_farm.store import tasks as stored
from renderbus_farm.store.database import Connection, Database
from renderbus_farm.store.tables import frame
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.transfers import Transfers
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument
from renderbus_model.wire.transfer import CommitFiles

SCENE = FarmPath("/home/artist/project/shot.blend")
TASKS_AT_ONCE = 50
SECONDS_A_FRAME = 12.5


@dataclass(frozen=True, slots=True)
class Made:
    """What is in the folder; ``big_task`` has ``big_frames`` frames."""

    access_id: str
    access_key: str
    task_ids: list[int]
    big_task: int
    big_frames: int
    frames: int


def main() -> None:
    """Make the folder and say what is in it."""
    words = argparse.ArgumentParser(description="Fill a farm's data folder with tasks and frames")
    words.add_argument("folder", type=Path)
    words.add_argument("--tasks", type=int, default=5000)
    words.add_argument("--frames", type=int, default=1_000_000)
    chosen = words.parse_args()
    began = time.monotonic()
    made = fill(chosen.folder, chosen.tasks, chosen.frames)
    print(f"{len(made.task_ids)} tasks, {made.frames} frames in {time.monotonic() - began:.0f} s")
    print(f"access id {made.access_id}, access key {made.access_key}")


def _transfers(database: Database, blobs: LocalBlobs, place: DataFolder) -> Transfers:
    return Transfers(database, blobs, Pieces(database, blobs, LocalPacks(place.packs), kept_s=DAY_S))


def fill(folder: Path, task_count: int, frame_count: int) -> Made:
    """Make a farm's data folder with one user who has so many tasks and frames."""
    account = add_user(folder, "benchmark")
    user, place = account.user, DataFolder(folder)
    blobs = LocalBlobs(place.blobs)
    sizes = list(_sizes(task_count, frame_count))
    ids: list[int] = []
    with closing(Database.open(place.database)) as database:
        _upload_scene(_transfers(database, blobs, place), blobs, user)
        tasks = Tasks(Desk(database, blobs, nodes=list))
        for start in range(0, task_count, TASKS_AT_ONCE):
            with database.writing() as db:
                some = [_task(tasks, user, frames) for frames in sizes[start : start + TASKS_AT_ONCE]]
                _render(db, some)
            ids += some
    big = max(range(task_count), key=sizes.__getitem__)
    return Made(user.access_id, account.access_key, ids, ids[big], sizes[big], sum(sizes))


def _upload_scene(transfers: Transfers, blobs: LocalBlobs, user: User) -> None:
    content = b"BLENDER"
    entry = FileEntry(SCENE, digest_of(content), len(content))
    blobs.put(entry.digest, io.BytesIO(content))
    transfers.blob_arrived(user.id, entry.digest, entry.size_bytes)
    transfers.commit_files(CommitFiles(storage="input", files=[entry]), by=user)


def _sizes(task_count: int, frame_count: int) -> Iterator[int]:
    big = frame_count // 10 if task_count > 1 else frame_count
    small, more = divmod(frame_count - big, max(1, task_count - 1))
    half = task_count // 2
    yield from (small + (number < more) for number in range(half))
    yield big
    yield from (small + (number < more) for number in range(half, task_count - 1))


def _task(tasks: Tasks, user: User, frames: int) -> int:
    (task_id,) = tasks.create(CreateTask(), by=user).task_id_list
    upload_json = {"asset": [{"local": SCENE, "server": SCENE}]}
    for name, content in (("task.json", _task_json(frames)), ("upload.json", upload_json)):
        document = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
        tasks.store_document(document, by=user)
    tasks.submit(SubmitTask(task_id=task_id), by=user)
    return task_id


def _render(db: Connection, task_ids: list[int]) -> None:
    """All of their frames are over."""
    now = time.time()
    over = {"attempt": 1, "node": "w-01", "started_at": now - SECONDS_A_FRAME, "ended_at": now}
    of_these = frame.c.task_id.in_(task_ids)
    done = {"status": FrameStatus.DONE, "percent": 100.0, "seconds": SECONDS_A_FRAME, **over}
    db.execute(sa.update(frame).where(of_these, frame.c.number % 50 != 0).values(done))
    failed = {"status": FrameStatus.FAILED, "error": "the texture /D/wood.png cannot be read", **over}
    db.execute(sa.update(frame).where(of_these, frame.c.number % 50 == 0).values(failed))
    stored.refresh(db, task_ids, now)


def _task_json(frames: int) -> dict[str, object]:
    common = {
        "scene_name": ["Scene"],
        "view_layers": ["ViewLayer"],
        "renderer": "CYCLES",
        "frames": f"1-{frames}[1]",
        "image_file_prefix": "//shot_####",
        "render_camera": [],
    }
    layers = {"Scene/ViewLayer": {"renderable": "1", "common": common}}
    return {
        "task_info": {"input_cg_file": SCENE, "cg_id": "2007", "task_stop_time": "0"},
        "software_config": {"cg_name": "Blender", "cg_version": "5.0"},
        "scene_info": layers,
        "scene_info_render": layers,
    }


if __name__ == "__main__":
    main()
