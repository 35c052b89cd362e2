"""Which requests for bytes are plain enough to leave the event loop, and which bytes a range names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.api.byte_requests import (
    PACKS,
    NoSuchRange,
    Span,
    asked_span,
    is_byte_request,
    plain_request,
)
from renderbus_farm.api.domains import Names

PUT = b"PUT /packs/ab?op=pack&sig=x%2Fy HTTP/1.1\r\nHost: farm\r\nContent-Length: 5\r\n\r\nwood"


def read(data: bytes, prefix: str = "") -> object:
    return plain_request(data, Names(prefix=prefix).below_prefix)


def test_a_pack_on_its_way_is_plain() -> None:
    found = plain_request(PUT, Names().below_prefix)
    assert found is not None
    request, behind = found
    assert (request.method, request.route, request.name, request.body_bytes) == ("PUT", PACKS, "ab", 5)
    assert request.query == {"op": "pack", "sig": "x/y"}
    assert request.keep_alive
    assert behind == b"wood"


def test_a_farm_below_a_prefix_knows_its_paths() -> None:
    assert read(PUT.replace(b"/packs", b"/farm/packs"), "/farm")
    assert read(PUT, "/farm")
    assert not read(PUT.replace(b"/packs", b"/farm/packs"))


def test_a_connection_that_is_to_end_is_told() -> None:
    found = plain_request(PUT.replace(b"Host:", b"Connection: close\r\nHost:"), Names().below_prefix)
    assert found is not None
    assert not found[0].keep_alive


def test_who_waits_for_leave_is_noticed() -> None:
    found = plain_request(PUT.replace(b"Host:", b"expect: 100-Continue\r\nHost:"), Names().below_prefix)
    assert found is not None
    assert found[0].expects_leave


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PUT /pac",
        PUT.replace(b"\r\n\r\nwood", b"\r\n"),
        PUT.replace(b"/packs/", b"/api/"),
        PUT.replace(b"/packs/", b"/%70acks/"),
        PUT.replace(b"PUT", b"POST"),
        PUT.replace(b"PUT", b"GET"),
        PUT.replace(b"1.1", b"1.0"),
        PUT.replace(b"Host: farm\r\n", b""),
        PUT.replace(b"Content-Length: 5\r\n", b""),
        PUT.replace(b"Length: 5", b"Length: 5, 5"),
        PUT.replace(b"Length: 5", b"Length: +5"),
        PUT.replace(b"Length: 5", b"Length: 5\r\nContent-Length: 4"),
        PUT.replace(b"Length: 5", b"Length: 5\r\nTransfer-Encoding: chunked"),
        PUT.replace(b"Length: 5", b"Length: 5\r\nUpgrade: x"),
        PUT.replace(b"Length: 5", b"Length: 5\r\n folded"),
        PUT.replace(b"Length: 5", b"Length : 5"),
        PUT.replace(b"Length: 5", b"Length: 5\r\nExpect: more"),
        PUT.replace(b"Host", b"Long: " + b"x" * 20_000 + b"\r\nHost"),
        PUT.replace(b"farm", b"fa\x00rm"),
        PUT.replace(b"farm", b"fa\nrm"),
    ],
)
def test_what_could_be_read_in_two_ways_is_left_to_a_whole_parser(data: bytes) -> None:
    assert read(data) is None


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_no_bytes_break_the_reader(begin: bytes, middle: bytes) -> None:
    read(begin)
    read(PUT[:9] + middle + PUT[9:])


@pytest.mark.parametrize(
    ("method", "path", "is_one"),
    [
        ("GET", "/blobs/x", True),
        ("HEAD", "/blobs/x", True),
        ("PUT", "/packs/x", True),
        ("GET", "/packs/x", False),
        ("DELETE", "/blobs/x", False),
        ("GET", "/healthz", False),
    ],
)
def test_routes_know_their_methods(method: str, path: str, is_one: bool) -> None:
    assert is_byte_request(method, path) is is_one


SIZES = st.integers(0, 1000)


@given(SIZES, SIZES, SIZES)
def test_a_range_names_the_bytes_that_are_there(start: int, last: int, size: int) -> None:
    content = bytes(size % 256 for size in range(size))
    try:
        span = asked_span(f"bytes={start}-{last}", size)
    except NoSuchRange:
        assert start >= size
        return
    if span is None:
        assert last < start
        return
    assert content[span.start : span.start + span.size_bytes] == content[start : last + 1] != b""


@given(st.integers(1, 2000), st.integers(1, 1000))
def test_a_suffix_is_the_end(suffix: int, size: int) -> None:
    span = asked_span(f"bytes=-{suffix}", size)
    assert span == Span(max(0, size - suffix), min(suffix, size))


@pytest.mark.parametrize(
    "asked", ["", "bytes=-", "bytes=x", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 30]
)
def test_a_range_that_makes_no_sense_is_none(asked: str) -> None:
    assert asked_span(asked, 100) is None


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(asked: str) -> None:
    with pytest.raises(NoSuchRange):
        asked_span(asked, 100)
