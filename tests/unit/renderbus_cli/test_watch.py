"""Following a task: what is shown, when it ends, how often the farm is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_cli import events
from renderbus_cli.fetching import Fetcher
from renderbus_cli.problems import Exit, outcome
from renderbus_cli.watch import (
    LONGEST_PAUSE_S,
    PAGE_SIZE,
    SHORTEST_PAUSE_AT_THE_END_S,
    SHORTEST_PAUSE_S,
    Watch,
    follow,
    pause_s,
    seconds_left,
)
from renderbus_model.statuses import TASK_ENDED, FrameStatus, TaskStatus
from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameItem, FrameQuery
from renderbus_model.wire.operation import Operation
from renderbus_model.wire.page import Page
from renderbus_model.wire.task import EXPLAIN_TASK, QUERY_TASK_INFO, Explanation, TaskItem

ENDED = (FrameStatus.DONE, FrameStatus.FAILED, FrameStatus.TIMED_OUT)


@dataclass
class FakeFarm:
    """Answers about one task whose frames the test changes; it counts what it was asked."""

    frames: list[FrameStatus]
    status: TaskStatus = TaskStatus.RENDERING
    explanation: Explanation = field(default_factory=lambda: Explanation(possible=True, reasons=[]))
    asked: list[Any] = field(default_factory=list)
    error: str = ""

    def __call__(self, operation: Operation[Any, Any], ask: Any) -> Any:
        self.asked.append(ask)
        if operation is QUERY_TASK_INFO:
            return Page(page_count=1, page_num=1, total=1, size=1, items=[self._task()])
        if operation is EXPLAIN_TASK:
            return self.explanation
        assert operation is QUERY_TASK_FRAMES
        assert isinstance(ask, FrameQuery)
        start = (ask.page_num - 1) * ask.page_size
        return Page(
            page_count=-(-len(self.frames) // ask.page_size),
            page_num=ask.page_num,
            total=len(self.frames),
            size=ask.page_size,
            items=[self._frame(number) for number in range(len(self.frames))][start : start + ask.page_size],
        )

    def _task(self) -> TaskItem:
        return TaskItem(
            id=7,
            scene_name="shot.blend",
            task_alias="2W7",
            task_status=self.status,
            status_text="",
            total_frames=len(self.frames),
            abort_frames=0,
            executing_frames=self.frames.count(FrameStatus.RENDERING),
            done_frames=self.frames.count(FrameStatus.DONE),
            failed_frames=self.frames.count(FrameStatus.FAILED) + self.frames.count(FrameStatus.TIMED_OUT),
            frames_range="1-3",
            user_name="u",
            user_id=1,
            cg_id=2007,
        )

    def _frame(self, number: int) -> FrameItem:
        status = self.frames[number]
        return FrameItem(
            id=100 + number,
            task_id=7,
            frame_index=f"{number + 1:04d}",
            frame_status=status,
            frame_status_text="",
            frame_type=5,
            layer_name="ViewLayer",
            frame_percent=50.0,
            error=self.error if status == FrameStatus.FAILED else "",
        )


@dataclass
class Clock:
    """Time that only the test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def watched(farm: FakeFarm) -> tuple[Watch, list[events.Event], Clock]:
    """A watch of ``farm``, what it shows, and its clock."""
    shown: list[events.Event] = []
    clock = Clock()
    return Watch(farm, 7, shown.append, clock=clock), shown, clock


def of(kind: type[events.Event], shown: list[events.Event]) -> list[Any]:
    """The events of one kind."""
    return [event for event in shown if isinstance(event, kind)]


W, R, D, F = FrameStatus.WAITING, FrameStatus.RENDERING, FrameStatus.DONE, FrameStatus.FAILED


