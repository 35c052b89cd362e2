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

from PIL import Image, UnidentifiedImageError

from renderbus_farm.pictures_tiff import measured

SMALL_WIDTH = 320
"""Pixels; wide enough to know a shot by, small enough to show hundreds."""

BLACK = "black"
"""No pixel has any light."""

NOT_A_NUMBER = "not a number"
"""Some pixels are no number, or their light is without end."""

MOST_PIXELS = 1 << 30
"""More, and a picture is not decoded: a file of a few kilobytes may claim to hold any number of them."""

Image.MAX_IMAGE_PIXELS = (
    None  # Pillow's own limit, 13377 pixels square, is below what is rendered for posters
)

_QUALITY = 75  # of WebP: 4 to 5 kB for a picture of this size
_FULL_BYTES = 1_000_000
"""A disk with less room than this is full: no picture of a usual size fits."""


class BadPicture(Exception):
    """A file is not the whole picture that its name promises; ``name`` says which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"picture {name}: {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that decodes.

    Attributes:
        small: its small copy as WebP, None for formats that are only measured.
        flags: what is odd about it, without its being a failure: ``BLACK``, ``NOT_A_NUMBER``.
    """

    width: int
    height: int
    small: bytes | None
    flags: frozenset[str] = frozenset()


def look(path: Path) -> Picture:
    """Decode a picture whole.

    Raises:
        BadPicture: it is empty, cut off, damaged, or of no kind that Blender writes.
    """
    try:
        if not path.stat().st_size:
            raise BadPicture(path.name, "the file is empty; was the disk full?")
        by_suffix = {".exr": _exr, ".hdr": _hdr, ".dpx": _dpx, ".cin": _cineon, ".tif": _tiff, ".tiff": _tiff}
        return by_suffix.get(path.suffix.lower(), _by_pillow)(path)
    except FileNotFoundError as error:
        raise BadPicture(path.name, "the renderer did not write it") from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        struct.error,
        RuntimeError,
        MemoryError,
        OverflowError,
    ) as error:
        full = ", since the node's disk is full" if shutil.disk_usage(path.parent).free < _FULL_BYTES else ""
        raise BadPicture(path.name, f"does not decode ({error}); it is cut off or damaged{full}") from error


def check_pixels(name: str, width: int, height: int) -> None:
    """Refuse a picture that would take all the memory of a node.

    Raises:
        BadPicture: it has more than ``MOST_PIXELS``.
    """
    if width * height > MOST_PIXELS:
        raise BadPicture(name, f"measures {width}x{height}, more than {MOST_PIXELS >> 20} million pixels")


def _by_pillow(path: Path) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is damaged the error tells, not what is guessed before it
        with Image.open(path) as picture:
            check_pixels(path.name, picture.width, picture.height)
            picture.load()
            flags = frozenset({BLACK} if _is_black(picture) else ())
            return Picture(picture.width, picture.height, _small(picture), flags)


def _is_black(picture: Image.Image) -> bool:
    colours = (
        picture.convert("RGB") if picture.mode in ("P", "PA", "CMYK", "YCbCr", "LAB", "HSV") else picture
    )
    # One band: its minimum and maximum; several: those of each.
    extremes = colours.getextrema() if len(colours.getbands()) > 1 else [colours.getextrema()]
    return all(
        each == (0, 0) for band, each in zip(colours.getbands(), extremes, strict=True) if band not in "Aa"
    )


def _small(picture: Image.Image) -> bytes:
    # Thinned before it is converted: a copy of a large picture takes as much memory again.
    if (factor := picture.width // (4 * SMALL_WIDTH)) > 1 and picture.mode not in ("P", "PA", "1"):
        picture = picture.reduce(factor)
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


def _tiff(path: Path) -> Picture:
    try:
        return _by_pillow(path)
    except UnidentifiedImageError:  # floating point in several channels, for one, which Pillow does not read
        width, height = measured(path)
        return Picture(width, height, None)


def _exr(path: Path) -> Picture:
    from renderbus_farm.pictures_exr import decoded  # its libraries are heavy, and most pictures are not EXR

    found = decoded(path, SMALL_WIDTH)
    odd = {BLACK: found.black, NOT_A_NUMBER: found.not_a_number}
    small = _small(found.shown) if found.shown else None
    return Picture(found.width, found.height, small, frozenset(flag for flag, holds in odd.items() if holds))


def _hdr(path: Path) -> Picture:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(b"#?"):
        raise BadPicture(path.name, "is no Radiance picture")
    for line in head.split(b"\n"):
        words = line.split()
        if len(words) == 4 and words[0] in (b"-Y", b"+Y") and words[2] in (b"-X", b"+X"):
            width, height = int(words[3]), int(words[1])
            # A line takes no less than its mark and, for each of four channels, a run of 127 equal pixels.
            if path.stat().st_size < height * min(4 * width, 4 + 8 * -(-width // 127)):
                raise BadPicture(path.name, "is cut off")
            return Picture(width, height, None)
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
