"""What dispatching costs: frames a second, a tick with millions of waiting frames, submit and restart.

    pip install -e .[farm,benchmark]
    python -m benchmarks.dispatch                       # all, on a farm in a temporary folder
    python -m benchmarks.dispatch --most 50000 --without-others

The nodes are simulated, in this process, and render nothing; database, documents, rules and dispatcher are
the farm's own. Dask distributed and Celery run tasks that do nothing, on the same machine, afterwards.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import dispatch_others
from benchmarks.dispatch_farm import Farm, nodes

from renderbus_farm.dispatcher import Dispatcher
from renderbus_farm.executors.simulated import InstantNodes
from renderbus_farm.store.database import Database

PLACES = 1000
TASKS = 2000
LOOKS = 40

RATE, TICK_MS, SUBMIT_S, RESTART_S = 1000.0, 50.0, 2.0, 10.0
"""What is asked for."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What a look costs while one place at a time becomes free, in milliseconds."""

    frames: int
    median_ms: float
    slowest_ms: float


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description="Measure the farm's dispatcher")
    words.add_argument("--frames", type=int, default=20_000, help="frames that are run")
    words.add_argument("--most", type=int, default=5_000_000, help="waiting frames at the curve's far end")
    words.add_argument("--folder", type=Path, help="where the farms are made; a temporary folder if left out")
    words.add_argument("--without-others", action="store_true", help="leave Dask and Celery out")
    chosen = words.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        _own(Path(folder), chosen.frames, chosen.most)
        if not chosen.without_others:
            _others(Path(folder), chosen.frames)


def _own(folder: Path, frames: int, most: int) -> None:
    rate = throughput(folder / "rate", frames)
    print(f"claimed, run and recorded: {rate:.0f} frames/s on {PLACES} places {_verdict(rate >= RATE)}")
    seconds = submit(folder / "submit", 100_000)
    print(f"task of 100,000 frames submitted: {seconds:.2f} s {_verdict(seconds < SUBMIT_S)}")
    seconds = restart(folder / "restart", 100_000)
    print(f"restart with 100,000 open frames: {seconds:.2f} s {_verdict(seconds < RESTART_S)}")
    print(f"a tick with {TASKS} tasks, one place free at a time (median, slowest of {LOOKS}):")
    for tick in curve(folder / "curve", most):
        told = f"{tick.median_ms:6.1f} ms {tick.slowest_ms:6.1f} ms"
        print(f"  {tick.frames:>9,} frames wait: {told} {_verdict(tick.median_ms < TICK_MS)}")


def _others(folder: Path, count: int) -> None:
    print(f"Dask distributed: {dispatch_others.dask(count):.0f} tasks/s")
    print(f"Celery on Redis: {dispatch_others.celery(count, folder):.0f} tasks/s")


def _verdict(reached: bool) -> str:
    return "(reached)" if reached else "(NOT REACHED)"


def throughput(folder: Path, frames: int) -> float:
    """Frames a second from the first claim to the last record, in ten tasks."""
    executor = InstantNodes(nodes(PLACES // 2))
    with closing(Farm(folder, executor)) as farm:
        for _ in range(10):
            farm.submitted(frames // 10)
        began = time.perf_counter()
        now = time.time()
        while executor.rendered < frames // 10 * 10 or executor.orders:
            now += 0.05
            farm.dispatcher.tick(now)
        farm.dispatcher.tick(now + 1)
        return executor.rendered / (time.perf_counter() - began)


def submit(folder: Path, frames: int) -> float:
    """Seconds for submitting a task whose documents are on the farm."""
    with closing(Farm(folder, InstantNodes(nodes(1)))) as farm:
        task_id = farm.documents(frames)
        began = time.perf_counter()
        farm.submit(task_id)
        return time.perf_counter() - began


def restart(folder: Path, frames: int) -> float:
    """Seconds from a killed farm, a thousand of whose frames were rendering, to the same on the next one."""
    with closing(Farm(folder, InstantNodes(nodes(PLACES // 2), at_once=0))) as farm:
        farm.submitted(frames)
        farm.dispatcher.tick(time.time())
    began = time.perf_counter()
    with closing(Database.open(folder / "farm.sqlite3")) as database:
        executor = InstantNodes(nodes(PLACES // 2), at_once=0)
        dispatcher = Dispatcher(database, executor)
        while len(executor.orders) < PLACES:
            dispatcher.tick(time.time())
    return time.perf_counter() - began


def curve(folder: Path, most: int) -> list[Tick]:
    """A tick's cost by the number of waiting frames, which is ten times larger from step to step."""
    steps = [most // 1000, most // 100, most // 10, most]
    executor = InstantNodes(nodes(PLACES // 2), at_once=1)
    found: list[Tick] = []
    with closing(Farm(folder, executor)) as farm:
        task_ids = [farm.submitted(max(1, steps[0] // TASKS)) for _ in range(TASKS)]
        now, before = time.time(), max(1, steps[0] // TASKS)
        for step in steps:
            after = max(before, step // TASKS)
            farm.grow(task_ids, before, after)
            before = after
            ticks = []
            for _ in range(LOOKS):
                now += 0.05
                began = time.perf_counter()
                farm.dispatcher.tick(now)
                ticks.append((time.perf_counter() - began) * 1000)
            ticks = ticks[3:]  # all places are filled in the first ones
            found.append(Tick(after * TASKS, statistics.median(ticks), max(ticks)))
    return found


if __name__ == "__main__":
    main()
