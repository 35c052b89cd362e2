"""A POV-Ray scene becomes the four documents."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from rayvision_povray.analyze_povray import AnalyzePovray
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.exception.exception import AnalyseFailError
from renderbus_model.frame_sets import read_frame_sets

DATA = Path(__file__).parents[2] / "data" / "povray"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "shot")
    return tmp_path / "shot" / "balls.pov"


def analysed(scene: Path) -> AnalyzePovray:
    workspace = scene.parents[1] / "work"
    workspace.mkdir(exist_ok=True)
    return AnalyzePovray(str(scene), "3.7", workspace=str(workspace)).analyse()


def common(analysis: AnalyzePovray) -> dict[str, Any]:
    (entry,) = analysis.task_info["scene_info_render"].values()
    found: dict[str, Any] = entry["common"]
    return found


def test_the_class_is_found_by_the_suffix(scene: Path) -> None:
    assert analyzer_for(scene) is AnalyzePovray


def test_everything_that_is_included_is_uploaded_and_what_pov_ray_brings_is_not(scene: Path) -> None:
    uploaded = [Path(each["local"]).name for each in analysed(scene).upload_info["asset"]]
    assert sorted(uploaded) == ["balls.pov", "floor.inc", "wood.png"]


def test_the_ini_beside_it_tells_size_frames_and_clock(scene: Path) -> None:
    found = common(analysed(scene))
    assert (found["frames"], found["width"], found["height"]) == ("1-5[1]", "48", "32")
    assert (found["initial_frame"], found["final_frame"], found["final_clock"]) == ("1", "5", "1.0")


def test_without_an_ini_one_frame_renders_and_the_clock_follows_what_is_chosen(scene: Path) -> None:
    scene.with_suffix(".ini").unlink()
    analysis = analysed(scene)
    assert common(analysis)["frames"] == "1-1[1]"
    analysis.choose(frames="1-4", resolution=(64, 32))
    (found,) = read_frame_sets(analysis.task_info, 8000, level_folders=False)
    assert found.numbers == (1, 2, 3, 4)
    settings = dict(found.choice.settings)
    assert (settings["start"], settings["end"]) == ("1", "4")
    assert "final_frame" not in settings
    assert (found.choice.width, found.output) == (64, "balls_####")


def test_what_is_missing_is_told_with_the_file_that_names_it(scene: Path) -> None:
    (scene.parent / "parts" / "wood.png").unlink()
    analysis = analysed(scene)
    (missing,) = analysis.files.missing
    assert missing.reference.path == "parts/wood.png"
    assert missing.library.endswith("floor.inc")


def test_includes_in_a_circle_end(scene: Path) -> None:
    (scene.parent / "parts" / "floor.inc").write_text('#include "balls.pov"\n#include "parts/floor.inc"\n')
    assert analysed(scene).files.missing == []


def test_no_text_is_no_scene(scene: Path) -> None:
    scene.write_bytes(b"\0\0")
    with pytest.raises(AnalyseFailError, match="is no POV-Ray scene"):
        analysed(scene)
