"""A farm ticks when something changed or is due, and knows how long nobody has asked it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from renderbus_farm.lifetime import Activity, Ticker


class Clock:
    """A time that tests move."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_idle_counts_from_the_end_of_the_last_request() -> None:
    clock = Clock()
    activity = Activity(clock)
    clock.now += 3
    assert activity.idle_s() == 3
    with activity.request():
        clock.now += 60
        assert activity.idle_s() == 0
    assert activity.idle_s() == 0
    clock.now += 2
    assert activity.idle_s() == 2


def test_while_bytes_still_flow_the_farm_is_not_idle() -> None:
    clock = Clock()
    activity = Activity(clock)
    with activity.request():
        with activity.request():
            clock.now += 1
        clock.now += 60
        assert activity.idle_s() == 0


def test_a_request_that_fails_has_ended_too() -> None:
    clock = Clock()
    activity = Activity(clock)
    with pytest.raises(ConnectionError), activity.request():
        raise ConnectionError
    clock.now += 5
    assert activity.idle_s() == 5


class Ticks:
    """Counts the ticks of a ticker."""

    def __init__(self) -> None:
        self.changed = threading.Event()
        self.count = threading.Semaphore(0)
        self.fails = 0

    def __call__(self) -> None:
        self.count.release()
        if self.fails:
            self.fails -= 1
            raise OSError("disk is full")

    def wait_for_one(self) -> bool:
        return self.count.acquire(timeout=10)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def started(ticks: Ticks) -> Iterator[Callable[[float], None]]:
    tickers: list[Ticker] = []

    def start(due_in_s: float) -> None:
        tickers.append(Ticker(ticks, changed=ticks.changed, due_in_s=lambda: due_in_s))
        tickers[-1].start()

    yield start
    for ticker in tickers:
        ticker.end()
        ticker.end()


def test_a_change_wakes_the_ticker(ticks: Ticks, started: Callable[[float], None]) -> None:
    started(1000)
    assert ticks.wait_for_one()
    ticks.changed.set()
    assert ticks.wait_for_one()


def test_without_a_change_the_ticker_goes_on_when_it_is_due(
    ticks: Ticks, started: Callable[[float], None]
) -> None:
    started(0.01)
    assert all(ticks.wait_for_one() for _ in range(5))


def test_a_tick_that_fails_is_logged_and_tried_again(
    ticks: Ticks, started: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    ticks.fails = 1
    with caplog.at_level(logging.ERROR, "renderbus_farm.lifetime"):
        started(1000)
        assert ticks.wait_for_one()
        assert ticks.wait_for_one()
    assert [record.getMessage() for record in caplog.records] == ["tick failed"]
    assert "disk is full" in caplog.text
