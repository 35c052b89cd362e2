from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from renderbus_farm.rules.lifecycle import (
    MOST_LOST_ATTEMPTS,
    TRANSITIONS,
    Counts,
    Frame,
    Happened,
    NotAllowed,
    Wish,
    moves,
    task_status,
)
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, TaskStatus


def test_a_frame_is_claimed_and_rendered() -> None:
    frame = Frame(1).after(Happened.CLAIMED)
    assert (frame.status, frame.attempt) == (FrameStatus.RENDERING, 1)
    assert frame.after(Happened.RENDERED, attempt=1).status is FrameStatus.DONE


def test_a_late_report_from_a_lost_node_changes_nothing() -> None:
    frame = Frame(1).after(Happened.CLAIMED)
    frame = frame.after(Happened.NODE_LOST).after(Happened.CLAIMED)
    assert frame.after(Happened.CRASHED, attempt=1) == frame


def test_a_report_about_a_stopped_attempt_changes_nothing() -> None:
    frame = Frame(1).after(Happened.CLAIMED).after(Happened.STOPPED)
    assert frame.after(Happened.RENDERED, attempt=1) == frame


def test_a_lost_frame_waits_again_until_it_was_lost_too_often() -> None:
    frame = Frame(1)
    for _ in range(MOST_LOST_ATTEMPTS - 1):
        frame = frame.after(Happened.CLAIMED).after(Happened.NODE_LOST)
        assert frame.status is FrameStatus.WAITING
    frame = frame.after(Happened.CLAIMED).after(Happened.NODE_LOST)
    assert frame.status is FrameStatus.FAILED


def test_a_restart_forgets_how_often_a_frame_was_lost() -> None:
    frame = Frame(1, FrameStatus.FAILED, attempt=3, lost=3).after(Happened.RESTARTED)
    assert (frame.status, frame.lost, frame.attempt) == (FrameStatus.WAITING, 0, 3)


def test_a_farm_that_ends_is_no_fault_of_its_frames() -> None:
    frame = Frame(1)
    for _ in range(5 * MOST_LOST_ATTEMPTS):
        frame = frame.after(Happened.CLAIMED).after(Happened.FARM_LOST)
    assert (frame.status, frame.lost) == (FrameStatus.WAITING, 0)


@pytest.mark.parametrize("status", sorted(FRAME_ENDED))
def test_nothing_but_a_restart_happens_to_a_frame_that_has_ended(status: FrameStatus) -> None:
    assert [what for before, what in TRANSITIONS if before is status] == [Happened.RESTARTED]


def test_what_has_no_meaning_in_a_status_is_refused_by_name() -> None:
    with pytest.raises(NotAllowed, match="frame 7 is DONE, cannot be claimed by a node"):
        Frame(7, FrameStatus.DONE, attempt=1).after(Happened.CLAIMED)


@pytest.mark.parametrize("what", [Happened.STOPPED, Happened.STARTED, Happened.RESTARTED, Happened.RELEASED])
def test_a_command_given_twice_does_no_more_than_once(what: Happened) -> None:
    for after in moves(what).values():
        assert moves(what).get(after, after) == after


ALL_COUNTS = [
    replace(Counts(*numbers), preparing=preparing)
    for numbers in itertools.product((0, 1, 3), repeat=6)
    for preparing in (0, 1)
    if preparing <= numbers[2]
]


@pytest.mark.parametrize("wish", Wish)
def test_every_wish_and_count_gives_a_status(wish: Wish) -> None:
    for counts in ALL_COUNTS:
        status = task_status(wish, counts)
        assert status is expected_status(wish, counts), counts


def expected_status(wish: Wish, counts: Counts) -> TaskStatus:
    """The table of docs/lifecycle.md, row by row."""
    over = counts.total > 0 and counts.ended == counts.total
    rows = [
        (wish is Wish.ABANDON, TaskStatus.ABANDON),
        (over and counts.failed == 0, TaskStatus.FINISHED),
        (over and counts.done > 0, TaskStatus.FINISHED_HAS_FAILED),
        (over, TaskStatus.FAILED),
        (wish is Wish.STOP, TaskStatus.STOP),
        (wish is Wish.NO_FUNDS, TaskStatus.ARREARAGE_STOP),
        (wish is Wish.OVER_TIME, TaskStatus.TIME_OUT_STOP),
        (counts.total == 0, TaskStatus.ANALYSE),
        (counts.preparing > 0, TaskStatus.PRE_RENDERING),
        (counts.rendering > 0, TaskStatus.RENDERING),
        (counts.waiting == 0 and counts.held > 0, TaskStatus.FINISHED_TEST),
        (counts.waiting == 0, TaskStatus.STOP),
        (counts.ended > 0, TaskStatus.RENDERING),
        (True, TaskStatus.WAITING),
    ]
    return next(status for holds, status in rows if holds)


def test_each_published_status_is_reached() -> None:
    reached = {task_status(wish, counts) for wish in Wish for counts in ALL_COUNTS}
    assert reached == set(TaskStatus)


def test_frames_over_time_count_as_failed() -> None:
    counts = Counts.of({FrameStatus.TIMED_OUT: 2, FrameStatus.DONE: 1})
    assert (counts.failed, counts.ended, counts.total) == (2, 3, 3)
    assert task_status(Wish.RUN, counts) is TaskStatus.FINISHED_HAS_FAILED
