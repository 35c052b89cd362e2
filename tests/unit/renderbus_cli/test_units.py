"""What a task's counts count, told by the names of its units."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from renderbus_cli import display, events
from renderbus_cli.cells import frame_status, frame_time
from renderbus_cli.units import frames_of, unit_of, unit_words
from renderbus_farm.rules.units import Cut, frame_index, units
from renderbus_model.statuses import FrameStatus
from renderbus_model.wire.frame import FrameItem

numbers = st.integers(min_value=-9999, max_value=9999)


@given(numbers, st.integers(min_value=1, max_value=1024))
def test_a_tile_is_of_its_frame_negative_ones_too(frame: int, tile: int) -> None:
    assert frames_of(f"{frame}-{tile}") == {frame}
    assert unit_of([str(frame), f"{frame}-{tile}"]) == "tile"
    assert unit_words(f"{frame}-{tile}") == f"{frame} tile {tile}"


@given(st.lists(st.integers(-30, 60), unique=True, min_size=1), st.integers(1, 5), st.integers(1, 3))
def test_a_unit_is_known_to_hold_the_frames_it_holds(numbers: list[int], together: int, tiles: int) -> None:
    cut = Cut(tiles=tiles) if tiles > 1 else Cut(together)
    for unit in units(numbers, set(), cut):
        index = frame_index(unit.number, unit.last, unit.step, unit.tile)
        assert frames_of(index) == set(range(unit.number, unit.last + 1, unit.step))


@given(st.lists(numbers))
def test_single_frames_are_counted_as_frames(frames: list[int]) -> None:
    assert unit_of(map(str, frames)) == "frame"


def test_a_task_whose_test_frames_go_alone_still_counts_chunks() -> None:
    assert unit_of(["1", "2-5[1]", "6"]) == "chunk"


def test_a_name_of_an_unknown_kind_is_shown_as_it_is() -> None:
    assert (frames_of("photon"), unit_words("photon")) == (frozenset(), "photon")


def test_people_are_not_told_of_frames_where_chunks_are_counted() -> None:
    ended = events.Finished(
        exit=0,
        status="done",
        task=7,
        folder="",
        frames_done=2,
        frames_failed=0,
        frames_total=2,
        files=8,
        seconds=1.0,
        unit="chunk",
    )
    assert display._lines(ended) == ["done       2 of 2 chunks in 1.0 s"]


def test_a_frame_behind_another_one_of_its_node_is_not_said_to_render() -> None:
    given = FrameItem(
        id=1,
        task_id=7,
        frame_index="3",
        frame_status=FrameStatus.RENDERING,
        frame_status_text="",
        frame_type=5,
    )
    assert frame_status(given) == "lined up"
    assert frame_status(structs.replace(given, start_time=1795371095264)) == "rendering"


def test_a_frame_that_took_no_second_has_a_time_all_the_same() -> None:
    done = FrameItem(
        id=1, task_id=7, frame_index="3", frame_status=FrameStatus.DONE, frame_status_text="", frame_type=5
    )
    assert frame_time(done) == "< 1 s"
    assert frame_time(structs.replace(done, frame_execute_time=75)) == "1:15 min"
    assert frame_time(structs.replace(done, frame_status=FrameStatus.WAITING)) == ""
