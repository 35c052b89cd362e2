"""AnalyzeBlender writes the four documents."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rayvision_api.exception import RayvisionError
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_blender.scene_document import scene_document
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.exception.exception import AnalyseFailError, CGFileNotExistsError
from rayvision_utils.findings import content_findings, file_findings, missing_text
from rayvision_utils.scene_files import SceneFiles
from renderbus_model.documents import TASK_INFO, Submission
from renderbus_model.scene import CameraSwitch, Scene, SceneFacts, ViewLayer
from renderbus_scenes.blend_file import BlendFile
from renderbus_scenes.blend_records import Structs
from renderbus_scenes.blender import repath
from renderbus_scenes.unpack import unpacked


def analysed(scene: Path, workspace: Path, **more: Any) -> AnalyzeBlender:
    return AnalyzeBlender(scene, more.pop("software_version", "5.0"), workspace=workspace, **more).analyse()


def loaded(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_task_json_has_the_published_defaults_and_what_the_caller_said(scene: Path, workspace: Path) -> None:
    analysis = analysed(
        scene, workspace, project_name="Film", plugin_config={"flip": "1.2"}, local_os="linux", platform="4"
    )
    task = loaded(analysis.task_json)
    assert task == analysis.task_info
    changed = {
        "input_cg_file": str(scene),
        "project_name": "Film",
        "cg_id": "2007",
        "platform": "4",
        "os_name": "0",
    }
    assert task["task_info"] == {**TASK_INFO["task_info"], **changed}
    assert task["software_config"] == {
        "cg_name": "Blender",
        "cg_version": "5.0",
        "plugins": {"flip": "1.2"},
    }


def test_windows_machines_are_told_to_the_farm(scene: Path, workspace: Path) -> None:
    task = loaded(analysed(scene, workspace, local_os="Windows").task_json)
    assert task["task_info"]["os_name"] == "1"


def test_each_scene_and_view_layer_has_an_entry(scene: Path, workspace: Path) -> None:
    task = loaded(analysed(scene, workspace).task_json)
    entries = task["scene_info_render"]
    assert entries == task["scene_info"]
    assert list(entries) == ["Other/ViewLayer", "Shot/beauty", "Shot/matte", "Shot/off"]
    assert [each["renderable"] for each in entries.values()] == ["0", "1", "0", "0"]
    assert entries["Shot/beauty"]["common"] == {
        "scene_name": ["Shot"],
        "layer_name": "beauty",
        "layer_enabled": "True",
        "view_layers": ["beauty", "matte"],
        "composites": "True",
        "renderer": "CYCLES",
        "image_file_prefix": "//render/shot_####",
        "start": "2",
        "end": "12",
        "by_frame": "5",
        "frames": "2-12[5]",
        "all_camera": ["front", "side"],
        "render_camera": [entries["Shot/beauty"]["common"]["camera_name"]],
        "camera_name": entries["Shot/beauty"]["common"]["camera_name"],
        "width": "166",
        "height": "105",
        "image_format": "exr",
        "Render_Format": "OPEN_EXR",
        "Output_path": "//render/shot_####",
        "samples": "7",
        "animation": "True",
        "renumber_frames": "False",
    }


def test_a_farm_can_read_what_was_written(scene: Path, workspace: Path) -> None:
    analysis = analysed(scene, workspace)
    submission = Submission.read(
        Path(analysis.task_json).read_bytes(), Path(analysis.upload_json).read_bytes()
    )
    (frames,) = submission.frame_sets
    assert frames.numbers == (2, 7, 12)
    assert frames.choice.view_layers == ("beauty", "matte")
    assert submission.scene == str(scene)


def test_upload_json_has_each_file_once_and_the_scene_last(scene: Path, workspace: Path) -> None:
    folder = scene.parent
    (folder / "textures").mkdir()
    (folder / "textures" / "oak.png").write_bytes(b"oak")
    upload = loaded(analysed(scene, workspace).upload_json)
    digest = hashlib.md5(scene.read_bytes(), usedforsecurity=False).hexdigest()
    itself = {"local": str(scene), "server": str(scene)}
    assert upload["scene"] == [{**itself, "hash": digest}]
    assert upload["asset"] == [
        {"local": str(folder / name), "server": str(folder / name)}
        for name in ("textures/oak.png", "shed.blend", "nails.blend", "everything.blend")
    ]


def test_asset_json_names_what_was_found_and_what_was_not(scene: Path, workspace: Path) -> None:
    asset = loaded(analysed(scene, workspace).asset_json)
    assert [text.split("  ")[0] for text in asset["asset"]] == [
        str(scene.parent / "shed.blend"),
        str(scene.parent / "nails.blend"),
    ]
    wood = next(each for each in asset["missing"] if each["node"] == "Image wood")
    assert wood == {
        "node": "Image wood",
        "path": "//textures/wood.png",
        "kind": "texture",
        "library": str(scene.parent / "shed.blend"),
        "why": f"is not there (looked for {scene.parent}/textures/wood.png)",
    }


def test_tips_name_missing_files_and_drivers_that_need_python(scene: Path, workspace: Path) -> None:
    analysis = analysed(scene, workspace)
    tips = loaded(analysis.tips_json)
    assert tips == analysis.tips_info
    assert any("Image 'oak': '//textures/oak.png' is not there" in text for text in tips["10012"])
    assert any("Image 'plate'" in text for text in tips["10027"])
    assert any("Volume 'smoke'" in text for text in tips["10028"])
    assert [text.split(":")[0] for text in tips["60001"]] == [
        "Object 'driven'",
        "Object 'driven'",
        f"Object 'plank' in library {scene.parent / 'shed.blend'}",
    ]
    assert "15013" not in tips


@pytest.mark.parametrize(
    ("chosen", "differs"),
    [("5.0", False), ("5.0.1", False), ("Blender 5.0", False), ("4.2", True), ("5", False)],
)
def test_another_version_than_the_chosen_one_is_told(
    scene: Path, workspace: Path, chosen: str, differs: bool
) -> None:
    assert ("15013" in analysed(scene, workspace, software_version=chosen).tips_info) is differs


def found(workspace: Path, scene_path: Path, **changes: Any) -> dict[str, str]:
    """The findings about a scene that was changed, by code."""
    plain = Scene("Shot", "CYCLES", camera="front", view_layers=(ViewLayer("all"),), format="PNG")
    changed = replace(plain, **changes)
    facts = SceneFacts("Blender", "5.0", active_scene="Shot", scenes=(changed,))
    return dict(AnalyzeBlender(scene_path, "5.0", workspace=workspace).findings(facts))


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"camera": ""}, "15006", "has no camera"),
        ({"engine": "BLENDER_RENDER"}, "15004", "no longer since 2.80"),
        ({"engine": "OCTANE"}, "15004", "does not come with Blender"),
        ({"format": "FFMPEG"}, "60002", "writes a movie (FFMPEG): frames are rendered one by one, as PNG"),
        ({"start": 5, "end": 1}, "60004", "only frame 5 is rendered"),
        ({"view_layers": (ViewLayer("all", enabled=False),)}, "60005", "no view layer that is on"),
    ],
)
def test_what_is_wrong_with_a_scene_is_told(
    workspace: Path, scene: Path, changes: dict[str, Any], code: str, said: str
) -> None:
    findings = found(workspace, scene, **changes)
    assert list(findings) == [code]
    assert said in findings[code]


def test_a_packed_library_is_told_wherever_it_is() -> None:
    packed = SceneFacts("Blender", "5.0", packed_libraries=("props.blend",))
    assert list(content_findings(packed)) == [
        ("60006", "Library 'props.blend' is packed: the files that it names are not looked for")
    ]
    files = SceneFiles(libraries={"/show/set.blend": packed})
    ((code, text),) = file_findings(files)
    assert code == "60006"
    assert "Library 'props.blend' in library /show/set.blend is packed" in text


def test_a_choice_is_written_and_settles_what_was_found(scene: Path, workspace: Path) -> None:
    analysis = analysed(scene, workspace)
    assert "15006" not in loaded(analysis.tips_json)
    analysis.choose(scene_name="Other")
    assert "15006" in loaded(analysis.tips_json)  # it has no camera
    missing = loaded(analysis.tips_json)["10012"]
    analysis.choose(layers=["off"], camera="side", frames="1-2[1]", samples=3)
    task, tips = loaded(analysis.task_json), loaded(analysis.tips_json)
    (chosen,) = [each for each in task["scene_info_render"].values() if each["renderable"] == "1"]
    wanted = {"layer_name": "off", "camera_name": "side", "frames": "1-2[1]", "samples": "3"}
    assert {key: chosen["common"][key] for key in wanted} == wanted
    assert task == analysis.task_info
    assert "15006" not in tips
    assert tips["10012"] == missing
    with pytest.raises(ChoiceNotInScene):
        analysis.choose(camera="nobody")
    assert loaded(analysis.task_json) == task


def test_a_camera_that_is_chosen_answers_that_there_is_none(scene: Path, workspace: Path) -> None:
    raw = bytes(unpacked(scene.read_bytes()))
    structs = Structs(BlendFile(memoryview(raw)))
    changed = bytearray(raw)
    for block in structs.file.blocks:
        record = structs.record(block) if block.code == "SC" else None
        for member in ("camera", "r.scemode"):
            found_at = record.field(member) if record else None
            if found_at:
                changed[found_at[1] : found_at[1] + found_at[0].size] = bytes(found_at[0].size)
        if record:
            markers = record.field("markers")
            assert markers
            changed[markers[1] : markers[1] + markers[0].size] = bytes(markers[0].size)
    scene.write_bytes(changed)
    analysis = analysed(scene, workspace)
    assert "15006" in analysis.tips_info
    analysis.choose(camera="side")
    assert "15006" not in loaded(analysis.tips_json)
    analysis.choose(samples=1)
    assert "15006" in loaded(analysis.tips_json)


def test_nothing_can_be_chosen_before_the_analysis(scene: Path, workspace: Path) -> None:
    with pytest.raises(AnalyseFailError, match="analyse the scene first"):
        AnalyzeBlender(scene, "5.0", workspace=workspace).choose(samples=1)


@pytest.mark.parametrize("other", [{"camera_switches": (CameraSwitch(1, "front"),)}, {"edits": True}])
def test_a_scene_whose_markers_or_strips_make_the_picture_needs_no_camera_of_its_own(
    workspace: Path, scene: Path, other: dict[str, Any]
) -> None:
    assert found(workspace, scene, camera="", **other) == {}


@pytest.mark.parametrize("engine", ["CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"])
def test_a_sound_scene_has_no_findings(workspace: Path, scene: Path, engine: str) -> None:
    assert found(workspace, scene, engine=engine) == {}


def test_a_range_that_ends_before_it_starts_is_one_frame(scene: Path, workspace: Path) -> None:
    shot = Scene("Shot", view_layers=(ViewLayer("all"),), start=5, end=1, step=2, format="FFMPEG")
    facts = SceneFacts("Blender", "5.0", active_scene="Shot", scenes=(shot,))
    (entry,) = AnalyzeBlender(scene, "5.0", workspace=workspace).scene_info(facts).values()
    assert entry["common"]["frames"] == "5-5[2]"
    assert (entry["common"]["Render_Format"], entry["common"]["image_format"]) == ("PNG", "png")


def test_layers_without_compositing_render_one_by_one(scene: Path, workspace: Path) -> None:
    layers = (ViewLayer("sky"), ViewLayer("off", enabled=False), ViewLayer("ground"))
    facts = SceneFacts("Blender", "5.0", active_scene="Shot", scenes=(Scene("Shot", view_layers=layers),))
    entries = AnalyzeBlender(scene, "5.0", workspace=workspace).scene_info(facts)
    assert {key: each["renderable"] for key, each in entries.items()} == {
        "Shot/sky": "1",
        "Shot/off": "0",
        "Shot/ground": "1",
    }
    assert entries["Shot/ground"]["common"]["view_layers"] == ["ground"]


def test_a_log_file_is_kept_where_it_is_asked_for(
    scene: Path, workspace: Path, tmp_path: Path, root_logger: logging.Logger
) -> None:
    AnalyzeBlender(scene, "5.0", workspace=workspace, log_folder=str(tmp_path), log_name="analysis")
    root_logger.info("a line")
    (log,) = [path for path in (tmp_path / "rayvision_blender").iterdir() if path.name.startswith("analysis")]
    assert "a line" in log.read_text(encoding="utf-8")


def test_two_analyses_in_one_second_have_folders_of_their_own(scene: Path, workspace: Path) -> None:
    folders = {Path(AnalyzeBlender(scene, "5.0", workspace=workspace).workspace) for _ in range(5)}
    assert len(folders) == 5
    assert all(folder.parent == workspace and folder.is_dir() for folder in folders)


def test_two_analyses_share_nothing(scene: Path, workspace: Path) -> None:
    first, second = (analysed(scene, workspace) for _ in range(2))
    first.task_info["task_info"]["ram"] = "128"
    first.add_tip("999", "mine")
    assert second.task_info["task_info"]["ram"] == TASK_INFO["task_info"]["ram"] == "64"
    assert "999" not in second.tips_info


def test_without_a_workspace_the_users_own_is_made(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    analysis = AnalyzeBlender(scene, "5.0")
    assert Path(analysis.workspace).parent == tmp_path / "home" / "renderfarm_sdk"
    assert analysis.tmp_mark == Path(analysis.workspace).name


def test_a_workspace_or_program_that_is_not_there_is_refused(scene: Path, tmp_path: Path) -> None:
    with pytest.raises(CGFileNotExistsError):
        AnalyzeBlender(scene, "5.0", workspace=tmp_path / "none")
    with pytest.raises(CGFileNotExistsError):
        AnalyzeBlender(scene, "5.0", workspace=tmp_path, custom_exe_path=str(tmp_path / "none"))
    with pytest.raises(CGFileNotExistsError):
        AnalyzeBlender(scene, "5.0", workspace=tmp_path).analyse(exe_path=str(tmp_path / "none"))


def test_the_attributes_are_those_published(scene: Path, workspace: Path) -> None:
    logger = logging.getLogger("mine")
    analysis = AnalyzeBlender(
        str(scene), "5.0", "Film", {"flip": "1"}, workspace=str(workspace), logger=logger
    )
    assert analysis.cg_file == str(scene)
    assert analysis.software_version == "5.0"
    assert analysis.project_name == "Film"
    assert analysis.plugin_config == {"flip": "1"}
    assert analysis.render_software == "Blender"
    assert analysis.platform == "2"
    assert analysis.custom_exe_path is None
    assert analysis.logger is logger
    assert (analysis.task_info, analysis.asset_info, analysis.upload_info) == ({}, {}, {})
    assert analysis.tips_info == {}
    assert analysis.check_result() == (False, f"Json file is not generated: {analysis.task_json}")
    analysis.analyse()
    assert analysis.check_result() == (True, None)


def test_a_relative_scene_path_is_made_absolute(
    scene: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scene.parent)
    analysis = AnalyzeBlender("everything.blend", "5.0", workspace=workspace)
    assert analysis.cg_file == str(scene)


def test_a_scene_behind_a_link_keeps_the_name_of_the_link(scene: Path, workspace: Path) -> None:
    link = scene.parent / "shot.blend"
    link.symlink_to(scene.name)
    upload = loaded(analysed(link, workspace).upload_json)
    assert upload["asset"][-1]["server"] == str(link)


def test_a_tip_is_a_text_or_a_list_of_texts(scene: Path, workspace: Path) -> None:
    analysis = AnalyzeBlender(scene, "5.0", workspace=workspace)
    analysis.add_tip("999", "one")
    analysis.add_tip(999, ["two", "b\udcf6se"])
    assert analysis.tips_info == {"999": ["one", "two", "b\ufffdse"]}
    with pytest.raises(RayvisionError):
        analysis.add_tip("999", {"not": "this"})  # type: ignore[arg-type]  # that is the point
    analysis.save_tips()
    assert loaded(analysis.tips_json) == analysis.tips_info


def test_names_that_are_no_utf_8_can_be_written(scene: Path, workspace: Path) -> None:
    def broken(reference: object) -> bytes | None:
        return b"//b\xf6se.png" if "oak" in str(reference) else None

    scene.write_bytes(repath(scene.read_bytes(), broken))
    asset = loaded(analysed(scene, workspace).asset_json)
    oak = next(each for each in asset["missing"] if each["node"] == "Image oak")
    assert oak["path"] == "//b\ufffdse.png"


def test_no_text_of_a_scene_reaches_a_terminal_with_its_control_characters(
    scene: Path, workspace: Path
) -> None:
    scene.write_bytes(
        repath(scene.read_bytes(), lambda each: b"//a\x1b[2J\nb" if "oak" in each.path else None)
    )
    analysis = analysed(scene, workspace)
    texts = [text for texts in analysis.tips_info.values() for text in texts]
    assert {missing_text(each) for each in analysis.files.missing} <= set(texts)
    assert any("looked for" in text and "a\\x1b[2J\\nb" in text for text in texts)
    assert all(text.isprintable() for text in texts)


def test_names_with_slashes_do_not_take_each_others_place() -> None:
    scenes = (
        Scene("a", view_layers=(ViewLayer("b/c"),)),
        Scene("a/b", view_layers=(ViewLayer("c"),)),
    )
    entries = scene_document(SceneFacts("Blender", "5.0", active_scene="a", scenes=scenes))
    assert [(each["common"]["scene_name"], each["renderable"]) for each in entries.values()] == [
        (["a"], "1"),
        (["a/b"], "0"),
    ]


def test_the_md5_of_a_missing_file_is_that_of_no_bytes(tmp_path: Path) -> None:
    empty = hashlib.md5(usedforsecurity=False).hexdigest()
    assert AnalyzeBlender.get_file_md5(tmp_path / "none") == empty


def test_a_second_analysis_forgets_what_was_mended_since_the_first(scene: Path, workspace: Path) -> None:
    whole = scene.read_bytes()
    analysis = AnalyzeBlender(scene, "5.0", workspace=workspace)
    analysis.add_tip("10013", "gamma is on")
    scene.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AnalyseFailError):
        analysis.analyse()
    assert "15002" in analysis.tips_info
    scene.write_bytes(whole)
    first = dict(analysis.analyse().tips_info)
    assert "15002" not in first
    assert any("oak.png" in text for text in first["10012"])
    oak = scene.parent / "textures" / "oak.png"
    oak.parent.mkdir(exist_ok=True)
    oak.write_bytes(b"wood")
    second = analysis.analyse().tips_info
    assert not any("oak.png" in text for text in second.get("10012", []))
    assert second["10013"] == ["gamma is on"]
    assert loaded(analysis.tips_json) == second
