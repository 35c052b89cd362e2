"""What of a Maya, Houdini or Clarisse scene a farm renders, in the shapes of the published examples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from renderbus_model.document_values import BadDocument
from renderbus_model.documents import Submission, new_task_document
from renderbus_model.task_facts import TaskFacts

MAYA = {
    "defaultRenderLayer": {
        "renderable": "1",
        "common": {
            "renderer": "arnold",
            "image_file_prefix": "<Scene>/beauty",
            "start": "1",
            "end": "4",
            "by_frame": "1",
            "frames": "1-4[1]",
            "all_camera": ["leftShape", "rightShape", "perspShape"],
            "render_camera": ["leftShape", "rightShape"],
            "width": "1920",
            "height": "1080",
            "image_format": "exr",
        },
    },
    "l_ayer2": {"renderable": "1", "common": {"frames": "1-2[1]", "render_camera": ["leftShape"]}},
    "off": {"renderable": "0", "common": {"frames": "1-9[1]", "render_camera": ["leftShape"]}},
}
HOUDINI = {
    "rop_node": [
        {"node": "/out/mantra1", "frames": "1-3[1]", "option": "-1", "render": "1", "camera": "/obj/cam1"},
        {"node": "/out/bypassed", "frames": "1-3[1]", "option": "-1", "render": "0"},
    ],
    "geo_node": [{"node": "/obj/cache", "frames": "1-10[1]", "option": "0", "render": "0"}],
}
CLARISSE = {
    "image_node": [
        {
            "name": "project://scene/cam02",
            "frames": "0-2[1]",
            "renderable": "0",
            "output": "D:\\temp\\cam02",
            "layers": [
                {
                    "name": "project://scene/cam02.layer02",
                    "frames": "0-2[2]",
                    "renderable": "1",
                    "output": "D:\\temp\\layer02",
                    "format": "exr16",
                }
            ],
        }
    ]
}


def document(cg_id: int, scene: dict[str, Any]) -> bytes:
    """A task.json with this scene."""
    made = new_task_document()
    made["task_info"].update({"input_cg_file": "/home/ann/shot.scene", "cg_id": str(cg_id)})
    return json.dumps({**made, "scene_info": scene, "scene_info_render": scene}).encode()


def sets(cg_id: int, scene: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """Layer, camera, number of frames and output of each set of frames."""
    found = Submission.read(document(cg_id, scene), b"{}").frame_sets
    return [(each.layer, each.choice.camera, len(each.numbers), each.output) for each in found]


def test_each_camera_of_a_maya_layer_renders_pictures_of_its_own() -> None:
    assert sets(2000, MAYA) == [
        ("defaultRenderLayer", "leftShape", 4, "defaultRenderLayer/leftShape/beauty####"),
        ("defaultRenderLayer", "rightShape", 4, "defaultRenderLayer/rightShape/beauty####"),
        ("l_ayer2", "leftShape", 2, "l_ayer2/leftShape/####"),
    ]


def test_a_maya_layer_says_size_format_and_renderer() -> None:
    choice = Submission.read(document(2000, MAYA), b"{}").frame_sets[0].choice
    assert (choice.width, choice.height, choice.image_format, choice.engine) == (1920, 1080, "exr", "arnold")


def test_the_rops_of_a_houdini_scene_render_and_its_caches_do_not() -> None:
    assert sets(2004, HOUDINI) == [("/out/mantra1", "/obj/cam1", 3, "####")]


def test_a_cache_that_was_switched_on_is_rendered_too() -> None:
    scene = {**HOUDINI, "geo_node": [{**HOUDINI["geo_node"][0], "render": "1"}]}
    assert [layer for layer, *_ in sets(2004, scene)] == ["/obj/cache", "/out/mantra1"]
    assert sets(2004, scene)[1][3] == "out_mantra1/obj_cam1/####"


def test_the_layers_of_a_clarisse_image_render_where_the_image_does_not() -> None:
    assert sets(2013, CLARISSE) == [("project://scene/cam02.layer02", "", 2, "layer02####")]


@pytest.mark.parametrize("scene", [{"rop_node": []}, {"image_node": []}, {"image_node": [{"layers": 3}, 5]}])
def test_a_scene_in_which_nothing_renders_is_refused(scene: dict[str, Any]) -> None:
    with pytest.raises(BadDocument):
        sets(2004, scene)


def test_the_cameras_of_a_task_are_those_of_what_renders_in_it() -> None:
    assert TaskFacts.read(document(2000, MAYA)).cameras == ("leftShape", "rightShape")
    assert TaskFacts.read(document(2004, HOUDINI)).cameras == ("/obj/cam1",)
    assert TaskFacts.read(document(2013, CLARISSE)).cameras == ()
