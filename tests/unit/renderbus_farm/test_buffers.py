"""Buffers that packs are received into: few, used again, and given back whatever happens."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from renderbus_farm.api.byte_requests import BrokenOff
from renderbus_farm.api.byte_threads import SocketBody
from renderbus_farm.blobs.buffers import Buffers
from renderbus_farm.blobs.local_packs import LocalPackArrival, LocalPacks


def test_a_buffer_is_used_again_and_there_are_few() -> None:
    some = Buffers(4096, most=2, kept=1)
    first, second = some.take(4096), some.take(1)
    assert first is not None
    assert second is not None
    assert some.take(1) is None
    some.give_back(first)
    some.give_back(second)
    assert some.take(1) is first


def test_what_does_not_fit_or_is_not_known_gets_none() -> None:
    some = Buffers(4096, most=2, kept=1)
    assert some.take(4097) is None
    assert some.take(None) is None


def test_a_body_that_breaks_off_is_told_as_that_also_where_its_buffer_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = LocalPacks(tmp_path)
    monkeypatch.setattr(packs, "_buffers", Buffers(4096, most=1, kept=0))
    here, there = socket.socketpair()
    with closing(here), closing(there):
        there.sendall(b"wood")
        there.shutdown(socket.SHUT_WR)
        body = SocketBody(here, b"", 100, leave=False)
        with pytest.raises(BrokenOff), packs.arrival("ab" * 16, 100) as arrival:
            received(body, arrival)


def received(body: SocketBody, arrival: LocalPackArrival) -> None:
    while size := body.read_into(arrival.room()):
        arrival.came(size)
