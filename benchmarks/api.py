"""How many questions a farm answers, and how fast: signed calls over HTTP, asked by wrk.

    apt-get install wrk                                       # the load tool (Debian; elsewhere build wg/wrk)
    python benchmarks/api.py                                  # 5,000 tasks, 1,000,000 frames: four minutes
    python benchmarks/api.py --tasks 50 --frames 10000 --seconds 10
    python benchmarks/api.py --data FOLDER                    # keep the farm's data there for the next time
    python benchmarks/api.py --json result.json

Four figures, each of one farm process with no worker, wrk beside it on the same machine:

- **one row**: ``queryTaskInfo`` of one task as fast as 16 connections go; the median of three runs.
- **polling**: 200 clients ask for lists, pages of frames and details, 300 requests a second in all.
- **memory** of the farm's process while they poll.
- **pages**: the first and the last page of the tasks, and of the frames of the largest task.

Every request is signed beforehand; a small Lua script only reads them. Answers are checked by their size: a
refusal is far smaller than a page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import psutil
import requests

from renderbus_farm.data_folder import DataFolder
from renderbus_model.wire.signing import canonical_string, sign

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.api_farm import Made, fill

SCRIPT = Path(__file__).with_name("api.lua")
INFO = "/api/render/task/queryTaskInfo"
LIST = "/api/render/task/getTaskList"
FRAMES = "/api/render/task/queryTaskFrames"
PAGE_SIZE = 100
CLIENTS, REQUESTS_A_SECOND = 200, 300
MOST_A_SECOND = 20_000  # more requests than that are not signed beforehand
FARM_READY_WITHIN_S = 60.0
TARGET_ONE_ROW = 5000  # requests a second
TARGET_P99_MS = 100.0
TARGET_GROWTH_MB = 20.0

Body = Mapping[str, Any]


class BenchmarkFailed(Exception):
    """Nothing was measured, or not what was meant."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw, times in milliseconds; ``farm_cpu`` is the share of one processor that the farm took."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    bytes_an_answer: float
    errors: int
    farm_cpu: float


@dataclass(frozen=True, slots=True)
class Caller:
    """A farm that runs, and who asks it."""

    url: str
    made: Made
    process: psutil.Process

    def request(self, path: str, body: Body, nonce: int) -> str:
        """A signed request as wrk sends it, in one line: | stands for a line end."""
        domain, content = self.url.removeprefix("http://"), json.dumps(body)
        headers = {
            "accessId": self.made.access_id,
            "channel": "4",
            "platform": "2",
            "UTCTimestamp": str(int(time.time())),
            "nonce": str(nonce),
            "version": "1.0.0",
        }
        signature = sign(self.made.access_key, canonical_string(domain, path, headers, body))
        sent = {
            **headers,
            "signature": signature,
            "Host": domain,
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
        }
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", content]
        return "|".join(lines)


def main() -> int:
    """Measure and report; 1 when a target is missed, so that a build can ask."""
    words = argparse.ArgumentParser(description="Throughput and latency of a farm's API")
    words.add_argument("--tasks", type=int, default=5000)
    words.add_argument("--frames", type=int, default=1_000_000)
    words.add_argument("--seconds", type=int, default=60, help="how long 200 clients poll")
    words.add_argument(
        "--data", type=Path, metavar="FOLDER", help="make the farm's data here, or use it again"
    )
    words.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    chosen = words.parse_args()
    if shutil.which("wrk") is None:
        print("benchmark: wrk is missing; on Debian: apt-get install wrk", file=sys.stderr)
        return 69
    facts = machine()
    print("\n".join(f"{name:<10} {value}" for name, value in facts.items()), flush=True)
    with tempfile.TemporaryDirectory(prefix="renderbus-bench-") as folder:
        place = chosen.data or Path(folder) / "farm"
        made = _filled(place, chosen.tasks, chosen.frames)
        with farm(place, made) as caller:
            result = measure(caller, Path(folder), chosen.seconds)
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": facts, **result}, indent=1) + "\n", "utf-8")
    return report(result)


def _filled(place: Path, tasks: int, frames: int) -> Made:
    kept = place / "benchmark.json"
    if not kept.exists():
        print(f"making a farm of {tasks} tasks and {frames} frames in {place}", flush=True)
        made = fill(place, tasks, frames)
        kept.write_bytes(msgspec.json.encode(made))
    return msgspec.json.decode(kept.read_bytes(), type=Made)


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load": f"{os.getloadavg()[0]:.2f} before the first run",
    }


