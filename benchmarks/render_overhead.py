"""What RenderBus costs beside Blender alone: the same frames through it, and in a bare loop.

    python benchmarks/render_overhead.py                      # 40 frames, 2 pairs of each case: 8 minutes
    python benchmarks/render_overhead.py --frames 8 --pairs 1
    python benchmarks/render_overhead.py --json result.json   # and keep the numbers
    python benchmarks/render_overhead.py --calm 0.05          # on a machine that others use too
    python benchmarks/render_overhead.py --cases C --frames 100 --pairs 1    # with a scene that opens slowly

Case A starts from nothing: ``renderbus render`` with a fresh data folder, the embedded farm's start included.
Case B has a farm running (one worker, a fresh data folder too, so that nothing is known or warm). Case C is
case B with a scene that takes seconds to open, and is also held against a process of its own for each frame,
as farms without sessions start them: ``--apart`` of these are timed, all frames take in proportion. Each run
stands beside a bare one that ended just before it, because a shared machine's speed drifts. Measured is the
wall clock from the start of the command to its end; all decoded pixels must be equal. What other programs
took of the processors meanwhile is told; with ``--calm`` a pair waits for its moment, and is repeated if
disturbed all the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from PIL import Image, ImageChops

BARE_BLENDER = Path(__file__).with_name("bare_blender.py")
RENDERBUS = (sys.executable, "-m", "renderbus_cli")
TARGETS = {"A": 1.10, "B": 1.03, "C": 1.03}
APART_TARGET = 0.6
TITLES = {"A": "with the farm's start", "B": "with a farm running", "C": "with a scene that opens slowly"}
FARM_READY_WITHIN_S = 60.0
FARM_GONE_WITHIN_S = 90.0  # an embedded farm stays 15 s for a next user
CALM_FOR_S, CALM_WITHIN_S = 5.0, 3600.0
MOST_TRIES = 10  # of the pairs asked for


class BenchmarkFailed(Exception):
    """A run did not give the pictures it should."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run; ``others`` is the share of the processors (0 to 1) that other programs took meanwhile.

    Above a few per cent a ratio says more about them than about RenderBus.
    """

    seconds: float
    others: float
    phases: dict[str, float] = field(default_factory=dict)  # when each of the command's events first came


@dataclass(frozen=True, slots=True)
class Pair:
    """One bare run and the RenderBus run after it.

    ``apart_s``: what a process of its own for each frame takes for all of them; 0 where nobody measured it.
    """

    case: str
    bare: Run
    renderbus: Run
    apart_s: float = 0.0

    @property
    def others(self) -> float:
        """What other programs took of the more disturbed run."""
        return max(self.bare.others, self.renderbus.others)


def main() -> int:
    """Measure and report; 1 when a target is missed, so that a build can ask."""
    words = argparse.ArgumentParser(description="Wall-clock overhead of RenderBus over bare Blender")
    words.add_argument("--frames", type=int, default=40)
    words.add_argument("--pairs", type=int, default=2, help="bare and RenderBus runs of each case")
    words.add_argument("--cases", default="AB", choices=["A", "B", "AB", "C", "ABC"])
    words.add_argument("--apart", type=int, default=10, help="frames of case C rendered by a process each")
    wait = "wait until other programs take less, and repeat a pair in which they took more"
    words.add_argument("--calm", type=float, metavar="SHARE", default=1.0, help=wait)
    words.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    chosen = words.parse_args()
    facts = machine()
    print("\n".join(f"{name:<10} {value}" for name, value in facts.items()), flush=True)
    with tempfile.TemporaryDirectory(prefix="renderbus-bench-") as folder:
        asked = Asked(Path(folder), chosen.frames, chosen.calm, min(chosen.apart, chosen.frames))
        pairs = measure(asked, chosen.cases * chosen.pairs)
    result = report(pairs, chosen.frames)
    if chosen.json:
        text = json.dumps({"machine": facts, **result, "pairs": [asdict(pair) for pair in pairs]}, indent=1)
        chosen.json.write_text(text + "\n", "utf-8")
    found = [(case["ratio"], case["target"]) for case in result["cases"].values()]
    found += [(case["apart"], APART_TARGET) for case in result["cases"].values() if "apart" in case]
    return int(any(ratio > target for ratio, target in found))


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    ram_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {ram_gb:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": f"renderbus {version('renderbus')}, bpy {version('bpy')}",
        "load": f"{os.getloadavg()[0]:.2f} before the first run",
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: frames, how calm the machine must be, how many frames by processes of their own."""

    folder: Path
    frames: int
    calm: float
    apart: int


