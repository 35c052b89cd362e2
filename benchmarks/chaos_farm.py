"""A farm with one task on a folder of its own, to be killed by ``chaos.py`` and ``frozen_node.py``."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from renderbus_farm.accounts import Accounts
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.housekeeping import DAY_S
from renderbus_farm.keys import KeyBox
from renderbus_farm.pieces import Pieces
from renderbus_farm.processes import FOLDER, marked
from renderbus_farm.store.database import Database
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.transfers import Transfers
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument
from renderbus_model.wire.transfer import CommitFiles

HERE = Path(__file__).parent
DEMO = HERE.parent / "examples" / "demo"
HOME = "/home/artist"

READY_WITHIN_S = 10.0
ENDS_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round does; the same plan kills at the same moments."""

    seed: int
    frames: int = 500
    places: int = 8
    kills: int = 6
    cycles: bool = False
    longest_pause_s: float = 2.0
    scene: bytes = b"tiny 1\nsize 16 16\n"


class Victim:
    """A farm on a folder, killed and started again."""

    def __init__(self, data: Path, log: Path) -> None:
        self._data = data
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it: the seconds until it answers."""
        began = time.monotonic()
        command = [sys.executable, "-m", "renderbus_farm", "--data", str(self._data), "--port", "0"]
        with self._log.open("ab") as said:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        pause = threading.Event()
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"the farm ended with status {self._process.returncode}: {self._log}")
            if time.monotonic() - began > 6 * READY_WITHIN_S:
                raise RuntimeError(f"the farm does not answer: {self._log}")
            pause.wait(0.02)
        return time.monotonic() - began

    def _answers(self) -> bool:
        running = DataFolder(self._data).running()
        if running is None or self._process is None or running.pid != self._process.pid:
            return False
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(running.url + "/healthz", timeout=5) as answer,
        ):
            return bool(answer.status == 200)
        return False

    def kill(self, kind: str, chance: random.Random) -> bool:
        """End what ``kind`` says with SIGKILL; False when there is none of it now."""
        workers, renderers = _workers_and_renderers(self._data)
        farm = [self._process.pid] if self._process else []
        one_of = {"worker": workers, "renderer": renderers}
        chosen = farm + workers + renderers if kind == "all" else farm
        if kind in one_of:
            chosen = [chance.choice(sorted(one_of[kind]))] if one_of[kind] else []
        chance.shuffle(chosen)
        for pid in chosen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if kind in ("farm", "all") and self._process:
            self._process.wait()
        return bool(chosen)

    def end(self) -> str:
        """Tell it to end: what is wrong with how it did, else empty."""
        if self._process is None:
            return ""
        self._process.terminate()
        try:
            status = self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"the farm did not end within {ENDS_WITHIN_S:g} s"
        return f"the farm ended with status {status}" if status else ""


def _workers_and_renderers(data: Path) -> tuple[list[int], list[int]]:
    workers: list[int] = []
    renderers: list[int] = []
    for pid in marked({FOLDER: str(data / "nodes")}):
        with contextlib.suppress(OSError):
            is_worker = b"executors.worker_process" in Path(f"/proc/{pid}/cmdline").read_bytes()
            (workers if is_worker else renderers).append(pid)
    return workers, renderers


def prepare(data: Path, plan: Plan) -> int:
    """Make the farm's folder with one task, submitted: its id."""
    folder = DataFolder.prepared(data)
    described = json.dumps([str(HERE / "tiny_renderer.toml")])
    only = "[2007]" if plan.cycles else "[9001]"
    settings = f"workers = {plan.places}\nrenderers = {described}\napplications = {only}\n"
    (data / "farm.toml").write_text(settings, "utf-8")
    files = {"shot.tiny": plan.scene}
    if plan.cycles:
        files = {str(path.relative_to(DEMO)): path.read_bytes() for path in DEMO.rglob("*") if path.is_file()}
    scene = FarmPath(f"{HOME}/{'demo.blend' if plan.cycles else 'shot.tiny'}")
    blobs = LocalBlobs(folder.blobs)
    with closing(Database.open(folder.database)) as database:
        user = Accounts(database, KeyBox.at(folder.key_file)).add("artist").user
        pieces = Pieces(database, blobs, LocalPacks(folder.packs), kept_s=DAY_S)
        transfers = Transfers(database, blobs, pieces)
        entries = [
            FileEntry(FarmPath(f"{HOME}/{name}"), digest_of(content), len(content))
            for name, content in files.items()
        ]
        for entry, content in zip(entries, files.values(), strict=True):
            blobs.put(entry.digest, io.BytesIO(content))
            transfers.blob_arrived(user.id, entry.digest, entry.size_bytes)
        transfers.commit_files(CommitFiles(storage="input", files=entries), by=user)
        tasks = Tasks(Desk(database, blobs, nodes=list))
        (task_id,) = tasks.create(CreateTask(), by=user).task_id_list
        upload = {"asset": [{"local": entry.path, "server": entry.path} for entry in entries]}
        for file_name, document in (("task.json", _task_json(plan, scene)), ("upload.json", upload)):
            words = TaskDocument(task_id=task_id, file_name=file_name, content=json.dumps(document))
            tasks.store_document(words, by=user)
        tasks.submit(SubmitTask(task_id=task_id), by=user)
    return task_id


def _task_json(plan: Plan, scene: str) -> dict[str, object]:
    common: dict[str, object] = {"frames": f"1-{plan.frames}[1]", "image_file_prefix": "//shot_####"}
    if plan.cycles:
        common |= {
            "scene_name": ["Evening drive"],
            "view_layers": ["ViewLayer"],
            "renderer": "CYCLES",
            "samples": "1",
        }
    common |= {"render_camera": [], "width": "16", "height": "16"}
    layers = {"main": {"renderable": "1", "common": common}}
    info = {"input_cg_file": scene, "cg_id": "2007" if plan.cycles else "9001", "task_stop_time": "0"}
    software = {
        "cg_name": "Blender" if plan.cycles else "Tiny",
        "cg_version": "5.0" if plan.cycles else "1.0",
    }
    return {
        "task_info": info,
        "software_config": software,
        "scene_info": layers,
        "scene_info_render": layers,
    }


@contextlib.contextmanager
def looking(data: Path) -> Iterator[sqlite3.Connection]:
    """The farm's database, to read."""
    with closing(sqlite3.connect(f"file:{data / 'farm.sqlite3'}?mode=ro", uri=True, timeout=30)) as db:
        yield db


def statuses(data: Path) -> Counter[int]:
    """How many frames stand where."""
    with looking(data) as db:
        return Counter(dict(db.execute("SELECT status, count(*) FROM frame GROUP BY status").fetchall()))
