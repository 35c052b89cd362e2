"""Bytes on their way in are gathered to larger parts, and a sender that falls silent is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.api import bytes as byte_routes
from renderbus_farm.api.bytes import gathered
from renderbus_model.pieces import READ_BYTES


async def coming(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def all_of(stream: AsyncIterator[bytes]) -> list[bytes]:
    async def collected() -> list[bytes]:
        return [part async for part in gathered(stream)]

    return asyncio.run(collected())


@given(st.lists(st.binary(max_size=20)))
def test_the_bytes_stay_the_same(parts: list[bytes]) -> None:
    assert b"".join(all_of(coming(parts))) == b"".join(parts)


def test_small_parts_become_large_ones() -> None:
    parts = [b"x" * 65536] * 40
    assert [len(part) for part in all_of(coming(parts))] == [READ_BYTES, READ_BYTES, 8 * 65536]


def test_a_sender_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"wo"
        await asyncio.Event().wait()

    monkeypatch.setattr(byte_routes, "STALLED_AFTER_S", 0.05)
    with pytest.raises(TimeoutError):
        all_of(silent())
