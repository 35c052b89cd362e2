"""What every page of a list tells beside its items."""

from __future__ import annotations

from typing import TypedDict


class PageNumbers(TypedDict):
    """``pageNum`` counts from 1, ``size`` is the asked page size, ``total`` counts all items."""

    pageCount: int
    pageNum: int
    total: int
    size: int
