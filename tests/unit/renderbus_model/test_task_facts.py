from __future__ import annotations

import json

import pytest

from renderbus_model.document_values import BadDocument
from renderbus_model.documents import new_task_document
from renderbus_model.task_facts import TaskFacts


def facts(**info: object) -> TaskFacts:
    document = new_task_document()
    document["task_info"].update(info)
    return TaskFacts.read(json.dumps(document).encode())


def test_a_document_of_defaults_chooses_nothing() -> None:
    assert facts() == TaskFacts(ram_gb=64)
    assert TaskFacts.read(b"{}") == TaskFacts()


@pytest.mark.parametrize(
    ("text", "seconds"), [("12", 43200), ("72", 259200), ("73", 73), ("7200", 7200), ("0", None), ("", None)]
)
def test_a_small_reminder_time_is_in_hours(text: str, seconds: int | None) -> None:
    assert facts(time_out=text).time_out_s == seconds


def test_numbers_come_as_numbers_too() -> None:
    assert facts(frames_per_task=3, ram=128) == TaskFacts(frames_per_task=3, ram_gb=128)
    assert facts(tiles="4").tiles == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [("frames_per_task", "many"), ("frames_per_task", "-1"), ("time_out", "1e99"), ("ram", [])],
)
def test_a_number_of_no_sense_is_refused_with_its_place(key: str, value: object) -> None:
    with pytest.raises(BadDocument, match=rf"task\.json: task_info\.{key}"):
        facts(**{key: value})


def test_cameras_come_from_every_layer_that_renders_each_once() -> None:
    layer = {"common": {"render_camera": ["top", "side"], "all_camera": ["top", "side", "shadow"]}}
    blender = {"common": {"camera_name": "Camera"}}
    document = {"scene_info_render": {"a": layer, "b": layer, "c": blender, "d": {"common": None}, "e": 1}}
    found = TaskFacts.read(json.dumps(document).encode())
    assert (found.cameras, found.all_cameras) == (("top", "side", "Camera"), ("top", "side", "shadow"))
