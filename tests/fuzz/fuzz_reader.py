"""Search, guided by coverage, for bytes that make a scene reader fail in another way than ``BadScene``.

    python tests/fuzz/fuzz_reader.py blender KEEP --seconds 600 --seeds FOLDER...

Ends with status 0 when nothing was found; otherwise the bytes lie in the folder ``KEEP``, as the seeds do.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["renderbus_scenes", "renderbus_model"]):
    from renderbus_scenes.errors import BadScene
    from renderbus_scenes.reader import read

DATA = Path(__file__).parents[1] / "data"
HEADS = {
    "blender": (b"BLENDER", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"),
    "maya_ascii": (b"//Maya",),
    "maya_binary": (b"FOR4", b"FOR8"),
    "houdini": (b"0707", b"Hou"),
    "clarisse": (b"#Isotropix", b"project"),
}
FOLDERS = {"maya_ascii": "maya", "maya_binary": "maya"}
LARGEST_SEED_BYTES = 1 << 20
LONGEST_READ_S = 20
MEMORY_MB = 3000


def main() -> None:
    """Fuzz one reader for a while."""
    told = _arguments()
    heads = HEADS[told.reader]

    def one_input(data: bytes) -> None:
        if not data.startswith(heads):
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
    parser.add_argument("reader", choices=HEADS)
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
                    if file.read(16).startswith(HEADS[reader]):
                        yield path


if __name__ == "__main__":
    main()
