"""What a user chooses is written into scene_info_render."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from rayvision_utils.choose import ChoiceNotInScene, apply_choices
from renderbus_model.frames import BadFrameRange


def entry(scene: str, layer: str, *, on: bool = True, renders: bool = False, composites: bool = False) -> Any:
    return {
        "renderable": "1" if renders else "0",
        "common": {
            "scene_name": [scene],
            "layer_name": layer,
            "layer_enabled": str(on),
            "view_layers": [layer],
            "composites": str(composites),
            "all_camera": ["front", "side"],
            "render_camera": ["front"],
            "camera_name": "front",
            "frames": "1-10[1]",
            "width": "960",
            "height": "540",
        },
    }


@pytest.fixture
def task() -> dict[str, Any]:
    found = {
        "Shot/sky": entry("Shot", "sky", renders=True),
        "Shot/ground": entry("Shot", "ground", renders=True),
        "Shot/off": entry("Shot", "off", on=False),
        "Title/text": entry("Title", "text"),
        "Comp/a": entry("Comp", "a", composites=True),
        "Comp/b": entry("Comp", "b", composites=True),
    }
    return {"scene_info": found, "scene_info_render": copy.deepcopy(found)}


def rendering(task: dict[str, Any]) -> dict[str, list[str]]:
    return {
        key: each["common"]["view_layers"]
        for key, each in task["scene_info_render"].items()
        if each["renderable"] == "1"
    }


def test_nothing_chosen_changes_nothing(task: dict[str, Any]) -> None:
    before = copy.deepcopy(task)
    apply_choices(task)
    assert task == before


def test_an_empty_choice_is_a_copy_of_what_was_found(task: dict[str, Any]) -> None:
    task["scene_info_render"] = {}
    apply_choices(task, samples=4)
    assert task["scene_info_render"]["Shot/sky"]["common"]["samples"] == "4"
    assert "samples" not in task["scene_info"]["Shot/sky"]["common"]


def test_another_scene_renders_its_layers_that_are_on(task: dict[str, Any]) -> None:
    apply_choices(task, scene_name="Title")
    assert rendering(task) == {"Title/text": ["text"]}


def test_chosen_layers_render_even_when_they_are_off_in_the_file(task: dict[str, Any]) -> None:
    apply_choices(task, layers=["off", "sky"])
    assert rendering(task) == {"Shot/sky": ["sky"], "Shot/off": ["off"]}


def test_layers_that_are_composited_render_together(task: dict[str, Any]) -> None:
    apply_choices(task, scene_name="Comp")
    assert rendering(task) == {"Comp/a": ["a", "b"]}
    apply_choices(task, scene_name="Comp", layers=["b"])
    assert rendering(task) == {"Comp/b": ["b"]}


def test_settings_change_all_that_renders_and_nothing_else(task: dict[str, Any]) -> None:
    apply_choices(task, camera="side", resolution=(64, 32), image_format="exr", samples=2, frames="1,3-7[2]")
    common = task["scene_info_render"]["Shot/ground"]["common"]
    assert common["render_camera"] == ["side"]
    assert common["camera_name"] == "side"
    assert (common["width"], common["height"]) == ("64", "32")
    assert (common["image_format"], common["Render_Format"]) == ("exr", "OPEN_EXR")
    assert (common["frames"], common["start"], common["end"], common["by_frame"]) == ("1-7[2]", "1", "7", "2")
    assert task["scene_info_render"]["Title/text"] == task["scene_info"]["Title/text"]


@pytest.mark.parametrize(
    ("choice", "kind", "available"),
    [
        ({"scene_name": "Nope"}, "scene", ("Shot", "Title", "Comp")),
        ({"layers": ["Nope"]}, "view layer", ("sky", "ground", "off")),
        ({"camera": "Nope"}, "camera", ("front", "side")),
    ],
)
def test_what_is_not_in_the_scene_is_refused_with_what_is(
    task: dict[str, Any], choice: dict[str, Any], kind: str, available: tuple[str, ...]
) -> None:
    before = copy.deepcopy(task)
    with pytest.raises(ChoiceNotInScene) as error:
        apply_choices(task, **choice)
    assert (error.value.kind, error.value.name, error.value.available) == (kind, "Nope", available)
    assert "'Nope'" in str(error.value)
    assert task == before


@pytest.mark.parametrize(
    "choice", [{"resolution": (0, 5)}, {"samples": 0}, {"image_format": "gif"}, {"frames": "5-1"}]
)
def test_a_senseless_setting_is_refused_and_changes_nothing(
    task: dict[str, Any], choice: dict[str, Any]
) -> None:
    before = copy.deepcopy(task)
    with pytest.raises(ValueError):
        apply_choices(task, **choice)
    assert task == before


def test_a_frame_range_that_makes_no_sense_keeps_its_own_error(task: dict[str, Any]) -> None:
    with pytest.raises(BadFrameRange, match="ends before it starts"):
        apply_choices(task, frames="10-1")


def test_a_scene_without_entries_has_nothing_to_choose() -> None:
    with pytest.raises(ChoiceNotInScene, match="it has none"):
        apply_choices({"scene_info_render": {}}, layers=["sky"])
