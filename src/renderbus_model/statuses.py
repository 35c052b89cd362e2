"""Task and frame status numbers as published, with their words.

Source: the status tables of the published documentation. A user's stop is sent as 10.
"""

from __future__ import annotations

from enum import IntEnum


class TaskStatus(IntEnum):
    """Where a task stands; the numbers travel in ``taskStatus``."""

    WAITING = 0
    RENDERING = 5
    PRE_RENDERING = 8
    STOP = 10
    ARREARAGE_STOP = 20
    TIME_OUT_STOP = 23
    FINISHED = 25
    FINISHED_HAS_FAILED = 30
    ABANDON = 35
    FINISHED_TEST = 40
    FAILED = 45
    ANALYSE = 50


TASK_ENDED = frozenset(
    {
        TaskStatus.STOP,
        TaskStatus.ARREARAGE_STOP,
        TaskStatus.TIME_OUT_STOP,
        TaskStatus.FINISHED,
        TaskStatus.FINISHED_HAS_FAILED,
        TaskStatus.ABANDON,
        TaskStatus.FAILED,
    }
)
"""The published end statuses: a download loop stops at these (40 is not among them)."""

TASK_WORDS: dict[TaskStatus, tuple[str, str]] = {
    TaskStatus.WAITING: ("等待中", "Waiting"),
    TaskStatus.RENDERING: ("渲染中", "Rendering"),
    TaskStatus.PRE_RENDERING: ("预处理中", "Preprocessing"),
    TaskStatus.STOP: ("停止", "Stop"),
    TaskStatus.ARREARAGE_STOP: ("欠费停止", "Arrearage-stop"),
    TaskStatus.TIME_OUT_STOP: ("超时停止", "Timeout stop"),
    TaskStatus.FINISHED: ("已完成", "Done"),
    TaskStatus.FINISHED_HAS_FAILED: ("已完成(有失败帧)", "Done(with failed frame)"),
    TaskStatus.ABANDON: ("放弃", "Abort"),
    TaskStatus.FINISHED_TEST: ("等待全速渲染", "Test done"),
    TaskStatus.FAILED: ("失败", "Failed"),
    TaskStatus.ANALYSE: ("分析中", "Analysing"),
}
"""Chinese and English words; those of 50 are ours, the published table has none."""


class FrameStatus(IntEnum):
    """Where a frame stands; the numbers travel in ``frameStatus``."""

    WAITING = 1
    RENDERING = 2
    STOPPED = 3
    DONE = 4
    FAILED = 5
    WAITS_FOR_PREPROCESSING = 6
    WAITS_FOR_PHOTONS = 7
    WAITS_FOR_TEST_FRAMES = 8
    WAITS_FOR_PHOTON_JOB = 9
    WAITS_FOR_SIMULATION = 10
    TIMED_OUT = 11


FRAME_ENDED = frozenset({FrameStatus.DONE, FrameStatus.FAILED, FrameStatus.TIMED_OUT})
"""Nothing more happens to such a frame until a user restarts it."""


class FrameType(IntEnum):
    """What a frame is for; the numbers travel in ``frameType``."""

    PREPROCESSING = 1
    PHOTON = 2
    PHOTON_MERGE = 3
    PRIORITY = 4
    MAIN = 5
    PRIORITY_MERGE = 6
    MAIN_MERGE = 7
    SIMULATION = 8
    CHANNEL = 9


FIRST_TYPES = frozenset({FrameType.PRIORITY, FrameType.PRIORITY_MERGE})
"""Test frames, and the merges of their tiles: they come before all others."""

PREPARING_TYPES = frozenset(
    {
        FrameType.PREPROCESSING,
        FrameType.PHOTON,
        FrameType.PHOTON_MERGE,
        FrameType.SIMULATION,
        FrameType.CHANNEL,
    }
)
"""While one of these renders, the task is said to be prepared (8)."""
