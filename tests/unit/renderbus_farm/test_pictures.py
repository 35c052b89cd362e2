"""Finished pictures: those that decode, and those that do not."""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy
import OpenEXR
import pytest
from PIL import Image

from renderbus_farm import pictures_exr
from renderbus_farm.composing import crop
from renderbus_farm.pictures import BLACK, NOT_A_NUMBER, SMALL_WIDTH, BadPicture, look


def small_of(path: Path) -> Image.Image:
    """The small picture, decoded."""
    small = look(path).small
    assert small is not None
    return Image.open(io.BytesIO(small))


def exr(path: Path, channels: dict[str, Any]) -> Path:
    """Write float channels."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, channels) as file:
        file.write(str(path))
    return path


def plane(value: float, width: int = 640, height: int = 360) -> Any:
    """A channel of one value."""
    return numpy.full((height, width), value, dtype=numpy.float32)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "tga", "webp", "jp2"])
def test_every_common_format_gets_a_small_picture(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (640, 360), (200, 100, 50)).save(path)
    picture = look(path)
    assert (picture.width, picture.height) == (640, 360)
    with small_of(path) as small:
        assert small.size == (SMALL_WIDTH, 180)
        red, green, blue = small.convert("RGB").getpixel((9, 9))
    assert abs(red - 200) < 8 > abs(green - 100)
    assert abs(blue - 50) < 8


def test_a_picture_narrower_than_the_small_one_keeps_its_size(tmp_path: Path) -> None:
    Image.new("RGB", (20, 500)).save(tmp_path / "a.png")
    with small_of(tmp_path / "a.png") as small:
        assert small.size == (20, 500)


def test_transparency_survives(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    with small_of(tmp_path / "a.png") as small:
        assert small.mode == "RGBA"
        assert small.getpixel((1, 1))[3] == 0


def test_sixteen_bits_of_grey_are_scaled_not_clipped(tmp_path: Path) -> None:
    Image.fromarray(numpy.full((8, 8), 32768, dtype=numpy.uint16)).save(tmp_path / "a.png")
    with small_of(tmp_path / "a.png") as small:
        assert abs(small.convert("L").getpixel((4, 4)) - 127) <= 2


def test_linear_light_gets_the_srgb_curve(tmp_path: Path) -> None:
    path = exr(tmp_path / "a.exr", {"R": plane(0.2140), "G": plane(0.0), "B": plane(9.0), "A": plane(1.0)})
    picture = look(path)
    assert (picture.width, picture.height) == (640, 360)
    with small_of(path) as small:
        assert small.size == (SMALL_WIDTH, 180)
        red, green, blue = small.convert("RGB").getpixel((50, 50))
    assert abs(red - 128) < 12  # 0.214 is middle grey
    assert green < 12
    assert blue > 243


def test_a_multilayer_picture_shows_its_combined_channels(tmp_path: Path) -> None:
    channels = {f"View.Combined.{name}": plane(value) for name, value in zip("RGB", (1.0, 0, 0), strict=True)}
    channels |= {f"View.Normal.{name}": plane(1.0) for name in "XYZ"}
    channels |= {f"A.Emit.{name}": plane(value) for name, value in zip("RGB", (0, 1.0, 0), strict=True)}
    with small_of(exr(tmp_path / "a.exr", channels)) as small:
        red, green, _ = small.convert("RGB").getpixel((50, 50))
    assert red > 240 > 20 > green


def test_a_single_channel_is_shown_in_grey(tmp_path: Path) -> None:
    values = plane(numpy.nan)
    values[:, :320] = 1.0
    with small_of(exr(tmp_path / "a.exr", {"View.Depth.V": values})) as small:
        shown = small.convert("RGB")
        assert shown.getpixel((20, 20)) == shown.getpixel((20, 100))
        assert min(shown.getpixel((20, 20))) > 240
        assert max(shown.getpixel((300, 20))) < 20


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "tga", "webp", "exr"])
def test_a_picture_that_is_cut_off_is_refused_by_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"shot.{suffix}"
    noise = numpy.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=numpy.uint8)
    if suffix == "exr":
        exr(path, {name: noise[:, :, axis].astype(numpy.float32) for axis, name in enumerate("RGB")})
    else:
        Image.fromarray(noise).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadPicture, match=f"shot.{suffix}"):
        look(path)


@pytest.mark.parametrize("suffix", ["png", "exr", "hdr", "dpx", "cin"])
@pytest.mark.parametrize("content", [b"", b"this is no picture at all" * 99])
def test_what_is_no_picture_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(BadPicture):
        look(path)


def test_radiance_pictures_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 32\n" + bytes(1024))
    assert (look(path).width, look(path).height) == (32, 8)


@pytest.mark.parametrize(
    ("suffix", "magic", "offset"), [("dpx", b"SDPX", 772), ("cin", b"\x80\x2a\x5f\xd7", 200)]
)
def test_film_formats_are_measured_by_their_header(
    tmp_path: Path, suffix: str, magic: bytes, offset: int
) -> None:
    head = bytearray(2048)
    head[:8] = magic + struct.pack(">I", 2048)
    struct.pack_into(">II", head, offset, 32, 8)
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(bytes(head) + bytes(32 * 8 * 4))
    assert (look(path).width, look(path).height) == (32, 8)
    path.write_bytes(bytes(head) + bytes(99))
    with pytest.raises(BadPicture, match="cut off"):
        look(path)


def test_a_full_disk_is_named_as_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = exr(tmp_path / "a.exr", {"RGB": numpy.zeros((8, 32, 3), dtype="float32")})
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadPicture, match=r"damaged$"):
        look(path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=4096))
    with pytest.raises(BadPicture, match=r"damaged, since the node's disk is full$"):
        look(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "tga", "webp", "exr"])
def test_a_picture_without_light_is_flagged_and_one_with_a_single_bright_pixel_is_not(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "exr":
        exr(path, {name: plane(0.0) for name in "RGB"} | {"A": plane(1.0)})
    else:
        Image.new("RGB", (640, 360)).save(path)
    assert look(path).flags == {BLACK}
    if suffix == "exr":
        light = plane(0.0)
        light[200, 600] = 0.5
        exr(path, {"R": plane(0.0), "G": light, "B": plane(0.0)})
    else:
        picture = Image.new("RGB", (640, 360))
        picture.paste((255, 255, 255), (600, 200, 616, 216))
        picture.save(path)
    assert look(path).flags == frozenset()


def test_what_is_opaque_and_black_is_black_and_grey_palettes_are_looked_up(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 255)).save(tmp_path / "a.png")
    assert look(tmp_path / "a.png").flags == {BLACK}
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([200, 100, 50] + [0] * 765)
    palette.save(tmp_path / "b.png")
    assert look(tmp_path / "b.png").flags == frozenset()
    Image.fromarray(numpy.zeros((8, 8), dtype=numpy.uint16)).save(tmp_path / "c.png")
    assert look(tmp_path / "c.png").flags == {BLACK}


@pytest.mark.parametrize("odd", [numpy.nan, numpy.inf, -numpy.inf])
@pytest.mark.parametrize("kind", [numpy.float32, numpy.float16])
def test_light_that_is_no_number_is_flagged(tmp_path: Path, odd: float, kind: type) -> None:
    broken = plane(0.5).astype(kind)
    broken[300, 17] = odd
    path = exr(tmp_path / "a.exr", {"R": plane(0.5), "G": broken, "B": plane(0.5)})
    assert look(path).flags == {NOT_A_NUMBER}


def test_a_depth_may_be_infinite_but_not_without_number(tmp_path: Path) -> None:
    colours = {name: plane(0.5) for name in "RGB"}
    assert look(exr(tmp_path / "a.exr", {**colours, "Z": plane(numpy.inf)})).flags == frozenset()
    assert look(exr(tmp_path / "b.exr", {**colours, "Z": plane(numpy.nan)})).flags == {NOT_A_NUMBER}


@pytest.mark.parametrize("compression", [OpenEXR.ZIP_COMPRESSION, OpenEXR.DWAB_COMPRESSION])
def test_a_large_picture_is_looked_at_in_bands_and_looks_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Any
) -> None:
    down = numpy.linspace(0.0, 1.0, 1500, dtype=numpy.float32)
    slope = numpy.repeat(down[:, None], 1400, axis=1)
    channels = {"R": slope, "G": slope[::-1].copy(), "B": slope * 0, "Z": slope}
    path = tmp_path / "a.exr"
    with OpenEXR.File({"compression": compression, "type": OpenEXR.scanlineimage}, channels) as file:
        file.write(str(path))
    whole = look(path)
    monkeypatch.setattr(pictures_exr, "WHOLE_BYTES", 1)
    in_bands = look(path)
    assert whole == in_bands
    assert (whole.width, whole.height, whole.flags) == (1400, 1500, frozenset())
    broken = slope.copy()
    broken[1499, 1399] = numpy.nan
    assert look(exr(path, {"R": slope, "G": broken, "B": slope})).flags == {NOT_A_NUMBER}
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(BadPicture, match="lines of the picture are missing"):
        look(path)


def float_tiff(order: str, width: int, height: int, *, big: bool = False) -> bytes:
    """A TIFF of three float channels in one strip, as ImageIO and Blender's compositor write it."""
    pixels = numpy.full((height, width, 3), 0.5, dtype=f"{order}f4").tobytes()
    mark, head = (43, 16) if big else (42, 8)
    word, tag, count = ("Q", "HHQ", "Q") if big else ("I", "HHI", "H")
    tags = {256: width, 257: height, 273: head, 277: 3, 279: len(pixels), 339: 3}
    entries = b"".join(struct.pack(f"{order}{tag}{word}", n, 16 if big else 4, 1, v) for n, v in tags.items())
    directory = struct.pack(f"{order}{count}", len(tags)) + entries + bytes(8)
    begin = b"II" if order == "<" else b"MM"
    more = struct.pack(f"{order}HH", 8, 0) if big else b""
    return (
        begin
        + struct.pack(f"{order}H", mark)
        + more
        + struct.pack(f"{order}{word}", head + len(pixels))
        + (pixels + directory)
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_floats_is_measured_and_a_cut_one_refused(tmp_path: Path, order: str, big: bool) -> None:
    content = float_tiff(order, 32, 8, big=big)
    path = tmp_path / "a.tiff"
    path.write_bytes(content)
    assert (look(path).width, look(path).height) == (32, 8)
    path.write_bytes(content[:100])
    with pytest.raises(BadPicture, match=r"a\.tiff"):
        look(path)
    moved = content.replace(struct.pack(f"{order}I", 32 * 8 * 12), struct.pack(f"{order}I", 32 * 8 * 99))
    path.write_bytes(moved)
    with pytest.raises(BadPicture, match="parts of the picture are missing"):
        look(path)


def test_a_radiance_picture_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1080 +X 1920\n" + bytes(1024))
    with pytest.raises(BadPicture, match="cut off"):
        look(path)


def bomb(path: Path, width: int, height: int, depth: int = 1, kind: int = 0) -> Path:
    """A PNG of this size that is all one colour; a row of it packs into almost nothing."""
    packing, row = zlib.compressobj(1), b"\0" * (1 + width * depth * (3 if kind else 1) // 8)
    content = b"".join(packing.compress(row) for _ in range(min(height, 20_000))) + packing.flush()
    chunks = (
        b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0),
        b"IDAT" + content,
        b"IEND",
    )
    parts = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def test_a_poster_is_a_picture_as_any_other(tmp_path: Path) -> None:
    picture = look(bomb(tmp_path / "a.png", 16_384, 16_384))
    assert (picture.width, picture.height) == (16_384, 16_384)


def test_a_picture_that_would_take_all_memory_is_not_decoded(tmp_path: Path) -> None:
    for decode in (look, lambda path: crop(path, (0, 0, 1, 1))):
        with pytest.raises(BadPicture, match="measures 65535x65535, more than"):
            decode(bomb(tmp_path / "a.png", 65_535, 65_535))


def test_a_deep_picture_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.png", 2_000, 20_000, depth=16, kind=2)
    content = path.read_bytes()
    head = b"IHDR" + struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    path.write_bytes(content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:])
    with pytest.raises(BadPicture, match="longer than it says"):
        crop(path, (0, 0, 1, 1))
