"""The published helpers of rayvision_utils."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import rayvision_api.exception
from rayvision_utils import constants, utils
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.exception import error_msg, exception, tips_code
from rayvision_utils.exception.exception import AnalyseFailError, AnalyzeError
from rayvision_utils.exception.tips import TipsInfo


def test_the_errors_of_both_modules_are_the_same() -> None:
    for name in ("RayvisionError", "RayvisionAPIError", "RayvisonTaskIdError"):
        assert getattr(exception, name) is getattr(rayvision_api.exception, name)


@pytest.mark.parametrize(
    "name",
    [
        "MaxDamageError",
        "MaxExeNotExistError",
        "CGExeNotExistError",
        "ProjectMaxVersionError",
        "GetCGVersionError",
        "GetRendererError",
        "GetCGLocationError",
        "MultiScatterAndVrayConfilictError",
        "VersionNotMatchError",
        "CGFileNotExistsError",
        "CGFileZipFailError",
        "CGFileNameIllegalError",
        "AnalyseFailError",
        "FileNameContainsChineseError",
    ],
)
def test_every_published_analysis_error_is_one(name: str) -> None:
    assert issubclass(getattr(exception, name), AnalyzeError)


@pytest.mark.parametrize(
    ("code", "passed"), [(200, True), (204, True), (400, True), (404, False), (500, False)]
)
def test_the_error_processor_passes_success_and_400_on(code: int, passed: bool) -> None:
    handled: list[int] = []
    processor = exception.RayvisionHTTPErrorProcessor()
    processor.parent = SimpleNamespace(error=lambda *given: handled.append(given[3]))  # type: ignore[assignment]  # a director's one method
    answer = SimpleNamespace(code=code, msg="", info=lambda: None)
    found = processor.http_response(None, answer)  # type: ignore[arg-type]  # the request is passed through
    assert (found is answer) is passed
    assert handled == ([] if passed else [code])


def test_every_tip_code_is_a_number() -> None:
    codes = [value for name, value in vars(tips_code).items() if name.isupper()]
    assert all(code.isdigit() for code in codes)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UNKNOW_ERR", "999"),
        ("MISSING_FILE", "10012"),
        ("HDRI_MISSING", "10012"),
        ("LIQUIDSIM_MISSING", "10022"),
        ("CG_NOTMATCH", "15013"),
        ("CG_NOTEXISTS", "15019"),
        ("MAX_NAME_ILLEGAL", "15033"),
    ],
)
def test_a_published_name_stands_for_its_code(name: str, code: str) -> None:
    assert getattr(tips_code, name) == code


def test_a_text_of_an_analysis_says_what_it_is_about() -> None:
    assert "Maya" in error_msg.ERROR9899_CGEXE_NOTEXIST.format("Maya")
    assert all(
        text[0].isupper() or text[0] == "{" for name, text in vars(error_msg).items() if name.isupper()
    )


def test_tips_are_saved_under_their_codes(tmp_path: Path) -> None:
    tips = TipsInfo(tmp_path)
    tips.add("10012", "no 木.png", "no 木.png")
    tips.set_tips("15013", "differs")
    tips.save_tips()
    text = (tmp_path / "tips.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"10012": ["no 木.png"], "15013": ["differs"]}
    assert tips.tips_list["15013"] == "differs"
    assert "木" in text


def test_a_number_means_the_same_code_as_its_text(tmp_path: Path) -> None:
    tips = TipsInfo()
    tips.set_tips(15013, "differs")
    tips.add("15013", "and here")
    assert tips.tips_list == {15013: ["differs", "and here"]}
    tips.save_tips(tmp_path)
    assert json.loads((tmp_path / "tips.json").read_bytes()) == {"15013": ["differs", "and here"]}


@pytest.mark.parametrize("wrong", [None, 5, ["oak", None], {"oak": 1}])
def test_a_tip_that_is_no_text_is_refused_and_nothing_added(wrong: Any) -> None:
    tips = TipsInfo()
    for method, given in ((tips.add, ("ash", wrong)), (tips.set_tips, (wrong,))):
        with pytest.raises(exception.RayvisionError, match="a tip is a text") as caught:
            method("10012", *given)
        assert (caught.value.error_code, tips.tips_list) == (1000003, {})


def test_a_tip_that_is_taken_back_leaves_the_others() -> None:
    tips = TipsInfo()
    tips.add("10012", "oak", "ash")
    tips.take_back("10012", "oak")
    assert tips.tips_list == {"10012": ["ash"]}
    tips.take_back("10012", "ash")
    tips.take_back("10012", "elm")
    assert tips.tips_list == {}


def test_tips_without_a_folder_are_refused() -> None:
    with pytest.raises(rayvision_api.exception.RayvisionError) as error:
        TipsInfo().save_tips()
    assert error.value.error_code == 20003


def test_save_and_exit_ends_the_program_after_saving(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as error:
        TipsInfo().save_and_exit(tmp_path, 3)
    assert error.value.code == 3
    assert (tmp_path / "tips.json").exists()


def test_a_missing_json_file_is_an_error_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        utils.json_load(tmp_path / "none.json")
    utils.json_save(tmp_path / "a.json", {"a": 1})
    assert utils.json_load(tmp_path / "a.json") == {"a": 1}


def test_bytes_of_chinese_windows_become_text() -> None:
    assert utils.str2unicode("场景".encode("gbk")) == "场景"
    assert utils.str2unicode("场景".encode()) == utils.str2unicode("场景") == "场景"
    assert utils.str2unicode("場景".encode("big5"), "BIG5") == "場景"
    assert utils.str2unicode(b"\xff", "ascii") == "\ufffd"


def test_the_constants_are_those_of_the_api_package() -> None:
    assert constants.PACKAGE_NAME == "rayvision_utils"
    assert constants.CG_SETTING["2007"] == "Blender"
    assert constants.TASK_INFO["task_info"]["channel"] == "4"


@pytest.mark.parametrize("name", ["shot.blend", "SHOT.BLEND", "shot.blend1", "/a.b/shot.v2.blend"])
def test_a_scene_gets_the_class_for_its_suffix(name: str) -> None:
    assert analyzer_for(name).__name__ == "AnalyzeBlender"


@pytest.mark.parametrize("name", ["shot.max", "shot", "/show.blend/shot", ".blend/"])
def test_a_suffix_that_nobody_analyses_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(AnalyseFailError, match=r"there is one for \.blend"):
        analyzer_for(name)


@pytest.mark.parametrize("name", ["shot.blend", "shot.scene", "shot"])
def test_a_scene_gets_the_class_for_its_bytes_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    for content, expected in (
        (b"//Maya ASCII 2023 scene\n", "AnalyzeMaya"),
        (b"FOR8\0\0\0\0\0\0\0\0\0\0\0\x40Maya", "AnalyzeMaya"),
        (b"070707000000", "AnalyzeHoudini"),
        (b"#Isotropix_Serial_Version 1.2\n", "AnalyzeClarisse"),
        (b"BLENDER-v300", "AnalyzeBlender"),
    ):
        (tmp_path / name).write_bytes(content)
        assert analyzer_for(tmp_path / name).__name__ == expected


def test_a_folder_with_a_houdini_scenes_members_is_one(tmp_path: Path) -> None:
    with pytest.raises(AnalyseFailError):
        analyzer_for(tmp_path)
    (tmp_path / ".start").write_text("fps 24")
    assert analyzer_for(tmp_path).__name__ == "AnalyzeHoudini"


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n"])
def test_the_suffix_counts_where_the_bytes_tell_nothing(tmp_path: Path, content: bytes) -> None:
    scene = tmp_path / "shot.hip"
    scene.write_bytes(content)
    assert analyzer_for(scene).__name__ == "AnalyzeHoudini"


def test_a_named_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shot.ma")
    assert analyzer_for(tmp_path / "shot.ma").__name__ == "AnalyzeMaya"
