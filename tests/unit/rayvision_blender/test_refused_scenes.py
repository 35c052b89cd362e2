"""What cannot be analysed says why, in tips.json too."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from rayvision_api.exception import RayvisionError
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGFileNameIllegalError,
    CGFileNotExistsError,
)
from renderbus_scenes.blend_file import BlendFile
from renderbus_scenes.blender import repath


def loaded(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_a_scene_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CGFileNotExistsError, match=r"none\.blend is not found"):
        AnalyzeBlender(tmp_path / "none.blend", "5.0", workspace=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"software_version": None}, "software_version None: expected a version"),
        ({"software_version": ["5.0"]}, "expected a version"),
        ({"plugin_config": "flip 1"}, "plugin_config 'flip 1': expected versions by name"),
        ({"plugin_config": ["flip"]}, "expected versions by name"),
    ],
)
def test_what_is_no_version_and_no_plugins_is_refused(
    tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    scene = tmp_path / "shot.blend"
    scene.touch()
    given: dict[str, Any] = {"software_version": "5.0", "workspace": tmp_path} | arguments
    with pytest.raises(RayvisionError, match=said) as caught:
        AnalyzeBlender(scene, **given)
    assert caught.value.error_code == 1000003
    assert [path.name for path in tmp_path.iterdir()] == ["shot.blend"]


def test_versions_and_projects_given_as_numbers_are_written_as_text(tmp_path: Path) -> None:
    scene = tmp_path / "shot.blend"
    scene.touch()
    given: dict[str, Any] = {"software_version": 5, "project_name": 2026, "workspace": tmp_path}
    analysis = AnalyzeBlender(scene, **given)
    analysis.write_task_json()
    task = loaded(analysis.task_json)
    assert (task["software_config"]["cg_version"], task["task_info"]["project_name"]) == ("5", "2026")


def test_a_workspace_is_a_folder_and_a_scene_has_a_name(tmp_path: Path) -> None:
    scene = tmp_path / "shot.blend"
    scene.touch()
    with pytest.raises(CGFileNotExistsError, match=r"shot\.blend is no folder to work in"):
        AnalyzeBlender(scene, "5.0", workspace=scene)
    with pytest.raises(CGFileNotExistsError, match="'' is not found"):
        AnalyzeBlender("", "5.0", workspace=tmp_path)


@pytest.mark.parametrize("level", ["warning", "WARNING"])
def test_the_log_level_is_a_name_in_any_case(tmp_path: Path, level: str) -> None:
    scene = tmp_path / "shot.blend"
    scene.touch()
    logger = logging.getLogger("rayvision_blender")
    try:
        AnalyzeBlender(scene, "5.0", workspace=tmp_path, log_level=level)
        assert logger.level == logging.WARNING
    finally:
        logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"hello", "is a text file, not a scene"),
        (b"BLENDER-v279", "cut off"),
    ],
)
def test_what_is_no_scene_fails_with_a_tip(
    tmp_path: Path, workspace: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "shot.blend"
    path.write_bytes(content)
    analysis = AnalyzeBlender(path, "5.0", workspace=workspace)
    with pytest.raises(AnalyseFailError, match=said):
        analysis.analyse()
    (text,) = loaded(analysis.tips_json)["15002"]
    assert said in text
    assert text.startswith("shot.blend ") or text.startswith("shot.blend: ")


def test_a_scene_that_is_cut_off_fails_with_a_tip(scene: Path, workspace: Path) -> None:
    raw = repath(scene.read_bytes(), lambda _: None)
    scene.write_bytes(raw[: len(raw) // 2])
    analysis = AnalyzeBlender(scene, "5.0", workspace=workspace)
    with pytest.raises(AnalyseFailError, match="cut off"):
        analysis.analyse()
    assert "15002" in loaded(analysis.tips_json)


def test_a_file_without_a_scene_fails_with_a_tip(scene: Path, workspace: Path) -> None:
    raw = bytearray(repath(scene.read_bytes(), lambda _: None))
    for block in BlendFile(memoryview(bytes(raw))).blocks:
        if block.code == "SC":
            raw[block.header : block.header + 2] = b"XX"
    scene.write_bytes(raw)
    with pytest.raises(AnalyseFailError, match="holds no scene that could be rendered"):
        AnalyzeBlender(scene, "5.0", workspace=workspace).analyse()


def test_a_folder_is_no_scene(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "folder.blend").mkdir()
    with pytest.raises(AnalyseFailError, match=r"folder\.blend: is a folder"):
        AnalyzeBlender(tmp_path / "folder.blend", "5.0", workspace=workspace).analyse()


def test_a_scene_that_may_not_be_read_says_so(scene: Path, workspace: Path) -> None:
    # As root nothing is forbidden, so the file goes away between the look and the reading instead.
    analysis = AnalyzeBlender(scene, "5.0", workspace=workspace)
    scene.unlink()
    with pytest.raises(AnalyseFailError, match=r"everything\.blend: cannot be opened: No such file"):
        analysis.analyse()


def test_a_scene_whose_path_no_farm_can_keep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sh\not.blend"
    path.write_bytes(b"")
    with pytest.raises(CGFileNameIllegalError, match="control character"):
        AnalyzeBlender(path, "5.0", workspace=tmp_path)
