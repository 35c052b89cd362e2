"""Tiles on a node: fetched from the storage and put together to the frame's pictures, by no renderer."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.composing import COMPOSED, compose
from renderbus_farm.pictures import BadPicture, check_pixels, look
from renderbus_farm.renderers.session import Rendered
from renderbus_farm.rules import tiles
from renderbus_farm.rules.tiles import Box
from renderbus_farm.rules.units import TILE_FOLDER
from renderbus_farm.rules.work import ChunkOrder, Output
from renderbus_farm.worker_results import numbered
from renderbus_model.pieces import WrongDigest, digest_of_stream


class CannotMerge(Exception):
    """The tiles of a frame are not there, or do not make a picture."""


def merged(blobs: Blobs, order: ChunkOrder, folder: Path) -> Rendered:
    """Put the parts of an order together into ``folder``.

    Raises:
        CannotMerge: a part is not stored, or the tiles do not fit each other.
        OSError: the disk is full.
    """
    by_name: defaultdict[str, list[Output]] = defaultdict(list)
    for part in order.parts:
        by_name[_below(part.path, order)].append(part)
    pattern = numbered(order.output.rpartition("/")[2], order.numbers[0])
    mains = [name for name in by_name if name.startswith(pattern) and "/" not in name]
    if not mains:
        raise CannotMerge("the frame has no tiles to put together")
    kind = order.tile.kind if order.tile else tiles.BLOCK
    pictures, extras, boxes = [], [], list[Box]()
    try:
        for name in mains:
            files = _all_fetched(blobs, by_name.pop(name), folder)
            boxes = _boxes(files, kind)
            pictures.append(f"picture{name.removeprefix(pattern)}")
            compose(files, boxes, folder / pictures[-1])
        for name, parts in by_name.items():
            extras += _extra(name, _all_fetched(blobs, parts, folder), boxes, folder)
    except BadPicture as error:
        raise CannotMerge(str(error)) from error
    finally:
        shutil.rmtree(folder / "parts", ignore_errors=True)
    width, height = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return Rendered(tuple(pictures), tuple(extras), width, height)


def _below(path: str, order: ChunkOrder) -> str:
    """What a file of a tile would be called below the folder of the whole frame's pictures."""
    if path.startswith(f"{TILE_FOLDER}/"):
        path = path.split("/", 2)[2]
    return path.removeprefix(f"{order.output.rpartition('/')[0]}/")


def _all_fetched(blobs: Blobs, parts: Sequence[Output], folder: Path) -> list[Path]:
    return [fetched(blobs, part, folder / "parts" / str(at)) for at, part in enumerate(parts)]


def _extra(name: str, files: list[Path], boxes: Sequence[Box], folder: Path) -> list[str]:
    """What tiles wrote beside their pictures: put together where it is cut as they are, else one by one."""
    sizes = [(box[2] - box[0], box[3] - box[1]) for box in boxes]
    if Path(name).suffix.lower() in COMPOSED and [_measured(file) for file in files] == sizes:
        target = folder / "extras" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        compose(files, boxes, target)
        return [f"extras/{name}"]
    found = [f"extras/tile_{at}/{name}" for at in range(1, len(files) + 1)]
    for file, each in zip(files, found, strict=True):
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        file.replace(folder / each)
    return found


def fetched(blobs: Blobs, output: Output, folder: Path) -> Path:
    """A file that an earlier chunk made, in ``folder``.

    Raises:
        CannotMerge: it is not stored any more, or was damaged there.
    """
    target = folder / output.path.rpartition("/")[2]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with blobs.get(output.digest) as stream, target.open("wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        with target.open("rb") as stream:
            digest, _ = digest_of_stream(stream)
    except BlobMissing as error:
        raise CannotMerge(f"{output.path} is no longer on the farm: {error}") from error
    if digest != output.digest:
        raise CannotMerge(f"{output.path} is damaged on the farm: {WrongDigest(output.digest, digest)}")
    return target


def _boxes(files: list[Path], kind: str) -> list[Box]:
    """Where each tile lies: what they measure together gives the size of the whole."""
    columns, rows = tiles.grid(len(files), kind)
    sizes = [_measured(file) for file in files]
    width = sum(size[0] for size in sizes[:columns])
    height = sum(size[1] for size in sizes[::columns])
    check_pixels(files[0].name, width, height)
    return [tiles.box(index, columns * rows, kind, width, height) for index in range(len(files))]


def _measured(file: Path) -> tuple[int, int]:
    if file.suffix.lower() == ".exr":
        picture = look(file)
        return picture.width, picture.height
    try:
        with Image.open(file) as opened:
            return opened.width, opened.height
    except (OSError, ValueError, SyntaxError) as error:
        raise BadPicture(file.name, f"does not decode ({error})") from error
