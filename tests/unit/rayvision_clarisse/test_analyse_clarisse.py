"""The documents of a Clarisse project, as the published package writes them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rayvision_clarisse.analyse_clarisse import AnalyzeClarisse
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.exception.exception import AnalyseFailError, CGFileNotExistsError

DATA = Path(__file__).parents[2] / "data" / "clarisse"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with some of its files, and projects that refer to each other."""
    folder = tmp_path / "show"
    for name in ("tex/wood.1001.tx", "tex/grass.png", "geo/shed.obj", "abc/camera.abc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    for name in ("made_up.project", "set.project", "circle.project"):
        shutil.copy(DATA / name, folder)
    return folder / "made_up.project"


def analysed(
    path: Path, workspace: Path, version: str = "clarisse_ifx_5.0_sp3", **options: Any
) -> AnalyzeClarisse:
    return AnalyzeClarisse(str(path), version, workspace=str(workspace), **options).analyse()


def test_images_and_layers_have_all_members_of_the_published_example(project: Path, workspace: Path) -> None:
    analysis = analysed(project, workspace, project_name="Project1")
    task = json.loads(Path(analysis.task_json).read_text("utf-8"))
    (image,) = task["scene_info_render"]["image_node"]
    layers = image.pop("layers")
    assert image == {
        "frames": "0-50[1]",
        "renderable": "0",
        "output": f"{project.parent}/out/beauty.####",
        "format": "png8",
        "LUT": "linear",
        "save_to_disk": "1",
        "name": "project://scene/beauty",
    }
    assert layers[0] == {
        "frames": "10-20[2]",
        "renderable": "1",
        "output": "",
        "format": "exr16",
        "enable_deep_output": "1",
        "save_to_disk": "0",
        "enable_deep_output_path": f"{project.parent}/out/deep",
        "name": "project://scene/beauty.background",
    }
    assert task["scene_info"] == {"image_node": [{**image, "layers": layers}]}
    assert task["software_config"]["cg_name"] == "Clarisse"
    info = task["task_info"]
    assert (info["cg_id"], info["test_frames"], info["graphics_cards_num"]) == ("2013", "000", "2")
    assert (info["clone_original_id"], info["edit_name"]) == ("", "")


def test_references_are_followed_a_circle_is_told_and_files_of_each_project_are_found(
    project: Path, workspace: Path
) -> None:
    analysis = analysed(project, workspace, plugin_config={"Spherix": "1.0"})
    names = [Path(entry["local"]).name for entry in analysis.upload_info["asset"]]
    assert names == [
        "camera.abc", "wood.1001.tx", "shed.obj", "set.project",
        "circle.project", "grass.png", "made_up.project",
    ]  # fmt: skip
    assert analysis.upload_info["scene"][0]["hash"] == analysis.get_file_md5(str(project))
    (circle,) = analysis.tips_info["60037"]
    assert "set.project -> circle.project -> set.project" in circle
    assert "60036" not in analysis.tips_info
    assert "$SHOW" in analysis.tips_info["60034"][0]
    assert len(analysis.tips_info["60033"]) == 1


def test_a_reference_that_is_gone_is_told_under_its_published_code(project: Path, workspace: Path) -> None:
    (project.parent / "set.project").unlink()
    assert "set.project" in analysed(project, workspace).tips_info["25009"][0]


def test_a_reference_that_is_no_project_is_told(project: Path, workspace: Path) -> None:
    (project.parent / "set.project").write_bytes(b"hello")
    assert "cannot be read" in analysed(project, workspace).tips_info["25009"][0]


@pytest.mark.parametrize(
    ("version", "told"), [("clarisse_ifx_4.0_sp3", False), ("5.5", True), ("4", False), ("", False)]
)
def test_another_version_than_the_saved_one_is_told(
    version: str, told: bool, tmp_path: Path, workspace: Path
) -> None:
    path = tmp_path / "kubix.project"
    shutil.copy(DATA / "kubix_demo.project", path)
    tips = analysed(path, workspace, version).tips_info
    assert ("15013" in tips) is told
    assert len(tips["60036"]) == 2


def test_what_is_no_project_fails_with_a_tip(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "a.project"
    shutil.copy(DATA / "eclipse.project", path)
    analysis = AnalyzeClarisse(str(path), "4.0", workspace=str(workspace))
    with pytest.raises(AnalyseFailError, match="is an XML file"):
        analysis.analyse()
    assert "15002" in analysis.tips_info
    with pytest.raises(CGFileNotExistsError, match="is not found"):
        AnalyzeClarisse(str(tmp_path / "gone.project"), "4.0", workspace=str(workspace))


def test_a_project_without_images_or_cameras_is_told(tmp_path: Path, workspace: Path) -> None:
    head = "#Isotropix_Serial_Version 1.2\n#Isotropix_Clarisse_Version 4\n"
    path = tmp_path / "a.project"
    path.write_text(head)
    assert "60031" in analysed(path, workspace, "").tips_info
    layer = 'Layer3d {\n name "l"\n first_frame 1\n last_frame 2\n}\n'
    path.write_text(f'{head}Image {{\n name "i"\n embedded_objects {{\n{layer}}}\n}}\n')
    assert analysed(path, workspace, "").tips_info == {"15006": ["layer project://i.l has no camera"]}


def test_the_published_methods_answer(project: Path, workspace: Path) -> None:
    analysis = AnalyzeClarisse(str(project), "5.0", workspace=str(workspace))
    assert analysis.py_version == 3
    assert Path(analysis.analyze_script_path).exists()
    analysis.print_info("hello")
    analysis.print_info_error("hello")
    analysis.writing_error_abort("15000", "does not start")
    analysis.writing_error_abort("15000", "hangs")
    analysis.writing_error_abort("999", "Reference file not found in scene: D:/a.project")
    analysis.write_tips_info()
    assert json.loads(Path(analysis.tips_json).read_text("utf-8")) == {
        "15000": ["does not start", "hangs"], "25009": ["D:/a.project"],
    }  # fmt: skip
    assert [Path(entry["local"]).name for entry in analysis.gather_upload_dict()["asset"]] == [
        "made_up.project"
    ]
    assert analyzer_for("shot.project") is AnalyzeClarisse


def test_frames_and_layers_can_be_chosen(project: Path, workspace: Path) -> None:
    analysis = AnalyzeClarisse(str(project), "5.0", workspace=str(workspace))
    with pytest.raises(AnalyseFailError, match="analyse the scene first"):
        analysis.choose(frames="1")
    analysis.analyse()
    analysis.choose(frames="3", layers=["front"])
    layers = json.loads(Path(analysis.task_json).read_text("utf-8"))["scene_info_render"]["image_node"][0][
        "layers"
    ]
    assert [(layer["renderable"], layer["frames"]) for layer in layers] == [("0", "3"), ("1", "3")]
    with pytest.raises(ChoiceNotInScene, match="layer 'sky'"):
        analysis.choose(layers=["sky"])
    with pytest.raises(ChoiceNotInScene, match="camera"):
        analysis.choose(camera="c")
