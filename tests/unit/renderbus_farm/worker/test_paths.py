"""From a path as a scene writes it to the uploaded file that it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.worker_paths import FoundFiles, MissingFile, farm_location, folder_of
from renderbus_model.paths import FarmPath, checked_farm_path
from renderbus_model.scene import Kind, Reference, Spread

SHOT = FarmPath("/D/show/shots/010.blend")


def texture(
    path: str, spread: Spread = Spread.ONE, library: str = "", tiles: tuple[int, ...] = ()
) -> Reference:
    """A texture named ``path`` in a scene."""
    return Reference("wood", "Image", "name", path, Kind.TEXTURE, spread=spread, library=library, tiles=tiles)


def files(*paths: str) -> FoundFiles:
    return FoundFiles([FarmPath(path) for path in paths])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("//tex/wood.png", "/D/show/shots/tex/wood.png"),
        ("//../tex/wood.png", "/D/show/tex/wood.png"),
        ("//..\\tex\\wood.png", "/D/show/tex/wood.png"),
        ("tex/wood.png", "/D/show/shots/tex/wood.png"),
        ("E:\\tex\\..\\wood.png", "/E/wood.png"),
        ("E:/tex/wood.png", "/E/tex/wood.png"),
        ("\\\\server\\share\\wood.png", "/server/share/wood.png"),
        ("/mnt/../home/wood.png", "/home/wood.png"),
        ("//../../../../../../etc/passwd", "/etc/passwd"),
    ],
)
def test_each_spelling_means_one_farm_path(written: str, meant: str) -> None:
    assert farm_location(texture(written), folder_of(SHOT)) == meant


def test_a_library_is_where_its_own_relative_paths_start() -> None:
    assert (
        farm_location(texture("//wood.png", library="//../lib/a.blend"), folder_of(SHOT))
        == "/D/show/lib/wood.png"
    )


@given(st.text(max_size=40))
def test_no_path_leads_out_of_the_layout(written: str) -> None:
    place = farm_location(texture(written), folder_of(SHOT))
    assert checked_farm_path(place) == place


def test_a_file_that_is_there_is_found() -> None:
    assert files("/a/wood.png").find("/a/wood.png", texture("")).why == ""


def test_letter_case_is_forgiven_where_one_file_fits() -> None:
    assert files("/A/Wood.PNG").find("/a/wood.png", texture("")).path == "/A/Wood.PNG"
    assert files("/a/WOOD.png", "/a/Wood.png").find("/a/wood.png", texture("")).why
    assert files("/a/WOOD.png", "/a/wood.png").find("/a/wood.png", texture("")).path == "/a/wood.png"


def test_a_missing_file_says_where_it_was_looked_for() -> None:
    match = files("/a/oak.png").find("/a/wood.png", texture(""))
    assert match.why == "was not uploaded (looked for /a/wood.png)"
    assert match.path == "/a/wood.png"


def test_tiles_are_there_when_all_listed_ones_are() -> None:
    udim = texture("", Spread.TILES, tiles=(1001, 1002))
    there = files("/a/wood.1001.png", "/a/wood.1002.png")
    assert there.find("/a/wood.<UDIM>.png", udim).why == ""
    assert there.find("/a/wood.<UDIM>.png", udim).path == "/a/wood.<UDIM>.png"
    assert there.find("/A/wood.<UDIM>.png", udim).path == "/a/wood.<UDIM>.png"
    lost = files("/a/wood.1001.png").find("/a/wood.<UDIM>.png", udim)
    assert lost.why == "is not complete: wood.1002.png of /a was not uploaded"
    none = files("/a/oak.png").find("/a/wood.<UDIM>.png", udim)
    assert none.why == "was not uploaded (nothing matches /a/wood.<UDIM>.png)"


def test_a_sequence_is_there_when_any_of_it_is() -> None:
    plate = texture("", Spread.SEQUENCE)
    assert files("/a/plate.0007.png").find("/a/plate.0001.png", plate).why == ""
    assert files("/a/plate.png").find("/a/plate.0001.png", plate).why
    assert files("/a/plate.png").find("/a/plate.png", plate).why == ""


def test_a_strip_names_each_picture_it_lacks() -> None:
    names = tuple(f"{number}.png" for number in range(9))
    strip = Reference("cut", "Strip", "dir", "", Kind.IMAGE, spread=Spread.SEQUENCE, names=names)
    match = files("/a/0.png", "/a/3.png").find("/a/0.png", strip)
    assert match.path == "/a/0.png"
    assert match.why == (
        "is not complete: 1.png, 2.png, 4.png, 5.png, 6.png and 2 more of /a were not uploaded"
    )


def test_a_cache_folder_may_still_be_empty() -> None:
    cache = texture("", Spread.FOLDER)
    assert files("/Cache/a.vdb").find("/cache", cache).path == "/Cache"
    assert files("/x").find("/cache", cache).why == ""


def test_a_missing_file_of_a_library_is_told_with_the_library() -> None:
    file = MissingFile(FarmPath("/lib/a.blend"), "texture 'x' of image 'y'", "was not uploaded", "/x")
    assert file.line(SHOT) == "texture 'x' of image 'y' in /lib/a.blend was not uploaded"
    assert file.line(FarmPath("/lib/a.blend")) == "texture 'x' of image 'y' was not uploaded"
