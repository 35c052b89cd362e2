"""How long until a node that is killed or frozen is noticed, and its frames render elsewhere.

    python -m benchmarks.frozen_node --rounds 5 --json result.json

A farm of three places renders frames of some seconds with ``tiny_renderer.py``. Of one node then the worker
is killed, the worker is stopped (SIGSTOP), or all of its processes are, as when its machine hangs. Measured
is from the signal until each frame that it had has begun on another node.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.chaos_farm import Plan, Victim, looking, prepare

from renderbus_farm.processes import FOLDER, NODE, marked

MOST_S = 20.0
FRAMES = 60
SECONDS_A_FRAME = 2
KINDS = {"worker killed": signal.SIGKILL, "worker frozen": signal.SIGSTOP, "node frozen": signal.SIGSTOP}


def processes_of(data: Path, node: str) -> list[int]:
    """All of a node, its worker first."""
    found = list(marked({FOLDER: str(data / "nodes"), NODE: node}))
    return sorted(found, key=lambda pid: b"worker_process" not in Path(f"/proc/{pid}/cmdline").read_bytes())


def had(data: Path, node: str) -> dict[int, int]:
    """Frames that a node has now, with their attempts."""
    with looking(data) as db:
        query = "SELECT id, attempt FROM frame WHERE status = 2 AND node = ? AND started_at IS NOT NULL"
        return dict(db.execute(query, (node,)).fetchall())


def begun_elsewhere(data: Path, frames: dict[int, int], node: str) -> bool:
    """Each of these frames has begun again on another node."""
    with looking(data) as db:
        query = "SELECT frame_id, number FROM attempt WHERE started_at > 0 AND node <> ?"
        rows = db.execute(query, (node,)).fetchall()
    return all(any(found == frame and number > frames[frame] for found, number in rows) for frame in frames)


def until(condition: Callable[[], object], what: str) -> float:
    """Seconds until the condition holds."""
    began, pause = time.monotonic(), threading.Event()
    while not condition():
        if time.monotonic() - began > 3 * MOST_S:
            raise RuntimeError(what)
        pause.wait(0.05)
    return time.monotonic() - began


def measured(kind: str, seed: int) -> float:
    """One round: seconds from the signal until the node's frames have begun elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="frozen-"))
    data = folder / "data"
    prepare(data, Plan(seed, FRAMES, places=3, scene=f"tiny 1\nseconds {SECONDS_A_FRAME}\n".encode()))
    farm = Victim(data, folder / "said.log")
    node = f"node-{random.Random(seed).randint(1, 3)}"
    try:
        farm.start()
        until(lambda: had(data, node), "the node renders nothing")
        threading.Event().wait(random.Random(seed).uniform(0, 5))
        until(lambda: had(data, node), "the node renders nothing")
        processes = processes_of(data, node)
        for pid in processes if kind == "node frozen" else processes[:1]:
            os.kill(pid, KINDS[kind])
        frames = had(data, node)
        return until(lambda: begun_elsewhere(data, frames, node), "its frames never begin elsewhere")
    finally:
        farm.end()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run the rounds, and tell each kind's times."""
    words = argparse.ArgumentParser(description="Kill and freeze nodes, and measure until that is noticed")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--json", type=Path)
    chosen = words.parse_args()
    result: dict[str, object] = {}
    slow = False
    for kind in KINDS:
        times = sorted(measured(kind, seed) for seed in range(1, chosen.rounds + 1))
        slow = slow or times[-1] > MOST_S
        result[kind] = {"median_s": round(statistics.median(times), 1), "longest_s": round(times[-1], 1)}
        print(f"{kind}: {' '.join(f'{seconds:.1f}' for seconds in times)} s", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2))
    sys.exit(slow)


if __name__ == "__main__":
    main()
