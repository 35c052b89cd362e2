"""Tiles of a picture: which pixels each of them covers. Nothing is imported: render processes use it too."""

from __future__ import annotations

BLOCK, STRIP = "block", "strip"
KINDS = (BLOCK, STRIP)

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels from the top left corner; right and bottom are the first outside."""


def grid(count: int, kind: str) -> tuple[int, int]:
    """Columns and rows: strips are one below another, blocks as square a grid as the number allows.

    >>> grid(6, "block"), grid(6, "strip"), grid(7, "block")
    ((3, 2), (1, 6), (7, 1))
    """
    if kind == STRIP:
        return 1, count
    rows = next(each for each in range(int(count**0.5), 0, -1) if count % each == 0)
    return count // rows, rows


def box(index: int, count: int, kind: str, width: int, height: int) -> Box:
    """The pixels of tile ``index`` (from 0, row by row from the top left) of a picture of this size.

    All tiles together cover each pixel once; they differ by at most one pixel in each direction.

    >>> box(1, 2, "block", 101, 50), box(1, 2, "strip", 101, 51)
    ((50, 0, 101, 50), (0, 25, 101, 51))
    """
    columns, rows = grid(count, kind)
    row, column = divmod(index, columns)
    return (
        column * width // columns,
        row * height // rows,
        (column + 1) * width // columns,
        (row + 1) * height // rows,
    )


def too_small(count: int, kind: str, width: int, height: int) -> bool:
    """Whether a picture of this size has fewer pixels in a direction than tiles."""
    columns, rows = grid(count, kind)
    return columns > width or rows > height
