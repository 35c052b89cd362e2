"""What a user asked ``renderbus render`` for, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ordering:
    """When the task begins, and how its frames are put together.

    Attributes:
        info: members of task.json's ``task_info``.
        more: members of its ``additional_info``.
    """

    info: Mapping[str, str]
    more: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asked for; None and empty mean "as the scene says".

    Attributes:
        scene, output: absolute paths.
        search: folders to look in for files that are not where the scene says; ``mapping`` tells where
            drives and folders of another machine lie here.
        test_frames: ``pre_frames`` of task.json; the task suspends when they have ended.
        timeout_s: longest wait for the frames, from their submission on.
        frame_timeout_s: ``job_stop_time`` of task.json, the longest time for one frame.
    """

    scene: Path
    output: Path
    frames: str | None = None
    scene_name: str | None = None
    layers: tuple[str, ...] = ()
    camera: str | None = None
    resolution: tuple[int, int] | None = None
    image_format: str | None = None
    samples: int | None = None
    allow_missing: bool = False
    search: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    test_frames: str | None = None
    project: str | None = None
    timeout_s: float | None = None
    frame_timeout_s: int | None = None
    ordering: Ordering = field(default_factory=lambda: Ordering({}, {}))
