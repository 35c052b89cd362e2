#!/usr/bin/env -S python3 -I -S
"""A real renderer that is done at once: a text file in, a PNG out. Only the standard library.

``tiny_renderer.toml`` beside it describes it to a farm. It stands in for large applications where the farm is
tried and not the picture: it refuses arguments that it does not know, tells its progress, and ends with a
status as they do. A scene is a text of lines ``name value``, the first of them ``tiny 1``:

    tiny 1
    size 64 48
    seconds 0.2      how long a frame takes; 0 without it
    memory 500       MB that it holds meanwhile
    needs cache.txt  a file beside the scene that must be there
    reads water      a cache that a simulation of that name must have written
    fails 3          ends frame 3 with status 1
    crashes 4        ends frame 4 by SIGSEGV
    hangs 5          never ends frame 5
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import struct
import sys
import threading
import zlib
from pathlib import Path

VERSION = "1.0"

Scene = dict[str, list[str]]
Box = tuple[int, int, int, int]


def png(width: int, height: int, rows: bytes) -> bytes:
    """A picture of 8 bits a colour; ``rows`` each begin with the filter's number, 0."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 1)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def pixels(seed: bytes, frame: int, box: Box) -> bytes:
    """The rows of a part of a frame: a colour follows from scene, frame and place alone."""
    left, top, right, bottom = box
    red, green, blue = hashlib.sha256(seed + str(frame).encode()).digest()[:3]
    rows = []
    for y in range(top, bottom):
        row = bytearray(b"\0")
        for x in range(left, right):
            row += bytes(((red + x) % 256, (green + y) % 256, (blue + x * y) % 256))
        rows.append(bytes(row))
    return b"".join(rows)


def read(path: Path) -> Scene:
    """The scene by name; ends the program where it is none."""
    try:
        lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"tiny: error: {path.name}: {error}")
    if not lines or lines[0] != ["tiny", "1"]:
        sys.exit(f"tiny: error: {path.name} is no scene of tiny 1")
    found: Scene = {}
    for name, *values in lines:
        found.setdefault(name, []).extend(values)
    return found


def misbehave(scene: Scene, frame: int) -> None:
    """Do to this frame what the scene says."""
    if str(frame) in scene.get("fails", []):
        sys.exit(f"tiny: error: frame {frame} cannot be rendered")
    if str(frame) in scene.get("crashes", []):
        os.kill(os.getpid(), signal.SIGSEGV)
    if str(frame) in scene.get("hangs", []):
        print(f"tiny: frame {frame} hangs", flush=True)
        threading.Event().wait()


def work(scene: Scene) -> None:
    """Take the time and the memory that the scene says, and tell how far it is."""
    held = bytearray(int(float(scene.get("memory", ["0"])[0]) * 1_000_000))
    held[::4096] = bytes(len(held[::4096]))  # else the system never really gives it
    seconds = float(scene.get("seconds", ["0"])[0])
    steps = 4 if seconds else 1
    for step in range(1, steps + 1):
        threading.Event().wait(seconds / steps)
        print(f"tiny: {100 * step // steps}% done", flush=True)


def demand(scene: Scene, folder: Path, caches: Path | None) -> None:
    """End with an error where a file is missing that the scene needs."""
    for name in scene.get("needs", []):
        if not (folder / name).is_file():
            sys.exit(f"tiny: error: {name} is not beside the scene")
    for name in scene.get("reads", []):
        if caches is None or not any(caches.rglob(f"{name}.cache")):
            sys.exit(f"tiny: error: the simulation {name} has written no cache")


def arguments() -> argparse.Namespace:
    """The command line; an argument that it does not know ends it with status 2."""
    parser = argparse.ArgumentParser("tiny", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tiny {VERSION}")
    parser.add_argument("--scene", type=Path, required=True)
    parser.add_argument("--frame", type=int)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--size", type=int, nargs=2, metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--crop", type=int, nargs=4, metavar=("LEFT", "TOP", "RIGHT", "BOTTOM"))
    parser.add_argument("--caches", type=Path)
    parser.add_argument("--node")
    parser.add_argument("--simulate", nargs=2, type=int, metavar=("FIRST", "LAST"))
    asked = parser.parse_args()
    if (asked.frame is None) == (asked.simulate is None):
        parser.error("exactly one of --frame and --simulate is needed")
    if asked.output is None:
        parser.error("--output is needed")
    return asked


def simulate(asked: argparse.Namespace, scene: Scene) -> None:
    """Write the cache of a whole simulation."""
    name = (asked.node or "simulation").rpartition("/")[2]
    first, last = asked.simulate
    work(scene)
    (asked.output / f"{name}.cache").write_text(f"{name} {first} {last}\n", "utf-8")


def main() -> None:
    """Render one frame, or run one simulation."""
    asked = arguments()
    scene = read(asked.scene)
    if asked.simulate:
        simulate(asked, scene)
        return
    demand(scene, asked.scene.parent, asked.caches)
    misbehave(scene, asked.frame)
    width, height = asked.size or [int(side) for side in scene.get("size", ["16", "16"])]
    work(scene)
    left, top, right, bottom = asked.crop or (0, 0, width, height)
    rows = pixels(asked.scene.read_bytes(), asked.frame, (left, top, right, bottom))
    asked.output.write_bytes(png(right - left, bottom - top, rows))
    print(f"tiny: wrote {asked.output.name}", flush=True)


if __name__ == "__main__":
    main()
