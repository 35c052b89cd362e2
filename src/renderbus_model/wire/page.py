"""One page of a list, as every list of the API is answered."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """One page of a list; ``size`` is the asked page size, ``total`` counts all items."""

    page_count: int
    page_num: int
    total: int
    size: int
    items: list[Item]
