from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.patience import LONGEST_GAP_S, Patience

looks = st.lists(st.tuples(st.floats(0.0, 60.0), st.frozensets(st.integers(1, 3))), min_size=1, max_size=30)


@given(looks)
def test_no_set_has_waited_longer_than_the_looks_that_saw_it_without_a_break(
    looks: list[tuple[float, frozenset[int]]],
) -> None:
    patience, now = Patience(), 1000.0
    since: dict[int, float] = {}
    for gap_s, stuck in looks:
        now += gap_s
        patience = patience.after(stuck, now)
        since = {set_id: since.get(set_id, now) for set_id in stuck}
        assert patience.waited_s.keys() == stuck
        for set_id, waited_s in patience.waited_s.items():
            assert 0.0 <= waited_s <= now - since[set_id] + 1e-6
            assert waited_s <= LONGEST_GAP_S * len(looks)


@given(looks, st.floats(1.0, 100.0))
def test_what_is_always_stuck_is_given_up_in_the_end(
    looks: list[tuple[float, frozenset[int]]], limit_s: float
) -> None:
    patience, now = Patience(), 1000.0
    for gap_s, stuck in looks:
        now += gap_s
        patience = patience.after(stuck | {7}, now)
    for _ in range(int(limit_s) + 2):
        now += 1.0
        patience = patience.after({7}, now)
    assert patience.over(limit_s) == [7]
    assert patience.without([7]).over(0.0) == []


@given(st.floats(-1e6, 0.0))
def test_a_clock_that_is_set_back_counts_for_nothing(back_s: float) -> None:
    patience = Patience().after({1}, 1000.0).after({1}, 1005.0)
    assert patience.after({1}, 1005.0 + back_s).waited_s == {1: 5.0}