def test_each_frame_is_told_once_when_it_ends() -> None:
    farm = FakeFarm([R, W, W])
    watch, shown, clock = watched(farm)
    watch.look()
    for frames in ([D, R, W], [D, D, R], [D, D, R], [D, D, D]):
        farm.frames = frames
        clock.now += 1
        watch.look()
    assert [event.frame for event in of(events.FrameEnded, shown)] == ["0001", "0002", "0003"]
    assert {event.status for event in of(events.FrameEnded, shown)} == {"done"}


def test_a_failed_frame_is_told_with_its_error() -> None:
    farm = FakeFarm([F, D], error="wood.png: no such file")
    watch, shown, _ = watched(farm)
    watch.look()
    failed = next(event for event in of(events.FrameEnded, shown) if event.status == "failed")
    assert (failed.frame, failed.error) == ("0001", "wood.png: no such file")


def test_a_frame_that_was_restarted_is_told_again() -> None:
    farm = FakeFarm([D, F])
    watch, shown, clock = watched(farm)
    watch.look()
    for frames in ([D, R], [D, D]):
        farm.frames = frames
        clock.now += 1
        watch.look()
    assert [event.status for event in of(events.FrameEnded, shown)] == ["done", "failed", "done"]


def test_pages_on_which_every_frame_has_ended_are_not_asked_for_again() -> None:
    farm = FakeFarm([D] * PAGE_SIZE + [R, W])
    watch, _, clock = watched(farm)
    watch.look()
    farm.asked.clear()
    clock.now += 1
    farm.frames[PAGE_SIZE] = D
    watch.look()
    assert [ask.page_num for ask in farm.asked if isinstance(ask, FrameQuery)] == [2]


def test_of_a_long_task_only_the_pages_that_changed_are_asked_for() -> None:
    farm = FakeFarm([D] * 3 + [R] + [W] * (20 * PAGE_SIZE))
    watch, shown, clock = watched(farm)
    watch.look()
    farm.asked.clear()
    clock.now += 1
    farm.frames[3:5] = [D, R]
    watch.look()
    assert [ask.page_num for ask in farm.asked if isinstance(ask, FrameQuery)] == [1]
    farm.asked.clear()
    clock.now += 1
    farm.frames[4] = D
    farm.frames[5 * PAGE_SIZE] = R
    watch.look()
    assert [ask.page_num for ask in farm.asked if isinstance(ask, FrameQuery)] == [1, 2, 3, 4, 5, 6]
    assert len(of(events.FrameEnded, shown)) == 5


def test_frames_are_not_asked_for_while_nothing_happens() -> None:
    farm = FakeFarm([D, W, W], status=TaskStatus.STOP)
    watch, _, clock = watched(farm)
    watch.look()
    farm.asked.clear()
    for _look in range(5):
        clock.now += 5
        watch.look()
    assert not [ask for ask in farm.asked if isinstance(ask, FrameQuery)]


def test_a_waiting_task_is_explained_and_given_up_only_when_that_lasts() -> None:
    farm = FakeFarm([W], status=TaskStatus.WAITING)
    farm.explanation = Explanation(possible=False, reasons=["no worker renders Blender"])
    watch, shown, clock = watched(farm)
    watch.look()
    assert not of(events.Waits, shown)
    clock.now += 2
    watch.look()
    assert of(events.Waits, shown)[0].reasons == ["no worker renders Blender"]
    assert not watch.impossible()
    clock.now += 60
    watch.look()
    assert watch.impossible()
    farm.explanation = Explanation(possible=True, reasons=["all workers are busy"])
    clock.now += 3
    watch.look()
    assert not watch.impossible()


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        (TaskStatus.FINISHED, Exit.DONE),
        (TaskStatus.FINISHED_HAS_FAILED, Exit.FRAMES_FAILED),
        (TaskStatus.FAILED, Exit.FRAMES_FAILED),
        (TaskStatus.STOP, Exit.STOPPED),
        (TaskStatus.ABANDON, Exit.STOPPED),
        (TaskStatus.FINISHED_TEST, Exit.SUSPENDED),
        (TaskStatus.ARREARAGE_STOP, Exit.SUSPENDED),
        (TaskStatus.TIME_OUT_STOP, Exit.SUSPENDED),
    ],
)
def test_a_wait_ends_as_the_task_does(status: TaskStatus, ended: Exit) -> None:
    farm = FakeFarm([D], status=status)
    watch, _, _ = watched(farm)
    fetcher = Fetcher(lambda: None)
    assert follow(watch, fetcher, timeout_s=None, wait=never_waits) is ended
    fetcher.finish()


