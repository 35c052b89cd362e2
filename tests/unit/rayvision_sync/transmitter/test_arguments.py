"""The two published forms of a transmitter's command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rayvision_sync.commands import LATER_TYPES, transmitter_arguments
from rayvision_sync.transmitter.arguments import DOWNLOADS, UPLOADS, BadArguments, Order, parse

POSITIONS = [
    *("aspera", "CTCC", "10.0.0.1", "10221", "30201", "10001136"),
    *("upload_files", "/a", "/7/cfg/a", "1", "false", "2048", "None"),
]
FLAGS = [
    *("-E", "aspera", "-H", "10.0.0.1", "-P", "10221", "-S", "30201", "-U", "10001136"),
    *("-T", "upload_path", "-L", "/a"),
]


def test_thirteen_positions_are_understood() -> None:
    assert parse(POSITIONS) == Order(
        "10.0.0.1", 10221, "30201", "10001136", "upload_path", "/a", "/7/cfg/a", 1, False, 2048.0
    )


@pytest.mark.parametrize("count", [9, 10, 11, 12])
def test_the_last_four_positions_may_be_left_out(count: int) -> None:
    order = parse(POSITIONS[:count])
    assert order.keep is (count < 11)
    assert order.speed_kb == (2048 if count > 11 else 1048576)
    assert order.config == ""


def test_flags_are_understood_in_every_spelling() -> None:
    rest = ["-R", "/x", "-r", "2", "-K", "true", "-s", "5", "-C", "/db.ini", "-p", "0", "-c", "0", "100"]
    order = parse([*FLAGS, *rest])
    assert order == Order(
        "10.0.0.1", 10221, "30201", "10001136", "upload_path", "/a", "/x", 2, True, 5.0, "/db.ini", (0, 100)
    )
    long = "--engine aspera --host 10.0.0.1 --port=10221 --storage 30201 --uid 10001136"
    long += " --type upload_path --local /a --remote /x --retry 2 --keep 1"
    long += " --speed-limit=5 --config /db.ini --protocol 0"
    assert parse([*long.split(), "--count-ranges", "0 100"]) == order


def test_what_flags_leave_out_has_its_default() -> None:
    order = parse(FLAGS)
    assert (order.remote, order.keep, order.config, order.entries) == ("/", False, "", None)


@pytest.mark.parametrize("kind", UPLOADS + DOWNLOADS)
@pytest.mark.parametrize("local", ["/木 材/é.ma", "-x", "a\nb", '"$HOME"', "D:\\a"])
def test_what_a_client_builds_is_read_back(kind: str, local: str) -> None:
    line = {"engine_type": "aspera", "server_name": "", "server_ip": "farm", "server_port": 1}
    earlier = {later: name for name, later in LATER_TYPES.items()}[kind]
    for name in (kind, earlier):
        words = transmitter_arguments(line, "3", 7, [name, local, "/r", "9", "true"], None, 0)
        order = parse(words)
        assert (order.kind, order.local, order.remote, order.user) == (kind, local, "/r", "7")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "0 arguments"),
        (POSITIONS[:8], "8 arguments"),
        ([*POSITIONS, "more"], "14 arguments"),
        (FLAGS[:-2], "local is missing"),
        ([*FLAGS, "-K"], "-K needs a value"),
        ([*FLAGS, "-K", "perhaps"], "keep 'perhaps'"),
        ([*FLAGS, "-P", "0"], "port '0'"),
        ([*FLAGS, "-P", "70000"], "port '70000'"),
        ([*FLAGS, "-s", "fast"], "speed-limit 'fast'"),
        ([*FLAGS, "-r", "-1"], "retry '-1'"),
        ([*FLAGS, "-T", "upload"], "type 'upload'"),
        ([*FLAGS, "-c", "1"], "count-ranges '1'"),
        ([*FLAGS, "--unknown", "1"], "'--unknown'"),
        ([*FLAGS, "stray"], "'stray'"),
    ],
)
def test_senseless_words_are_refused(words: list[str], why: str) -> None:
    with pytest.raises(BadArguments, match=why):
        parse(words)


@given(st.lists(st.text(), max_size=15))
def test_any_words_are_an_order_or_refused(words: list[str]) -> None:
    try:
        order = parse(words)
    except BadArguments:
        return
    assert order.kind in UPLOADS + DOWNLOADS
