"""Frame ranges print and read back; priority frames stay within their task."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.frames import (
    BadFrameRange,
    FrameRange,
    PriorityFrames,
    format_frames,
    parse_frames,
)

frame_numbers = st.integers(-99_999_999, 99_999_999)


@st.composite
def ranges(draw: st.DrawFn) -> FrameRange:
    start, step = draw(frame_numbers), draw(st.integers(1, 500))
    return FrameRange(start, start + draw(st.integers(0, 2000)), step)


@given(ranges())
def test_a_printed_range_reads_back(frames: FrameRange) -> None:
    assert FrameRange.parse(str(frames)) == frames


@given(ranges())
def test_a_range_begins_at_its_start_and_does_not_pass_its_end(frames: FrameRange) -> None:
    numbers = frames.numbers()
    assert numbers[0] == frames.start
    assert frames.end - frames.step < numbers[-1] <= frames.end


@given(st.lists(st.integers(-50, 300) | frame_numbers, min_size=1, max_size=60))
def test_written_frames_read_back_in_order_and_each_once(numbers: list[int]) -> None:
    assert parse_frames(format_frames(numbers)) == tuple(sorted(set(numbers)))


@given(st.lists(ranges(), min_size=1, max_size=4))
def test_a_list_of_ranges_holds_every_frame_of_each_once(parts: list[FrameRange]) -> None:
    numbers = parse_frames(",".join(map(str, parts)))
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) == {number for part in parts for number in part.numbers()}


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadFrameRange):
        assert parse_frames(text)


@given(
    st.tuples(*[st.booleans()] * 3), st.lists(st.integers(0, 99)), st.lists(st.integers(0, 99), unique=True)
)
def test_priority_frames_are_frames_of_the_task(
    switches: tuple[bool, bool, bool], listed: list[int], numbers: list[int]
) -> None:
    text = "".join(str(int(on)) for on in switches)
    if listed:
        text += f":{format_frames(listed)}"
    chosen = PriorityFrames.parse(text).of(tuple(numbers))
    assert chosen <= set(numbers)
    assert set(listed) & set(numbers) <= chosen
    assert len(chosen - set(listed)) <= sum(switches)
