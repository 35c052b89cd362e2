"""``renderbus analyse``: one shape for every application, a status, and tables for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from renderbus_cli.analyse import analyse
from renderbus_cli.scene_report.build import exit_status, problems_of, schema
from renderbus_cli.scene_report.shape import Problem, SceneReport

ROOT = Path(__file__).parents[3]
SCENES = ROOT / "tests" / "data" / "blender"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(analyse, [str(each) for each in arguments], standalone_mode=False)


def told(*arguments: str | Path) -> dict[str, Any]:
    ended = run("--json", *arguments)
    assert ended.exception is None, ended.output
    found: dict[str, Any] = json.loads(ended.output)
    return found


def test_the_schema_in_the_docs_is_that_of_the_report() -> None:
    assert (ROOT / "docs" / "analyse.schema.json").read_bytes() == schema()


def test_a_scene_is_told_whole() -> None:
    found = told(SCENES / "everything.blend")
    assert (found["format"], found["application"], found["version"]) == ("blender", "Blender", "5.0")
    assert found["frames"] == {"start": 2, "end": 12, "step": 5}
    assert found["resolution"] == [166, 105]
    assert {layer["name"]: layer["renderable"] for layer in found["layers"]} == {
        "beauty": True,
        "matte": True,
        "off": False,
    }
    assert [each["name"] for each in found["scenes"]] == ["Other", "Shot"]
    shed, *_ = [each for each in found["files"] if each["path"] == "//shed.blend"]
    assert shed["resolved"] == [str(SCENES / "shed.blend")]
    assert (shed["missing"], shed["role"], shed["kind"]) == (False, "input", "library")
    (oak,) = [each for each in found["files"] if each["path"] == "//textures/oak.png"]
    assert (oak["node"], oak["attribute"], oak["missing"], oak["resolved"]) == ("oak", "name", True, [])
    assert oak["why"]
    (rust,) = [each for each in found["files"] if each["path"] == "//textures/rust.png"]
    assert rust["library"] == str(SCENES / "nails.blend")
    assert {each["role"] for each in found["files"]} == {"input", "output"}
    assert {each["code"] for each in found["problems"]} >= {"10012", "60001"}


def test_without_the_disk_nothing_is_resolved_and_nothing_is_missing() -> None:
    found = told("--no-disk", SCENES / "everything.blend")
    assert found["files"]
    assert not [each for each in found["files"] if each["missing"] or each["resolved"]]
    assert not [each for each in found["problems"] if each["code"] == "10012"]


def test_what_the_file_does_not_say_is_null() -> None:
    found = told("--no-disk", SCENES / "everything.blend")
    assert found["license"] is None
    assert found["codeset"] is None
    assert found["plugins"] == []


@pytest.mark.parametrize(
    ("problems", "status"),
    [([], 0), ([("10012", "lost")], 1), ([("10012", "lost"), ("15006", "no camera")], 2)],
)
def test_the_status_tells_clean_from_warnings_from_errors(
    problems: list[tuple[str, str]], status: int
) -> None:
    assert exit_status(SceneReport(problems=problems_of(problems))) == status


def test_errors_stand_before_warnings() -> None:
    assert problems_of([("10012", "lost"), ("15006", "no camera")]) == [
        Problem(code="15006", level="error", text="no camera"),
        Problem(code="10012", level="warning", text="lost"),
    ]


def test_a_scene_that_is_cut_off_tells_what_was_read_before(tmp_path: Path) -> None:
    content = (SCENES / "rare.blend").read_bytes()
    cut = tmp_path / "cut.blend"
    cut.write_bytes(content[: len(content) // 2])
    ended = run("--json", cut)
    assert ended.return_value == 2
    found = json.loads(ended.output)
    assert not found["complete"]
    assert [each["code"] for each in found["problems"]] == ["15002"]


def test_what_is_no_scene_is_an_error(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("hello")
    ended = run("--no-json", note)
    assert ended.return_value == 2
    assert "error" in ended.output
    assert "note.txt" in ended.output


@pytest.mark.parametrize("mapping", ["D:", "=here", "D:=", ""])
def test_a_mapping_that_makes_no_sense_is_refused(mapping: str) -> None:
    ended = run("--map", mapping, SCENES / "everything.blend")
    assert ended.exception is not None
    assert "expected FROM=TO" in str(ended.exception)


def test_a_mapping_to_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    ended = run("--map", f"D:={tmp_path / 'gone'}", SCENES / "everything.blend")
    assert "is no folder of this machine" in str(ended.exception)


def test_people_get_tables_and_what_is_missing_with_a_remedy() -> None:
    ended = run("--no-json", SCENES / "everything.blend")
    assert ended.return_value == 1
    for words in (
        "Blender 5.0",
        "2 to 12, every 5",
        "beauty",
        "texture",
        "missing  //textures/oak.png",
        "--search",
    ):
        assert words in ended.output


def test_a_scene_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    scene = tmp_path / "shot.ma"
    scene.write_bytes((SCENES / "rare.blend").read_bytes())
    assert told("--no-disk", scene)["format"] == "blender"


def test_a_scene_whose_name_no_farm_keeps_is_an_error_in_the_same_shape(tmp_path: Path) -> None:
    scene = tmp_path / "a\x1bb.blend"
    scene.write_bytes((SCENES / "rare.blend").read_bytes())
    found = told(scene)
    assert [(each["code"], each["level"]) for each in found["problems"]] == [("15002", "error")]
    assert "control character" in found["problems"][0]["text"]


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["//Maya ASCII 2023 scene", *lines, f"// End of {path.name}", ""]))
    return path


@pytest.mark.parametrize(
    ("number", "told_as"),
    [(8, "jpg"), (0, "gif"), (51, "exr"), (99, "99"), (None, "exr")],
)
def test_mayas_number_of_a_format_is_told_in_words(tmp_path: Path, number: int | None, told_as: str) -> None:
    attributes = ['\tsetAttr ".imfkey" -type "string" "exr";']
    attributes += [f'\tsetAttr ".outf" {number};'] if number is not None else []
    scene = written(tmp_path / "shot.ma", "select -ne :defaultRenderGlobals;", *attributes)
    assert told("--no-disk", scene)["output"]["format"] == told_as


def test_the_renderers_own_prefix_is_the_prefix(tmp_path: Path) -> None:
    scene = written(
        tmp_path / "shot.ma",
        'createNode VRaySettingsNode -s -n "vraySettings";',
        '\tsetAttr ".fnprx" -type "string" "beauty/<Layer>";',
        '\tsetAttr ".fileNamePrefix" -type "string" "beauty/<Layer>";',
        "select -ne :defaultRenderGlobals;",
        '\tsetAttr ".ren" -type "string" "vray";',
        '\tsetAttr ".ifp" -type "string" "unused";',
    )
    assert told("--no-disk", scene)["output"]["prefix"] == "beauty/<Layer>"


def test_a_camera_may_be_in_a_reference_that_was_not_looked_for(tmp_path: Path) -> None:
    reference = '-ns "cam" -rfn "camRN" -typ "mayaAscii" "cam.ma";'
    scene = written(tmp_path / "shot.ma", f"file -rdi 1 {reference}", f"file -r {reference}")
    assert told("--no-disk", scene)["problems"] == []


def test_clarisse_tells_images_with_their_layers_and_formats_in_words() -> None:
    found = told("--no-disk", ROOT / "tests" / "data" / "clarisse" / "kubix_demo.project")
    (image,) = found["images"]
    (layer,) = image["layers"]
    assert layer == {
        "name": "project://scene/image.kubix_layer",
        "type": "KubixLayer",
        "renderable": None,
        "frames": "0-50[1]",
        "camera": "camera",
        "renderer": "kubix_renderer",
        "output": None,
        "format": None,
    }
    assert found["output"]["format"] is None


def test_scenes_that_scenes_refer_to_are_told_with_their_depth() -> None:
    found = told(SCENES / "everything.blend")
    depths = {each["path"]: each["depth"] for each in found["references"]}
    assert depths == {"//shed.blend": 1, "//nails.blend": 2}


def test_the_pattern_of_renderman_is_the_path(tmp_path: Path) -> None:
    scene = written(
        tmp_path / "shot.ma",
        'createNode rmanGlobals -s -n "rmanGlobals";',
        '\tsetAttr ".imageFileFormat" -type "string" "<scene>_<layer>.<f4>.<ext>";',
        "select -ne :defaultRenderGlobals;",
        '\tsetAttr ".ren" -type "string" "renderman";',
    )
    output = told("--no-disk", scene)["output"]
    assert (output["path"], output["prefix"]) == ("<scene>_<layer>.<f4>.<ext>", None)


def test_people_are_told_once_of_a_file_that_is_missing_whatever_it_is_called(tmp_path: Path) -> None:
    scene = written(
        tmp_path / "shot.ma",
        'createNode file -n "wood";',
        '\tsetAttr ".ftn" -type "string" "/no/\x1b]0;a\x07.png";',
        'createNode file -n "oak";',
        '\tsetAttr ".ftn" -type "string" "/no";',
        'createNode camera -n "shotCamShape";',
    )
    output = run("--no-json", scene).output
    assert output.count("]0;a") == 2  # as written, and where it was looked for
    assert output.count("missing  /no") == 2
    assert "[10012]" not in output
    assert "\x1b" not in output


def test_plugins_are_listed_and_not_held_against_a_scene_that_nothing_was_chosen_for() -> None:
    found = told("--no-disk", ROOT / "tests" / "data" / "maya" / "renderers.ma")
    assert {each["name"] for each in found["plugins"]} == {"vrayformaya", "studioTools"}
    assert not [each for each in found["problems"] if each["code"] == "60036"]
