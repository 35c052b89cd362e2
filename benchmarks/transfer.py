"""Uploads and downloads beside the public tools: ``cp`` and ``rclone`` to ``rclone serve s3``, over loopback.

    python benchmarks/transfer.py small large edits resume --rclone PATH/TO/rclone
    python benchmarks/transfer.py small --runs 3 --json result.json
    python benchmarks/transfer.py --only 3 --runs 5
    python benchmarks/transfer.py large --large-gib 1

Farm and client are processes of their own; each of our runs stands beside one of the other tool, because a
shared machine's speed drifts; told are the medians, and the load that others put on the machine.

small: 20,000 files of 16 KiB for the first time, unchanged, and with the ledger deleted. large: one file of
incompressible bytes, up, unchanged, down. edits: what travels of a .blend after an object moved and after a
mesh was added (made with bpy). maya: the same of a .ma over 200 MB. tree: few small, many large and two very
large files under 1,000 folders. line: 10,000 files over a round trip of 200 ms. resume: bytes that travel
twice when an upload is killed at about half. ``--only`` names them by the numbers of ``transfer_targets``,
which also says what they shall reach.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.ledger import SETTLED_AFTER_S
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.data_folder import DataFolder
from renderbus_farm.keys import KeyBox
from renderbus_model.wire.transfer import OutputFile

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.transfer_cases import line, maya_edits, tree
from benchmarks.transfer_targets import MEASUREMENTS, cases_of, verdicts

CLIENT = Path(__file__).with_name("transfer_client.py")
MIB = 1 << 20
FILES, FILE_BYTES = 20_000, 16 << 10
KEYS = ("KEYKEYKEY123", "secretsecret123")
SIXTEEN = ["--transfers", "16"]
CHECKED = [*SIXTEEN, "--checkers", "16", "--checksum"]

MAKE_BLEND = """
import bpy, random, sys
bpy.ops.wm.read_factory_settings(use_empty=True)
random.seed(1)
for number in range(60):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=110, y_subdivisions=110, location=(number, 0, 0))
    for vertex in bpy.context.object.data.vertices:
        vertex.co.z = random.random()
folder = sys.argv[-1]
save = lambda name: bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/{name}.blend", copy=True, compress=False)
save("first")
bpy.data.objects[7].location.x += 1.5
save("moved")
bpy.ops.mesh.primitive_grid_add(x_subdivisions=110, y_subdivisions=110, location=(0, 5, 0))
for vertex in bpy.context.object.data.vertices:
    vertex.co.z = random.random()
save("added")
"""


@dataclass
class Bench:
    """Where runs happen, and what they took: seconds or bytes by name."""

    folder: Path
    farm: DataFolder
    url: str
    rclone: str
    repeat: int
    large_bytes: int
    results: dict[str, list[float]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, str]:
        """Access id and key of the farm's owner."""
        owner = self.farm.owner()
        assert owner is not None
        return owner.access_id, owner.access_key

    def note(self, name: str, value: float) -> None:
        """One more run."""
        self.results.setdefault(name, []).append(value)
        print(f"  {name}: {value:.3f}", flush=True)

    def timed(self, name: str, do: Callable[[], object]) -> float:
        """Do it, and note how many seconds it took."""
        os.sync()
        began = time.monotonic()
        do()
        took = time.monotonic() - began
        self.note(name, took)
        return took

    def upload(self, what: Path, place: str, ledger: str = "-", url: str = "") -> dict[str, Any]:
        """Upload in a process of its own; ``url`` is another way to the farm."""
        command = [sys.executable, str(CLIENT), url or self.url, *self.keys, str(what), place, ledger]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@contextmanager
