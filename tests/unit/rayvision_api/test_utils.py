"""The helpers that change task.json and upload.json on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from rayvision_api import utils
from rayvision_api.exception import RayvisionError, UploadFileNotSupportError


def document(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def content(path: str) -> Any:
    return json.loads(Path(path).read_text("utf-8"))


@pytest.fixture
def task_json(tmp_path: Path) -> str:
    return document(
        tmp_path / "task.json", {"task_info": {"pre_frames": "000", "ram": "64"}, "scene_info": {}}
    )


@pytest.fixture
def upload_json(tmp_path: Path) -> str:
    return document(tmp_path / "upload.json", {"asset": [{"local": "/a", "server": "/a"}]})


def test_known_settings_are_updated_and_the_rest_is_kept(task_json: str) -> None:
    utils.update_task_info({"pre_frames": "100"}, task_json)
    assert content(task_json) == {"task_info": {"pre_frames": "100", "ram": "64"}, "scene_info": {}}


def test_an_unknown_setting_is_refused_and_nothing_changes(task_json: str) -> None:
    with pytest.raises(RayvisionError, match="'preframes'") as caught:
        utils.update_task_info({"ram": "128", "preframes": "100"}, task_json)
    assert caught.value.error_code == 1000002
    assert content(task_json)["task_info"]["ram"] == "64"


def test_settings_are_written_with_indent_two_and_ascii_escapes(task_json: str) -> None:
    utils.update_task_info({"pre_frames": "片"}, task_json)
    assert '\n  "task_info": {\n    "pre_frames": "\\u7247"' in Path(task_json).read_text("ascii")


@pytest.mark.parametrize("change", [utils.update_task_info, utils.append_to_task])
@pytest.mark.parametrize("given", [None, 5, ["pre_frames"], "pre_frames"])
def test_values_need_names(task_json: str, change: Any, given: Any) -> None:
    with pytest.raises(RayvisionError, match="expected values by name") as caught:
        change(given, task_json)
    assert caught.value.error_code == 1000003


def test_members_of_ones_own_are_merged(task_json: str) -> None:
    utils.append_to_task({"artist": "ann", "shot": "1"}, task_json)
    utils.append_to_task({"shot": "2"}, task_json)
    utils.append_to_task({}, task_json)
    assert content(task_json)["additional_info"] == {"artist": "ann", "shot": "2"}


def test_a_known_member_is_kept_where_asked_and_new_ones_are_added(task_json: str) -> None:
    utils.append_to_task({"artist": "ann"}, task_json, cover=False)
    with pytest.raises(RayvisionError, match="'artist' already exists") as caught:
        utils.append_to_task({"shot": "1", "artist": "bob"}, task_json, cover=False)
    assert caught.value.error_code == 1000002
    assert content(task_json)["additional_info"] == {"artist": "ann"}


def test_files_are_added_once_with_their_place_on_the_farm(tmp_path: Path, upload_json: str) -> None:
    picture = tmp_path / "tex 1.png"
    picture.touch()
    utils.append_to_upload(str(picture), upload_json)
    utils.append_to_upload([str(picture), str(picture)], upload_json)
    utils.append_to_upload([], upload_json)
    assert content(upload_json)["asset"][1:] == [{"local": str(picture), "server": str(picture)}]


@pytest.mark.parametrize("alone", [True, False])
def test_of_a_folder_every_file_below_it_is_added(tmp_path: Path, upload_json: str, alone: bool) -> None:
    (tmp_path / "tex" / "deep").mkdir(parents=True)
    for name in ("tex/b.png", "tex/a.png", "tex/deep/c.png"):
        (tmp_path / name).touch()
    utils.append_to_upload(str(tmp_path / "tex") if alone else [str(tmp_path / "tex")], upload_json)
    added = [entry["local"] for entry in content(upload_json)["asset"][1:]]
    assert added == [f"{tmp_path}/tex/a.png", f"{tmp_path}/tex/b.png", f"{tmp_path}/tex/deep/c.png"]


def test_a_folder_behind_a_link_counts_as_part_of_the_folder_and_circles_end(
    tmp_path: Path, upload_json: str
) -> None:
    for folder in ("tex", "shared"):
        (tmp_path / folder).mkdir()
    (tmp_path / "shared" / "a.png").touch()
    for name in ("linked", "newest"):  # both names may be asked for
        (tmp_path / "tex" / name).symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "back").symlink_to(tmp_path / "tex")
    utils.append_to_upload([str(tmp_path / "tex")], upload_json)
    added = [entry["local"] for entry in content(upload_json)["asset"][1:]]
    assert added == [f"{tmp_path}/tex/linked/a.png", f"{tmp_path}/tex/newest/a.png"]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ("/no/such/file.png", 1000004, "/no/such/file.png is not found"),
        ([r"D:\tex\a.png"], 1000004, "D:/tex/a.png is not found"),
        ({"a": 1}, 1000003, "not dict"),
        (7, 1000003, "not int"),
        ([7], 1000003, "7 in files_paths is no path"),
        ("relative.png", 1000003, "expected an absolute path"),
        ("", 1000004, "'' is not found"),
        (b"/a", 1000003, "not bytes"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_and_nothing_changes(
    tmp_path: Path, upload_json: str, monkeypatch: pytest.MonkeyPatch, given: Any, code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("relative.png").touch()
    with pytest.raises(RayvisionError, match=words) as caught:
        utils.append_to_upload(given, upload_json)
    assert caught.value.error_code == code
    assert content(upload_json) == {"asset": [{"local": "/a", "server": "/a"}]}


@pytest.mark.parametrize("helper", [utils.update_task_info, utils.append_to_task, utils.append_to_upload])
def test_a_document_that_is_not_there_is_named(helper: Any, tmp_path: Path) -> None:
    with pytest.raises(RayvisionError, match=r"task\.json is not found") as caught:
        helper({} if helper is not utils.append_to_upload else [], str(tmp_path / "task.json"))
    assert caught.value.error_code == 1000004


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "expected a JSON object"),
        ('{"task_info": 1}', "task_info: expected an object"),
    ],
)
def test_a_document_that_makes_no_sense_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "task.json").write_text(text)
    with pytest.raises(RayvisionError, match=words):
        utils.update_task_info({"ram": "64"}, tmp_path / "task.json")


def test_json_is_read_back_as_saved_and_a_missing_file_is_nothing(tmp_path: Path) -> None:
    utils.json_save(tmp_path / "a.json", {"名": [1, None]})
    assert utils.json_load(tmp_path / "a.json") == {"名": [1, None]}
    assert utils.json_load(tmp_path / "b.json") is None


def test_the_mark_that_some_editors_put_in_front_is_no_part_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_bytes(b'\xef\xbb\xbf{"task_info": {"ram": "64"}}')
    utils.update_task_info({"ram": "128"}, tmp_path / "task.json")
    assert utils.json_load(tmp_path / "task.json") == {"task_info": {"ram": "128"}}


def test_a_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    utils.json_save(tmp_path / "a.json", {"名": 1}, "gbk", ensure_ascii=False)
    assert utils.json_load(tmp_path / "a.json", "gbk") == {"名": 1}
    with pytest.raises(RayvisionError, match="is not text in utf-8"):
        utils.json_load(tmp_path / "a.json")


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    utils.json_save(tmp_path / "a.json", {"a": 1})
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        utils.json_save(tmp_path / "folder", {"a": 2})
    with pytest.raises(TypeError, match="not JSON"):
        utils.json_save(tmp_path / "a.json", {"a": object()})
    assert utils.json_load(tmp_path / "a.json") == {"a": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "folder"]


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "gbk"])
def test_what_an_encoding_lacks_is_written_by_number(tmp_path: Path, encoding: str) -> None:
    said = {"path": os.fsdecode("/tex/衣 ".encode() + b"w\xf6od.png")}
    utils.json_save(tmp_path / "a.json", said, encoding, ensure_ascii=False)
    assert utils.json_load(tmp_path / "a.json", encoding) == said


@pytest.mark.parametrize(
    ("local", "server"),
    [
        (r"D:\a\b.c", "/D/a/b.c"),
        ("D:/a/b.c", "/D/a/b.c"),
        ("/home/x/y", "/home/x/y"),
        (r"\\srv\share\f", "/srv/share/f"),
        ("//srv/share/f", "/srv/share/f"),
    ],
)
def test_a_local_path_has_one_place_on_the_farm(local: str, server: str) -> None:
    assert utils.convert_path(local) == server


def test_a_path_may_be_a_path_object() -> None:
    assert utils.convert_path(PurePosixPath("/home/x/y")) == "/home/x/y"
    assert utils.convert_path(PureWindowsPath("D:/a/b.c")) == "/D/a/b.c"


@pytest.mark.parametrize("local", ["rel/x", "", "x", "/a/../b", None, 7, b"/a"])
def test_a_path_without_a_place_is_refused(local: Any) -> None:
    with pytest.raises(RayvisionError) as caught:
        utils.convert_path(local)
    assert caught.value.error_code == 1000003


@pytest.mark.parametrize(
    ("name", "expected"),
    [("taskOverTimeSec", "task_over_time_sec"), ("c4dFlag", "c4d_flag"), ("user_id", "user_id")],
)
def test_a_camel_case_name_in_snake_case(name: str, expected: str) -> None:
    assert utils.hump2underline(name) == expected


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    assert utils.exists_or_create(str(tmp_path / "a" / "b"))
    assert utils.exists_or_create(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_the_small_published_helpers_are_there(upload_json: str) -> None:
    assert utils.check_upload_file("/a", content(upload_json))
    assert not utils.check_upload_file("/b", content(upload_json))
    assert utils.check_and_read(upload_json) == content(upload_json)
    assert utils.check_file_name("") == "task.json"
    with pytest.raises(UploadFileNotSupportError, match=r"'notes\.txt' is no document"):
        utils.check_file_name("notes.txt")
    assert utils.get_os() in ("linux", "windows", "darwin")
    assert (utils.to_bytes("片"), utils.to_bytes(b"a")) == ("片".encode(), b"a")


def test_what_is_signed_can_be_told_as_the_first_packages_do() -> None:
    header = {"platform": "2", "nonce": "314159"}
    body = {"platform": 3, "ids": (7, 8), "env": {"cgId": 2000}}
    assert list(utils.headers_body_sort(header, body).items()) == [
        ("env.cgId", 2000),
        ("ids0", 7),
        ("ids1", 8),
        ("nonce", "314159"),
        ("platform", 3),
    ]
    assert utils.generate_headers_body_str("farm.example", "/x", header, body) == (
        "[POST]farm.example:/x&env.cgId=2000&ids0=7&ids1=8&nonce=314159&platform=3"
    )