@contextmanager
def farm(folder: Path, made: Made) -> Iterator[Caller]:
    """A farm process on this folder, from ready to ended."""
    command = [sys.executable, "-m", "renderbus_farm", "--data", str(folder), "--port", "0", "--workers", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + FARM_READY_WITHIN_S
            while not ((found := DataFolder(folder).running()) and found.pid == process.pid):
                if process.poll() is not None or time.monotonic() > until:
                    raise BenchmarkFailed(f"the farm on {folder} did not start; see {folder / 'farm.log'}")
                threading.Event().wait(0.05)
            requests.get(found.url + "/healthz", timeout=10).raise_for_status()
            yield Caller(found.url, made, psutil.Process(process.pid))
        finally:
            process.terminate()


def measure(caller: Caller, folder: Path, seconds: int) -> dict[str, Any]:
    """All four figures."""
    nonces = iter(range(1_000_000, 1 << 40))
    info = {"taskIds": [caller.made.task_ids[0]]}

    def one_row(count: int) -> Iterator[str]:
        return (caller.request(INFO, info, next(nonces)) for _ in range(count))

    def polled(count: int) -> Iterator[str]:
        chance = random.Random(1)
        return (caller.request(*_poll(caller.made, chance), next(nonces)) for _ in range(count))

    def page(path: str, body: Body) -> Load:
        lines = (caller.request(path, body, next(nonces)) for _ in range(10_000))
        return wrk(caller, folder, lines, connections=1, seconds=4)

    _wait_while(caller, lambda: wrk(caller, folder, one_row(2 * MOST_A_SECOND), connections=4, seconds=2))
    rows = [wrk(caller, folder, one_row(4 * MOST_A_SECOND), connections=16, seconds=4) for _ in range(3)]
    memory: list[float] = []
    with _sampled(caller.process, memory):
        polling = wrk(
            caller,
            folder,
            polled(seconds * REQUESTS_A_SECOND * 2),
            connections=CLIENTS,
            seconds=seconds,
            pause_ms=1000 * CLIENTS / REQUESTS_A_SECOND,
        )
    made = caller.made
    pages = {
        "tasks, first page": page(LIST, _page(1)),
        "tasks, last page": page(LIST, _page(_pages(len(made.task_ids)))),
        "frames, first page": page(FRAMES, {"taskId": made.big_task, **_page(1)}),
        "frames, last page": page(FRAMES, {"taskId": made.big_task, **_page(_pages(made.big_frames))}),
    }
    return {
        "tasks": len(made.task_ids),
        "frames": made.frames,
        "one_row": [asdict(load) for load in rows],
        "polling": asdict(polling),
        "memory_mb": memory,
        "pages": {name: asdict(load) for name, load in pages.items()},
    }


def _wait_while(caller: Caller, warm_up: Callable[[], object]) -> None:
    """The first questions compile statements and fill caches; they are no part of any figure."""
    warm_up()
    caller.process.cpu_percent()


def _poll(made: Made, chance: random.Random) -> tuple[str, Body]:
    """What a client asks that watches its tasks: the list, details, frames; early and late pages."""
    task_id = chance.choice(made.task_ids)
    kind = chance.randrange(3)
    if kind == 0:
        return LIST, _page(chance.randint(1, _pages(len(made.task_ids))))
    if kind == 1:
        return INFO, {"taskIds": [task_id]}
    if chance.randrange(4) == 0:
        return FRAMES, {"taskId": made.big_task, **_page(chance.randint(1, _pages(made.big_frames)))}
    return FRAMES, {"taskId": task_id, **_page(1)}


def _page(number: int) -> dict[str, int]:
    return {"pageNum": number, "pageSize": PAGE_SIZE}


def _pages(items: int) -> int:
    return -(-items // PAGE_SIZE)


def wrk(
    caller: Caller,
    folder: Path,
    lines: Iterator[str],
    *,
    connections: int,
    seconds: int,
    pause_ms: float = 0.0,
) -> Load:
    """Let wrk ask for some seconds; a client rests ``pause_ms`` between two questions on average."""
    asked = folder / "requests.txt"
    asked.write_text("\n".join(lines), "utf-8")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT)]
    before, began = caller.process.cpu_times(), time.monotonic()
    done = subprocess.run(
        [*command, caller.url, "--", str(asked), str(pause_ms)], capture_output=True, text=True, check=False
    )
    took, after = time.monotonic() - began, caller.process.cpu_times()
    if done.returncode or "RESULT " not in done.stdout:
        raise BenchmarkFailed(f"wrk ended with status {done.returncode}: {done.stdout}{done.stderr}")
    said = json.loads(done.stdout.split("RESULT ")[1])
    cpu = (after.user + after.system - before.user - before.system) / took
    load = Load(**said, farm_cpu=cpu)
    if load.errors or load.bytes_an_answer < 1000:
        raise BenchmarkFailed(f"answers were refused or failed: {load}")
    return load


@contextmanager
def _sampled(process: psutil.Process, memory_mb: list[float]) -> Iterator[None]:
    """Note the process' memory once a second."""
    over = threading.Event()

    def note() -> None:
        while True:
            memory_mb.append(process.memory_info().rss / 1e6)
            if over.wait(1.0):
                return

    thread = threading.Thread(target=note)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def report(result: dict[str, Any]) -> int:
    """Print the figures; 1 when a target is missed."""
    rows = [load["per_second"] for load in result["one_row"]]
    middle = statistics.median(rows)
    print(f"\n{result['tasks']} tasks, {result['frames']} frames")
    print(f"one row    {middle:,.0f} requests/s, the median of {', '.join(f'{row:,.0f}' for row in rows)}")
    shares = [load["farm_cpu"] for load in result["one_row"]]
    print(f"           the farm had {statistics.median(shares):.0%} of a processor meanwhile")
    polling = result["polling"]
    print(
        f"polling    {polling['per_second']:.0f} requests/s, p50 {polling['p50_ms']:.1f} ms, "
        f"p99 {polling['p99_ms']:.1f} ms, max {polling['max_ms']:.1f} ms, "
        f"{polling['farm_cpu']:.0%} of a processor"
    )
    memory = result["memory_mb"]
    fifth = max(1, len(memory) // 5)
    early, late = statistics.mean(memory[fifth : 2 * fifth]), statistics.mean(memory[-fifth:])
    print(
        f"memory     {early:.0f} MB in the second fifth of the time, {late:.0f} MB in the last, "
        f"{max(memory):.0f} MB at most"
    )
    for name, load in result["pages"].items():
        print(f"page       {name:<18} p50 {load['p50_ms']:.2f} ms, p99 {load['p99_ms']:.2f} ms")
    missed = middle < TARGET_ONE_ROW or polling["p99_ms"] > TARGET_P99_MS or late - early > TARGET_GROWTH_MB
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
