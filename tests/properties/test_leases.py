"""Laws of leases: no attempt is given to another while its worker may still render it."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.leases import Leases
from renderbus_farm.rules.leases import LEASE_S, LONGEST_GAP_S, OwnTime
from renderbus_farm.rules.work import ChunkId
from renderbus_farm.store.database import Connection

NO_DATABASE = cast(Connection, None)  # it is only asked about attempts of an earlier farm
CHUNK = ChunkId(1, 1)

gaps = st.floats(0.01, 40)
clocks = st.lists(st.floats(-1e6, 1e6), max_size=40)


@given(clocks)
def test_own_time_never_goes_back_and_never_leaps(looks: list[float]) -> None:
    time = OwnTime()
    for now in looks:
        later = time.after(now)
        assert 0 <= later.lived_s - time.lived_s <= LONGEST_GAP_S + 1e-6  # sums of floats
        time = later


@given(st.lists(gaps, max_size=40))
def test_who_looks_often_enough_counts_every_second(looks: list[float]) -> None:
    time, now = OwnTime().after(0.0), 0.0
    for gap_s in looks:
        now += min(gap_s, LONGEST_GAP_S)
        time = time.after(now)
    assert abs(time.lived_s - now) < 1e-6


@given(
    looks=st.lists(st.tuples(st.floats(0.05, 8), st.booleans(), st.floats(0, 30)), max_size=60),
    clock_set=st.floats(-5e4, 5e4),
)
def test_a_farm_gives_nothing_back_that_its_worker_may_still_render(
    looks: list[tuple[float, bool, float]], clock_set: float
) -> None:
    """A worker counts from when it sent a renewal that was answered; so it is never the later one."""
    clock = [0.0]
    leases = Leases(nodes_outlive_farm=False, steady=lambda: clock[0])
    now = 1e9
    leases.look((), now)
    leases.began()
    leases.grant([CHUNK])
    worker_until = now  # it was given the order, and has renewed nothing yet
    for number, (gap_s, renews, delay_s) in enumerate(looks):
        now += gap_s
        clock[0] += gap_s
        sent_at = now - delay_s
        wall = now + (clock_set if number > len(looks) // 2 else 0.0)
        leases.look([CHUNK] if renews else (), wall)
        if renews:
            worker_until = max(worker_until, sent_at + LEASE_S)
        if leases.lost(NO_DATABASE, [CHUNK]):
            assert now >= worker_until
            return


@given(st.integers(1, 50))
def test_what_nobody_renews_is_lost_when_the_lease_is_over(looks_a_lease: int) -> None:
    clock = [0.0]
    leases = Leases(nodes_outlive_farm=False, steady=lambda: clock[0])
    gap_s = min(LONGEST_GAP_S, LEASE_S / looks_a_lease)
    leases.look((), 0.0)
    leases.began()
    leases.grant([CHUNK])
    while not leases.lost(NO_DATABASE, [CHUNK]):
        clock[0] += gap_s
        leases.look((), 0.0)
        assert clock[0] < 1000
    assert LEASE_S <= clock[0] + 1e-6 <= LEASE_S + gap_s + 1e-3
