"""AnalyzeMaya writes the four documents."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from rayvision_maya.analyze_maya import AnalyzeMaya
from rayvision_maya.installed import installed_maya
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGExeNotExistError,
    CGFileNotExistsError,
    GetCGVersionError,
)
from renderbus_model.documents import TASK_INFO

PUBLISHED = [
    *["cg_file", "software_version", "project_name", "plugin_config", "render_software"],
    *["render_layer_type", "input_project_path", "local_os", "workspace", "custom_exe_path", "platform"],
]


def analysed(scene: Path, workspace: Path, **more: Any) -> AnalyzeMaya:
    options = {"plugin_config": {"mtoa": "5.1.0"}, "workspace": workspace, **more}
    return AnalyzeMaya(scene, options.pop("software_version", "2023"), **options).analyse()


def loaded(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def below(project: Path, paths: list[str]) -> list[str]:
    return sorted(path.split("  ")[0].removeprefix(f"{project}/") for path in paths)


def test_the_arguments_are_the_published_ones_in_their_order() -> None:
    parameters = inspect.signature(AnalyzeMaya.__init__).parameters
    assert list(parameters)[1 : len(PUBLISHED) + 1] == PUBLISHED
    assert parameters["render_software"].default == "Maya"
    assert parameters["render_layer_type"].default == "0"
    assert parameters["platform"].default == "2"


@pytest.mark.parametrize("name", ["shot.ma", "SHOT.MB"])
def test_scenes_of_maya_are_analysed_by_this_class(name: str) -> None:
    assert analyzer_for(name) is AnalyzeMaya


def test_task_json_has_the_published_shape(shot: Path, project: Path, workspace: Path) -> None:
    analysis = analysed(shot, workspace, project_name="Film", local_os="windows", platform="21")
    task = loaded(analysis.task_json)
    assert task == analysis.task_info
    assert task["task_info"] == {
        **TASK_INFO["task_info"],
        "input_cg_file": str(shot),
        "project_name": "Film",
        "cg_id": "2000",
        "platform": "21",
        "os_name": "1",
        "input_project_path": "",
        "render_layer_type": "0",
    }
    assert task["software_config"] == {"cg_name": "Maya", "cg_version": "2023", "plugins": {"mtoa": "5.1.0"}}
    assert task["scene_info"] == task["scene_info_render"]
    assert list(task["scene_info"]) == ["defaultRenderLayer", "beauty"]
    assert task["scene_info"]["defaultRenderLayer"] == {
        "renderable": "1",
        "env": {},
        "is_default_camera": "1",
        "option": "",
        "common": {
            "image_format": "jpg",
            "end": "12",
            "width": "1920",
            "image_file_prefix": "<Scene>/<RenderLayer>",
            "all_camera": ["perspShape", "shotCamShape", "set:viewShape"],
            "render_camera": ["shotCamShape", "set:viewShape"],
            "start": "1",
            "animation": "True",
            "renderer": "arnold",
            "frames": "1-12[1]",
            "height": "1080",
            "renumber_frames": "False",
            "by_frame": "1",
        },
    }
    assert task["scene_info"]["beauty"]["common"]["frames"] == "1-24[1]"


def test_every_file_is_found_once_through_references_and_project(
    shot: Path, project: Path, workspace: Path
) -> None:
    analysis = analysed(shot, workspace)
    assert below(project, analysis.asset_info["asset"]) == [
        "assets/tree.ma",
        "scenes/set.ma",
        "sourceimages/bark_wet.png",
        "sourceimages/leaf.png",
        "sourceimages/plate.0101.exr",
        "sourceimages/plate.0102.exr",
        "sourceimages/wood.1001.tif",
        "sourceimages/wood.1002.tif",
    ]
    upload = loaded(analysis.upload_json)
    assert upload["asset"][-1]["local"] == str(shot)
    assert len({entry["server"] for entry in upload["asset"]}) == len(upload["asset"])
    assert upload["scene"][0]["hash"] == analysis.get_file_md5(shot)


def test_an_edit_of_the_shot_wins_over_what_the_referenced_scene_says(shot: Path, workspace: Path) -> None:
    named = {each.reference.path for each in analysed(shot, workspace).files.looked_up}
    assert "bark_wet.png" in named
    assert "bark.png" not in named


def test_findings_get_their_codes(shot: Path, project: Path, workspace: Path) -> None:
    tips = analysed(shot, workspace, software_version="2020").tips_info
    assert tips == loaded(str(next(workspace.glob("*/tips.json"))))
    assert set(tips) == {"15013", "60011", "60012", "60030", "60033", "60037"}
    assert tips["15013"] == ["the scene was saved by Maya 2023, chosen is 2020"]
    assert tips["60012"] == ["oldRN: D:/film//scenes/old.ma is not loaded, and does not render"]
    assert any("leaf.png, which differs in case" in text for text in tips["60030"])
    assert "set.ma" in tips["60037"][0]


def test_a_scene_in_order_has_no_tips(project: Path, workspace: Path) -> None:
    scene = project / "scenes" / "plain.ma"
    scene.write_text('//Maya ASCII 2023 scene\ncreateNode camera -n "a";\n// End of plain.ma\n')
    assert analysed(scene, workspace).tips_info == {}


def test_a_missing_reference_is_told_under_its_code(shot: Path, project: Path, workspace: Path) -> None:
    (project / "scenes" / "set.ma").unlink()
    (missing,) = analysed(shot, workspace).tips_info["25009"]
    assert "setRN" in missing


def test_a_reference_that_cannot_be_read_is_told_and_the_rest_goes_on(
    shot: Path, project: Path, workspace: Path
) -> None:
    (project / "scenes" / "set.ma").write_text("version https://git-lfs.github.com/spec/v1\n")
    analysis = analysed(shot, workspace)
    assert any("Git LFS" in text for text in analysis.tips_info["25009"])
    assert "scene_info" in analysis.task_info


CAMERA = 'createNode camera -n "a";\n'


def texture(path: str) -> str:
    return f'''{CAMERA}createNode file -n "f";\n\tsetAttr ".ftn" -type "string" "{path}";\n'''


def node(kind: str, attribute: str, value: str) -> str:
    return f'''{CAMERA}createNode {kind} -n "n";\n\tsetAttr ".{attribute}" -type "string" "{value}";\n'''


def render_globals(*lines: str) -> str:
    return f"{CAMERA}select -ne :defaultRenderGlobals;\n" + "".join(f"\t{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (CAMERA + '\tsetAttr ".rnd" no;\n', "15006"),
        (CAMERA + CAMERA, "15015"),
        (CAMERA + 'createNode renderLayer -n "defaultRenderLayer";\n\tsetAttr ".rndr" no;\n', "60005"),
        (render_globals('setAttr ".fs" 20;', 'setAttr ".ef" 2;'), "60004"),
        (CAMERA + 'createNode VRayMesh -n "p";\n', "15018"),
        (render_globals('setAttr ".ren" -type "string" "vray";'), "60036"),
        (texture("$SHOW/a.png"), "60034"),
        (texture("/" + "x" * 300 + ".png"), "15032"),
        (node("gpuCache", "cfn", "a.abc"), "10018"),
        (node("aiVolume", "filename", "a.vdb"), "10028"),
        (node("xgmPalette", "xfn", "a.xgen"), "10032"),
    ],
)
def test_each_finding_has_its_code(tmp_path: Path, workspace: Path, body: str, code: str) -> None:
    scene = tmp_path / "scene.ma"
    scene.write_text(f"//Maya ASCII 2023 scene\n{body}// End of scene.ma\n")
    assert code in analysed(scene, workspace).tips_info


def test_a_name_that_may_not_travel_is_told(tmp_path: Path, workspace: Path) -> None:
    scene = tmp_path / "场景.ma"
    scene.write_text('//Maya ASCII 2023 scene\ncreateNode camera -n "a";\n// End of scene.ma\n')
    assert list(analysed(scene, workspace).tips_info) == ["15033"]


def test_a_scene_without_its_end_is_analysed_with_a_warning(tmp_path: Path, workspace: Path) -> None:
    scene = tmp_path / "scene.ma"
    scene.write_text('//Maya ASCII 2023 scene\ncreateNode camera -n "a";\n')
    assert list(analysed(scene, workspace).tips_info) == ["60010"]


@pytest.mark.parametrize("content", ["", "a note", "version https://git-lfs.github.com/spec/v1\n"])
def test_what_is_no_scene_fails_with_a_tip(tmp_path: Path, workspace: Path, content: str) -> None:
    scene = tmp_path / "scene.ma"
    scene.write_text(content)
    with pytest.raises(AnalyseFailError):
        analysed(scene, workspace)
    assert list(loaded(str(next(workspace.glob("*/tips.json"))))) == ["15002"]


def test_a_scene_of_another_application_is_refused(workspace: Path) -> None:
    blend = Path(__file__).parents[2] / "data" / "blender" / "everything.blend"
    with pytest.raises(AnalyseFailError, match="is a scene of Blender"):
        analysed(blend, workspace)


def test_render_setup_sets_the_kind_of_layers(tmp_path: Path, workspace: Path) -> None:
    scene = tmp_path / "scene.ma"
    scene.write_text(
        '//Maya ASCII 2023 scene\ncreateNode camera -n "a";\ncreateNode renderSetup -n "renderSetup";\n'
        "// End of scene.ma\n"
    )
    assert analysed(scene, workspace).task_info["task_info"]["render_layer_type"] == "1"


def test_the_project_may_be_given(shot: Path, project: Path, workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "sourceimages").mkdir(parents=True)
    (project / "sourceimages" / "wood.1001.tif").rename(other / "sourceimages" / "wood.1001.tif")
    (project / "sourceimages" / "wood.1002.tif").unlink()
    analysis = analysed(shot, workspace, input_project_path=str(other))
    assert any(f"{other}/sourceimages/wood.1001.tif" in path for path in analysis.asset_info["asset"])
    assert analysis.task_info["task_info"]["input_project_path"] == str(other)


def test_a_mapping_leads_drives_of_windows_to_folders_here(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "d" / "tex").mkdir(parents=True)
    (tmp_path / "d" / "tex" / "Wood.PNG").touch()
    scene = tmp_path / "scene.ma"
    scene.write_text(
        '//Maya ASCII 2023 scene\ncreateNode camera -n "a";\ncreateNode file -n "f";\n'
        '\tsetAttr ".ftn" -type "string" "D:\\\\tex\\\\wood.png";\n// End of scene.ma\n'
    )
    analysis = AnalyzeMaya(scene, "2023", workspace=workspace)
    analysis.mapping = {"D:": str(tmp_path / "d")}
    analysis.analyse()
    assert below(tmp_path, analysis.asset_info["asset"]) == ["d/tex/Wood.PNG"]
    assert "60030" in analysis.tips_info


def test_textures_made_for_arnold_go_along_with_their_originals(
    shot: Path, project: Path, workspace: Path
) -> None:
    (project / "sourceimages" / "wood.1001.tx").touch()
    assert "sourceimages/wood.1001.tx" in below(project, analysed(shot, workspace).asset_info["asset"])


def test_a_cache_is_its_description_and_its_frames(tmp_path: Path, workspace: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    for name in ("cloth.xml", "clothFrame1.mcx", "clothFrame2.mcx", "other.xml"):
        (folder / name).touch()
    scene = tmp_path / "scene.ma"
    scene.write_text(
        "//Maya ASCII 2023 scene\n"
        + node("cacheFile", "cn", "cloth")
        + '\tsetAttr ".cp" -type "string" "cache";\n// End of scene.ma\n'
    )
    found = below(tmp_path, analysed(scene, workspace).asset_info["asset"])
    assert found == ["cache/cloth.xml", "cache/clothFrame1.mcx", "cache/clothFrame2.mcx"]


def test_a_collection_of_xgen_is_found_by_the_scenes_name_and_its_folder_goes_along(
    project: Path, workspace: Path
) -> None:
    maps = project / "xgen" / "collections" / "fur" / "paintmaps"
    maps.mkdir(parents=True)
    (maps / "length.ptx").touch()
    scene = project / "scenes" / "hairy.ma"
    scene.write_text(
        f'//Maya ASCII 2023 scene\n{CAMERA}createNode xgmPalette -n "fur";\n// End of hairy.ma\n'
    )
    (scene.parent / "hairy__fur.xgen").write_text("Palette\n\txgDataPath\t\t${PROJECT}xgen/collections/fur\n")
    analysis = analysed(scene, workspace)
    assert below(project, analysis.asset_info["asset"]) == [
        "scenes/hairy__fur.xgen",
        "xgen/collections/fur/paintmaps/length.ptx",
    ]
    assert analysis.tips_info == {}


def test_scenes_that_stand_for_assemblies_are_followed(project: Path, workspace: Path) -> None:
    scene = project / "scenes" / "street.ma"
    body = node("assemblyReference", "d", "assets/tree.ma")
    scene.write_text(f"//Maya ASCII 2023 scene\n{body}// End of street.ma\n")
    found = below(project, analysed(scene, workspace).asset_info["asset"])
    assert {"assets/tree.ma", "scenes/set.ma", "sourceimages/leaf.png"} <= set(found)


def test_what_usd_layers_name_goes_along(project: Path, workspace: Path) -> None:
    (project / "usd").mkdir()
    (project / "usd" / "city.usda").write_text("#usda 1.0\n(\n    subLayers = [@./house.usda@]\n)\n")
    (project / "usd" / "house.usda").write_text("#usda 1.0\n")
    scene = project / "scenes" / "city.ma"
    body = node("mayaUsdProxyShape", "fp", "usd/city.usda")
    scene.write_text(f"//Maya ASCII 2023 scene\n{body}// End of city.ma\n")
    found = below(project, analysed(scene, workspace).asset_info["asset"])
    assert found == ["usd/city.usda", "usd/house.usda"]


def test_two_analyses_in_one_second_have_folders_of_their_own(shot: Path, workspace: Path) -> None:
    first, second = (
        AnalyzeMaya(shot, "2023", workspace=workspace),
        AnalyzeMaya(shot, "2023", workspace=workspace),
    )
    assert first.workspace != second.workspace
    first.analyse()
    second.analyse()
    assert first.task_info is not second.task_info
    assert TASK_INFO["scene_info"] == {}


def test_what_is_chosen_is_rendered_and_the_rest_stays(shot: Path, workspace: Path) -> None:
    analysis = analysed(shot, workspace)
    analysis.choose(
        layers=["beauty"], camera="perspShape", frames="3-9[3]", resolution=(64, 36), image_format="png"
    )
    entries = loaded(analysis.task_json)["scene_info_render"]
    assert [entry["renderable"] for entry in entries.values()] == ["0", "1"]
    common = entries["beauty"]["common"]
    assert (common["frames"], common["start"], common["end"], common["by_frame"]) == ("3-9[3]", "3", "9", "3")
    assert (common["width"], common["height"], common["image_format"]) == ("64", "36", "png")
    assert common["render_camera"] == ["perspShape"]
    analysis.choose()
    task = loaded(analysis.task_json)
    assert task["scene_info_render"] == task["scene_info"]


def test_what_the_scene_does_not_have_cannot_be_chosen(shot: Path, workspace: Path) -> None:
    analysis = AnalyzeMaya(shot, "2023", workspace=workspace)
    with pytest.raises(AnalyseFailError):
        analysis.choose()
    analysis.analyse()
    for wrong in ({"layers": ["none"]}, {"camera": "none"}, {"scene_name": "none"}, {"samples": 9}):
        choice: dict[str, Any] = wrong
        with pytest.raises(ChoiceNotInScene):
            analysis.choose(**choice)
    with pytest.raises(ValueError, match="must be 1 or more"):
        analysis.choose(resolution=(0, 5))


def test_a_choice_answers_a_tip(tmp_path: Path, workspace: Path) -> None:
    scene = tmp_path / "scene.ma"
    scene.write_text(f'//Maya ASCII 2023 scene\n{CAMERA}\tsetAttr ".rnd" no;\n// End of scene.ma\n')
    analysis = analysed(scene, workspace)
    assert list(analysis.tips_info) == ["15006"]
    analysis.choose(camera="a")
    assert loaded(analysis.tips_json) == {}


def test_analyse_may_leave_upload_json_out(shot: Path, workspace: Path) -> None:
    analysis = AnalyzeMaya(shot, "2023", workspace=workspace)
    assert analysis.analyse(no_upload=True) is analysis
    assert not Path(analysis.upload_json).exists()
    assert analysis.check_result() == (True, None)


def test_what_is_not_there_is_refused_at_once(shot: Path, workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(CGFileNotExistsError):
        AnalyzeMaya(shot, "2023", workspace=workspace, input_project_path=tmp_path / "none")
    with pytest.raises(CGFileNotExistsError):
        AnalyzeMaya(shot, "2023", workspace=workspace, custom_exe_path="/none/maya")
    with pytest.raises(CGFileNotExistsError, match="is not found"):
        AnalyzeMaya(tmp_path / "none.ma", "2023", workspace=workspace)


def test_the_version_of_a_scene_can_be_asked_for(shot: Path, workspace: Path, tmp_path: Path) -> None:
    assert AnalyzeMaya.check_version2(shot) == "2023"
    assert AnalyzeMaya(shot, "2023", workspace=workspace).check_version3(str(shot)) == "2023"
    (tmp_path / "none.ma").write_text("a note")
    with pytest.raises(GetCGVersionError):
        AnalyzeMaya.check_version2(tmp_path / "none.ma")


def test_an_installed_maya_is_found(tmp_path: Path) -> None:
    program = tmp_path / "maya2016.5" / "bin" / "maya"
    program.parent.mkdir(parents=True)
    program.touch()
    assert installed_maya("2016", windows=False, root=tmp_path) == str(program)
    assert installed_maya("2020", windows=False, root=tmp_path) is None


def test_a_maya_that_is_not_installed_is_told(shot: Path, workspace: Path) -> None:
    analysis = AnalyzeMaya(shot, "1999", workspace=workspace)
    assert analysis.location_from_reg("1999") is None
    with pytest.raises(CGExeNotExistError):
        analysis.find_location()
    assert list(loaded(analysis.tips_json)) == ["15019"]


@pytest.mark.parametrize(
    ("mode", "attribute", "code"), [(".imode", ".ifile", "10023"), (".mode", ".lcfnm", "10024")]
)
def test_a_solution_of_v_ray_that_is_missing_has_the_published_code(
    tmp_path: Path, workspace: Path, mode: str, attribute: str, code: str
) -> None:
    scene = tmp_path / "shot.ma"
    scene.write_text(
        '//Maya ASCII 2023 scene\ncreateNode VRaySettingsNode -s -n "vraySettings";\n'
        f'\tsetAttr "{mode}" 2;\n\tsetAttr "{attribute}" -type "string" "/no/solution.vrmap";\n'
        "// End of shot.ma\n"
    )
    assert "solution.vrmap" in analysed(scene, workspace).tips_info[code][0]
