"""What a user chose for a set of frames, and that it holds for those frames only."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.unit.renderbus_farm.render.bench import BLUE, GREEN, NOTHING, RED, Bench, Store

from renderbus_farm.pictures import look
from renderbus_farm.rules.work import Finished

pytestmark = pytest.mark.render


def rendered(bench: Bench, scene: str, **chosen: Any) -> Finished:
    """A frame that must succeed."""
    ended = bench.render(scene, bench.store.manifest(scene), **chosen)
    assert isinstance(ended, Finished), ended
    return ended


def size_of(bench: Bench, finished: Finished) -> tuple[int, int]:
    """What its picture measures."""
    with Image.open(io.BytesIO(bench.store.read(finished.outputs[0].digest))) as picture:
        return picture.width, picture.height


@pytest.mark.parametrize(
    ("layer", "squares"),
    [
        ("Left", [RED, NOTHING, NOTHING, NOTHING]),
        ("Middle", [NOTHING, GREEN, NOTHING, NOTHING]),
        ("Right", [NOTHING, NOTHING, BLUE, NOTHING]),
    ],
)
def test_one_layer_of_three_shows_only_its_own(
    bench: Bench, store: Store, layer: str, squares: list[object]
) -> None:
    inputs = store.manifest("three_layers.blend")
    assert bench.squares("three_layers.blend", inputs, view_layers=(layer,)) == squares


def test_a_layer_that_is_not_there_is_told_with_those_that_are(bench: Bench, store: Store) -> None:
    error = bench.error("three_layers.blend", store.manifest("three_layers.blend"), view_layers=("Rigth",))
    assert error == "there is no view layer 'Rigth' in scene 'Main'; it has 'Left', 'Middle', 'Right'"


def test_another_scene_of_the_file_renders_its_own_frame(bench: Bench, store: Store) -> None:
    inputs = store.manifest("two_scenes.blend")
    assert bench.squares("two_scenes.blend", inputs, 5, scene_name="Other")[0] == BLUE
    assert bench.squares("two_scenes.blend", inputs, 5) == [RED, NOTHING, NOTHING, NOTHING]
    assert bench.squares("two_scenes.blend", inputs, 1, scene_name="Other")[0] == RED


def test_a_scene_that_is_not_there_is_told_with_those_that_are(bench: Bench, store: Store) -> None:
    error = bench.error("two_scenes.blend", store.manifest("two_scenes.blend"), scene_name="Mian")
    assert error == "there is no scene 'Mian' in this file; it has 'Main', 'Other'"


def test_a_chosen_camera_holds_for_its_frame_only(bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    # "Aside" stands three squares further to the right.
    assert bench.squares("plain.blend", inputs, camera="Aside") == [GREEN, NOTHING, NOTHING, NOTHING]
    assert bench.squares("plain.blend", inputs) == [RED, NOTHING, NOTHING, GREEN]


def test_a_camera_that_is_not_there_is_told_with_those_that_are(bench: Bench, store: Store) -> None:
    error = bench.error("plain.blend", store.manifest("plain.blend"), camera="square 1.5")
    assert error == "there is no camera 'square 1.5' in scene 'Main'; it has 'Aside', 'Front'"


def test_a_camera_bound_to_a_marker_is_looked_through_from_its_frame_on(bench: Bench, store: Store) -> None:
    inputs = store.manifest("marked.blend")
    assert bench.squares("marked.blend", inputs, 1)[0] == RED
    assert bench.squares("marked.blend", inputs, 4)[0] == GREEN
    assert bench.squares("marked.blend", inputs, 4, camera="Front")[0] == RED
    assert bench.squares("marked.blend", inputs, 4)[0] == GREEN


def test_a_scene_without_a_camera_says_so(bench: Bench, store: Store) -> None:
    error = bench.error("blind.blend", store.manifest("blind.blend"), 3)
    assert error == "scene 'Main' has no camera at frame 3; set one, or choose one"


def test_a_chosen_size_is_that_of_the_picture_and_holds_for_its_frame_only(bench: Bench) -> None:
    assert size_of(bench, rendered(bench, "plain.blend", width=64, height=16)) == (64, 16)
    assert size_of(bench, rendered(bench, "plain.blend")) == (32, 8)


def test_a_chosen_format_holds_for_its_frame_only(bench: Bench, tmp_path: Path) -> None:
    exr = rendered(bench, "plain.blend", image_format="OPEN_EXR")
    assert exr.outputs[0].path == "shot_0001.exr"
    path = tmp_path / "a.exr"
    path.write_bytes(bench.store.read(exr.outputs[0].digest))
    assert (look(path).width, look(path).height) == (32, 8)
    assert exr.thumbnail is not None
    layered = rendered(bench, "plain.blend", image_format="OPEN_EXR_MULTILAYER")
    path.write_bytes(bench.store.read(layered.outputs[0].digest))
    small = look(path).small
    assert small is not None
    with Image.open(io.BytesIO(small)) as picture:
        red, green, blue = picture.convert("RGB").getpixel((4, 4))
    assert red > 200 > 60 > max(green, blue)
    assert rendered(bench, "plain.blend").outputs[0].path == "shot_0001.png"


def test_a_movie_becomes_single_png_pictures(bench: Bench) -> None:
    assert rendered(bench, "movie.blend").outputs[0].path == "shot_0001.png"
    assert rendered(bench, "movie.blend", image_format="FFMPEG").outputs[0].path == "shot_0001.png"


def test_an_unknown_format_is_refused(bench: Bench, store: Store) -> None:
    error = bench.error("plain.blend", store.manifest("plain.blend"), image_format="GIF")
    assert error == "picture format 'GIF' is not one that Blender writes"
    assert rendered(bench, "plain.blend").outputs[0].path == "shot_0001.png"


def test_an_engine_that_this_node_lacks_is_refused_with_those_it_has(bench: Bench, store: Store) -> None:
    error = bench.error("plain.blend", store.manifest("plain.blend"), engine="LUXCORE")
    assert error.startswith("scene 'Main' asks for the render engine LUXCORE, which this node cannot run")
    assert "CYCLES" in error


def test_the_chosen_samples_are_rendered(bench: Bench) -> None:
    ended = rendered(bench, "noisy.blend", samples=2)
    noisy = bench.store.read(ended.outputs[0].digest)
    smooth = bench.store.read(rendered(bench, "noisy.blend", samples=256).outputs[0].digest)
    assert spread_of(noisy) > 2 * spread_of(smooth) > 0


def spread_of(png: bytes) -> float:
    """How much neighbouring pixels differ."""
    with Image.open(io.BytesIO(png)) as picture:
        grey = picture.convert("L").tobytes()
    return float(sum(abs(one - following) for one, following in pairwise(grey)) / len(grey))
