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
import json
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import tiny_renderer
from benchmarks.chaos_farm import READY_WITHIN_S, Plan, Victim, looking, prepare, statuses

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.farm_check import check_database
from renderbus_farm.pictures import BadPicture, look
from renderbus_farm.processes import FOLDER, NODE, marked
from renderbus_farm.store.database import Database
from renderbus_model.pieces import digest_of
from renderbus_model.statuses import FrameStatus

STANDS_STILL_S = 60.0  # without a new frame: the round is given up
KINDS = ("farm", "worker", "renderer", "all")
CYCLES_EVERY = 10


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
    for node in (data / "nodes").glob("*"):
        of_attempts = [path for path in node.glob("render/*/*") if path.name != "home"]
        unfinished = [*node.glob("reports/*"), *node.glob("scenes/*.new"), *node.glob("files/*.new")]
        wrong += [f"{path.relative_to(data)} is left" for path in (*of_attempts, *unfinished)]
    incoming = data / "blobs" / "incoming"
    wrong += [f"{path.relative_to(data)} is left" for path in incoming.glob("*")]
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
