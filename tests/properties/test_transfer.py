from __future__ import annotations

import os
from pathlib import PurePosixPath, PureWindowsPath

from hypothesis import given
from hypothesis import strategies as st

from rayvision_sync.exception import RefusedPath
from rayvision_sync.ledger import Stamp
from rayvision_sync.pace import BURST_S, Pace
from rayvision_sync.patience import Patience
from rayvision_sync.places import output_parts, part_name, refuse_shared

DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)),
}

awkward = st.text(st.sampled_from('ab./\\:*?"<>|~%$ \0\n\x7fé木CONnul1'), max_size=30)
paths = st.one_of(st.text(max_size=60), awkward, st.lists(awkward, max_size=5).map("/".join))


@given(paths, paths)
def test_no_path_a_farm_can_send_leads_out_of_the_folder(path: str, strip: str) -> None:
    try:
        parts = output_parts(path, strip, windows=False)
    except RefusedPath:
        return
    assert parts
    place = os.path.normpath(PurePosixPath("/home/user/results").joinpath(*parts))
    assert place.startswith("/home/user/results/")
    assert len(PurePosixPath(place).parts) == 4 + len(parts)


@given(paths)
def test_nor_on_windows_and_every_name_is_a_plain_files(path: str) -> None:
    try:
        parts = output_parts(path, windows=True)
    except RefusedPath:
        return
    place = PureWindowsPath("C:/results").joinpath(*parts)
    assert place.parts == ("C:\\", "results", *parts)
    for part in parts:
        assert part.split(".")[0].rstrip().upper() not in DEVICES
        assert not set(part) & set('<>:"|?*/\\')
        assert part[-1] not in ". "


@given(st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name))
def test_the_name_of_a_part_always_fits_on_a_disk(name: str) -> None:
    name = name.encode("utf-8", "replace").decode()[:120]
    assert len(os.fsencode(part_name(name, "d" * 64))) <= max(255, 45)


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=3), max_size=6))
def test_results_that_are_not_refused_never_meet(places: list[list[str]]) -> None:
    named = [("/".join(parts), parts) for parts in places]
    try:
        refuse_shared(named, ignore_case=False)
    except RefusedPath:
        return
    files = {tuple(parts) for parts in places}
    folders = {file[:depth] for file in files for depth in range(1, len(file))}
    assert not files & folders


parts_of_time = st.lists(
    st.tuples(st.integers(1, 300_000), st.floats(0, 2, allow_nan=False)), min_size=1, max_size=50
)


@given(st.integers(1_000, 10_000_000), parts_of_time)
def test_no_stretch_of_time_carries_more_than_the_limit(speed: int, asked: list[tuple[int, float]]) -> None:
    pace = Pace(speed, 0.0)
    now = 0.0
    sent: list[tuple[float, int]] = []
    for size, pause in asked:
        now += pause
        now += pace.reserve(size, now)
        sent.append((now, size))
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            between = sum(size for _, size in sent[first + 1 : last + 1])
            allowed = speed * (sent[last][0] - sent[first][0] + BURST_S)
            assert between <= allowed * 1.000001 + 1


@given(st.integers(1_000, 10_000_000), st.lists(st.integers(1, 300_000), min_size=2, max_size=50))
def test_the_limit_is_used_up_when_there_is_enough_to_send(speed: int, sizes: list[int]) -> None:
    pace = Pace(speed, 0.0)
    now = 0.0
    for size in sizes:
        now += pace.reserve(size, now)
    assert now <= sum(sizes) / speed + 1e-6


@given(st.integers(1, 20), st.floats(0.001, 5), st.floats(0.001, 60), st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_stay_within_their_limit(
    attempts: int, first: float, longest: float, chance: float
) -> None:
    patience = Patience(attempts, first, longest)
    waits = [patience.wait_s(attempt, chance) for attempt in range(2, attempts + 1)]
    assert waits == sorted(waits)
    assert all(0 < wait <= longest for wait in waits)


numbers = st.integers(0, 2**63)
stamps = st.builds(Stamp, numbers, numbers, numbers, numbers)


@given(stamps, stamps)
def test_stamps_that_differ_are_written_differently(one: Stamp, other: Stamp) -> None:
    assert (str(one) == str(other)) == (one == other)
