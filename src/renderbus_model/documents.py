"""task.json, asset.json, upload.json, tips.json: their defaults, and what a farm reads out of them.

Almost every value in them is text, as published. ``Submission.read`` turns what a farm needs into typed
values once; a value that makes no sense is refused with document, key and reason.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from renderbus_model.document_values import (
    BadDocument,
    member_of,
    number_at,
    object_in,
    safe_name,
    text_of,
)
from renderbus_model.frame_sets import FrameSet, check_application, read_frame_sets
from renderbus_model.frames import BadFrameRange, PriorityFrames, format_frames
from renderbus_model.paths import BadPath, FarmPath, checked_farm_path, farm_path

TASK_INFO: dict[str, Any] = {
    "task_info": {
        "input_cg_file": "",
        "is_picture": "0",
        "task_id": "",
        "frames_per_task": "1",
        "pre_frames": "000",
        "job_stop_time": "86400",
        "task_stop_time": "259200",
        "time_out": "43200",
        "stop_after_test": "2",
        "project_name": "",
        "project_id": "",
        "channel": "4",
        "cg_id": "",
        "platform": "",
        "tiles_type": "block",
        "tiles": "1",
        "is_layer_rendering": "1",
        "is_distribute_render": "0",
        "distribute_render_node": "3",
        "input_project_path": "",
        "render_layer_type": "0",
        "user_id": "",
        "os_name": "1",
        "ram": "64",
    },
    "software_config": {},
    "scene_info": {},
    "scene_info_render": {},
}
"""The published defaults of task.json; never change it in place, take ``new_task_document``."""

ALLOW_MISSING = "allow_missing"
"""Ours, in ``additional_info``: "1" renders although files that the scene names were not uploaded."""


def new_task_document() -> dict[str, Any]:
    """A task.json with every default, free to change."""
    return copy.deepcopy(TASK_INFO)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a farm must know of a task, read from task.json and upload.json.

    Attributes:
        cg_id: the application's id.
        scene: farm path of the scene.
        scene_file: its name without folders, as lists show it.
        inputs: farm paths of everything that was uploaded for it, the scene included.
        lists_inputs: false when there is no upload.json: any file of its account may belong to it.
        stop_after_test: hold the other frames when the priority frames have ended.
        job_stop_time_s: longest time for a frame, None for no limit.
        task_stop_time_s: longest time for the task, None for no limit.
        allow_missing: render although files that the scene names are not among ``inputs``.
        analysed: false when task.json has no ``scene_info`` yet; then there are no ``frame_sets``.
    """

    cg_id: int
    cg_version: str
    scene: FarmPath
    scene_file: str
    project_name: str
    inputs: tuple[FarmPath, ...]
    lists_inputs: bool
    frame_sets: tuple[FrameSet, ...]
    priority: PriorityFrames
    stop_after_test: bool
    job_stop_time_s: int | None
    task_stop_time_s: int | None
    allow_missing: bool
    analysed: bool = True

    @property
    def frames_text(self) -> str:
        """The frames of all sets together, as ranges."""
        return format_frames(number for frames in self.frame_sets for number in frames.numbers)

    @classmethod
    def read(cls, task_json: bytes, upload_json: bytes | None, *, level_folders: bool = False) -> Submission:
        """Read both documents; ``level_folders`` gives also the only set of frames a folder of its own.

        ``submit_by_data`` of the published clients sends no upload.json.

        Raises:
            BadDocument: not JSON, a value missing or senseless, or nothing to render.
        """
        task = object_in(task_json, "task.json")
        info = member_of(task, "task_info", "task.json")
        cg_id = number_at(info, "cg_id", "task_info", 0)
        scene_local = text_of(info.get("input_cg_file"))
        if not scene_local:
            raise BadDocument("task.json", "task_info.input_cg_file", "names no scene")
        try:
            scene = farm_path(scene_local)
        except BadPath as error:
            raise BadDocument("task.json", "task_info.input_cg_file", str(error)) from error
        check_application(cg_id)
        analysed = bool(task.get("scene_info") or task.get("scene_info_render"))
        frame_sets = read_frame_sets(task, cg_id, level_folders) if analysed else ()
        more = task.get("additional_info", task.get("append_info"))  # so named by the oldest client
        software = task.get("software_config")
        return cls(
            cg_id=cg_id,
            cg_version=text_of(software.get("cg_version", "")) if isinstance(software, dict) else "",
            scene=scene,
            scene_file=scene.rsplit("/", 1)[-1],
            project_name=text_of(info.get("project_name")),
            inputs=_inputs({} if upload_json is None else object_in(upload_json, "upload.json"), scene),
            lists_inputs=upload_json is not None,
            frame_sets=frame_sets,
            priority=_priority(info, "pre_frames") | _priority(info, "test_frames"),
            stop_after_test=text_of(info.get("stop_after_test")) == "1",
            job_stop_time_s=number_at(info, "job_stop_time", "task_info", 86400) or None,
            task_stop_time_s=number_at(info, "task_stop_time", "task_info", 259200) or None,
            allow_missing=isinstance(more, dict) and text_of(more.get(ALLOW_MISSING)) == "1",
            analysed=analysed,
        )


def output_folder(task_id: int, scene_file: str) -> str:
    """``outputFileName`` of a task: ``{id}_{scene name without extension}``.

    >>> output_folder(18164087, "muti_layer_test.ma")
    '18164087_muti_layer_test'
    """
    stem = scene_file.rsplit(".", 1)[0] if "." in scene_file[1:] else scene_file
    return f"{task_id}_{safe_name(stem)}"


def _priority(info: Mapping[str, Any], key: str) -> PriorityFrames:
    try:
        return PriorityFrames.parse(text_of(info.get(key, "000")))
    except BadFrameRange as error:
        raise BadDocument("task.json", f"task_info.{key}", str(error)) from error


def _inputs(upload: Mapping[str, Any], scene: FarmPath) -> tuple[FarmPath, ...]:
    entries = upload.get("asset", [])
    if not isinstance(entries, list):
        raise BadDocument("upload.json", "asset", "expected a list")
    paths: dict[FarmPath, None] = {scene: None}
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not text_of(entry.get("server")):
            raise BadDocument("upload.json", f"asset[{number}]", "expected an object with local and server")
        try:
            paths[checked_farm_path(entry["server"])] = None
        except (BadPath, AttributeError, TypeError) as error:
            raise BadDocument("upload.json", f"asset[{number}].server", str(error)) from error
    return tuple(paths)
