"""Real scenes through a worker: what the pictures show, with the original folder renamed away."""

from __future__ import annotations

import shutil

import pytest
from tests.unit.renderbus_farm.render.bench import BLUE, GREEN, NOTHING, RED, YELLOW, Bench, Store

from renderbus_farm.renderers.confine import landlock_version
from renderbus_farm.rules.work import Finished
from renderbus_model.scene import Kind
from renderbus_scenes.blender import read_blend

pytestmark = pytest.mark.render


def test_frames_of_one_scene_show_their_own_moment(bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    assert bench.squares("plain.blend", inputs, 1)[0] == RED
    assert bench.squares("plain.blend", inputs, 5)[0] == BLUE
    assert bench.squares("plain.blend", inputs, 1) == [RED, NOTHING, NOTHING, GREEN]


def test_a_picture_is_named_by_the_tasks_pattern(bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    ended = bench.render("plain.blend", inputs, 3, output="Day/shot_{blend_name}_###")
    assert isinstance(ended, Finished)
    assert [output.path for output in ended.outputs] == ["Day/shot_{blend_name}_003.png"]


def test_every_spelling_of_a_path_leads_to_the_uploaded_file(bench: Bench, store: Store) -> None:
    inputs = store.manifest(
        "textured.blend",
        "tex/red.png",
        "tex/yellow.png",
        elsewhere={"/D/tex/green.png": "tex/green.png", "/server/share/blue.png": "tex/blue.png"},
    )
    assert bench.squares("textured.blend", inputs) == [RED, GREEN, BLUE, YELLOW]


def test_letter_case_of_a_path_is_forgiven(bench: Bench, store: Store) -> None:
    inputs = store.manifest(
        "textured.blend",
        "tex/red.png",
        "tex/yellow.png",
        elsewhere={"/d/TEX/Green.PNG": "tex/green.png", "/Server/share/blue.png": "tex/blue.png"},
    )
    assert bench.squares("textured.blend", inputs) == [RED, GREEN, BLUE, YELLOW]


def test_each_missing_file_is_named_with_what_names_it(bench: Bench, store: Store) -> None:
    inputs = store.manifest("textured.blend", "tex/red.png", "tex/yellow.png")
    lines = bench.error("textured.blend", inputs).splitlines()
    assert lines == [
        "texture 'D:/tex/green.png' of image 'texture 1' was not uploaded (looked for /D/tex/green.png)",
        r"texture '\\\\server/share/blue.png' of image 'texture 2' was not uploaded "
        "(looked for /server/share/blue.png)",
    ]


def test_missing_files_are_allowed_where_the_user_says_so(bench: Bench, store: Store) -> None:
    inputs = store.manifest("textured.blend", "tex/red.png", "tex/yellow.png")
    squares = bench.squares("textured.blend", inputs, allow_missing=True)
    assert (squares[0], squares[3]) == (RED, YELLOW)
    assert "green.png" in bench.error("textured.blend", inputs)


def test_a_texture_that_does_not_decode_fails_every_frame_by_name(bench: Bench, store: Store) -> None:
    yellow = store.originals / "tex/yellow.png"
    whole = yellow.read_bytes()
    try:
        yellow.write_bytes(b"no picture at all")
        inputs = store.manifest(
            "textured.blend",
            "tex/red.png",
            "tex/yellow.png",
            elsewhere={"/D/tex/green.png": "tex/green.png", "/server/share/blue.png": "tex/blue.png"},
        )
    finally:
        yellow.write_bytes(whole)
    for number in (1, 2):  # the scene stays open for the second
        error = bench.error("textured.blend", inputs, number)
        assert error == f"texture '{store.farm('tex/yellow.png')}' is no picture that the renderer can read"
    assert bench.squares("textured.blend", inputs, allow_missing=True)[:3] == [RED, GREEN, BLUE]


def test_tiles_of_one_image_are_found_by_their_pattern(bench: Bench, store: Store) -> None:
    inputs = store.manifest("tiled.blend", "tex/tile.1001.png", "tex/tile.1002.png")
    assert bench.squares("tiled.blend", inputs)[:2] == [RED, GREEN]


def test_a_missing_tile_is_named(bench: Bench, store: Store) -> None:
    inputs = store.manifest("tiled.blend", "tex/tile.1001.png")
    assert "tile.1002.png" in bench.error("tiled.blend", inputs)


def test_a_sequence_lacks_only_the_frames_that_were_not_uploaded(bench: Bench, store: Store) -> None:
    inputs = store.manifest("sequence.blend", "tex/seq.0001.png", "tex/seq.0003.png")
    assert bench.squares("sequence.blend", inputs, 1)[0] == RED
    assert bench.squares("sequence.blend", inputs, 3)[0] == BLUE
    error = bench.error("sequence.blend", inputs, 2)
    assert "image 'counting'" in error
    assert "tex/seq.0002.png" in error
    assert isinstance(bench.render("sequence.blend", inputs, 2, allow_missing=True), Finished)


def test_a_library_inside_a_library_is_found_by_absolute_paths(bench: Bench, store: Store) -> None:
    inputs = store.manifest(
        "outer.blend", "lib/middle.blend", "lib/deep.blend", "tex/blue.png", "tex/green.png"
    )
    # deep.blend also names a file for a picture that nobody links, which was never made: no reason to fail.
    assert bench.squares("outer.blend", inputs)[:3] == [RED, BLUE, GREEN]


def test_a_missing_library_is_named(bench: Bench, store: Store) -> None:
    lines = bench.error("outer.blend", store.manifest("outer.blend")).splitlines()
    middle = store.farm("lib/middle.blend")
    assert f"library '{middle}' of library 'middle.blend' was not uploaded (looked for {middle})" in lines


def test_a_missing_file_of_a_library_is_named_with_its_library(bench: Bench, store: Store) -> None:
    inputs = store.manifest("outer.blend", "lib/middle.blend", "lib/deep.blend", "tex/blue.png")
    error = bench.error("outer.blend", inputs)
    assert error.startswith("texture '//../tex/green.png' of image 'deep' in ")
    assert store.farm("lib/deep.blend") in error


def test_a_library_whose_data_are_packed_into_the_scene_is_not_missed(bench: Bench, store: Store) -> None:
    scene = (store.originals / "smoothed.blend").read_bytes()
    assert any(reference.kind is Kind.LIBRARY for reference in read_blend(scene).inputs)
    assert bench.squares("smoothed.blend", store.manifest("smoothed.blend"))[0] == RED


def test_two_scenes_in_turn_do_not_disturb_each_other(bench: Bench, store: Store) -> None:
    plain, layers = store.manifest("plain.blend"), store.manifest("three_layers.blend")
    for _ in range(2):
        assert bench.squares("plain.blend", plain, 5) == [BLUE, NOTHING, NOTHING, GREEN]
        assert bench.squares("three_layers.blend", layers) == [RED, NOTHING, NOTHING, NOTHING]


def test_scripts_do_not_run_unless_the_account_allows_them(bench: Bench, store: Store) -> None:
    inputs = store.manifest("driven.blend")
    ended = bench.render("driven.blend", inputs)
    assert isinstance(ended, Finished)
    assert store.squares(ended)[0] == RED
    assert "auto-execution" in bench.log(ended)
    assert not (store.was_at).exists()


def test_an_allowed_script_still_writes_nowhere_but_in_its_own_folder(bench: Bench, store: Store) -> None:
    inputs = store.manifest("driven.blend")
    store.was_at.mkdir()
    try:
        ended = bench.render("driven.blend", inputs, allow_scripts=True)
        ran = {path.name for path in store.was_at.iterdir()}
        held = landlock_version() > 0
        assert ("PermissionError" in bench.log(ended)) == held
        assert ran == (set() if held else {"driver_ran", "text_ran"})
    finally:
        shutil.rmtree(store.was_at)


def test_what_the_compositor_writes_stays_below_the_tasks_output(bench: Bench, store: Store) -> None:
    ended = bench.render("composited.blend", store.manifest("composited.blend"), 7, output="Day/shot_####")
    assert isinstance(ended, Finished)
    picture, extra = ended.outputs
    assert picture.path == "Day/shot_0007.png"
    assert extra.path.startswith("Day/Extra/")
    assert extra.path.endswith("_0007.png")
    assert ".." not in extra.path
    assert store.squares(ended, 1)[0] == RED
    assert not store.was_at.exists()
