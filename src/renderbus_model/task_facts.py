"""What task.json says about a whole task: what lists show, and what a farm does when it says nothing.

A client writes every published default into task.json, so a value that is the default is nobody's choice:
it stands for whatever the account has chosen for all of its tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from renderbus_model.document_values import BadDocument, text_of
from renderbus_model.documents import TASK_INFO
from renderbus_model.scene_layers import layer_entries
from renderbus_model.task_order import TaskOrder

MOST_HOURS = 72
"""A ``time_out`` up to this is in hours, as older documentation had it; above it is in seconds."""

MOST_FRAMES_AT_ONCE = 10_000

MOST_TILES = 1024
"""Of a picture; more would be smaller than what a renderer works on at once."""

TILES_KINDS = ("block", "strip")
MOST_GPUS = 64
MOST_DISTRIBUTED = 1000


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """Members of task.json that concern the task as a whole.

    Attributes:
        time_out_s: after how many seconds the task is reported as over time; None for the account's choice.
        frames_per_task: frames that one node renders in one go; None for the account's choice.
        ram_gb: memory that the task was made for, 0 when it does not say.
        tiles: parts of a picture that different nodes may render.
        tiles_kind: ``block`` (a grid) or ``strip`` (full width).
        layered: each layer and camera becomes a task of its own, in a shell (``enable_layered``).
        still: architecture (``is_picture``): every picture is a unit of its own, whatever the account chose.
        gpus: graphics cards that a node must have, 0 for any (``graphics_cards_num``).
        edit_name: the stored render environment that it is rendered with, empty for none.
        clone_original_id: the task that it is a copy of, 0 for none.
        cameras: names of the cameras that render, in the order written.
        all_cameras: names of all cameras of the scene.
    """

    time_out_s: int | None = None
    frames_per_task: int | None = None
    ram_gb: int = 0
    tiles: int = 1
    tiles_kind: str = TILES_KINDS[0]
    layered: bool = False
    still: bool = False
    gpus: int = 0
    edit_name: str = ""
    clone_original_id: int = 0
    order: TaskOrder = field(default_factory=TaskOrder)
    cameras: tuple[str, ...] = ()
    all_cameras: tuple[str, ...] = ()

    @classmethod
    def read(cls, task_json: bytes) -> TaskFacts:
        """The facts in a document that ``Submission.read`` has accepted.

        Raises:
            BadDocument: a number that makes no sense.
        """
        task: Mapping[str, Any] = msgspec.json.decode(task_json)
        info = task.get("task_info")
        info = info if isinstance(info, dict) else {}
        time_out = _chosen(info, "time_out", most=2**31 - 1)
        if time_out is not None and time_out <= MOST_HOURS:
            time_out *= 3600
        commons = _commons(task)
        together = _chosen(info, "frames_per_task", most=MOST_FRAMES_AT_ONCE)
        tiles = _tiles(info, together)
        _check_not_distributed(info)
        more = task.get("additional_info", task.get("append_info"))
        by_layers = text_of(info.get("is_layer_rendering", "1")) != "0"
        return cls(
            time_out_s=time_out,
            frames_per_task=together,
            ram_gb=_number(info, "ram", most=2**20) or 0,
            tiles=tiles,
            tiles_kind=_tiles_kind(info),
            layered=by_layers and text_of(info.get("enable_layered")) == "1",
            still=text_of(info.get("is_picture")) == "1",
            gpus=_number(info, "graphics_cards_num", most=MOST_GPUS) or 0,
            edit_name=text_of(info.get("edit_name")),
            clone_original_id=_number(info, "clone_original_id", most=2**62) or 0,
            order=TaskOrder.read(more if isinstance(more, dict) else {}),
            cameras=_names(commons, "render_camera", "camera_name", "camera"),
            all_cameras=_names(commons, "all_camera"),
        )


def _tiles(info: Mapping[str, Any], together: int | None) -> int:
    tiles = _number(info, "tiles", most=MOST_TILES) or 1
    if tiles > 1 and together:
        raise BadDocument(
            "task.json",
            "task_info.tiles",
            f"a picture in {tiles} tiles goes to several nodes, and frames_per_task {together} puts several "
            "pictures on one; leave one of them at 1",
        )
    return tiles


def _tiles_kind(info: Mapping[str, Any]) -> str:
    kind = text_of(info.get("tiles_type")) or TILES_KINDS[0]
    if kind not in TILES_KINDS:
        raise BadDocument("task.json", "task_info.tiles_type", f"{kind[:40]!r}: expected block or strip")
    return kind


def _check_not_distributed(info: Mapping[str, Any]) -> None:
    nodes = _number(info, "distribute_render_node", most=MOST_DISTRIBUTED)
    if text_of(info.get("is_distribute_render")) != "1":
        return
    if nodes == 0:
        raise BadDocument("task.json", "task_info.distribute_render_node", "0: expected 1 node or more")
    raise BadDocument(
        "task.json",
        "task_info.is_distribute_render",
        f"no renderer of this farm can share one picture among {nodes or 3} nodes while it renders; "
        'set it to "0", and tiles above 1 to have parts of each picture on several nodes',
    )


def _chosen(info: Mapping[str, Any], key: str, *, most: int) -> int | None:
    """The number, or None where it says no more than the default does."""
    number = _number(info, key, most=most)
    return None if number in (None, 0, int(TASK_INFO["task_info"][key])) else number


def _number(info: Mapping[str, Any], key: str, *, most: int) -> int | None:
    value = info.get(key)
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    place, shown = f"task_info.{key}", text[:80]
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise BadDocument("task.json", place, f"expected a whole number, got {shown!r}") from None
    if not 0 <= number <= most:
        raise BadDocument("task.json", place, f"{shown} is out of range")
    return number


def _commons(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What describes each layer, node or image that renders."""
    scene = task.get("scene_info_render") or task.get("scene_info")
    entries = layer_entries(scene).values() if isinstance(scene, dict) else ()
    commons = [entry.get("common") for entry in entries if isinstance(entry, dict)]
    return [common for common in commons if isinstance(common, dict)]


def _names(commons: Iterable[Mapping[str, Any]], *keys: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for common in commons:
        value: object = next((common[key] for key in keys if common.get(key)), [])
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and name.strip():
                found[name.strip()] = None
    return tuple(found)
