"""task.json, asset.json, upload.json, tips.json: their defaults, and what a farm reads out of them.

Almost every value in them is text, as published. ``Submission.read`` turns what a farm needs into typed
values once; a value that makes no sense is refused with document, key and reason.

Blender's ``scene_info_render`` has one entry per scene and view layer, built like Maya's; its keys are listed
at ``RenderChoice``. An empty text means "as the scene says".
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from renderbus_model.frames import (
    MOST_FRAMES,
    BadFrameRange,
    PriorityFrames,
    format_frames,
    parse_frames,
)
from renderbus_model.paths import BadPath, FarmPath, checked_farm_path, farm_path
from renderbus_model.software import Application

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

LONGEST_NAME_BYTES = 180
"""Of a file name that is made from a name in a scene: leaves room for a frame number and a suffix."""

ALLOW_MISSING = "allow_missing"
"""Ours, in ``additional_info``: "1" renders although files that the scene names were not uploaded."""


def new_task_document() -> dict[str, Any]:
    """A task.json with every default, free to change."""
    return copy.deepcopy(TASK_INFO)


class BadDocument(ValueError):
    """A document cannot be used: ``document`` and ``key`` say where."""

    def __init__(self, document: str, key: str, why: str) -> None:
        super().__init__(f"{document}: {key}: {why}" if key else f"{document}: {why}")
        self.document = document
        self.key = key


class RenderChoice(msgspec.Struct, frozen=True):
    """How a set of frames is rendered; 0 and empty mean "as the scene says".

    Attributes:
        scene_name: the scene inside the file (``common.scene_name``, the first).
        view_layers: those switched on while it renders (``common.view_layers``).
        camera: name of the camera object, from ``common.render_camera`` where that was changed.
        width, height: pixels of the finished picture, percentage applied (``common.width``, ``height``).
        image_format: Blender's identifier, e.g. ``PNG`` (``common.Render_Format``).
        samples: Cycles samples per pixel (``common.samples``).
        engine: render engine of the scene, e.g. ``CYCLES`` (``common.renderer``).
    """

    scene_name: str
    view_layers: tuple[str, ...]
    camera: str = ""
    width: int = 0
    height: int = 0
    image_format: str = ""
    samples: int = 0
    engine: str = ""


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Frames that differ in nothing but their number.

    Attributes:
        layer: the view layer's name, or several joined by ``+``.
        output: where pictures go below the task's output folder, ``#`` for digits: ``ViewLayer/shot_####``.
    """

    layer: str
    choice: RenderChoice
    numbers: tuple[int, ...]
    output: str


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
        task = _object(task_json, "task.json")
        info = _member(task, "task_info", "task.json")
        cg_id = _number(info, "cg_id", "task_info", 0)
        scene_local = _text(info.get("input_cg_file"))
        if not scene_local:
            raise BadDocument("task.json", "task_info.input_cg_file", "names no scene")
        try:
            scene = farm_path(scene_local)
            priority = PriorityFrames.parse(_text(info.get("pre_frames", "000")))
        except BadPath as error:
            raise BadDocument("task.json", "task_info.input_cg_file", str(error)) from error
        except BadFrameRange as error:
            raise BadDocument("task.json", "task_info.pre_frames", str(error)) from error
        frame_sets = _frame_sets(task, cg_id, level_folders)
        more = task.get("additional_info", task.get("append_info"))  # so named by the oldest client
        software = task.get("software_config")
        return cls(
            cg_id=cg_id,
            cg_version=_text(software.get("cg_version", "")) if isinstance(software, dict) else "",
            scene=scene,
            scene_file=scene.rsplit("/", 1)[-1],
            project_name=_text(info.get("project_name")),
            inputs=_inputs({} if upload_json is None else _object(upload_json, "upload.json"), scene),
            lists_inputs=upload_json is not None,
            frame_sets=frame_sets,
            priority=priority,
            stop_after_test=_text(info.get("stop_after_test")) == "1",
            job_stop_time_s=_number(info, "job_stop_time", "task_info", 86400) or None,
            task_stop_time_s=_number(info, "task_stop_time", "task_info", 259200) or None,
            allow_missing=isinstance(more, dict) and _text(more.get(ALLOW_MISSING)) == "1",
        )


def output_folder(task_id: int, scene_file: str) -> str:
    """``outputFileName`` of a task: ``{id}_{scene name without extension}``.

    >>> output_folder(18164087, "muti_layer_test.ma")
    '18164087_muti_layer_test'
    """
    stem = scene_file.rsplit(".", 1)[0] if "." in scene_file[1:] else scene_file
    return f"{task_id}_{safe_name(stem)}"


def safe_name(name: str) -> str:
    """``name`` as a file name on every system: separators, reserved and control characters become ``_``.

    >>> safe_name("beauty/left: eye"), safe_name("..")
    ('beauty_left_ eye', '_')
    """
    cleaned = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]', "_", name).strip(" ")
    cleaned = cleaned.encode()[:LONGEST_NAME_BYTES].decode("utf-8", "ignore").rstrip(" ")
    return re.sub(r"\.+$", "_", cleaned) or "_"


