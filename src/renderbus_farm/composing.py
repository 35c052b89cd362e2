"""Tiles put together to the picture they were cut from: the same format, depth, channels and metadata.

Pixels are copied, never worked out anew. Metadata (PNG chunks, EXR attributes, TIFF tags that Pillow knows)
are those of the first tile. Formats that lose something each time they are written are refused.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from renderbus_farm import png16
from renderbus_farm.pictures import BadPicture, check_pixels
from renderbus_farm.rules.tiles import Box

_BY_PILLOW = frozenset({".png", ".tif", ".tiff", ".bmp", ".tga"})
_DAMAGED = (
    ValueError,
    SyntaxError,
    struct.error,
    zlib.error,
    RuntimeError,
    KeyError,
    OverflowError,
    MemoryError,
)
"""What decoders raise where a file is not what it says it is."""

COMPOSED = (*sorted(_BY_PILLOW), ".exr")
"""Suffixes of pictures that can be put together."""


def compose(tiles: Sequence[Path], boxes: Sequence[Box], target: Path) -> None:
    """Write the picture that ``tiles`` make, each of which lies at its box.

    Raises:
        BadPicture: a tile does not decode, measures something else than its box, or does not go with the
            others; or the format cannot be put together.
    """
    suffix = target.suffix.lower()
    try:
        if suffix == ".exr":
            _compose_exr(tiles, boxes, target)
        elif suffix == ".png" and png16.is_deep(tiles[0]):
            png16.compose(tiles, boxes, target)
        elif suffix in _BY_PILLOW:
            _compose_by_pillow(tiles, boxes, target)
        else:
            raise BadPicture(
                target.name, f"tiles of {suffix} pictures cannot be put together; choose png or exr"
            )
    except _DAMAGED as error:
        raise BadPicture(target.name, f"its tiles cannot be put together: {error}") from error


def crop(picture: Path, box: Box) -> None:
    """Leave of a picture only what lies in ``box``.

    Raises:
        BadPicture: it does not decode, or the box is not in it, or its format cannot be cut without loss.
    """
    if picture.suffix.lower() == ".exr":
        _crop_exr(picture, box)
        return
    if picture.suffix.lower() == ".png" and png16.is_deep(picture):
        png16.crop(picture, box)
        return
    if picture.suffix.lower() not in _BY_PILLOW:
        raise BadPicture(picture.name, f"a part of a {picture.suffix} picture cannot be cut out without loss")
    try:
        with Image.open(picture) as whole:
            check_pixels(picture.name, whole.width, whole.height)
            if box[2] > whole.width or box[3] > whole.height:
                raise BadPicture(
                    picture.name, f"measures {whole.width}x{whole.height}, too small for its tile"
                )
            kept, part = _kept(whole), whole.crop(box)
        noted = picture.read_bytes()
        part.save(picture, **kept)
        if picture.suffix.lower() == ".png":
            png16.copy_notes(noted, picture)
    except (OSError, *_DAMAGED) as error:
        raise BadPicture(picture.name, f"does not decode ({error})") from error


def _compose_by_pillow(tiles: Sequence[Path], boxes: Sequence[Box], target: Path) -> None:
    size = _size(boxes)
    whole: Image.Image | None = None
    kept: dict[str, Any] = {}
    for tile, box in zip(tiles, boxes, strict=True):
        with Image.open(tile) as part:
            part.load()
            _check_size(tile, (part.width, part.height), box)
            if whole is None:
                whole = Image.new(part.mode, size)
                kept = _kept(part)
                if part.mode == "P":
                    raise BadPicture(tile.name, "has a palette of its own; choose a format with full colours")
            if part.mode != whole.mode:
                raise BadPicture(
                    tile.name, f"has other channels ({part.mode}) than its neighbours ({whole.mode})"
                )
            whole.paste(part, box)
    assert whole is not None  # a frame has tiles
    whole.save(target, **kept)
    if target.suffix.lower() == ".png":
        png16.copy_notes(tiles[0].read_bytes(), target)


def _kept(picture: Image.Image) -> dict[str, Any]:
    """What Pillow writes again when it is told to."""
    names = {"icc_profile", "dpi", "exif", "compression"} & picture.info.keys()
    return {name: picture.info[name] for name in names}


def _compose_exr(tiles: Sequence[Path], boxes: Sequence[Box], target: Path) -> None:
    import numpy  # heavy, and most tasks have no tiles
    import OpenEXR

    width, height = _size(boxes)
    parts: list[Any] = []
    for tile, box in zip(tiles, boxes, strict=True):
        with OpenEXR.File(str(tile), separate_channels=True) as file:
            for index, part in enumerate(file.parts):
                _check_size(tile, _exr_size(part.header), box)
                if len(parts) <= index:
                    channels = {
                        name: (numpy.zeros((height, width), channel.pixels.dtype), channel)
                        for name, channel in part.channels.items()
                    }
                    parts.append((dict(part.header), channels))
                left, top, right, bottom = box
                if part.channels.keys() != parts[index][1].keys():
                    raise BadPicture(tile.name, "has other channels than its neighbours")
                for name, channel in part.channels.items():
                    parts[index][1][name][0][top:bottom, left:right] = channel.pixels
    written = [
        OpenEXR.Part(
            _sized(header, width, height),
            {name: _channel(OpenEXR, pixels, like) for name, (pixels, like) in channels.items()},
            str(header.get("name", "")),
        )
        for header, channels in parts
    ]
    OpenEXR.File(written).write(str(target))


def _crop_exr(picture: Path, box: Box) -> None:
    import OpenEXR

    left, top, right, bottom = box
    try:
        with OpenEXR.File(str(picture), separate_channels=True) as file:
            written = [
                OpenEXR.Part(
                    _sized(dict(part.header), right - left, bottom - top),
                    {
                        name: _channel(OpenEXR, channel.pixels[top:bottom, left:right].copy(), channel)
                        for name, channel in part.channels.items()
                    },
                    str(part.header.get("name", "")),
                )
                for part in file.parts
            ]
        OpenEXR.File(written).write(str(picture))
    except (OSError, *_DAMAGED) as error:
        raise BadPicture(picture.name, f"does not decode ({error})") from error


def _channel(exr: Any, pixels: Any, like: Any) -> Any:
    return exr.Channel(pixels, like.xSampling, like.ySampling, like.pLinear)


def _exr_size(header: dict[str, Any]) -> tuple[int, int]:
    low, high = header["dataWindow"]
    return int(high[0] - low[0] + 1), int(high[1] - low[1] + 1)


def _sized(header: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    import numpy

    window = (numpy.array([0, 0], numpy.int32), numpy.array([width - 1, height - 1], numpy.int32))
    kept = {name: value for name, value in header.items() if name not in ("channels", "chunkCount", "name")}
    return {**kept, "dataWindow": window, "displayWindow": window}


def _size(boxes: Sequence[Box]) -> tuple[int, int]:
    return max(box[2] for box in boxes), max(box[3] for box in boxes)


def _check_size(tile: Path, size: tuple[int, int], box: Box) -> None:
    wanted = (box[2] - box[0], box[3] - box[1])
    if size != wanted:
        raise BadPicture(tile.name, f"measures {size[0]}x{size[1]} pixels, its place {wanted[0]}x{wanted[1]}")
