"""The published status numbers and words."""

from __future__ import annotations

from renderbus_model.software import Application
from renderbus_model.statuses import (
    FRAME_ENDED,
    TASK_ENDED,
    TASK_WORDS,
    FrameStatus,
    FrameType,
    TaskStatus,
)


def test_every_task_status_has_words_in_both_languages() -> None:
    assert set(TASK_WORDS) == set(TaskStatus)
    assert all(chinese and english for chinese, english in TASK_WORDS.values())
    assert TASK_WORDS[TaskStatus.FINISHED_HAS_FAILED] == ("已完成(有失败帧)", "Done(with failed frame)")


def test_the_numbers_are_the_published_ones() -> None:
    assert sorted(TaskStatus) == [0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45, 50]
    assert sorted(TASK_ENDED) == [10, 20, 23, 25, 30, 35, 45]
    assert sorted(FrameStatus) == list(range(1, 12))
    assert sorted(FRAME_ENDED) == [4, 5, 11]
    assert sorted(FrameType) == list(range(1, 10))


def test_the_applications_have_their_published_ids_and_names() -> None:
    assert {application.title: int(application) for application in Application} == {
        "Maya": 2000,
        "Houdini": 2004,
        "Blender": 2007,
        "Clarisse": 2013,
        "POV-Ray": 8000,  # ours
    }
