"""Tiles that Blender renders and a node puts together are the frame that Blender renders in one go."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import OpenEXR
import pytest
from PIL import Image
from tests.unit.renderbus_farm.render.bench import Bench, Store

from renderbus_farm import png16
from renderbus_farm.rules.work import Finished, Output, Stage, Tile

pytestmark = pytest.mark.render


def tiles_of(bench: Bench, scene: str, count: int, kind: str, **more: Any) -> tuple[Output, ...]:
    inputs = bench.store.manifest(scene)
    parts: list[Output] = []
    for index in range(count):
        place = {"tile": Tile(index, count, kind), "output": f".tiles/{index + 1}/shot_####"}
        part = bench.render(scene, inputs, 2, **place, **more)
        assert isinstance(part, Finished), part
        parts += part.outputs
    return tuple(parts)


def both(
    bench: Bench, scene: str, count: int, kind: str, **more: Any
) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """The pictures of the whole frame, and those of its tiles put together."""
    inputs = bench.store.manifest(scene)
    whole = bench.render(scene, inputs, 2, **more)
    parts = tiles_of(bench, scene, count, kind, **more)
    merged = bench.render(scene, inputs, 2, stage=Stage.MERGE, tile=Tile(0, 1, kind), parts=parts)
    assert isinstance(whole, Finished), whole
    assert isinstance(merged, Finished), merged
    assert [each.path for each in merged.outputs] == [each.path for each in whole.outputs]
    assert merged.thumbnail
    return [bench.store.read(each.digest) for each in whole.outputs], [
        bench.store.read(each.digest) for each in merged.outputs
    ]


def channels(content: bytes, folder: Path) -> dict[str, Any]:
    file = folder / "picture.exr"
    file.write_bytes(content)
    with OpenEXR.File(str(file), separate_channels=True) as opened:
        return {name: channel.pixels.copy() for name, channel in opened.channels().items()}


@pytest.mark.parametrize(("count", "kind"), [(4, "block"), (3, "strip"), (6, "block")])
def test_the_pixels_of_a_noisy_picture_are_those_of_the_whole(bench: Bench, count: int, kind: str) -> None:
    wholes, merged = both(bench, "noisy.blend", count, kind, width=45, height=31, samples=3)
    with Image.open(io.BytesIO(wholes[0])) as whole, Image.open(io.BytesIO(merged[0])) as made:
        assert made.mode == whole.mode
        assert made.tobytes() == whole.tobytes()
        assert {"Scene", "Frame"} <= made.info.keys() & whole.info.keys()


def test_adaptive_sampling_and_dither_see_no_seam(bench: Bench) -> None:
    wholes, merged = both(bench, "adaptive.blend", 4, "block", width=64, height=48)
    with Image.open(io.BytesIO(wholes[0])) as whole, Image.open(io.BytesIO(merged[0])) as made:
        assert made.tobytes() == whole.tobytes()


@pytest.mark.parametrize("image_format", ["OPEN_EXR", "OPEN_EXR_MULTILAYER"])
def test_every_channel_of_an_exr_is_that_of_the_whole(
    bench: Bench, tmp_path: Path, image_format: str
) -> None:
    wholes, merged = both(
        bench, "noisy.blend", 4, "block", width=33, height=21, samples=2, image_format=image_format
    )
    whole, made = channels(wholes[0], tmp_path), channels(merged[0], tmp_path)
    assert whole.keys() == made.keys()
    for name in whole:
        assert whole[name].dtype == made[name].dtype
        assert numpy.array_equal(whole[name], made[name], equal_nan=True), name


def test_sixteen_bits_stay_sixteen_bits(bench: Bench, tmp_path: Path) -> None:
    wholes, merged = both(bench, "deep.blend", 4, "block", width=29, height=20)
    files = [tmp_path / "whole.png", tmp_path / "merged.png"]
    for file, content in zip(files, (wholes[0], merged[0]), strict=True):
        file.write_bytes(content)
        assert png16.is_deep(file)
    (_, whole), (_, made) = map(png16.read, files)
    assert numpy.array_equal(whole, made)
    assert len(numpy.unique(whole)) > 40  # a picture, not a plain colour


def test_both_eyes_of_a_stereo_scene_are_put_together(bench: Bench) -> None:
    wholes, merged = both(bench, "stereo.blend", 2, "strip", width=32, height=16)
    assert len(wholes) == len(merged) == 2
    for one, other in zip(wholes, merged, strict=True):
        with Image.open(io.BytesIO(one)) as whole, Image.open(io.BytesIO(other)) as made:
            assert made.tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        ("denoised.blend", "denoising looks at the whole picture"),
        ("composited.blend", "the compositor works on whole pictures"),
    ],
)
def test_what_looks_beyond_a_tile_is_refused_with_the_reason(bench: Bench, scene: str, why: str) -> None:
    inputs = bench.store.manifest(scene)
    assert why in bench.error(scene, inputs, tile=Tile(0, 2, "strip"))


def test_formats_that_lose_something_are_refused(bench: Bench) -> None:
    inputs = bench.store.manifest("plain.blend")
    error = bench.error("plain.blend", inputs, tile=Tile(0, 2, "strip"), image_format="JPEG")
    assert "choose png" in error


def test_the_next_frame_is_whole_again(bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    assert isinstance(bench.render("plain.blend", inputs, tile=Tile(1, 2, "strip")), Finished)
    whole = bench.render("plain.blend", inputs)
    assert isinstance(whole, Finished)
    assert len(bench.store.squares(whole)) == 4
