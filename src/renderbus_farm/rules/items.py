"""Tasks and frames as the lists of the API show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import msgspec

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.lifecycle import Counts, Wish
from renderbus_farm.rules.people import OUTPUT_BID, User
from renderbus_farm.rules.units import frame_index
from renderbus_model.documents import output_folder
from renderbus_model.software import Application
from renderbus_model.statuses import TASK_ENDED, FrameStatus, TaskStatus
from renderbus_model.wire.frame import FrameItem
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import TaskCameras, TaskItem

Item = TypeVar("Item")

NO_LABELS: Mapping[int, str] = MappingProxyType({})

_ONE_MONTH_S = 30 * 86400

_STOP_TYPES = {Wish.STOP.value: 1, Wish.NO_FUNDS.value: 2, Wish.OVER_TIME.value: 3}
"""``stopType`` is published as 0 for a task that runs, and without a table: the others are ours."""


class TaskRecord(msgspec.Struct, frozen=True, gc=False):
    """A task as it is kept; times in seconds since 1970, counts as ``Counts`` names them."""

    id: int
    account_id: int
    wish: str
    status: int
    deleted: bool
    level: int
    node_limit: int
    artist: str
    out_user_id: str
    clone_original_id: int
    shell: bool
    parent_id: int
    task_type: str
    submitted_at: float | None
    scene_file: str
    project_name: str
    cg_id: int
    frames_text: str
    inputs: str | None
    started_at: float | None
    ended_at: float | None
    render_seconds: float
    task_stop_time_s: int | None
    job_stop_time_s: int | None
    time_out_s: int
    ram_gb: int
    needs_ram_gb: int
    tiles: int
    layers: str
    cameras: str
    all_cameras: str
    waits_for_start: bool
    analysis: str
    analysis_error: str
    waiting: int
    held: int
    rendering: int
    stopped: int
    done: int
    failed: int
    blocked: int

    @property
    def counts(self) -> Counts:
        """How many of its frames stand where."""
        return Counts(
            waiting=self.waiting,
            held=self.held,
            rendering=self.rendering,
            stopped=self.stopped,
            done=self.done,
            failed=self.failed,
            blocked=self.blocked,
        )

    @property
    def goes_on(self) -> bool:
        """It was submitted, and something of it has not ended."""
        left = self.counts.open > 0 or self.analysis == Analysis.WANTED.value
        return self.submitted_at is not None and left

    @property
    def folder(self) -> str | None:
        """Its folder in the output storage; None before it is submitted, and for a shell."""
        none = self.submitted_at is None or self.shell
        return None if none else output_folder(self.id, self.scene_file)

    def over_time(self, now: float) -> bool:
        """It has rendered longer than the time after which its owner wants to be told."""
        began = self.started_at
        return began is not None and (self.ended_at or now) - began > self.time_out_s


class FrameRecord(msgspec.Struct, frozen=True, gc=False):
    """A frame as it is kept, with its set's layer and camera; times in seconds since 1970."""

    id: int
    task_id: int
    position: int
    number: int
    last: int
    step: int
    tile: int
    type: int
    status: int
    attempt: int
    restarts: int
    percent: float
    node: str
    started_at: float | None
    ended_at: float | None
    seconds: float
    error: str
    flags: str
    thumbnail: str | None
    layer: str
    camera: str

    @property
    def index(self) -> str:
        """Its frames, as ``frameIndex`` names them."""
        return frame_index(self.number, self.last, self.step, self.tile)


def alias(task_id: int) -> str:
    """``taskAlias``: platform, a letter, id."""
    return f"2W{task_id}"


