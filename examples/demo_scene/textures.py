"""The demo's image textures, drawn with numpy and written as PNG files: a wet road, a livery, pine needles.

Every picture is worked out from a fixed seed, so the files are the same bytes each time.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float64]  # height x width x 3, 0 to 1, as displayed (sRGB)

SIZE = 512


def write_all(folder: Path) -> None:
    """Write every texture into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in (
        ("road.png", road()),
        ("livery.png", livery()),
        ("needles.png", needles()),
        ("passengers.png", passengers()),
    ):
        (folder / name).write_bytes(png(picture))


def png(picture: Picture) -> bytes:
    """An 8-bit RGB PNG file (RFC 2083), each pixel written as its difference from the row above ("Up")."""
    height, width, _ = picture.shape
    levels = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(height, width * 3)
    change = np.diff(levels, axis=0, prepend=np.zeros((1, width * 3), np.uint8))  # wraps, as PNG wants
    rows = np.concatenate([np.full((height, 1), 2, np.uint8), change], axis=1)

    def block(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + block(b"IHDR", header) + block(b"IDAT", pixels) + block(b"IEND", b"")


def smooth_noise(seed: int, cells: int, size: int = SIZE) -> NDArray[np.float64]:
    """Noise from 0 to 1 that repeats at the edges, with ``cells`` hills along each side."""
    grid = np.random.default_rng(seed).random((cells, cells))
    at = np.arange(size) * cells / size
    low = at.astype(int)
    part = at - low
    part = part * part * (3 - 2 * part)
    high = (low + 1) % cells
    across = grid[:, low] * (1 - part) + grid[:, high] * part
    return across[low] * (1 - part[:, None]) + across[high] * part[:, None]


def _layered(seed: int) -> NDArray[np.float64]:
    octaves = ((4, 0.45), (13, 0.3), (41, 0.25))
    return sum(
        (smooth_noise(seed + cells, cells) * share for cells, share in octaves), np.zeros((SIZE, SIZE))
    )


def road() -> Picture:
    """Asphalt seen from above; V runs across the road, U along it; a dashed middle line, solid edge lines."""
    grey = 0.17 + 0.06 * _layered(3) + 0.03 * smooth_noise(5, 128)
    picture = grey[..., None] * np.array([0.92, 0.96, 1.12])
    v, u = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    worn = 0.72 + 0.28 * (smooth_noise(7, 60) > 0.28)
    dash = (abs(v - 0.5) < 0.016) & (u > 0.18) & (u < 0.68)
    edge = (abs(v - 0.055) < 0.011) | (abs(v - 0.945) < 0.011)
    for mask, colour in ((dash, (0.98, 0.78, 0.36)), (edge, (0.9, 0.88, 0.84))):
        paint = np.array(colour) * worn[..., None]
        picture = np.where(mask[..., None], paint, picture)
    return picture


def livery() -> Picture:
    """The bus's lower side: coral paint with two cream pinstripes and a darker hem."""
    v = np.mgrid[0:SIZE, 0:SIZE][0] / SIZE  # 0 is the top
    picture = np.empty((SIZE, SIZE, 3))
    picture[:] = (0.90, 0.25, 0.19)
    picture *= (0.97 + 0.06 * smooth_noise(11, 6))[..., None]
    for middle, half in ((0.73, 0.016), (0.79, 0.007)):
        picture[abs(v - middle) < half] = (0.99, 0.91, 0.76)
    picture[v > 0.9] = (0.42, 0.10, 0.12)
    return picture


def needles() -> Picture:
    """A pine's coat: blue-green, lighter towards the tips at the top, with fine streaks."""
    v = np.mgrid[0:SIZE, 0:SIZE][0] / SIZE
    streaks = np.tile(smooth_noise(17, 96)[: SIZE // 4].repeat(4, axis=0), (1, 1))
    shade = (0.55 + 0.45 * (1 - v) + 0.22 * (streaks - 0.5))[..., None]
    low, high = np.array([0.05, 0.20, 0.24]), np.array([0.22, 0.52, 0.45])
    return low + (high - low) * np.clip(shade, 0, 1) ** 1.6


def passengers() -> Picture:
    """Four lit windows side by side: warm light that falls from above, and who sits before it."""
    height, width = 128, 512
    y, x = np.mgrid[0:height, 0:width] / height  # 0 to 1 down, 0 to 4 across
    warm, bright = np.array([0.93, 0.50, 0.16]), np.array([1.0, 0.83, 0.50])
    picture = bright + (warm - bright) * np.clip(y * 1.15, 0, 1)[..., None]
    dark = np.zeros((height, width), bool)

    def round_at(cx: float, cy: float, rx: float, ry: float) -> None:
        dark[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1] = True

    for seat in range(4):  # a rounded seat back behind everyone
        dark[(abs(x - seat - 0.2) < 0.13) & (y > 0.74)] = True
        round_at(seat + 0.2, 0.74, 0.13, 0.07)
    for cx, cy, r in ((0.58, 0.5, 0.135), (1.56, 0.56, 0.13), (3.55, 0.47, 0.14)):
        round_at(cx, cy, r, r * 1.12)
        round_at(cx, 1.02, 0.26, 0.36)
    for side in (-1, 1):  # the second passenger is a bear
        round_at(1.56 + side * 0.105, 0.44, 0.06, 0.065)
    dark[(abs(x - 3.55) < 0.2) & (abs(y - 0.375) < 0.025)] = True  # the driver's cap
    round_at(3.55, 0.34, 0.14, 0.08)
    dark[(abs(x - 2.52) < 0.17) & (abs(y - 0.85) < 0.17)] = True  # a plant in a pot, and its leaves
    for cx, cy in ((2.38, 0.55), (2.52, 0.42), (2.67, 0.54), (2.46, 0.64), (2.6, 0.63)):
        round_at(cx, cy, 0.085, 0.13)
    return np.where(dark[..., None], np.array([0.20, 0.075, 0.05]), picture)
