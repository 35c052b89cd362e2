"""How fast scenes are read, beside ``grep -c`` on the same cached file.

    python -m benchmarks.analyse SCENES                 # a folder with maya/, houdini/, clarisse/
    python -m benchmarks.analyse SCENES --megabytes 50 --rounds 2 --json result.json

Each case enlarges real scenes to one large file, and reads it as often as ``--rounds`` says, grep right after
each time, because a shared machine's speed drifts. Told is the best round's speed, how many times as long as
grep that took, the most that is right, and the memory that reading added beside the mapped file.
"""

from __future__ import annotations

import argparse
import json
import mmap
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.enlarge_maya import enlarge_ascii, enlarge_binary, enlarge_dense
from benchmarks.enlarge_scenes import enlarge_hip, enlarge_project

from renderbus_scenes.reader import read

Enlarge = Callable[[Sequence[Path], Path, int], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of scene.

    Attributes:
        sources: which files below the folder of scenes are enlarged.
        most_times: how many times as long as grep reading may take.
    """

    name: str
    sources: str
    target: str
    enlarge: Enlarge
    most_times: float


CASES = (
    Case("Maya ASCII, dense meshes", "maya/**/*.ma", "dense.ma", enlarge_dense, 3.0),
    Case("Maya ASCII, small nodes", "maya/**/*.ma", "small.ma", enlarge_ascii, 8.0),
    Case("Maya binary", "maya/**/*.mb", "big.mb", enlarge_binary, 2900 / 405),
    Case("Houdini", "houdini/**/*.hip", "big.hip", enlarge_hip, 2900 / 555),
    Case("Clarisse", "clarisse/**/*.project", "big.project", enlarge_project, 2900 / 106),
)
"""A prototype read Maya binary, Houdini and Clarisse at 405, 555 and 106 MB/s where grep did 2900. The Maya
scene of small nodes is the worst of cases: each has a few hundred bytes, and one in sixteen is read."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One case's result; speeds in MB/s of file."""

    name: str
    megabytes: float
    speed: float
    grep_speed: float
    times: float
    most_times: float
    added_mb: float

    def __str__(self) -> str:
        verdict = "ok" if self.times <= self.most_times else "TOO SLOW"
        speeds = f"{self.speed:6.0f} MB/s  grep {self.grep_speed:6.0f} MB/s"
        times = f"{self.times:5.1f} times (most {self.most_times:.1f})"
        return (
            f"{self.name:24} {self.megabytes:6.0f} MB  {speeds}  {times}  + {self.added_mb:.0f} MB  {verdict}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for: 1 when a case takes too long."""
    told = _arguments(arguments)
    results = []
    for case in CASES:
        sources = sorted(told.scenes.glob(case.sources))
        sources = [each for each in sources if _is_scene(each)]
        if not sources:
            print(f"{case.name}: no scene below {told.scenes}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, case.target)
            case.enlarge(sources, target, told.megabytes * 1_000_000)
            results.append(measured(case, target, told.rounds))
        print(results[-1], flush=True)
    if told.json:
        told.json.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n", "utf-8")
    return 1 if any(each.times > each.most_times for each in results) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args(arguments)


def _is_scene(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8).startswith((b"070707", b"#Isotrop", b"//Maya", b"FOR4", b"FOR8", b"BLENDER"))


def measured(case: Case, path: Path, rounds: int) -> Measured:
    """Read and grep one file in turn; the best of each counts."""
    reading, grepping, added = [], [], []
    for _ in range(rounds):
        before = _anonymous_mb()
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            began = time.perf_counter()
            found = read(content, path.name)
            reading.append(time.perf_counter() - began)
            added.append(_anonymous_mb() - before)
            del found
        began = time.perf_counter()
        # Into a pipe: where its answer goes to /dev/null, GNU grep stops at the first match.
        subprocess.run(["grep", "-ac", "createNode", path], capture_output=True, check=False)
        grepping.append(time.perf_counter() - began)
    size = path.stat().st_size / 1_000_000
    best, grep = min(reading), min(grepping)
    return Measured(case.name, size, size / best, size / grep, best / grep, case.most_times, max(added))


def _anonymous_mb() -> float:
    """Memory of this process that is no file, in MB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s+([0-9]+)", status.read_text("utf-8")) if status.exists() else None
    return int(found[1]) / 1000 if found else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
