from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.lifecycle import MOST_LOST_ATTEMPTS, TRANSITIONS, Frame, Happened
from renderbus_model.statuses import FrameStatus

happenings = st.lists(st.sampled_from(Happened), max_size=40)


def live(frame: Frame, happenings: list[Happened]) -> list[Frame]:
    """The frame after each thing that may happen to it; the others are left out."""
    lives = [frame]
    for what in happenings:
        if (lives[-1].status, what) in TRANSITIONS:
            lives.append(lives[-1].after(what))
    return lives


@given(happenings)
def test_attempts_count_claims_and_nothing_else(events: list[Happened]) -> None:
    lives = live(Frame(1), events)
    for before, after in pairwise(lives):
        claimed = before.status is FrameStatus.WAITING and after.status is FrameStatus.RENDERING
        assert after.attempt == before.attempt + claimed


@given(happenings, st.sampled_from(Happened), st.integers(0, 50))
def test_a_report_changes_a_frame_only_while_its_own_attempt_renders(
    events: list[Happened], what: Happened, attempt: int
) -> None:
    frame = live(Frame(1), events)[-1]
    if frame.status is FrameStatus.RENDERING and frame.attempt == attempt:
        return
    assert frame.after(what, attempt=attempt) == frame


@given(happenings)
def test_no_frame_is_tried_again_after_it_was_lost_too_often(events: list[Happened]) -> None:
    for frame in live(Frame(1), [what for what in events if what is not Happened.LOST_TOO_OFTEN]):
        if frame.lost >= MOST_LOST_ATTEMPTS:
            assert frame.status is FrameStatus.FAILED
