from __future__ import annotations

import pytest

from rayvision_sync.patience import Patience
from rayvision_sync.progress import Meter


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    meter = Meter(1, 10_000, clock)
    share = meter.share()
    for _ in range(10):
        clock.now += 1
        share.moved(100)
        assert meter.now().bytes_per_s == pytest.approx(100)
    for _ in range(6):
        clock.now += 1
        last = meter.now()
    assert last.bytes_per_s == 0
    assert last.bytes_done == 1000


def test_what_was_sent_in_vain_is_not_done_but_did_travel() -> None:
    clock = Clock()
    meter = Meter(1, 100, clock)
    share = meter.share()
    share.resumed(10)
    share.moved(50)
    share.take_back()
    clock.now = 1
    assert (meter.now().bytes_done, meter.now().bytes_per_s) == (0, 50)
    share.moved(100)
    assert meter.now().bytes_done == 100


def test_what_the_other_side_has_counts_as_done_and_known() -> None:
    meter = Meter(3, 30)
    meter.known(2, 20)
    meter.arrived()
    now = meter.now()
    assert (now.files_done, now.bytes_done, now.bytes_known, now.bytes_per_s) == (3, 20, 20, 0)


def test_patience_of_no_try_at_all_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Patience(attempts=0)
