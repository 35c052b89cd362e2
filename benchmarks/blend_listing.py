"""How fast the files of .blend scenes are listed, beside Blender Asset Tracer on the same cached files.

    python benchmarks/blend_listing.py SCENES              # a folder; every .blend below it is read
    python benchmarks/blend_listing.py SCENES --rounds 5 --json result.json

Each program runs in a process of its own, in turn, and lists all scenes three times: the first time it meets
each version of Blender's table of structs, afterwards it may know it, as a program that reads many scenes
does. Told are the medians. Scenes that one of the two cannot read are left out for both. The tracer (GPL-2 or
later) is fetched by pip into an environment of its own and is no part of this project.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

TRACER = "blender-asset-tracer==1.23"
PASSES = 3

OURS = """
import json, sys, time
from renderbus_scenes.reader import read
def listed(path):
    with open(path, "rb") as file:
        return len(read(file.read(), path).inputs)
"""
THEIRS = """
import json, logging, pathlib, sys, time
logging.disable(50)
from blender_asset_tracer import blendfile, trace
def listed(path):
    try:
        return sum(1 for _ in trace.deps(pathlib.Path(path)))
    finally:
        blendfile.close_all_cached()
"""
RUN = """
def readable(path):
    try:
        listed(path)
    except Exception:
        return False
    return True
if sys.argv[1] == "which":
    print(json.dumps([path for path in sys.argv[2:] if readable(path)]))
else:
    times = []
    for _ in range(int(sys.argv[1])):
        began = time.perf_counter()
        for path in sys.argv[2:]:
            listed(path)
        times.append(time.perf_counter() - began)
    print(json.dumps(times))
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="renderbus-tracer-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        subprocess.run([python, "-m", "pip", "install", "-q", TRACER, "zstandard"], check=True)
        programs = {"ours": (sys.executable, OURS + RUN), "tracer": (python, THEIRS + RUN)}
        paths = [str(path) for path in sorted(told.scenes.rglob("*.blend")) if path.stat().st_size]
        for interpreter, program in programs.values():
            paths = json.loads(asked(interpreter, program, "which", *paths))
        raw = [path for path in paths if Path(path).read_bytes()[:7] == b"BLENDER"]
        results = [
            measured("uncompressed", raw, programs, told.rounds),
            measured("all", paths, programs, told.rounds),
        ]
    if told.json:
        told.json.write_text(json.dumps(results, indent=2))
    return 0


def measured(
    name: str, paths: list[str], programs: dict[str, tuple[str, str]], rounds: int
) -> dict[str, object]:
    """Medians of the first pass and of the last, for both programs."""
    first: dict[str, list[float]] = {each: [] for each in programs}
    last: dict[str, list[float]] = {each: [] for each in programs}
    for _ in range(rounds):
        for each, (interpreter, program) in programs.items():
            times = json.loads(asked(interpreter, program, str(PASSES), *paths))
            first[each].append(times[0])
            last[each].append(times[-1])
    found: dict[str, object] = {"what": name, "scenes": len(paths)}
    for label, times_of in (("first pass", first), ("later passes", last)):
        ours, tracer = (statistics.median(times_of[each]) for each in ("ours", "tracer"))
        found[label] = {"ours_s": ours, "tracer_s": tracer, "times_faster": tracer / ours}
        print(
            f"{name:13} {len(paths):4} scenes  {label:12}  ours {ours:6.3f} s  tracer {tracer:6.3f} s  "
            f"{tracer / ours:4.1f} times faster"
        )
    return found


def asked(interpreter: str, program: str, *arguments: str) -> str:
    """What a program prints."""
    command = [interpreter, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
