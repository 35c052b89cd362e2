"""Finished pictures: whether one decodes, what it measures, and the small picture that lists show.

Pillow reads what it knows; OpenEXR and numpy read EXR. A small picture of scene-linear light gets the sRGB
curve (IEC 61966-2-1) and nothing else: it is for finding a frame, not for judging colour.
"""

from __future__ import annotations

import io
import shutil
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

SMALL_WIDTH = 320
"""Pixels; wide enough to know a shot by, small enough to show hundreds."""

_QUALITY = 75  # of WebP: 4 to 5 kB for a picture of this size
_RGB = 3

_FULL_BYTES = 1_000_000
"""A disk with less room than this is full: no picture of a usual size fits."""


class BadPicture(Exception):
    """A file is not the whole picture that its name promises; ``name`` says which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"picture {name}: {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that decodes: its pixels, and its small copy as WebP (None for formats only measured)."""

    width: int
    height: int
    small: bytes | None


def look(path: Path) -> Picture:
    """Decode a picture whole.

    Raises:
        BadPicture: it is empty, cut off, damaged, or of no kind that Blender writes.
    """
    try:
        if not path.stat().st_size:
            raise BadPicture(path.name, "the file is empty; was the disk full?")
        by_suffix = {".exr": _exr, ".hdr": _hdr, ".dpx": _dpx, ".cin": _cineon}
        return by_suffix.get(path.suffix.lower(), _by_pillow)(path)
    except FileNotFoundError as error:
        raise BadPicture(path.name, "the renderer did not write it") from error
    except (OSError, ValueError, SyntaxError, struct.error, RuntimeError, MemoryError) as error:
        full = ", since the node's disk is full" if shutil.disk_usage(path.parent).free < _FULL_BYTES else ""
        raise BadPicture(path.name, f"does not decode ({error}); it is cut off or damaged{full}") from error


def _by_pillow(path: Path) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a large render is no attack
        with Image.open(path) as picture:
            picture.load()
            return Picture(picture.width, picture.height, _small(picture))


def _small(picture: Image.Image) -> bytes:
    if picture.mode.startswith("I"):  # 16 bits of grey, which a plain conversion would clip to white
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    height = max(1, round(picture.height * SMALL_WIDTH / picture.width))
    if picture.width > SMALL_WIDTH:
        picture = picture.resize((SMALL_WIDTH, height), Image.Resampling.BOX, reducing_gap=2.0)
    into = io.BytesIO()
    picture.save(into, "WEBP", quality=_QUALITY, method=2)
    return into.getvalue()


def _exr(path: Path) -> Picture:
    import OpenEXR  # both are heavy, and most pictures are not EXR

    with OpenEXR.File(str(path), separate_channels=True) as file:
        header = file.header()
        low, high = header["dataWindow"]
        low_shown, high_shown = header.get("displayWindow", (low, high))
        channels = {name: channel.pixels for part in file.parts for name, channel in part.channels.items()}
        small = _small(_shown(channels)) if channels else None
    width, height = (int(high_shown[axis] - low_shown[axis] + 1) for axis in (0, 1))
    return Picture(width, height, small)


def _shown(channels: dict[str, Any]) -> Image.Image:
    """The combined picture of what may be dozens of channels, thinned first: the curve costs most."""
    import numpy

    chosen = [channels[name] for name in _combined(list(channels))]
    step = max(1, chosen[0].shape[1] // (2 * SMALL_WIDTH))
    linear = numpy.stack([pixels[::step, ::step] for pixels in chosen], axis=-1).astype(numpy.float32)
    linear = numpy.clip(numpy.nan_to_num(linear, posinf=1.0, neginf=0.0), 0.0, 1.0)
    curve = numpy.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels = (curve * 255.0 + 0.5).astype(numpy.uint8)
    if pixels.shape[-1] != _RGB:
        pixels = numpy.repeat(pixels[..., :1], _RGB, axis=-1)
    return Image.fromarray(pixels)


def _combined(names: list[str]) -> list[str]:
    """The three channels of the finished picture, else those of the first layer, else any one channel.

    >>> _combined(["View.Depth.Z", "View.Combined.B", "View.Combined.G", "View.Combined.R"])
    ['View.Combined.R', 'View.Combined.G', 'View.Combined.B']
    """
    layers = [name[:-1] for name in names if name.endswith(("R", "r"))]
    whole = [layer for layer in layers if all(_named(names, layer + letter) for letter in "RGB")]
    order = sorted(whole, key=lambda layer: (layer != "", "Composite" not in layer, "Combined" not in layer))
    if not order:
        return names[:1]
    return [_named(names, order[0] + letter) for letter in "RGB"]


def _named(names: list[str], wanted: str) -> str:
    return next((name for name in names if name[:-1] == wanted[:-1] and name[-1].upper() == wanted[-1]), "")


def _hdr(path: Path) -> Picture:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(b"#?"):
        raise BadPicture(path.name, "is no Radiance picture")
    for line in head.split(b"\n"):
        words = line.split()
        if len(words) == 4 and words[0] in (b"-Y", b"+Y") and words[2] in (b"-X", b"+X"):
            return Picture(int(words[3]), int(words[1]), None)
    raise BadPicture(path.name, "says nowhere what it measures")


def _dpx(path: Path) -> Picture:
    return _by_header(path, {b"SDPX": ">", b"XPDS": "<"}, 772)


def _cineon(path: Path) -> Picture:
    return _by_header(path, {b"\x80\x2a\x5f\xd7": ">", b"\xd7\x5f\x2a\x80": "<"}, 200)


def _by_header(path: Path, orders: dict[bytes, str], offset: int) -> Picture:
    """Width and height of a SMPTE 268M or Cineon file: two 32-bit numbers at a fixed place."""
    with path.open("rb") as file:
        head = file.read(offset + 8)
    if head[:4] not in orders:
        raise BadPicture(path.name, "does not begin as its format does")
    width, height = struct.unpack_from(f"{orders[head[:4]]}II", head, offset)
    pixels_offset = struct.unpack_from(f"{orders[head[:4]]}I", head, 4)[0]
    # Ten bits for each of three colours in four bytes is the least that Blender packs a pixel into.
    if path.stat().st_size < pixels_offset + width * height * 4:
        raise BadPicture(path.name, "is cut off")
    return Picture(width, height, None)
