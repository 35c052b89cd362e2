"""How long what failed is tried again."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rayvision_sync.exception import TransferCancelled
from rayvision_sync.patience import PATIENCE, Patience


class Clock(threading.Event):
    """A clock that a wait moves on."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return False


@given(st.floats(0.0, 60.0))
def test_no_try_begins_after_the_deadline_however_long_each_takes(each_s: float) -> None:
    clock = Clock()
    begun = []
    for _ in PATIENCE.tries(clock, lambda: clock.now):
        begun.append(clock.now)
        clock.now += each_s
    assert begun[0] == 0.0
    assert begun[-1] <= PATIENCE.deadline_s
    assert 2 <= len(begun) <= PATIENCE.attempts


def test_a_farm_that_is_away_for_two_minutes_is_waited_for() -> None:
    clock = Clock()
    assert any(clock.now > 120.0 for _ in PATIENCE.tries(clock, lambda: clock.now))


def test_a_cancel_ends_the_waits() -> None:
    stop = threading.Event()
    tries = Patience(first_wait_s=60.0, longest_wait_s=60.0).tries(stop)
    assert next(tries) == 1
    stop.set()
    with pytest.raises(TransferCancelled):
        next(tries)