def measure(asked: Asked, cases: str) -> list[Pair]:
    """A pair for each letter of ``cases``, disturbed ones repeated."""
    for kind in sorted({_kind(case) for case in cases}):
        make = [sys.executable, str(BARE_BLENDER), kind, str(asked.folder / kind), str(asked.frames)]
        _run(make, asked.folder / "make.log")
    done: list[Pair] = []
    tries = 0
    while len(done) < len(cases):
        case, tries = cases[len(done)], tries + 1
        if tries > MOST_TRIES * len(cases):
            raise BenchmarkFailed(
                f"the machine was never calm enough for {asked.calm:.0%} in {tries - 1} pairs"
            )
        _wait_until_calm(asked.calm)
        pair = measure_pair(case, asked, asked.folder / f"{case}{tries}")
        told = "" if pair.others <= asked.calm else "  disturbed, again"
        print(_line(case, [pair]) + told, flush=True)
        if not told:
            done.append(pair)
    return done


def _kind(case: str) -> str:
    return "make-slow" if case == "C" else "make"


def measure_pair(case: str, asked: Asked, here: Path) -> Pair:
    """One bare run, one through RenderBus; their pictures are compared."""
    scene = asked.folder / _kind(case) / "rings.blend"
    (here / "bare").mkdir(parents=True)
    command = [sys.executable, str(BARE_BLENDER), "render", str(scene), str(here / "bare")]
    with others_share(here) as others:
        seconds = _run(command, here / "bare.log")
    bare = Run(seconds, others[0])
    apart_s = _apart_s(scene, asked, here) if case == "C" else 0.0
    if case == "A":
        ours = _render(scene, here, ["--data", str(here / "data")], {})
        _wait_until_gone(here / "data" / "farm.json")
    else:
        with farm(here) as account:
            ours = _render(scene, here, [], account)
    compare(here / "bare", here / "frames", asked.frames)
    return Pair(case, bare, ours, apart_s)


def _apart_s(scene: Path, asked: Asked, here: Path) -> float:
    """What all frames take, each by a Blender of its own, from as many as are asked for."""
    (here / "apart").mkdir()
    command = [sys.executable, str(BARE_BLENDER), "render", str(scene), str(here / "apart")]
    numbers = [1 + at * asked.frames // asked.apart for at in range(asked.apart)]
    took = sum(_run([*command, str(number)], here / "apart.log") for number in numbers)
    return took * asked.frames / asked.apart


@contextmanager
def others_share(here: Path) -> Iterator[list[float]]:
    """Gives a list that holds afterwards what programs not run on the folder ``here`` took, 0 to 1."""
    share: list[float] = []
    busy, whole = _processors_s()
    ours = _own_s(here)
    yield share
    busy_after, whole_after = _processors_s()
    others = (busy_after - busy) - (_own_s(here) - ours)
    share.append(round(max(0.0, others / (whole_after - whole)), 3))


def _processors_s() -> tuple[float, float]:
    """Seconds that all processors were busy, and all their seconds, since the machine started."""
    now = psutil.cpu_times()
    whole = sum(now) - now.guest - now.guest_nice  # those are counted in user and nice too
    return whole - now.idle - now.iowait, whole


def _own_s(here: Path) -> float:
    """Processor seconds of our ended children, and of all processes whose command names the folder."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = ended.ru_utime + ended.ru_stime
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(str(here) in word for word in process.cmdline()):
                used += sum(process.cpu_times()[:4])  # its own, and its ended children's
    return used


def _wait_until_calm(share: float) -> None:
    deadline, pause = time.monotonic() + CALM_WITHIN_S, threading.Event()
    calm_s = 0.0
    while share < 1 and calm_s < CALM_FOR_S:
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"other programs took more than {share:.0%} for {CALM_WITHIN_S:.0f} s")
        busy, whole = _processors_s()
        pause.wait(1.0)
        busy_after, whole_after = _processors_s()
        calm_s = calm_s + 1 if (busy_after - busy) <= share * (whole_after - whole) else 0.0


@contextmanager
def farm(here: Path) -> Iterator[dict[str, str]]:
    """A farm with one worker on a fresh data folder; gives the environment that leads to it."""
    command = [*RENDERBUS, "farm", "serve", "--port", "0", "--workers", "1", "--json"]
    command += ["--data", str(here / "data")]
    with (here / "farm.log").open("w") as log:
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment(here, {})
        )
    try:
        with _killed_after(running, FARM_READY_WITHIN_S):
            assert running.stdout is not None  # asked for above
            line = running.stdout.readline()
        if not line:
            raise BenchmarkFailed(f"the farm did not start:\n{(here / 'farm.log').read_text()}")
        ready = json.loads(line)
        yield {
            "RENDERBUS_URL": ready["url"],
            "RAYVISION_API_ACCESS_ID": ready["accessId"],
            "RAYVISION_API_KEY": ready["accessKey"],
        }
    finally:
        running.terminate()
        running.communicate()


@contextmanager
def _killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _render(scene: Path, here: Path, options: list[str], account: dict[str, str]) -> Run:
    """Run ``renderbus render``."""
    command = [*RENDERBUS, "render", str(scene), "--output", str(here / "frames"), "--json", *options]
    phases: dict[str, float] = {}
    last: dict[str, Any] = {}
    with (here / "render.log").open("w") as log, others_share(here) as others:
        begin = time.perf_counter()
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment(here, account)
        )
        for line in running.stdout or ():
            last = json.loads(line)
            phases.setdefault(last["event"], round(time.perf_counter() - begin, 2))
        status = running.wait()
        took = time.perf_counter() - begin
    if status:
        raise BenchmarkFailed(
            f"renderbus render ended with {status}: {last}\n{(here / 'render.log').read_text()}"
        )
    return Run(took, others[0], phases)


def _environment(here: Path, more: dict[str, str]) -> dict[str, str]:
    """The caller's, without what would lead to another farm or settings."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("RENDERBUS_", "RAYVISION_"))
    }
    return {**kept, "RENDERBUS_CONFIG": str(here / "config.toml"), **more}