def _object(content: bytes, document: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadDocument(document, "", f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadDocument(document, "", "expected a JSON object")
    return value


def _member(value: Mapping[str, Any], key: str, document: str) -> dict[str, Any]:
    member = value.get(key)
    if not isinstance(member, dict):
        raise BadDocument(document, key, "expected an object" if key in value else "is missing")
    return member


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _number(values: Mapping[str, Any], key: str, where: str, default: int) -> int:
    text = _text(values.get(key))
    if not text:
        return default
    place, shown = f"{where}.{key}", text[:80]
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise BadDocument("task.json", place, f"expected a whole number, got {shown!r}") from None
    if not 0 <= number < 2**31:
        raise BadDocument("task.json", place, f"{shown} is out of range")
    return number


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(entry) for entry in value)
    return (_text(value),) if _text(value) else ()


def _inputs(upload: Mapping[str, Any], scene: FarmPath) -> tuple[FarmPath, ...]:
    entries = upload.get("asset", [])
    if not isinstance(entries, list):
        raise BadDocument("upload.json", "asset", "expected a list")
    paths: dict[FarmPath, None] = {scene: None}
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not _text(entry.get("server")):
            raise BadDocument("upload.json", f"asset[{number}]", "expected an object with local and server")
        try:
            paths[checked_farm_path(entry["server"])] = None
        except (BadPath, AttributeError, TypeError) as error:
            raise BadDocument("upload.json", f"asset[{number}].server", str(error)) from error
    return tuple(paths)


def _frame_sets(task: Mapping[str, Any], cg_id: int, level_folders: bool) -> tuple[FrameSet, ...]:
    if cg_id != Application.BLENDER:
        raise BadDocument("task.json", "task_info.cg_id", f"{cg_id}: this farm renders Blender (2007) only")
    found = task.get("scene_info") or {}
    entries = task.get("scene_info_render") or found
    if not isinstance(entries, dict) or not isinstance(found, dict):
        raise BadDocument("task.json", "scene_info_render", "expected an object")
    sets: list[FrameSet] = []
    count = 0
    for key, entry in entries.items():
        if not isinstance(entry, dict) or _text(entry.get("renderable", "1")) in ("0", "False"):
            continue
        entry_sets = _entry_sets(key, entry, found.get(key))
        count += sum(len(frames.numbers) for frames in entry_sets)
        if count > MOST_FRAMES:
            raise BadDocument("task.json", "scene_info_render", f"has more than {MOST_FRAMES} frames in all")
        sets.extend(entry_sets)
    if not sets:
        raise BadDocument("task.json", "scene_info_render", "nothing in it is renderable")
    in_folders = level_folders or len(sets) > 1
    outputs = _distinct([_output(frames, in_folders) for frames in sets])
    return tuple(
        FrameSet(frames.layer, frames.choice, frames.numbers, output)
        for frames, output in zip(sets, outputs, strict=True)
    )


def _entry_sets(key: str, entry: Mapping[str, Any], analysed: object) -> list[FrameSet]:
    where = f"scene_info_render[{key!r}].common"
    common = entry.get("common")
    if not isinstance(common, dict):
        raise BadDocument("task.json", where, "expected an object")
    try:
        numbers = parse_frames(_text(common.get("frames")))
    except BadFrameRange as error:
        raise BadDocument("task.json", f"{where}.frames", str(error)) from error
    scenes = _texts(common.get("scene_name"))
    layers = _texts(common.get("view_layers"))
    if not scenes:
        raise BadDocument("task.json", f"{where}.scene_name", "names no scene")
    return [
        FrameSet(
            layer="+".join(layers),
            choice=RenderChoice(
                scene_name=scenes[0],
                view_layers=layers,
                camera=camera,
                width=_number(common, "width", where, 0),
                height=_number(common, "height", where, 0),
                image_format=_text(common.get("Render_Format")),
                samples=_number(common, "samples", where, 0),
                engine=_text(common.get("renderer")),
            ),
            numbers=numbers,
            output=_text(common.get("image_file_prefix")),
        )
        for camera in _chosen_cameras(common, analysed)
    ]


def _chosen_cameras(common: Mapping[str, Any], analysed: object) -> tuple[str, ...]:
    """The cameras that somebody chose; ("",) leaves it to the scene, whose markers may switch cameras."""
    cameras = _texts(common.get("render_camera"))
    before = analysed.get("common") if isinstance(analysed, dict) else None
    unchanged = isinstance(before, dict) and _texts(before.get("render_camera")) == cameras
    return ("",) if unchanged or not cameras else tuple(dict.fromkeys(cameras))


def _output(frames: FrameSet, in_folder: bool) -> str:
    """The scene's own file name pattern; ``in_folder`` below folders named after scene, layer and camera."""
    name = re.split(r"[\\/]", frames.output)[-1]
    stem = re.sub(r"\.(png|exr|jpe?g|tiff?|tga|bmp|webp)$", "", name, flags=re.IGNORECASE)
    pattern = safe_name(stem) if stem else ""
    if "#" not in pattern:
        pattern += "####"
    if not in_folder:
        return pattern
    folders = [
        safe_name(part) for part in (frames.choice.scene_name, frames.layer, frames.choice.camera) if part
    ]
    return "/".join([*folders, pattern])


def _distinct(outputs: list[str]) -> list[str]:
    """The same texts, a number added where one came before: two sets never write one file."""
    seen: set[str] = set()
    used: dict[str, int] = {}  # the last number given to a text, so that many equal ones take no longer
    made: list[str] = []
    for output in outputs:
        candidate, count = output, used.get(output.lower(), 1)
        while candidate.lower() in seen:
            count += 1
            folder, _, name = output.rpartition("/")
            candidate = f"{folder}_{count}/{name}" if folder else f"{count}/{name}"
        seen.add(candidate.lower())
        used[output.lower()] = count
        made.append(candidate)
    return made