def task_item(
    task: TaskRecord,
    owner: User,
    now: float,
    labels: Mapping[int, str] = NO_LABELS,
    *,
    listed: bool = False,
    parts: Sequence[TaskRecord] = (),
) -> TaskItem:
    """A task as its owner sees it.

    Args:
        labels: the names of its labels by their ids; its parts carry them too.
        parts: of a shell, in order.
        listed: in a list of tasks. Only there 50 may stand for what is not rendered yet: elsewhere clients
            know the other statuses alone, and one of them must be told.
    """
    shown = TaskStatus.WAITING if task.status == TaskStatus.ANALYSE and not listed else task.status
    return TaskItem(
        id=task.id,
        scene_name=task.scene_file,
        task_alias=alias(task.id),
        task_status=shown,
        status_text=f"render_task_status_{int(shown)}",
        total_frames=task.counts.total,
        abort_frames=task.stopped,
        executing_frames=task.rendering,
        done_frames=task.done,
        failed_frames=task.failed,
        waiting_count=task.waiting + task.held,
        frames_range=task.frames_text,
        user_name=owner.name,
        user_id=owner.id,
        cg_id=task.cg_id,
        submit_date=_ms(task.submitted_at),
        start_time=_ms(task.started_at),
        completed_date=_ms(task.ended_at) if TaskStatus(task.status) in TASK_ENDED else None,
        render_duration=round(task.render_seconds),
        output_file_name=task.folder,
        project_name=task.project_name,
        producer=task.artist,
        task_level=task.level,
        task_user_level=task.level,
        task_limit=task.node_limit,
        task_over_time=task.time_out_s,
        is_over_time=int(task.over_time(now)),
        over_time_stop=task.task_stop_time_s or 0,
        stop_type=_STOP_TYPES.get(task.wish, 0),
        munu_task_id=str(task.id),
        munu_task_ids=str(task.id),
        clone_original_id=task.clone_original_id,
        remark=task.analysis_error,
        task_ram=task.needs_ram_gb or task.ram_gb or None,
        task_key_value_vo=_cameras(task),
        render_camera=task.cameras,
        layer_name=task.layers,
        labels=_labels_text(labels),
        is_delete=0 if task.deleted else 1,
        bid=OUTPUT_BID,
        is_open=int(task.shell),
        layer_parent_id=task.parent_id,
        task_type="" if task.shell else task.task_type,
        task_type_text=None if task.shell else "render_major_picture_task",
        resp_rendering_task_list=(
            [task_item(part, owner, now, labels, listed=listed) for part in parts] if task.shell else None
        ),
    )


def _cameras(task: TaskRecord) -> TaskCameras:
    return TaskCameras(
        tiles=str(task.tiles),
        all_camera=task.all_cameras or None,
        renderable_camera=task.cameras or None,
    )


def _labels_text(labels: Mapping[int, str]) -> str:
    return msgspec.json.encode(labels).decode() if labels else "{}"


def frame_item(frame: FrameRecord, task: TaskRecord, owner: User, now: float) -> FrameItem:
    """A frame of ``task`` as lists show it."""
    renders = frame.status == FrameStatus.RENDERING and frame.started_at is not None
    ram_gb = task.needs_ram_gb or None
    return FrameItem(
        id=frame.id,
        task_id=frame.task_id,
        frame_index=frame.index,
        frame_block=str(frame.tile or frame.number),
        frame_status=frame.status,
        frame_status_text=f"task_frame_status_{frame.status}",
        frame_type=frame.type,
        start_time=_ms(frame.started_at) or 0,
        end_time=_ms(frame.ended_at) or 0,
        frame_execute_time=round(frame.seconds),
        current_render_time=round(max(0.0, now - (frame.started_at or now))) if renders else 0,
        recommit_flag=frame.restarts,
        user_id=owner.id,
        munu_job_id=str(frame.position),
        munu_task_id=str(frame.task_id),
        task_over_time=task.time_out_s,
        is_over_time=int(frame.status == FrameStatus.TIMED_OUT),
        over_one_month=int(frame.ended_at is not None and now - frame.ended_at > _ONE_MONTH_S),
        frame_ram=ram_gb,
        render_ram=ram_gb,
        node_id=frame.node,
        frame_percent=round(frame.percent, 1),
        attempt=frame.attempt,
        node_name=frame.node,
        layer_name=frame.layer,
        camera_name=frame.camera,
        gop_name=frame.layer if task.cg_id == Application.HOUDINI else "",
        error=frame.error,
        flags=frame.flags,
    )


def page_of(items: Sequence[Item], *, total: int, number: int, size: int) -> Page[Item]:
    """One page of a list that has ``total`` items."""
    return Page(page_count=-(-total // size), page_num=number, total=total, size=size, items=list(items))


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
