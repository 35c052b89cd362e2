"""Search, guided by coverage, for bytes that make a scene reader fail in another way than ``BadScene``.

    python tests/fuzz/fuzz_reader.py blender KEEP --seconds 600 --seeds FOLDER...

Ends with status 0 when nothing was found; otherwise the bytes lie in the folder ``KEEP``, as the seeds do.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["renderbus_scenes", "renderbus_model"]):
    from renderbus_scenes.clarisse import MAGIC as CLARISSE
    from renderbus_scenes.errors import BadScene
    from renderbus_scenes.houdini_archive import license_of
    from renderbus_scenes.maya_ascii import is_maya_ascii
    from renderbus_scenes.maya_binary import is_maya_binary
    from renderbus_scenes.reader import read

DATA = Path(__file__).parents[1] / "data"
TAKES: dict[str, Callable[[bytes], object]] = {
    "blender": lambda head: head.startswith((b"BLENDER", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")),
    "clarisse": lambda head: head.startswith(CLARISSE),
    "houdini": license_of,
    "maya_ascii": is_maya_ascii,
    "maya_binary": is_maya_binary,
}
"""By reader: whether a file that begins so is one of its scenes."""

FOLDERS = {"maya_ascii": "maya", "maya_binary": "maya"}
HEAD_BYTES = 256
LARGEST_SEED_BYTES = 1 << 20
LONGEST_READ_S = 20
MEMORY_MB = 3000


def main() -> None:
    """Fuzz one reader for a while."""
    told = _arguments()
    takes = TAKES[told.reader]

    def one_input(data: bytes) -> None:
        if not takes(data[:HEAD_BYTES]):
            return
        try:
            read(data, "fuzz")
        except BadScene:
            return

    seeds: Path = told.keep / f"seeds-{told.reader}"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_seeds(told.reader, [DATA, *told.seeds])):
        shutil.copyfile(seed, seeds / f"{number}{seed.suffix}")
    keep = f"-artifact_prefix={told.keep}/{told.reader}-"
    limits = [f"-timeout={LONGEST_READ_S}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LARGEST_SEED_BYTES}"]
    options = [f"-max_total_time={told.seconds}", "-verbosity=0", "-print_final_stats=1", keep, *limits]
    atheris.Setup([sys.argv[0], *options, str(seeds)], one_input)
    atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("reader", choices=TAKES)
    parser.add_argument("keep", type=Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seeds", type=Path, nargs="*", default=[])
    return parser.parse_args()


def _seeds(reader: str, folders: list[Path]) -> Iterator[Path]:
    """The scenes below these folders that the reader takes."""
    for folder in folders:
        for path in sorted((folder / FOLDERS.get(reader, reader)).rglob("*")):
            if path.is_file() and 0 < path.stat().st_size <= LARGEST_SEED_BYTES:
                with path.open("rb") as file:
                    if TAKES[reader](file.read(HEAD_BYTES)):
                        yield path


if __name__ == "__main__":
    main()
