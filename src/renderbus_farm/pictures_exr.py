"""OpenEXR pictures: measured, decoded whole or in bands, shown small, and looked through for odd numbers.

A picture of 16384 pixels with dozens of channels would take more memory than a node has: what is larger than
``WHOLE_BYTES`` is decoded band by band, and only the channels that make up the finished picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import Imath  # type: ignore[import-untyped]  # it comes with OpenEXR, and has no types
import numpy
import OpenEXR
from PIL import Image

WHOLE_BYTES = 256 << 20
"""Decoded. What is larger is looked at in bands."""

BAND_LINES = 256
"""The most lines that a compression of EXR puts together (DWAB): no line is decoded twice."""

_RGB = 3
_FLOAT = Imath.PixelType(Imath.PixelType.FLOAT)


class Incomplete(ValueError):
    """Lines or tiles of the picture are not in the file."""

    def __init__(self) -> None:
        super().__init__("lines of the picture are missing")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole picture: its pixels, a thinned copy with the sRGB curve, and what is odd about it."""

    width: int
    height: int
    shown: Image.Image | None
    black: bool
    not_a_number: bool


class _Seen:
    """What came by so far: the range of the finished picture, and numbers that are none."""

    def __init__(self) -> None:
        self._low, self._high = 0.0, 0.0
        self.not_a_number = False

    def add(self, pixels: Any, *, finished: bool) -> None:
        """Some pixels of one channel; ``finished`` tells that it is of the finished picture."""
        if not pixels.size or pixels.dtype.kind != "f":
            return
        low, high = float(numpy.min(pixels)), float(numpy.max(pixels))
        # A depth may be infinite where there is nothing; light may not.
        self.not_a_number |= bool(numpy.isnan(low) or (finished and numpy.isinf((low, high)).any()))
        if finished:
            self._low, self._high = min(self._low, low), max(self._high, high)

    @property
    def black(self) -> bool:
        """There was no light at all."""
        return not self.not_a_number and self._low == self._high == 0.0


def decoded(path: Path, small_width: int) -> Decoded:
    """Look at every pixel of the finished picture, and of all others where the file is not too large.

    Args:
        small_width: pixels of the thinned copy: it has at least twice as many, where the picture has.

    Raises:
        Incomplete: it was cut off.
        OSError, RuntimeError, ValueError: it is damaged, or no EXR.
    """
    with OpenEXR.File(str(path), separate_channels=True, header_only=True) as file:
        parts = len(file.parts)
        size_bytes = sum(_size_bytes(part.header) for part in file.parts)
        width, height = _shown_size(file.header())
    in_bands = size_bytes > WHOLE_BYTES
    shown, seen = _by_bands(path, small_width) if in_bands else _whole(path, parts, small_width)
    return Decoded(width, height, shown, seen.black and shown is not None, seen.not_a_number)


def _whole(path: Path, parts: int, small_width: int) -> tuple[Image.Image | None, _Seen]:
    seen = _Seen()
    with OpenEXR.File(str(path), separate_channels=True) as file:
        if len(file.parts) < parts:  # it prints why, and goes on without the part
            raise Incomplete
        channels = {name: channel.pixels for part in file.parts for name, channel in part.channels.items()}
        chosen = _combined(list(channels))
        for name, pixels in channels.items():
            seen.add(pixels, finished=name in chosen)
        if not channels:
            return None, seen
        step = max(1, channels[chosen[0]].shape[1] // (2 * small_width))
        thin = numpy.stack([channels[name][::step, ::step] for name in chosen], axis=-1)
    return _with_curve(thin), seen


def _by_bands(path: Path, small_width: int) -> tuple[Image.Image | None, _Seen]:
    seen = _Seen()
    with closing(OpenEXR.InputFile(str(path))) as file:
        if not file.isComplete():
            raise Incomplete
        header = file.header()
        window = header["dataWindow"]
        width = window.max.x - window.min.x + 1
        plain = [
            name for name, kind in header["channels"].items() if (kind.xSampling, kind.ySampling) == (1, 1)
        ]
        chosen = _combined(plain)
        step = max(1, width // (2 * small_width))
        thin = []
        for low, high in _bands(window.min.y, window.max.y):
            raw = file.channels(chosen, _FLOAT, low, high)
            band = [numpy.frombuffer(pixels, numpy.float32).reshape(-1, width) for pixels in raw]
            for pixels in band:
                seen.add(pixels, finished=True)
            first = -(low - window.min.y) % step  # so that every step-th line of the picture is taken
            thin.append(numpy.stack([pixels[first::step, ::step] for pixels in band], axis=-1))
    return (_with_curve(numpy.concatenate(thin)) if chosen else None), seen


def _bands(low: int, high: int) -> Iterator[tuple[int, int]]:
    for first in range(low, high + 1, BAND_LINES):
        yield first, min(high, first + BAND_LINES - 1)


def _size_bytes(header: dict[str, Any]) -> int:
    low, high = header["dataWindow"]
    pixels = (int(high[0]) - int(low[0]) + 1) * (int(high[1]) - int(low[1]) + 1)
    return pixels * 4 * len(header["channels"])


def _shown_size(header: dict[str, Any]) -> tuple[int, int]:
    low, high = header.get("displayWindow", header["dataWindow"])
    return int(high[0] - low[0] + 1), int(high[1] - low[1] + 1)


def _with_curve(linear: Any) -> Image.Image:
    """The sRGB curve (IEC 61966-2-1) on scene-linear light."""
    linear = numpy.clip(numpy.nan_to_num(linear.astype(numpy.float32), posinf=1.0, neginf=0.0), 0.0, 1.0)
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
