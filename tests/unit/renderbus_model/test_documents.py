"""What a farm reads out of task.json and upload.json."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from renderbus_model.document_values import BadDocument, safe_name
from renderbus_model.documents import TASK_INFO, Submission, new_task_document, output_folder


def common(**changes: Any) -> dict[str, Any]:
    return {
        "scene_name": ["Scene"],
        "view_layers": ["ViewLayer"],
        "renderer": "CYCLES",
        "image_file_prefix": "//render/shot_####",
        "frames": "1-3[1]",
        "all_camera": ["Cam", "Top"],
        "render_camera": ["Cam"],
        "width": "192",
        "height": "108",
        "Render_Format": "PNG",
        "samples": "16",
        **changes,
    }


def document(*entries: dict[str, Any], **task_info: Any) -> dict[str, Any]:
    """A task.json with these entries, unchanged since the analysis."""
    made = new_task_document()
    made["task_info"].update({"input_cg_file": "/home/ann/shot.blend", "cg_id": "2007", **task_info})
    made["software_config"] = {"cg_name": "Blender", "cg_version": "5.0"}
    for number, entry in enumerate(entries or (common(),)):
        made["scene_info"][f"Scene/{number}"] = {"renderable": "1", "common": entry}
    made["scene_info_render"] = copy.deepcopy(made["scene_info"])
    return made


def read(task: Any, *uploads: str) -> Submission:
    upload = {"asset": [{"local": "x", "server": path} for path in uploads]}
    return Submission.read(json.dumps(task).encode(), json.dumps(upload).encode())


def test_the_defaults_are_the_published_ones_and_free_to_change() -> None:
    made = new_task_document()
    made["task_info"]["ram"] = "128"
    assert TASK_INFO["task_info"]["ram"] == "64"
    assert len(TASK_INFO["task_info"]) == 24
    assert set(TASK_INFO) == {"task_info", "software_config", "scene_info", "scene_info_render"}


def test_a_plain_task_is_read() -> None:
    found = read(document(project_name="Film", stop_after_test="1", pre_frames="100"), "/tex/a.png")
    assert (found.cg_id, found.cg_version, found.project_name) == (2007, "5.0", "Film")
    assert (found.scene, found.scene_file) == ("/home/ann/shot.blend", "shot.blend")
    assert found.inputs == ("/home/ann/shot.blend", "/tex/a.png")
    assert found.stop_after_test
    assert found.priority.first
    assert (found.job_stop_time_s, found.task_stop_time_s) == (86400, 259200)
    assert not found.allow_missing
    assert found.frames_text == "1-3[1]"
    (frames,) = found.frame_sets
    assert (frames.layer, frames.numbers, frames.output) == ("ViewLayer", (1, 2, 3), "shot_####")
    assert frames.choice.scene_name == "Scene"
    assert (frames.choice.width, frames.choice.height, frames.choice.samples) == (192, 108, 16)
    assert (frames.choice.image_format, frames.choice.engine) == ("PNG", "CYCLES")


def test_values_given_as_numbers_are_read_too() -> None:
    found = read(document(common(width=192, samples=16), cg_id=2007, job_stop_time=60.0))
    assert (found.frame_sets[0].choice.width, found.job_stop_time_s) == (192, 60)


def test_a_time_of_zero_is_no_limit() -> None:
    found = read(document(job_stop_time="0", task_stop_time="0"))
    assert (found.job_stop_time_s, found.task_stop_time_s) == (None, None)


def test_an_empty_text_means_as_the_scene_says() -> None:
    choice = read(document(common(width="", height="", samples="", Render_Format=""))).frame_sets[0].choice
    assert (choice.width, choice.height, choice.samples, choice.image_format) == (0, 0, 0, "")


def test_a_camera_that_nobody_changed_is_left_to_the_scene() -> None:
    assert [frames.choice.camera for frames in read(document()).frame_sets] == [""]


@pytest.mark.parametrize(
    ("cameras", "rendered"),
    [
        (["Top"], ["Top"]),
        (["Cam", "Top"], ["Cam", "Top"]),
        ("Top", ["Top"]),
        ([], [""]),
        (["Top", "Top"], ["Top"]),
    ],
)
def test_cameras_that_were_chosen_are_rendered_each(cameras: Any, rendered: list[str]) -> None:
    task = document()
    task["scene_info_render"]["Scene/0"]["common"]["render_camera"] = cameras
    assert [frames.choice.camera for frames in read(task).frame_sets] == rendered


def test_what_is_not_renderable_is_left_out() -> None:
    task = document(common(), common(view_layers=["Matte"]))
    task["scene_info_render"]["Scene/1"]["renderable"] = "0"
    assert [frames.layer for frames in read(task).frame_sets] == ["ViewLayer"]


@pytest.mark.parametrize("nothing", [{}, [], None])
def test_without_a_choice_what_was_found_is_rendered(nothing: object) -> None:
    task = document()
    task["scene_info_render"] = nothing
    assert len(read(task).frame_sets) == 1


def test_several_layers_render_into_folders_of_their_own() -> None:
    task = document(common(), common(view_layers=["beauty/left"]), common(view_layers=["A", "B"]))
    assert [frames.output for frames in read(task).frame_sets] == [
        "Scene/ViewLayer/shot_####",
        "Scene/beauty_left/shot_####",
        "Scene/A+B/shot_####",
    ]


def test_two_layers_that_differ_in_case_only_do_not_share_files() -> None:
    outputs = [
        frames.output for frames in read(document(common(), common(view_layers=["viewlayer"]))).frame_sets
    ]
    assert outputs == ["Scene/ViewLayer/shot_####", "Scene/viewlayer_2/shot_####"]


@pytest.mark.parametrize(
    ("prefix", "output"),
    [
        ("//render/shot_####", "shot_####"),
        ("/tmp/", "####"),
        ("", "####"),
        ("C:\\render\\a.png", "a####"),
        ("//a.v2.####.exr", "a.v2.####"),
        ("//..", "_####"),
        ("//a:b?", "a_b_####"),
    ],
)
def test_pictures_are_named_as_the_scene_says_within_the_output_folder(prefix: str, output: str) -> None:
    assert read(document(common(image_file_prefix=prefix))).frame_sets[0].output == output


def test_missing_files_are_allowed_where_the_user_said_so() -> None:
    for name in ("additional_info", "append_info"):
        assert read({**document(), name: {"allow_missing": "1"}}).allow_missing


def test_uploads_are_listed_once_with_the_scene_first() -> None:
    found = read(document(), "home/ann/shot.blend", "/b", "b", "/a")
    assert found.inputs == ("/home/ann/shot.blend", "/b", "/a")


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"input_cg_file": ""}, "task_info.input_cg_file", "names no scene"),
        ({"input_cg_file": "shot.blend"}, "task_info.input_cg_file", "absolute path"),
        ({"input_cg_file": "/a/../b"}, "task_info.input_cg_file", "'..'"),
        ({"pre_frames": "5"}, "task_info.pre_frames", "three switches"),
        ({"pre_frames": "000:9-1"}, "task_info.pre_frames", "ends before it starts"),
        ({"cg_id": "2001"}, "task_info.cg_id", "2001: this farm takes scenes of Maya (2000)"),
        ({"cg_id": "blender"}, "task_info.cg_id", "expected a whole number"),
        ({"job_stop_time": "a day"}, "task_info.job_stop_time", "expected a whole number"),
        ({"job_stop_time": "-1"}, "task_info.job_stop_time", "out of range"),
        ({"task_stop_time": "inf"}, "task_info.task_stop_time", "expected a whole number"),
        ({"task_stop_time": "nan"}, "task_info.task_stop_time", "expected a whole number"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(BadDocument) as caught:
        read(document(**changes))
    assert (caught.value.document, caught.value.key) == ("task.json", key)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"frames": "10-1[1]"}, "frames", "ends before it starts"),
        ({"frames": ""}, "frames", "expected start-end"),
        ({"scene_name": []}, "scene_name", "names no scene"),
        ({"width": "wide"}, "width", "expected a whole number"),
    ],
)
def test_a_choice_that_makes_no_sense_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(BadDocument, match=words) as caught:
        read(document(common(**changes)))
    assert caught.value.key == f"scene_info_render['Scene/0'].common.{key}"


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (b"", "task.json: is not JSON"),
        (b"[]", "task.json: expected a JSON object"),
        (b"{}", "task.json: task_info: is missing"),
        (b'{"task_info": []}', "task.json: task_info: expected an object"),
        (b"[" * 100_000, "task.json: is not JSON"),
        (b"\xff", "task.json: is not JSON"),
    ],
)
def test_what_is_no_document_is_named(task: bytes, words: str) -> None:
    with pytest.raises(BadDocument, match=words):
        Submission.read(task, b"{}")


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        ({"asset": {}}, "upload.json: asset: expected a list"),
        ({"asset": ["a"]}, r"upload.json: asset\[0\]: expected an object"),
        ({"asset": [{"server": ""}]}, r"upload.json: asset\[0\]: expected an object"),
        ({"asset": [{"server": "/a"}, {"server": "/../b"}]}, r"upload.json: asset\[1\].server: .*'..'"),
        ({"asset": [{"server": 5}]}, r"upload.json: asset\[0\].server"),
        ([], "upload.json: expected a JSON object"),
    ],
)
def test_an_upload_list_that_makes_no_sense_is_named(upload: Any, words: str) -> None:
    with pytest.raises(BadDocument, match=words):
        Submission.read(json.dumps(document()).encode(), json.dumps(upload).encode())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scene_info_render": {"a": 1}}, "nothing in it is renderable"),
        ({"scene_info_render": {"a": {"common": 1}}}, "expected an object"),
        ({"scene_info_render": [1]}, "expected an object"),
    ],
)
def test_a_task_with_nothing_to_render_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadDocument, match=words):
        read({**document(), **change})


@pytest.mark.parametrize("change", [{}, {"scene_info": {}}, {"scene_info": None, "scene_info_render": {}}])
def test_a_task_that_was_not_analysed_says_so(change: dict[str, Any]) -> None:
    without = {key: value for key, value in document().items() if not key.startswith("scene_info")}
    what = read({**without, **change})
    assert not what.analysed
    assert what.frame_sets == ()
    assert read(document()).analysed


def test_many_equal_names_are_told_apart_in_no_time() -> None:
    outputs = [frames.output for frames in read(document(*[common(frames="1")] * 20_000)).frame_sets]
    assert len(set(outputs)) == 20_000
    assert outputs[-1] == "Scene/ViewLayer_20000/shot_####"


def test_a_task_of_too_many_frames_in_all_is_refused() -> None:
    with pytest.raises(BadDocument, match="more than 1000000 frames in all"):
        read(document(*[common(frames="1-600000") for _ in range(2)]))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("beauty/left: eye", "beauty_left_ eye"),
        ("..", "_"),
        (".", "_"),
        ("", "_"),
        (" ", "_"),
        ("a.", "a_"),
        ("a\x00b", "a_b"),
        ("a\udc80", "a_"),
        ("片" * 100, "片" * 60),
        ("con?", "con_"),
    ],
)
def test_a_name_from_a_scene_becomes_a_file_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_name_of_a_megabyte_is_cut_at_once() -> None:
    assert len(safe_name("n" * 2**20)) == 180


@pytest.mark.parametrize(
    ("scene", "folder"),
    [
        ("muti_layer_test.ma", "18164087_muti_layer_test"),
        ("a.b.blend", "18164087_a.b"),
        ("scene", "18164087_scene"),
        (".blend", "18164087_.blend"),
    ],
)
def test_results_lie_in_a_folder_named_for_task_and_scene(scene: str, folder: str) -> None:
    assert output_folder(18164087, scene) == folder