def running_farm(folder: Path) -> Iterator[str]:
    """A farm without workers; its address."""
    command = [sys.executable, "-m", "renderbus_farm", "--data", str(folder), "--port", "0", "--workers", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as farm:
        assert farm.stdout is not None
        try:
            yield farm.stdout.readline().strip()
        finally:
            farm.terminate()


@contextmanager
def served_s3(bench: Bench) -> Iterator[Callable[[Path, str, list[str]], None]]:
    """``rclone serve s3``, and a function that copies there with ``rclone copy``."""
    root = bench.folder / "s3"
    (root / "bucket").mkdir(parents=True)
    server = [bench.rclone, "serve", "s3", "--dir-cache-time", "1s", "--addr", "127.0.0.1:0"]
    with subprocess.Popen(
        [*server, "--auth-key", ",".join(KEYS), str(root)], stderr=subprocess.PIPE, text=True
    ) as s3:
        assert s3.stderr is not None
        address = next(word for line in s3.stderr for word in line.split() if word.startswith("[http://"))
        threading.Thread(target=s3.stderr.read, daemon=True).start()  # its pipe must not fill
        remote = f":s3,provider=Rclone,endpoint='{address.strip('[]/')}'"
        remote += f",access_key_id={KEYS[0]},secret_access_key={KEYS[1]},use_multipart_uploads=true:bucket/"

        def copy(what: Path, place: str, options: list[str]) -> None:
            subprocess.run([bench.rclone, "copy", *options, str(what), remote + place], check=True)

        try:
            yield copy
        finally:
            s3.terminate()


def small(bench: Bench) -> None:
    """20,000 small files."""
    files = bench.folder / "small"
    block = os.urandom(MIB)
    for number in range(FILES):
        folder = files / f"{number // 200:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        start = number * 37 % 900_000
        content = number.to_bytes(8, "little") + block[start : start + FILE_BYTES - 8]
        (folder / f"{number:05d}.bin").write_bytes(content)
    with served_s3(bench) as copy:
        for run in range(bench.repeat):
            ledger, place = str(bench.folder / f"ledger{run}"), f"/small{run}"
            make_new(files, run)
            bench.timed("small, first", partial(bench.upload, files, place, ledger))
            bench.timed("small, first: rclone", partial(copy, files, f"small{run}", SIXTEEN))
            bench.timed("small, unchanged", partial(bench.upload, files, place, ledger))
            bench.timed("small, no ledger", partial(bench.upload, files, place))
            bench.timed("small, unchanged: rclone", partial(copy, files, f"small{run}", CHECKED))


def make_new(files: Path, run: int) -> None:
    """Make files of them that no earlier run has sent: each run's first bytes are others."""
    for path in files.rglob("*.bin"):
        with path.open("r+b") as stream:
            stream.seek(8)
            stream.write(b"run%05d" % run)
        os.utime(path, (1_700_000_000, 1_700_000_000 + run))
    # A file that was touched just before it is read could change again unseen: the ledger leaves it out.
    threading.Event().wait(SETTLED_AFTER_S + 0.5)


def large(bench: Bench) -> None:
    """One file of incompressible bytes, beside a flushed copy."""
    for run in range(bench.repeat):
        file = bench.folder / "large.bin"
        with file.open("wb") as stream:
            for _ in range(bench.large_bytes // (16 * MIB)):
                stream.write(os.urandom(16 * MIB))
        os.utime(file, (1_700_000_000, 1_700_000_000 + run))
        copy = bench.folder / "copy.bin"
        bench.timed("large, cp and flush", partial(flushed_copy, file, copy))
        copy.unlink()
        ledger = str(bench.folder / f"large{run}")
        bench.timed("large, up", partial(noted_upload, bench, file, ledger))
        bench.timed("large, unchanged", partial(bench.upload, file, "/large", ledger))
        down(bench, file)


def noted_upload(bench: Bench, file: Path, ledger: str) -> None:
    """Upload, and note what memory and processor the client took."""
    told = bench.upload(file, "/large", ledger)
    bench.note("large, client's memory in MB", told["peak_mb"])
    bench.note("large, client's processor seconds", told["cpu_s"])


def flushed_copy(file: Path, copy: Path) -> None:
    """``cp`` and ``sync`` of the copy."""
    subprocess.run(["cp", str(file), str(copy)], check=True)
    subprocess.run(["sync", str(copy)], check=True)


def down(bench: Bench, file: Path) -> None:
    """Fetch a file as a result is fetched."""
    links = Links(KeyBox.at(bench.farm.key_file).derived("blob urls"))
    blobs = LocalBlobs(bench.farm.blobs, links)
    digest, size_bytes = blobs.put_file(file)
    url = blobs.get_url(digest, file.name, int(time.time()) + 3600)
    output = OutputFile(path="1_large/large.bin", digest=digest, size_bytes=size_bytes, url=url)
    target = bench.folder / "down"
    with RayvisionAPI(*bench.keys, bench.url, "2") as api:
        bench.timed("large, down", lambda: flushed_download(api, output, target))
    shutil.rmtree(target)
    blobs.delete({digest})


def flushed_download(api: RayvisionAPI, output: OutputFile, target: Path) -> None:
    """Download and flush, as the copy beside it is flushed."""
    for path in engine.download(api, [output], target):
        subprocess.run(["sync", str(path)], check=True)


def edits(bench: Bench) -> None:
    """What travels of a scene of Blender after small edits."""
    subprocess.run(
        [sys.executable, "-c", MAKE_BLEND, str(bench.folder)], check=True, stdout=subprocess.DEVNULL
    )
    scene = bench.folder / "shot.blend"
    for name in ("first", "moved", "added"):
        shutil.copyfile(bench.folder / f"{name}.blend", scene)
        told = bench.upload(scene, "/edits")
        bench.note(f"edits, {name}: MB", scene.stat().st_size / 1e6)
        bench.note(f"edits, {name}: share that travels", told["new_bytes"] / scene.stat().st_size)


def resume(bench: Bench) -> None:
    """Kill an upload at about half, and do it again."""
    file = bench.folder / "resumed.bin"
    with file.open("wb") as stream:
        for _ in range(bench.large_bytes // (16 * MIB)):
            stream.write(os.urandom(16 * MIB))
    before = stored(bench)
    command = [sys.executable, str(CLIENT), bench.url, *bench.keys, str(file), "/resumed", "-"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as killed:
        while stored(bench) - before < bench.large_bytes * 0.53:
            threading.Event().wait(0.01)
        killed.send_signal(signal.SIGKILL)
    threading.Event().wait(1.0)  # the farm notices that nobody sends any more
    kept = stored(bench) - before
    told = bench.upload(file, "/resumed")
    bench.note("resume, MiB sent twice", (told["new_bytes"] - (bench.large_bytes - kept)) / MIB)
    bench.note("resume, MiB there when killed", kept / MIB)


def stored(bench: Bench) -> int:
    """Bytes of whole packs."""
    return sum(path.stat().st_size for path in bench.farm.packs.glob("??/*"))


CASES: dict[str, Callable[[Bench], None]] = {
    "small": small,
    "large": large,
    "edits": edits,
    "maya": maya_edits,
    "tree": lambda bench: tree(bench, served_s3),
    "line": line,
    "resume": resume,
}


def main() -> None:
    """Run the cases that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--only", nargs="+", type=int, choices=sorted(MEASUREMENTS), default=[])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large-gib", type=float, default=4)
    parser.add_argument("--rclone", default=shutil.which("rclone") or "rclone")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cases = [*given.cases, *cases_of(given.only)]
    if not cases or not set(cases) <= CASES.keys():
        parser.error(f"name a case ({', '.join(CASES)}) or a measurement with --only")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="transfer-")))
        farm = DataFolder(folder / "farm")
        url = stack.enter_context(running_farm(farm.path))
        bench = Bench(folder, farm, url, given.rclone, given.runs, int(given.large_gib * (1 << 30)))
        for case in cases:
            print(f"{case}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
            CASES[case](bench)
    for name, values in bench.results.items():
        print(
            f"{name}: median {median(values):.3f} of {len(values)} ({min(values):.3f} to {max(values):.3f})"
        )
    for verdict in verdicts(bench.results):
        print(verdict)
    if given.json:
        given.json.write_text(json.dumps(bench.results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
