"""Units hold every frame once; stages settle; shells show what their parts say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.lifecycle import Counts
from renderbus_farm.rules.shells import PartState, rolled_up, shell_status
from renderbus_farm.rules.stages import Needs, StagedSet, blocked_sets, moves, settled, waiting_status
from renderbus_farm.rules.units import MERGES, Cut, count, frame_index, units
from renderbus_farm.rules.work import Stage
from renderbus_model.frames import parse_frames
from renderbus_model.statuses import FIRST_TYPES, TASK_ENDED, FrameStatus, TaskStatus

numbers = st.lists(st.integers(-50, 200), unique=True, max_size=60)
cuts = st.builds(Cut, together=st.integers(1, 12)) | st.builds(Cut, tiles=st.integers(2, 6)) | st.just(MERGES)
statuses = st.sampled_from(FrameStatus)
tasks = st.sampled_from(TaskStatus)


def frames_of(first: int, last: int, step: int) -> list[int]:
    return list(range(first, last + 1, step))


@given(numbers, st.sets(st.integers(-50, 200)), cuts)
def test_every_frame_is_in_exactly_one_unit_and_in_one_of_each_tile(
    wanted: list[int], first: set[int], cut: Cut
) -> None:
    made = list(units(wanted, first, cut))
    for tile in range(1, cut.tiles + 1) if cut.tiles > 1 else (0,):
        of_tile = [unit for unit in made if unit.tile == tile]
        assert [
            number for unit in of_tile for number in frames_of(unit.number, unit.last, unit.step)
        ] == wanted
    assert len(made) == count(wanted, first, cut)
    assert len({(unit.number, unit.tile) for unit in made}) == len(made)


@given(numbers, st.sets(st.integers(-50, 200)), cuts)
def test_a_test_frame_is_a_unit_of_its_own(wanted: list[int], first: set[int], cut: Cut) -> None:
    for unit in units(wanted, first, cut):
        frames = frames_of(unit.number, unit.last, unit.step)
        assert len(frames) <= max(1, cut.together)
        assert (unit.type in FIRST_TYPES) == bool(first & set(frames))
        assert unit.type not in FIRST_TYPES or len(frames) == 1


@given(st.integers(-500, 500), st.integers(0, 40), st.integers(1, 9))
def test_the_index_of_a_unit_of_several_frames_reads_back(first: int, more: int, step: int) -> None:
    text = frame_index(first, first + more * step, step, 0)
    assert list(parse_frames(text)) == frames_of(first, first + more * step, step)


@given(statuses, st.sampled_from(Needs), st.sampled_from(Stage), st.booleans())
def test_settling_twice_is_settling_once(status: FrameStatus, needs: Needs, needed: Stage, met: bool) -> None:
    waits = waiting_status(needed)
    once = settled(status, needs, waits, met=met)
    assert settled(once, needs, waits, met=met) is once
    assert not moves(needs, waits, met=met).keys() & set(moves(needs, waits, met=met).values())


@given(statuses, st.sampled_from(Needs), st.sampled_from(Stage))
def test_no_unit_waits_for_a_node_before_what_it_needs_is_done(
    status: FrameStatus, needs: Needs, needed: Stage
) -> None:
    waits = waiting_status(needed)
    assert settled(status, needs, waits, met=False) is not FrameStatus.WAITING
    assert settled(status, needs, waits, met=True) is not waits


@given(st.lists(st.sets(statuses, min_size=1), min_size=1, max_size=6))
def test_behind_a_simulation_that_failed_everything_is_blocked(chain: list[set[FrameStatus]]) -> None:
    sets = [
        StagedSet(number, 1, Stage.SIMULATE, number - 1, Needs.ALL if number > 1 else Needs.NOTHING)
        for number in range(1, len(chain) + 1)
    ]
    found = blocked_sets(sets, dict(enumerate(chain, start=1)))
    bad = {FrameStatus.STOPPED, FrameStatus.FAILED, FrameStatus.TIMED_OUT}
    first = next((number for number, there in enumerate(chain, start=1) if there & bad), len(chain) + 1)
    assert found == {each.id for each in sets if each.id > first}


@given(st.lists(tasks, max_size=8))
def test_a_shell_is_at_its_end_when_all_its_parts_are(parts: list[TaskStatus]) -> None:
    assert (shell_status(parts) in TASK_ENDED) == all(part in TASK_ENDED for part in parts)


@given(tasks, st.integers(1, 5))
def test_a_shell_whose_parts_are_alike_is_like_them(status: TaskStatus, number: int) -> None:
    assert shell_status([status] * number) is status


@given(st.lists(st.tuples(tasks, st.integers(0, 9), st.integers(0, 9)), max_size=6))
def test_a_shell_counts_what_its_parts_count(parts: list[tuple[TaskStatus, int, int]]) -> None:
    states = [PartState(status, Counts(waiting=waiting, done=done)) for status, waiting, done in parts]
    whole = rolled_up(states)
    assert whole.counts.total == sum(waiting + done for _, waiting, done in parts)
    assert whole.counts.done == sum(done for *_, done in parts)
