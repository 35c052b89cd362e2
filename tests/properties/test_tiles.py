"""Tiles cover a picture, each pixel once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.tiles import KINDS, box, grid, too_small

counts, sides, kinds = st.integers(1, 60), st.integers(1, 300), st.sampled_from(KINDS)


@given(counts, kinds, sides, sides)
def test_every_pixel_lies_in_exactly_one_tile(count: int, kind: str, width: int, height: int) -> None:
    boxes = [box(index, count, kind, width, height) for index in range(count)]
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) == width * height
    columns, rows = grid(count, kind)
    assert boxes[0][:2] == (0, 0)
    assert boxes[-1][2:] == (width, height)
    for index, (left, top, right, bottom) in enumerate(boxes):
        if (index + 1) % columns:
            assert boxes[index + 1][0] == right
        if index + columns < count:
            assert boxes[index + columns][1] == bottom
        assert left <= right
        assert top <= bottom
    assert columns * rows == count


@given(counts, kinds, sides, sides)
def test_no_tile_is_empty_unless_the_picture_is_too_small(
    count: int, kind: str, width: int, height: int
) -> None:
    boxes = [box(index, count, kind, width, height) for index in range(count)]
    empty = any(left == right or top == bottom for left, top, right, bottom in boxes)
    assert empty is too_small(count, kind, width, height)
