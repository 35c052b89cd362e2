"""Kill a farm's processes at random moments, and see whether any frame is lost, doubled, or left behind.

    python -m benchmarks.chaos                                    # 100 rounds of 500 frames on 8 places
    python -m benchmarks.chaos --rounds 3 --frames 60 --seed 7 --json result.json

A round is a fresh farm with one task. While it renders, the farm, one of its workers, one of its renderers,
or all of them are ended with SIGKILL, at moments and in an order that follow from the seed; a farm that was
killed is started again. Then every frame must be done, by exactly one attempt that rendered it, with the
picture that its scene says; the farm must have been ready again in time; and once it is told to end, no
process and no file of a killed one may be left. One round in ten renders with Cycles, the others with
``tiny_renderer.py``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import tiny_renderer

from renderbus_farm.accounts import Accounts
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.farm_check import check_database
from renderbus_farm.housekeeping import DAY_S
from renderbus_farm.keys import KeyBox
from renderbus_farm.pictures import BadPicture, look
from renderbus_farm.pieces import Pieces
from renderbus_farm.processes import FOLDER, NODE, marked
from renderbus_farm.store.database import Database
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.transfers import Transfers
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument
from renderbus_model.wire.transfer import CommitFiles

HERE = Path(__file__).parent
DEMO = HERE.parent / "examples" / "demo"
HOME = "/home/artist"

READY_WITHIN_S = 10.0
ENDS_WITHIN_S = 20.0
STANDS_STILL_S = 60.0  # without a new frame: the round is given up
KINDS = ("farm", "worker", "renderer", "all")
CYCLES_EVERY = 10


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


@dataclass
class Told:
    """What a round came to; ``wrong`` is empty where all is well."""

    plan: Plan
    seconds: float = 0.0
    killed: Counter[str] = field(default_factory=Counter)
    ready_s: list[float] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    unnamed_blobs: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        what = "cycles" if self.plan.cycles else "tiny"
        kills = " ".join(f"{kind} {count}" for kind, count in sorted(self.killed.items()))
        ready = f"ready in at most {max(self.ready_s):.1f} s"
        tries = " ".join(f"{name} {count}" for name, count in sorted(self.attempts.items()))
        verdict = "ok" if not self.wrong else "WRONG: " + "; ".join(self.wrong[:5])
        return (
            f"seed {self.plan.seed} {what}: {self.seconds:.0f} s, killed {kills}, {ready}, {tries}: {verdict}"
        )


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


def round_of(plan: Plan, folder: Path) -> Told:
    """One round on a fresh farm in ``folder``."""
    told = Told(plan)
    data = folder / "data"
    prepare(data, plan)
    victim = Victim(data, folder / "said.log")
    began = time.monotonic()
    try:
        told.ready_s.append(victim.start())
        _attack(victim, data, told)
    except RuntimeError as error:
        told.wrong.append(str(error))
    finally:
        if trouble := victim.end():
            told.wrong.append(trouble)
    told.seconds = time.monotonic() - began
    told.wrong += [
        f"ready only after {after_s:.1f} s" for after_s in told.ready_s if after_s > READY_WITHIN_S
    ]
    told.wrong += wrong_frames(data, plan, told)
    told.wrong += left_behind(data)
    with closing(Database.open(DataFolder(data).database)) as database:
        told.wrong += [f"{breach.rule.value}: {breach.what}" for breach in check_database(database)]
    told.unnamed_blobs = len(_stored(data) - _named(data))
    return told


def _attack(victim: Victim, data: Path, told: Told) -> None:
    plan = told.plan
    chance = random.Random(plan.seed)
    kinds = [*KINDS, *chance.choices(KINDS, k=max(0, plan.kills - len(KINDS)))]
    chance.shuffle(kinds)
    pause = threading.Event()
    seen, seen_at = 0, time.monotonic()
    next_at = seen_at + chance.uniform(0, plan.longest_pause_s)
    while (found := statuses(data))[FrameStatus.DONE] + found[FrameStatus.FAILED] < plan.frames:
        now = time.monotonic()
        if kinds and now >= next_at and victim.kill(kinds[-1], chance):
            kind = kinds.pop()
            told.killed[kind] += 1
            if kind in ("farm", "all"):
                told.ready_s.append(victim.start())
            next_at = time.monotonic() + chance.uniform(0, plan.longest_pause_s)
        if found[FrameStatus.DONE] > seen or kinds:
            seen, seen_at = found[FrameStatus.DONE], now
        if now - seen_at > STANDS_STILL_S:
            raise RuntimeError(f"no frame for {STANDS_STILL_S:g} s: {dict(found)}")
        pause.wait(0.05)


def wrong_frames(data: Path, plan: Plan, told: Told) -> list[str]:
    """Frames that were not delivered exactly once, as they should be."""
    wrong: list[str] = []
    with looking(data) as db:
        frames = db.execute("SELECT id, number, status, error FROM frame").fetchall()
        tries = db.execute("SELECT frame_id, outcome FROM attempt").fetchall()
        outputs = db.execute("SELECT frame_id, digest FROM output").fetchall()
        counts = db.execute("SELECT waiting, rendering, done, failed FROM task").fetchone()
    told.attempts = Counter(outcome or "NONE" for _, outcome in tries)
    rendered = Counter(frame_id for frame_id, outcome in tries if outcome == "RENDERED")
    of_frame = Counter(frame_id for frame_id, _ in outputs)
    for frame_id, number, status, error in frames:
        if status != FrameStatus.DONE:
            wrong.append(f"frame {number} has status {status} {error[:200]}")
        if rendered[frame_id] != 1 or of_frame[frame_id] != 1:
            wrong.append(f"frame {number}: rendered {rendered[frame_id]}, {of_frame[frame_id]} files")
    if any(outcome is None for _, outcome in tries):
        wrong.append("an attempt has no end")
    if counts != (0, 0, plan.frames, 0):
        wrong.append(f"the task counts {counts}")
    numbers = {frame_id: number for frame_id, number, *_ in frames}
    blobs = LocalBlobs(DataFolder(data).blobs)
    return wrong + [
        why
        for frame_id, digest in outputs
        if (why := _wrong_picture(blobs.file_of(digest), digest, numbers[frame_id], plan))
    ]


def _wrong_picture(path: Path, digest: str, number: int, plan: Plan) -> str:
    content = path.read_bytes()
    if digest_of(content) != digest:
        return f"frame {number}: its bytes are not those of its digest"
    if plan.cycles:
        try:
            picture = look(path)
        except BadPicture as error:
            return f"frame {number}: {error}"
        return "" if (picture.width, picture.height) == (16, 16) else f"frame {number}: another size"
    rows = tiny_renderer.pixels(plan.scene, number, (0, 0, 16, 16))
    return "" if content == tiny_renderer.png(16, 16, rows) else f"frame {number}: another frame's picture"


def left_behind(data: Path) -> list[str]:
    """Processes, and files of attempts, reports or uploads, that nobody will look for any more."""
    wrong = [f"process {pid} is left" for pid in marked({FOLDER: str(data / "nodes")})]
    for pid in marked({NODE: "node-1"}):
        with contextlib.suppress(OSError):
            if str(data).encode() in Path(f"/proc/{pid}/environ").read_bytes():
                wrong.append(f"process {pid} is left")
    for node in (data / "nodes").iterdir():
        of_attempts = [path for path in node.glob("render/*/*") if path.name != "home"]
        unfinished = [*node.glob("reports/*"), *node.glob("scenes/*.new"), *node.glob("files/*.new")]
        wrong += [f"{path.relative_to(data)} is left" for path in (*of_attempts, *unfinished)]
    incoming = data / "blobs" / "incoming"
    wrong += [f"{path.relative_to(data)} is left" for path in incoming.iterdir()]
    return wrong


def _stored(data: Path) -> set[str]:
    return {path.name for path in (data / "blobs").glob("??/??/*")}


def _named(data: Path) -> set[str]:
    """Blobs that some row names: those of a killed attempt are cleaned up a day later."""
    queries = (
        "SELECT digest FROM output",
        "SELECT log FROM attempt",
        "SELECT thumbnail FROM frame",
        "SELECT inputs FROM task",
        "SELECT digest FROM input_file",
    )
    with looking(data) as db:
        return {row[0] for query in queries for row in db.execute(query) if row[0]}


def report(rounds: Sequence[Told]) -> dict[str, object]:
    """All rounds in one: what docs/performance.md tells."""
    ready = sorted(after_s for each in rounds for after_s in each.ready_s)
    killed = sum((each.killed for each in rounds), Counter())
    attempts = sum((each.attempts for each in rounds), Counter())
    return {
        "rounds": len(rounds),
        "cycles_rounds": sum(each.plan.cycles for each in rounds),
        "frames": sum(each.plan.frames for each in rounds),
        "killed": dict(killed),
        "starts": len(ready),
        "ready_median_s": round(statistics.median(ready), 2),
        "ready_longest_s": round(ready[-1], 2),
        "attempts": dict(attempts),
        "unnamed_blobs": sum(each.unnamed_blobs for each in rounds),
        "wrong": [f"seed {each.plan.seed}: {why}" for each in rounds for why in each.wrong[:10]],
    }


def main() -> None:
    """Run the rounds, and say what each came to."""
    words = argparse.ArgumentParser(description="Kill a farm's processes at random moments")
    words.add_argument("--rounds", type=int, default=100)
    words.add_argument("--frames", type=int, default=500)
    words.add_argument("--cycles-frames", type=int, help="of the rounds on Cycles; as many without it")
    words.add_argument("--places", type=int, default=8)
    words.add_argument("--kills", type=int, default=6)
    words.add_argument("--seed", type=int, default=1, help="of the first round; each next one is one more")
    words.add_argument("--json", type=Path)
    words.add_argument("--keep", action="store_true", help="keep the folders of rounds that went wrong")
    chosen = words.parse_args()
    done: list[Told] = []
    for seed in range(chosen.seed, chosen.seed + chosen.rounds):
        cycles = seed % CYCLES_EVERY == 0
        frames = (chosen.cycles_frames or chosen.frames) if cycles else chosen.frames
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
        done.append(round_of(Plan(seed, frames, chosen.places, chosen.kills, cycles), folder))
        print(done[-1], flush=True)
        if not (done[-1].wrong and chosen.keep):
            shutil.rmtree(folder, ignore_errors=True)
        if chosen.json:
            chosen.json.write_text(json.dumps(report(done), indent=2))
    print(json.dumps(report(done), indent=2))
    sys.exit(any(each.wrong for each in done))


if __name__ == "__main__":
    main()
