"""Whatever a client sends as documents is read or refused by name, never an accident."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.document_values import BadDocument
from renderbus_model.documents import Submission
from renderbus_model.paths import checked_farm_path

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 3000) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def or_anything(sensible: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda chance: anything if chance == 0 else sensible)


common = st.fixed_dictionaries(
    {
        "scene_name": or_anything(st.just(["Scene"])),
        "view_layers": or_anything(st.lists(st.text(max_size=5), max_size=2)),
        "frames": or_anything(st.sampled_from(["1-5[2]", "7", "-3--1", "1,5"])),
        "render_camera": or_anything(st.lists(st.text(max_size=4), max_size=2)),
        "width": or_anything(st.integers(1, 4000).map(str)),
        "image_file_prefix": or_anything(st.text(max_size=12)),
    }
)
entries = st.dictionaries(
    st.text(max_size=4),
    or_anything(
        st.fixed_dictionaries({"renderable": or_anything(st.just("1")), "common": or_anything(common)})
    ),
    max_size=4,
)
tasks = st.fixed_dictionaries(
    {
        "task_info": or_anything(
            st.fixed_dictionaries(
                {
                    "cg_id": or_anything(st.just("2007")),
                    "input_cg_file": or_anything(st.sampled_from(["/a/b.blend", "D:\\a.blend"])),
                    "pre_frames": or_anything(st.sampled_from(["000", "101:3"])),
                    "job_stop_time": or_anything(st.just("60")),
                }
            )
        ),
        "software_config": anything,
        "scene_info": or_anything(entries),
        "scene_info_render": or_anything(entries),
    }
)
uploads = or_anything(
    st.fixed_dictionaries(
        {
            "asset": or_anything(
                st.lists(
                    or_anything(st.fixed_dictionaries({"server": or_anything(st.just("/t.png"))})), max_size=3
                )
            )
        }
    )
)


@given(or_anything(tasks), uploads)
def test_documents_are_read_or_refused_by_name(task: Any, upload: Any) -> None:
    try:
        found = Submission.read(json.dumps(task).encode(), json.dumps(upload).encode())
    except BadDocument:
        return
    # A scene that nobody has analysed yet has no frames: the farm reads it.
    assert bool(found.frame_sets) is found.analysed
    assert found.scene in found.inputs
    assert all(checked_farm_path(path) == path for path in found.inputs)
    outputs = [frames.output.lower() for frames in found.frame_sets]
    assert len(set(outputs)) == len(outputs)
    assert all(frames.numbers and "#" in frames.output for frames in found.frame_sets)
    assert all(".." not in output.split("/") and not output.startswith("/") for output in outputs)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_bytes_that_are_no_documents_are_refused(task: bytes, upload: bytes) -> None:
    with pytest.raises(BadDocument) as caught:
        Submission.read(task, upload)
    assert caught.value.document == "task.json"
