"""A farm without HTTP and without processes, as full as a measurement needs it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.dispatcher import Dispatcher
from renderbus_farm.executors.simulated import InstantNodes
from renderbus_farm.housekeeping import DAY_S
from renderbus_farm.main import add_user
from renderbus_farm.pieces import Pieces
from renderbus_farm.rules.work import Node
from renderbus_farm.store import tasks as stored
from renderbus_farm.store.database import Database
from renderbus_farm.store.prepared import as_list
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.transfers import Transfers
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument
from renderbus_model.wire.transfer import CommitFiles

SCENE = FarmPath("/home/artist/project/shot.blend")
TASKS_AT_ONCE = 100


def nodes(count: int, places: int = 2) -> list[Node]:
    """Nodes that render Blender scenes."""
    engines = frozenset({"CYCLES"})
    return [Node(f"w-{number:04d}", places, 64.0, {2007: "5.0.1"}, engines) for number in range(count)]


class Farm:
    """The real database, documents, tasks and dispatcher in a folder, and nodes that render nothing."""

    def __init__(self, folder: Path, executor: InstantNodes) -> None:
        self.user = add_user(folder, "benchmark").user
        place = DataFolder(folder)
        self.executor = executor
        self.database = Database.open(place.database)
        blobs = LocalBlobs(place.blobs)
        pieces = Pieces(self.database, blobs, LocalPacks(place.packs), kept_s=DAY_S)
        transfers = Transfers(self.database, blobs, pieces)
        entry = FileEntry(SCENE, digest_of(b"BLENDER"), len(b"BLENDER"))
        blobs.put(entry.digest, io.BytesIO(b"BLENDER"))
        transfers.blob_arrived(self.user.id, entry.digest, entry.size_bytes)
        transfers.commit_files(CommitFiles(storage="input", files=[entry]), by=self.user)
        self._tasks = Tasks(Desk(self.database, blobs, nodes=executor.nodes))
        self.dispatcher = Dispatcher(self.database, executor)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def documents(self, frames: int) -> int:
        """A task whose documents are there, and that is not submitted yet."""
        (task_id,) = self._tasks.create(CreateTask(), by=self.user).task_id_list
        upload_json = {"asset": [{"local": SCENE, "server": SCENE}]}
        for name, content in (("task.json", _task_json(frames)), ("upload.json", upload_json)):
            document = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
            self._tasks.store_document(document, by=self.user)
        return task_id

    def submit(self, task_id: int) -> None:
        """Submit it, as a client does."""
        self._tasks.submit(SubmitTask(task_id=task_id), by=self.user)

    def submitted(self, frames: int) -> int:
        """A task with so many frames."""
        task_id = self.documents(frames)
        self.submit(task_id)
        return task_id

    def grow(self, task_ids: Sequence[int], before: int, after: int) -> None:
        """Give each of these tasks frames up to this number; faster than by documents."""
        for start in range(0, len(task_ids), TASKS_AT_ONCE):
            some = task_ids[start : start + TASKS_AT_ONCE]
            with self.database.writing() as db:
                db.execute(_GROW, {"ids": as_list(some), "numbers": as_list(range(before + 1, after + 1))})
                stored.refresh(db, some, time.time())


_GROW = sa.text(
    """
    INSERT INTO frame (task_id, set_id, position, number, last, step, tile, type, status,
                       attempt, lost, restarts, percent, node, seconds, error)
    SELECT frame_set.task_id, frame_set.id, number.value - 1, number.value, number.value, 1, 0, 5, 1,
           0, 0, 0, 0.0, '', 0.0, ''
    FROM json_each(:ids) AS of_task JOIN frame_set ON frame_set.task_id = of_task.value,
         json_each(:numbers) AS number
    """
)


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
