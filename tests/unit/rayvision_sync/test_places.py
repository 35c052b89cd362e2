from __future__ import annotations

from pathlib import Path

import pytest

from rayvision_sync.exception import RefusedPath, UnusableFolder
from rayvision_sync.places import Folder, output_parts, part_name, refuse_shared


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("nul.png", "_nul.png"),
        ("CON", "_CON"),
        ("Aux .txt", "_Aux .txt"),
        ("com1.0001.exr", "_com1.0001.exr"),
        ("lpt³", "_lpt³"),
        ("beauty:left", "beauty%3Aleft"),
        ("what?.png", "what%3F.png"),
        ("dots.", "dots%2E"),
        ("space ", "space%20"),
        ("null.png", "null.png"),
        ("console", "console"),
        ("木 材.png", "木 材.png"),
    ],
)
def test_windows_takes_every_name_as_a_plain_files(name: str, safe: str) -> None:
    assert output_parts(f"9_bus/{name}", windows=True) == ("9_bus", safe)
    assert output_parts(f"9_bus/{name}", windows=False) == ("9_bus", name)


@pytest.mark.parametrize(
    ("path", "strip", "parts"),
    [
        ("9_bus/a/1.png", "", ("9_bus", "a", "1.png")),
        ("9_bus/a/1.png", "9_bus", ("a", "1.png")),
        ("9_bus/a/1.png", "/9_bus//a/", ("1.png",)),
        ("9_bus/a/1.png", "9_bus/a/1.png", ("1.png",)),
        ("9_bus2/1.png", "9_bus", ("9_bus2", "1.png")),
        ("9_bus//./1.png", "", ("9_bus", "1.png")),
    ],
)
def test_what_was_asked_for_is_left_out_at_the_front(path: str, strip: str, parts: tuple[str, ...]) -> None:
    assert output_parts(path, strip, windows=False) == parts


def test_names_that_differ_in_case_share_a_place_where_case_does_not_count() -> None:
    places = [("a/X.png", ("a", "X.png")), ("a/x.png", ("a", "x.png"))]
    refuse_shared(places, ignore_case=False)
    with pytest.raises(RefusedPath, match="the same file here"):
        refuse_shared(places, ignore_case=True)


def test_one_result_listed_twice_shares_its_place_with_itself() -> None:
    refuse_shared([("a/x", ("a", "x")), ("a/x", ("a", "x"))], ignore_case=False)


def test_a_part_of_a_very_long_name_is_called_by_its_digest() -> None:
    assert part_name("x.png", "d" * 64) == "x.png.part"
    assert part_name("é" * 126, "d" * 64) == "d" * 40 + ".part"


def test_a_folder_that_is_itself_a_link_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    place = Folder(tmp_path / "link").place(("a", "1.png"))
    place.write_bytes(b"x")
    assert (tmp_path / "disk/a/1.png").exists()


def test_a_link_to_nowhere_on_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UnusableFolder):
        Folder(tmp_path).place(("a", "1.png"))
    assert not (tmp_path / "nowhere").exists()