def _run(command: list[str], log: Path) -> float:
    with log.open("w") as output:
        begin = time.perf_counter()
        status = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
        took = time.perf_counter() - begin
    if status:
        raise BenchmarkFailed(f"{command} ended with {status}:\n{log.read_text()}")
    return took


def _wait_until_gone(file: Path) -> None:
    """Wait for an embedded farm's end: the next run must have the machine for itself."""
    deadline, pause = time.monotonic() + FARM_GONE_WITHIN_S, threading.Event()
    while file.exists():
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"the embedded farm did not end: {file} is still there")
        pause.wait(0.2)


def compare(bare: Path, ours: Path, frames: int) -> None:
    """Hold the decoded pixels of both runs against each other.

    Raises:
        BenchmarkFailed: a frame is missing, or a pixel differs.
    """
    expected, found = _by_frame(bare), _by_frame(ours)
    if expected.keys() != found.keys() or len(expected) != frames:
        raise BenchmarkFailed(
            f"{frames} frames asked for, bare gave {sorted(expected)}, RenderBus {sorted(found)}"
        )
    for number, file in expected.items():
        with Image.open(file) as one, Image.open(found[number]) as other:
            if one.mode != other.mode or ImageChops.difference(one, other).getbbox() is not None:
                raise BenchmarkFailed(f"frame {number}: the pixels of {file} and {found[number]} differ")


def _by_frame(folder: Path) -> dict[int, Path]:
    """Pictures by the number that their name ends with."""
    numbered = [(re.search(r"(\d+)$", file.stem), file) for file in folder.rglob("*.png")]
    return {int(number[1]): file for number, file in numbered if number}


def report(pairs: list[Pair], frames: int) -> dict[str, Any]:
    """Print a line for each case over all its pairs; the same as JSON values."""
    cases = {}
    print(f"\n{frames} frames, pixels equal in every run")
    for case in sorted({pair.case for pair in pairs}):
        ours = [pair for pair in pairs if pair.case == case]
        print(_line(case, ours) + f"  target {TARGETS[case]:.2f}  {TITLES[case]}")
        cases[case] = {"ratio": round(_ratio(ours), 4), "target": TARGETS[case]}
        if case == "C":
            apart = sum(pair.renderbus.seconds for pair in ours) / sum(pair.apart_s for pair in ours)
            print(f"{case}  {apart:.3f} of a process for each frame  target {APART_TARGET:.2f}")
            cases[case]["apart"] = round(apart, 4)
    return {"frames": frames, "cases": cases}


def _line(label: str, pairs: list[Pair]) -> str:
    bare, ours = sum(pair.bare.seconds for pair in pairs), sum(pair.renderbus.seconds for pair in pairs)
    others = max(pair.others for pair in pairs)
    return (
        f"{label}  bare {bare:7.2f} s  renderbus {ours:7.2f} s  ratio {ours / bare:.3f}  others {others:4.1%}"
    )


def _ratio(pairs: list[Pair]) -> float:
    return sum(pair.renderbus.seconds for pair in pairs) / sum(pair.bare.seconds for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
