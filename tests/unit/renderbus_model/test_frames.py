"""Frame ranges and priority frames as artists write them."""

from __future__ import annotations

import pytest

from renderbus_model.frames import (
    MOST_FRAMES,
    BadFrameRange,
    FrameRange,
    PriorityFrames,
    format_frames,
    parse_frames,
)


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("1-10[1]", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        ("1-10[4]", (1, 5, 9)),
        ("7", (7,)),
        ("1-3", (1, 2, 3)),
        ("-5--3", (-5, -4, -3)),
        ("-1-1[1]", (-1, 0, 1)),
        ("-4", (-4,)),
        (" 1-2 , 5 ", (1, 2, 5)),
        ("1,3-4[1],10-20[5]", (1, 3, 4, 10, 15, 20)),
        ("3,1-3", (3, 1, 2)),
        ("0-0[7]", (0,)),
    ],
)
def test_frames_are_read_in_the_order_written(text: str, frames: tuple[int, ...]) -> None:
    assert parse_frames(text) == frames


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10-1[1]", "ends before it starts"),
        ("1-10[0]", "the step must be 1 or more"),
        ("", "expected start-end"),
        ("1,,2", "expected start-end"),
        ("a-b", "expected start-end"),
        ("1-10[1", "expected start-end"),
        ("1-10[-1]", "expected start-end"),
        ("1.5", "expected start-end"),
        ("١-٣", "expected start-end"),
        ("1\n2", "expected start-end"),
        ("1-1000001", "has more than 1000000 frames"),
        ("99999999999", "more than 9 digits"),
    ],
)
def test_a_range_that_makes_no_sense_says_why(text: str, why: str) -> None:
    with pytest.raises(BadFrameRange, match=why):
        parse_frames(text)


def test_the_error_keeps_how_it_was_written() -> None:
    with pytest.raises(BadFrameRange) as caught:
        FrameRange.parse("10-1[1]")
    assert caught.value.text == "10-1[1]"
    assert str(caught.value) == "frame range '10-1[1]': ends before it starts"


def test_a_long_list_of_long_ranges_is_refused_before_it_is_counted_out() -> None:
    with pytest.raises(BadFrameRange, match="more than"):
        parse_frames(",".join([f"1-{MOST_FRAMES}"] * 100_000))


def test_a_range_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(BadFrameRange, match="more than"):
        FrameRange(0, 10**30)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([1, 2, 3, 10, 12, 14, 20], "1-3[1],10-14[2],20"),
        ([1, 2], "1-2[1]"),
        ([1, 3], "1,3"),
        ([5], "5"),
        ([3, 1, 2, 2], "1-3[1]"),
        ([-3, -2, -1], "-3--1[1]"),
        ([1, 10, 11, 12], "1,10-12[1]"),
        ([], ""),
    ],
)
def test_frames_are_written_as_ranges(numbers: list[int], text: str) -> None:
    assert format_frames(numbers) == text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("000", set()),
        ("100", {1}),
        ("010", {3}),
        ("001", {6}),
        ("111", {1, 3, 6}),
        ("000:1,3-4[1]", {1, 3, 4}),
        ("100:99", {1}),
        ("000:", set()),
        ("", set()),
    ],
)
def test_priority_frames_are_chosen_from_the_tasks_frames(text: str, first: set[int]) -> None:
    assert PriorityFrames.parse(text).of((1, 2, 3, 4, 5, 6)) == first


def test_of_no_frames_none_comes_first() -> None:
    assert PriorityFrames.parse("111:1").of(()) == frozenset()


@pytest.mark.parametrize("text", ["1", "0000", "200", "000,1", "100:1-", "100: x"])
def test_priority_frames_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(BadFrameRange):
        PriorityFrames.parse(text)
