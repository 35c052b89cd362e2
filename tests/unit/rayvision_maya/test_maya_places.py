"""Where a file may lie that a Maya scene names."""

from __future__ import annotations

import pytest

from rayvision_maya.places import Project, as_pattern, maya_places
from rayvision_utils.whereabouts import Habits
from renderbus_model.scene import Kind, Spread
from renderbus_scenes.maya_workspace import parse_rules

FILM = Project("/film", {"sourceimages": "tex", "sound": "/archive/sound"}, ("D:/old",))


def places(path: str, kind: Kind = Kind.TEXTURE, habits: Habits | None = None) -> list[str]:
    return [place.path for place in maya_places(path, kind, "/film/scenes", FILM, habits or Habits())]


def meant(path: str, kind: Kind = Kind.TEXTURE) -> list[str]:
    """The places that the path itself means."""
    found = maya_places(path, kind, "/film/scenes", FILM, Habits())
    return [place.path for place in found if not place.how]


def test_a_relative_path_lies_in_the_project_then_in_its_folder_then_beside_the_scene() -> None:
    assert meant("wood.png") == [
        "/film/wood.png",
        "/film/tex/wood.png",
        "/film/images/wood.png",
        "/film/scenes/wood.png",
    ]


def test_a_file_rule_may_lead_out_of_the_project() -> None:
    assert "/archive/sound/voice.wav" in meant("voice.wav", Kind.AUDIO)


def test_an_absolute_path_is_tried_first() -> None:
    assert places("/mnt/wood.png")[0] == "/mnt/wood.png"


@pytest.mark.parametrize("path", ["D:/film//tex/a.png", r"D:\film\\tex\a.png", "//server/film//tex/a.png"])
def test_what_stands_behind_a_double_slash_lies_in_the_project(path: str) -> None:
    assert places(path)[0] == "/film/tex/a.png"


def test_a_server_is_not_taken_for_a_double_slash() -> None:
    assert places("//server/share/a.png")[0] == "/film/scenes/a.png"


def test_the_project_of_old_is_replaced_by_todays() -> None:
    assert places("d:/OLD/geo/a.abc", Kind.ALEMBIC)[0] == "/film/geo/a.abc"


def test_windows_paths_are_never_opened_as_they_are_elsewhere() -> None:
    assert not any(
        place.startswith(("D:", "//")) for place in places("D:/x/a.png") + places(r"\\srv\x\a.png")
    )
    assert places("D:/x/a.png", habits=Habits(windows=True))[0] == r"D:\x\a.png"


def test_a_mapping_comes_first_and_a_search_folder_last() -> None:
    found = places("D:/x/a.png", habits=Habits(mapping={"D:": "/mnt/d"}, search=["/library"]))
    assert (found[0], found[-1]) == ("/mnt/d/x/a.png", "/library/a.png")


def test_no_place_comes_twice() -> None:
    found = places("sourceimages/a.png")
    assert len(found) == len(set(found))


@pytest.mark.parametrize("path", ["a_u1_v3.tif", "a_u<U>_v<V>.tif", "a_<tile>.tif"])
def test_tiles_of_mudbox_and_zbrush_are_matched_by_one_token(path: str) -> None:
    assert as_pattern(path, Spread.TILES) == "a_<UVTILE>.tif"


def test_file_rules_of_every_age_are_read() -> None:
    text = 'workspace -rt "images" "renders";\nworkspace -fr "scene" "shots";\nworkspace -v "x" "y";'
    assert parse_rules(text) == {"images": "renders", "scene": "shots"}