def never_waits(_seconds: float) -> None:
    """Where a test expects no pause at all."""
    raise AssertionError("nothing to wait for")


def test_every_end_status_ends_a_wait_and_no_other_than_the_test_frames_does() -> None:
    ends = {status for status in TaskStatus if outcome(status) is not None}
    assert ends == TASK_ENDED | {TaskStatus.FINISHED_TEST}


def test_a_wait_ends_when_its_time_is_over_and_waits_no_longer_than_that() -> None:
    farm = FakeFarm([R])
    watch, _, _ = watched(farm)
    waited: list[float] = []
    fetcher = Fetcher(lambda: None)
    assert follow(watch, fetcher, timeout_s=0.05, wait=busy_until(waited)) is Exit.TIMED_OUT
    assert max(waited) <= 0.05
    fetcher.finish()


def busy_until(waited: list[float]) -> Callable[[float], None]:
    """A pause that only notes how long it should have been."""
    return waited.append


def test_pictures_are_fetched_whenever_frames_became_done() -> None:
    fetched: list[int] = []
    farm = FakeFarm([D, D], status=TaskStatus.FINISHED)
    watch, _, _ = watched(farm)
    fetcher = Fetcher(lambda: fetched.append(len(fetched)))
    follow(watch, fetcher, timeout_s=None, wait=never_waits)
    fetcher.finish()
    assert fetched


def test_a_download_that_fails_is_told_at_the_end_unless_a_later_round_succeeds() -> None:
    tried = threading.Event()

    def fails_once() -> None:
        if not tried.is_set():
            tried.set()
            raise OSError("no space")

    fetcher = Fetcher(fails_once)
    fetcher.more()
    assert tried.wait(10)
    fetcher.finish()

    def always_fails() -> None:
        raise OSError("no space")

    fetcher = Fetcher(always_fails)
    with pytest.raises(OSError, match="no space"):
        fetcher.finish()


def test_the_end_of_the_last_frame_is_noticed_soon_whatever_the_pace() -> None:
    farm = FakeFarm([D, R, W, W])
    watch, _, clock = watched(farm)
    watch.look()
    clock.now += 1.2
    farm.frames = [D, D, R, W]
    watch.look()
    assert watch.pause_s == pytest.approx(1.2)
    farm.frames = [D, D, R, R]
    watch.look()
    assert watch.pause_s == SHORTEST_PAUSE_AT_THE_END_S


@given(st.none() | st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_pause_is_never_too_short_nor_too_long(pace_s: float | None, since_s: float) -> None:
    assert SHORTEST_PAUSE_S <= pause_s(pace_s, since_s) <= LONGEST_PAUSE_S
    assert SHORTEST_PAUSE_AT_THE_END_S <= pause_s(pace_s, since_s, is_end_near=True) <= LONGEST_PAUSE_S


def test_the_farm_is_asked_around_the_time_when_a_frame_should_end() -> None:
    assert pause_s(1.2, 0.2) == pytest.approx(1.0)
    assert pause_s(1.2, 1.3) == SHORTEST_PAUSE_S
    assert pause_s(600, 700) == LONGEST_PAUSE_S


@given(st.integers(0, 50), st.integers(1, 50), st.floats(0, 1e6))
def test_time_left_is_never_negative_and_none_at_both_ends(done: int, total: int, elapsed_s: float) -> None:
    left = seconds_left(min(done, total), [], total, elapsed_s)
    assert left is None or left >= 0
    assert seconds_left(0, [], total, elapsed_s) is None
    assert seconds_left(total, [], total, elapsed_s) is None
