"""Further cases of ``transfer.py``: a large Maya scene, a tree as studios have them, and a long line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.transfer import Bench

MIB = 1 << 20
TREE = ((400, 1 << 10), (40, 50 * MIB), (2, 1 << 30))
"""Files of the tree and their size."""

TREE_FOLDERS = 1000
LINE_FILES, LINE_FILE_BYTES, ROUND_TRIP_MS = 10_000, 16 << 10, 200
SIXTEEN = ["--transfers", "16"]

Copy = Callable[[Path, str, list[str]], None]


def maya_edits(bench: Bench) -> None:
    """What travels of a Maya ASCII scene of over 200 MB after small edits."""
    script = Path(__file__).with_name("maya_edits.py")
    subprocess.run([sys.executable, str(script), str(bench.folder)], check=True)
    scene = bench.folder / "shot.ma"
    for name in ("first", "moved", "added"):
        (bench.folder / f"{name}.ma").replace(scene)
        told = bench.upload(scene, "/maya-edits")
        bench.note(f"maya, {name}: MB", scene.stat().st_size / 1e6)
        bench.note(f"maya, {name}: share that travels", told["new_bytes"] / scene.stat().st_size)
    scene.unlink()


def tree(bench: Bench, served_s3: Callable[[Bench], object]) -> None:
    """400 files of 1 KB, 40 of 50 MB and 2 of 1 GB under 1,000 folders, beside rclone."""
    root = bench.folder / "tree"
    size_mb = sum(count * size for count, size in TREE) / 1e6
    opened = served_s3(bench)
    with opened as copy:  # type: ignore[attr-defined]  # a context manager, as ``transfer`` makes it
        for run in range(bench.repeat):
            make_tree(root)
            took = bench.timed("tree, first", partial(bench.upload, root, f"/tree{run}"))
            bench.note("tree, first: MB/s", size_mb / took)
            took = bench.timed("tree, first: rclone", partial(copy, root, f"tree{run}", SIXTEEN))
            bench.note("tree, first: MB/s of rclone", size_mb / took)
            shutil.rmtree(root)
            shutil.rmtree(bench.folder / "s3" / "bucket" / f"tree{run}")


def make_tree(root: Path) -> None:
    """Files of incompressible bytes, spread over the folders; half of these are empty, as in real trees."""
    folders = [root / f"{number // 100}" / f"{number % 100:02d}" for number in range(TREE_FOLDERS)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for count, size in TREE:
        for _ in range(count):
            with (folders[number * 7 % TREE_FOLDERS] / f"{number}.bin").open("wb") as file:
                for start in range(0, size, 16 * MIB):
                    file.write(os.urandom(min(16 * MIB, size - start)))
            number += 1


def line(bench: Bench) -> None:
    """10,000 files over a line with a round trip of 200 ms."""
    files = bench.folder / "line"
    for run in range(bench.repeat):
        for number in range(LINE_FILES):
            folder = files / f"{number // 100:03d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:05d}.bin").write_bytes(os.urandom(LINE_FILE_BYTES))
        with slow_line(bench.url) as url:
            began = time.monotonic()
            bench.upload(files, f"/line{run}", url=url)
            took = time.monotonic() - began
        bench.note("line, seconds", took)
        bench.note("line, files/s", LINE_FILES / took)


@contextmanager
def slow_line(url: str) -> Iterator[str]:
    """The farm's address at the other end of a long line."""
    host, _, port = url.partition("://")[2].rpartition(":")
    script = Path(__file__).with_name("slow_line.py")
    command = [sys.executable, str(script), host, port, str(ROUND_TRIP_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as relay:
        assert relay.stdout is not None
        try:
            yield f"http://127.0.0.1:{relay.stdout.readline().strip()}"
        finally:
            relay.terminate()
