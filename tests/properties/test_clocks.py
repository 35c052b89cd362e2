"""A jump of the machine's clock is told from time that passes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.clocks import LARGEST_DRIFT_S, Clocks, moved

times = st.floats(0, 1e10, allow_nan=False)
steps = st.floats(0, 1e6)


@given(times, steps, steps, st.floats(-LARGEST_DRIFT_S / 2, LARGEST_DRIFT_S / 2))
def test_time_that_passes_is_no_jump(wall: float, steady: float, passed_s: float, drift_s: float) -> None:
    later = Clocks(wall + passed_s + drift_s, steady + passed_s)
    assert Clocks(wall, steady).jumped_s(later) == 0.0


@given(times, steps, steps, st.floats(-1e9, 1e9).filter(lambda jump_s: abs(jump_s) > LARGEST_DRIFT_S + 1))
def test_a_jump_is_seen_whatever_time_passed(
    wall: float, steady: float, passed_s: float, jump_s: float
) -> None:
    later = Clocks(wall + passed_s + jump_s, steady + passed_s)
    assert abs(Clocks(wall, steady).jumped_s(later) - jump_s) < 0.01


@given(times, st.floats(-1e9, 1e9), times)
def test_nothing_counts_from_a_time_to_come(clock_from: float, by_s: float, now: float) -> None:
    assert moved(clock_from, by_s, now) <= now
