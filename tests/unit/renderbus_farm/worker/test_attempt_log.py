"""A log that a renderer cannot fill the farm with."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.worker_session import HALF_LOG_BYTES, AttemptLog


@given(st.lists(st.integers(1, 200_000), max_size=60))
def test_a_log_is_bounded_and_says_what_it_left_out(sizes: list[int]) -> None:
    log = AttemptLog()
    for number, size in enumerate(sizes):
        log.add(f"{number}:".encode() + b"x" * size + b"\n")
    content = log.content()
    assert len(content) <= 2 * HALF_LOG_BYTES + 100
    whole = sum(len(f"{number}:") + size + 1 for number, size in enumerate(sizes))
    gap = re.search(rb"\[\S+ (\d+) bytes left out \S+\]\n", content)
    left_out = int(gap[1]) if gap else 0
    assert left_out + len(content) - len(gap[0] if gap else b"") == whole
    if whole <= HALF_LOG_BYTES:
        assert not gap
    if sizes:
        assert content.startswith(b"0:")
        assert content.splitlines()[-1].startswith(f"{len(sizes) - 1}:".encode())


def test_the_last_lines_are_the_renderers_own() -> None:
    log = AttemptLog()
    log.add(b"Saved\n")
    log.add(b"\n")
    log.add(b"Segmentation fault\n")
    log.note("gave it up")
    assert log.last_lines(5) == "Saved\nSegmentation fault"
    assert log.last_lines(1) == "Segmentation fault"
